//! D1 to D6, D11: the rhythm of days, weeks and hours.

use super::Measured;
use crate::facts::{self, DAY_MS, Facts, HOUR_MS};
use crate::statistics::{Sorted, ratio, total_variation};

/// Hours of the night: from midnight until before five.
pub(super) const NIGHT: std::ops::Range<usize> = 0..5;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let mut by_day = [[0.0; 24]; 7];
    for row in facts.legit() {
        by_day[facts.local_weekday(row)][facts.local_hour(row)] += 1.0;
    }
    let sum = |days: &[[f64; 24]]| -> [f64; 24] {
        std::array::from_fn(|hour| days.iter().map(|day| day[hour]).sum())
    };
    let hours = sum(&by_day);
    let all: f64 = hours.iter().sum();
    let busiest = (0..24).max_by(|left, right| hours[*left].total_cmp(&hours[*right]));
    let busiest = busiest.filter(|_| all > 0.0).map(|hour| hour as f64);
    let mut measured = vec![
        Measured::new("D1", total_variation(&hours, &expected_hours(facts))),
        Measured::new("D2", ratio(NIGHT.map(|hour| hours[hour]).sum(), all)),
        Measured::new("D3", busiest),
        Measured::new(
            "D6",
            total_variation(&sum(&by_day[..5]), &sum(&by_day[5..])),
        ),
        Measured::new("D11", hourly_swing(facts)),
    ];
    measured.extend(weekdays(facts, &by_day));
    measured
}

/// Mixes the table's hours of the categories as often as these occur.
pub(crate) fn expected_hours(facts: &Facts<'_>) -> [f64; 24] {
    let mut counts = vec![0.0; facts.tables.mccs.len()];
    for idx in facts.legit().filter_map(|row| facts.category_idx(row)) {
        counts[idx] += 1.0;
    }
    let mut expected = [0.0; 24];
    for (mcc, count) in facts.tables.mccs.iter().zip(counts) {
        let weights = facts.tables.profile(mcc.profile).weights;
        let sum: f64 = weights.iter().sum();
        for (hour, weight) in expected.iter_mut().zip(weights) {
            *hour += count * weight / sum;
        }
    }
    expected
}

/// Compares the days of the week by rows per day, since a span need not hold each of them equally often.
fn weekdays(facts: &Facts<'_>, by_day: &[[f64; 24]; 7]) -> [Measured; 2] {
    let lengths = day_lengths(facts.span_ms);
    let rates = (0..7).map(|day| {
        let rows: f64 = by_day[day].iter().sum();
        ratio(rows, lengths[day]).map(|rate| (rate, day))
    });
    let rates: Option<Vec<(f64, usize)>> = rates.collect();
    let mut rates = rates.unwrap_or_default();
    rates.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let ends = rates.first().zip(rates.last());
    let swing = ends.and_then(|(low, high)| ratio(high.0, low.0));
    [
        Measured::new("D4", swing),
        Measured::new("D5", ends.map(|(_, high)| (high.1 + 1) as f64)),
    ]
}

/// Gives how many days of each weekday a span covers, Monday first.
fn day_lengths((first, last): (i64, i64)) -> [f64; 7] {
    let mut lengths = [0.0; 7];
    let mut at = first;
    while at <= last {
        let next = (at.div_euclid(DAY_MS) + 1) * DAY_MS;
        let covered = next.min(last + 1) - at;
        lengths[facts::weekday(at)] += covered as f64 / DAY_MS as f64;
        at = next;
    }
    lengths
}

/// Compares the busy hours of the span with the quiet ones, by UTC hour.
fn hourly_swing(facts: &Facts<'_>) -> Option<f64> {
    let (first, last) = facts.span_ms;
    let hour_of = |ms: i64| ms.div_euclid(HOUR_MS) - first.div_euclid(HOUR_MS);
    let mut hours = vec![0.0; usize::try_from(hour_of(last) + 1).ok()?];
    for row in facts.rows() {
        hours[usize::try_from(hour_of(facts.export.ts_ms[row])).ok()?] += 1.0;
    }
    let hours = Sorted::new(hours);
    ratio(hours.quantile(0.99)?, hours.quantile(0.05)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_ninety_days_from_a_monday_has_one_sunday_less() {
        fn check(span_ms: (i64, i64), expected: [f64; 7]) {
            let pairs = day_lengths(span_ms).into_iter().zip(expected);
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-9, "{found} {expected}");
            }
        }
        let monday = 1_736_121_600_000;
        let quarter = (monday, monday + 90 * DAY_MS - 1);
        check(quarter, [13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 12.0]);
        let afternoon = (monday + DAY_MS / 2, monday + DAY_MS - 1);
        check(afternoon, [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
