//! C1 to C10: where cards are used, seen from home.

use tapdeck_generators::Point;

use super::Measured;
use crate::facts::Facts;
use crate::statistics::{Contingency, Sorted, ratio, share, share_of, slope};

/// Around home, kilometers.
const NEAR_HOME_KM: f64 = 50.0;

/// Distances between which the tail of their distribution is taken, and the number of points on it.
const TAIL_KM: (f64, f64) = (20.0, 1_000.0);
const TAIL_POINTS: u32 = 30;

/// Card-present rows from which the range of a card can be told.
const RANGE_ROWS: usize = 30;

/// On a trip, and still there at the next row, kilometers.
const FAR_KM: f64 = 150.0;
const STILL_THERE_KM: f64 = 60.0;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let distances = facts
        .legit_present()
        .filter_map(|row| facts.km_from_home(row));
    let distances = Sorted::new(distances.collect());
    let explained = |of: &dyn Fn(usize) -> u32, rows: &mut dyn Iterator<Item = usize>| {
        let mut table = Contingency::default();
        for row in rows {
            table.add(export.card_country.code(row), of(row));
        }
        table.explained()
    };
    let ranges = Sorted::new(ranges(facts));
    let spread = ranges.quantile(0.9).zip(ranges.median());
    vec![
        Measured::new(
            "C1",
            distances.share_above(NEAR_HOME_KM).map(|far| 1.0 - far),
        ),
        Measured::new("C2", distances.median()),
        Measured::new("C3", tail_slope(&distances)),
        Measured::new("C4", share_of(facts.legit(), |row| facts.is_abroad(row))),
        Measured::new(
            "C5",
            share_of(facts.legit_present(), |row| facts.is_abroad(row)),
        ),
        Measured::new(
            "C6",
            explained(&|row| export.currency.code(row), &mut facts.legit()),
        ),
        Measured::new(
            "C7",
            explained(&|row| export.merchant_country.code(row), &mut facts.legit()),
        ),
        Measured::new(
            "C8",
            explained(
                &|row| export.ip_country.code(row),
                &mut facts
                    .legit()
                    .filter(|row| !export.ip_country.text(*row).is_empty()),
            ),
        ),
        Measured::new("C9", spread.and_then(|(high, middle)| ratio(high, middle))),
        Measured::new("C10", stays(facts)),
    ]
}

/// Gives the slope of the logarithm of the share of distances above a distance on the logarithm of that distance.
fn tail_slope(distances: &Sorted) -> Option<f64> {
    let (from, to) = (TAIL_KM.0.log10(), TAIL_KM.1.log10());
    let points: Vec<(f64, f64)> = (0..TAIL_POINTS)
        .map(|idx| from + (to - from) * f64::from(idx) / f64::from(TAIL_POINTS - 1))
        .filter_map(|place| {
            let above = distances.share_above(10_f64.powf(place))?;
            (above > 0.0).then(|| (place, above.log10()))
        })
        .collect();
    slope(&points)
}

/// Gives the radius of gyration of each card with enough rows, kilometers.
///
/// Source: Gonzalez, Hidalgo and Barabasi, Nature 453 (2008).
fn ranges(facts: &Facts<'_>) -> Vec<f64> {
    let cards = facts.legit_cards.iter().map(|rows| {
        let rows = rows.iter().map(|row| *row as usize);
        let present = rows.filter(|row| facts.export.card_present[*row]);
        present.map(|row| facts.merchant_place(row)).collect()
    });
    cards
        .filter(|places: &Vec<Point>| places.len() >= RANGE_ROWS)
        .map(|places| gyration(&places))
        .collect()
}

/// Gives the root mean square distance of places from their middle on the globe.
fn gyration(places: &[Point]) -> f64 {
    let mut sums = [0.0; 3];
    for place in places {
        let (lat, lon) = (radians(place.lat), radians(place.lon));
        sums[0] += lat.cos() * lon.cos();
        sums[1] += lat.cos() * lon.sin();
        sums[2] += lat.sin();
    }
    let [x, y, z] = sums;
    let middle = Point {
        lat: units(z.atan2(x.hypot(y))),
        lon: units(y.atan2(x)),
    };
    let squares = places
        .iter()
        .map(|place| middle.distance_km(*place).powi(2));
    (squares.sum::<f64>() / places.len() as f64).sqrt()
}

/// Units of a coordinate per degree.
const UNITS: f64 = 10_000.0;

fn radians(units: i32) -> f64 {
    (f64::from(units) / UNITS).to_radians()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "180 degrees are 1,800,000 units"
)]
fn units(radians: f64) -> i32 {
    (radians.to_degrees() * UNITS).round() as i32
}

/// Gives the share of card-present rows far from home after which the card's next one is near the same place.
fn stays(facts: &Facts<'_>) -> Option<f64> {
    let (mut near, mut all) = (0, 0);
    for rows in facts.legit_cards.iter() {
        let rows = rows.iter().map(|row| *row as usize);
        let present: Vec<usize> = rows.filter(|row| facts.export.card_present[*row]).collect();
        for pair in present.windows(2) {
            if facts.km_from_home(pair[0]).is_some_and(|km| km > FAR_KM) {
                let (from, to) = (facts.merchant_place(pair[0]), facts.merchant_place(pair[1]));
                all += 1;
                near += usize::from(from.distance_km(to) <= STILL_THERE_KM);
            }
        }
    }
    share(near, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_radius_of_two_places_is_half_their_distance() {
        let (east, west) = (
            Point {
                lat: 0,
                lon: 1_799_000,
            },
            Point {
                lat: 0,
                lon: -1_799_000,
            },
        );
        let half = east.distance_km(west) / 2.0;
        assert!((gyration(&[east, west]) - half).abs() < 0.01);
        assert!(gyration(&[east; 4]) < 0.01);
    }

    #[test]
    fn a_power_law_of_distances_has_its_exponent() {
        // Quantiles of a law whose share above d is (1 km / d)^0.5.
        let values = (0..40_000).map(|idx| ((f64::from(idx) + 0.5) / 40_000.0).powi(-2));
        let slope = tail_slope(&Sorted::new(values.collect())).unwrap();
        assert!((slope + 0.5).abs() < 0.005, "{slope}");
    }
}
