//! Cities: where people and merchants are.
//!
//! Sizes fall off like 1/rank inside a country. The first third are metros that keep their distance; most others
//! gather around one of those. Names and places are invented.

use crate::dist;
use crate::fields::geo::Point;
use crate::index::{CityIdx, CountryIdx};
use crate::numeric::scale_to_index;
use crate::seed::{Entity, Purpose, Seed, Stream};
use crate::tables::{Country, Tables, UtcOffset};

/// Metros keep this distance in kilometers, where the country is large enough.
const METRO_SPACING_KM: f64 = 60.0;

/// Draws of a place before the best one so far is taken.
const PLACE_ATTEMPTS: u32 = 200;

const SATELLITE_SHARE: f64 = 0.65;
const SATELLITE_MIN_KM: f64 = 12.0;
const SATELLITE_MEAN_KM: f64 = 32.0;
const SATELLITE_MAX_KM: f64 = 120.0;

/// A city.
#[derive(Debug, Clone)]
pub struct City {
    /// Country.
    pub country: CountryIdx,
    /// Invented name.
    pub name: String,
    /// Center.
    pub center: Point,
    /// Cosine of the latitude: how much shorter a degree of longitude is here than one of latitude.
    pub lat_cosine: f64,
    /// Typical distance of homes from the center.
    pub radius_km: f64,
    /// Weight among the cities of its country.
    pub population: f64,
    /// Minutes that local time is ahead of UTC.
    pub utc_offset_minutes: i64,
}

/// Founds the cities of all countries, country by country.
pub(crate) fn found_all(seed: Seed, tables: &Tables) -> Vec<City> {
    let mut cities = Vec::new();
    for idx in tables.country_idxs() {
        let first = cities.len();
        let country = tables.country(idx);
        for rank in 0..country.cities {
            let mut stream = seed.stream(Entity::City, cities.len() as u64, Purpose::Place);
            let center = place(country, rank, &cities[first..], &mut stream);
            cities.push(City {
                country: idx,
                name: name(seed, tables, country, CityIdx::at(cities.len()), rank),
                center,
                lat_cosine: center.lat_cosine(),
                radius_km: 3.0 + 7.0 * (1.0 / (rank as f64 + 1.0)).sqrt(),
                population: 1.0 / (rank as f64 + 1.0),
                utc_offset_minutes: utc_offset_minutes(country, center),
            });
        }
    }
    cities
}

fn place(country: &Country, rank: usize, older: &[City], stream: &mut Stream) -> Point {
    let metros = country.cities.div_ceil(3);
    if rank < metros {
        return place_apart(country, &older[..rank], stream);
    }
    if !dist::chance(stream, SATELLITE_SHARE) {
        return place_apart(country, &older[..metros], stream);
    }
    let toward_larger = dist::unit(stream);
    let third = toward_larger * toward_larger / 3.0;
    let metro = &older[scale_to_index(third, country.cities)];
    let distance = SATELLITE_MIN_KM + dist::exponential(stream, SATELLITE_MEAN_KM);
    let distance = distance.min(SATELLITE_MAX_KM);
    let angle = dist::unit(stream) * std::f64::consts::TAU;
    let (sine, cosine) = libm::sincos(angle);
    metro.center.offset_km(distance * cosine, distance * sine)
}

/// Draws places in the country's box until one is far enough from the given cities, or takes the farthest of many.
fn place_apart(country: &Country, others: &[City], stream: &mut Stream) -> Point {
    let (south, north) = country.lat;
    let (west, east) = country.lon;
    let diagonal = Point::from_degrees(south, west).distance_km(Point::from_degrees(north, east));
    let wanted = METRO_SPACING_KM.min(diagonal / (country.cities as f64 + 1.0));
    let mut best = None;
    for _ in 0..PLACE_ATTEMPTS {
        let point = Point::from_degrees(
            south + (north - south) * dist::unit(stream),
            west + (east - west) * dist::unit(stream),
        );
        let distances = others.iter().map(|city| city.center.distance_km(point));
        let nearest = distances.fold(f64::INFINITY, f64::min);
        if nearest >= wanted {
            return point;
        }
        if best.is_none_or(|(distance, _)| nearest > distance) {
            best = Some((nearest, point));
        }
    }
    best.map_or_else(|| Point::from_degrees(south, west), |(_, point)| point)
}

fn name(seed: Seed, tables: &Tables, country: &Country, idx: CityIdx, rank: usize) -> String {
    let mut stream = seed.stream(Entity::City, u64::from(idx.0), Purpose::Name);
    let start = dist::pick(&mut stream, &tables.words.city_starts);
    let end = dist::pick(&mut stream, &tables.words.city_ends);
    format!("{start}{end}-{}-{rank:02}", country.code)
}

fn utc_offset_minutes(country: &Country, center: Point) -> i64 {
    const UNITS_PER_HOUR: i32 = 15 * 10_000;
    match country.utc_offset {
        UtcOffset::Minutes(minutes) => minutes,
        UtcOffset::Solar => {
            let hours = (center.lon + UNITS_PER_HOUR / 2).div_euclid(UNITS_PER_HOUR);
            i64::from(hours) * 60
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_lie_in_their_country_and_metros_keep_apart() {
        let tables = Tables::builtin().unwrap();
        let cities = found_all(Seed(11), &tables);
        let expected: usize = tables.countries.iter().map(|country| country.cities).sum();
        assert_eq!(cities.len(), expected);
        for idx in tables.country_idxs() {
            let country = tables.country(idx);
            let own: Vec<&City> = cities.iter().filter(|city| city.country == idx).collect();
            let metros = &own[..country.cities.div_ceil(3)];
            for (rank, metro) in metros.iter().enumerate() {
                let lat = f64::from(metro.center.lat) / 10_000.0;
                assert!(lat >= country.lat.0 - 0.01 && lat <= country.lat.1 + 0.01);
                for other in &metros[..rank] {
                    let distance = metro.center.distance_km(other.center);
                    let wide = METRO_SPACING_KM.min(distance + 1.0);
                    assert!(distance >= wide * 0.2, "{} {}", metro.name, other.name);
                }
            }
            for city in &own {
                let nearest = metros
                    .iter()
                    .map(|metro| metro.center.distance_km(city.center));
                let reach = nearest.fold(f64::INFINITY, f64::min);
                let inside = f64::from(city.center.lat) / 10_000.0;
                let in_box = inside >= country.lat.0 - 0.01 && inside <= country.lat.1 + 0.01;
                assert!(in_box || reach <= SATELLITE_MAX_KM + 1.0, "{}", city.name);
            }
        }
    }

    #[test]
    fn local_time_follows_the_sun_where_the_table_says_so() {
        let tables = Tables::builtin().unwrap();
        for city in found_all(Seed(12), &tables) {
            let country = tables.country(city.country);
            let lon = f64::from(city.center.lon) / 10_000.0;
            match country.utc_offset {
                UtcOffset::Minutes(minutes) => assert_eq!(city.utc_offset_minutes, minutes),
                UtcOffset::Solar => {
                    let gap = city.utc_offset_minutes as f64 / 60.0 - lon / 15.0;
                    assert!(gap.abs() <= 0.5, "{}", city.name);
                }
            }
        }
    }
}
