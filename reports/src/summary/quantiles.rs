//! Quantiles side by side: the published ladder with the distortion beside each, and the curve by percentile.
//!
//! Distortion compares two quantiles, not two sums: how far the response-time quantile would move if every request had
//! left on time. A quantile that reaches into censored values is marked as a lower bound.

use serde::Serialize;

use super::{Totals, ms};
use crate::format;
use crate::histogram::Histogram;
use crate::measurements::{GateSubject, Ledger, Measurements};
use crate::verdict::validity;

/// The quantiles every report shows, and whether the verdict rests on them.
const LADDER: [(f64, bool); 8] = [
    (0.5, true),
    (0.75, false),
    (0.9, false),
    (0.95, true),
    (0.99, true),
    (0.999, false),
    (0.9999, false),
    (1.0, false),
];

/// Name of the row of the largest values.
pub(crate) const MAXIMUM: &str = "max";

/// Relative difference below which two recorded durations are told apart by chance only.
const RESOLUTION: f64 = 1e-3;

/// One quantile of every kind of duration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileRow {
    /// `p50`, `p99.9`, ... or `max`.
    pub name: String,
    /// The quantile, 0..=1; 1 is the maximum.
    pub quantile: f64,
    /// Whether the verdict rests on this row: a headline quantile, or one that a gate names.
    pub judged: bool,
    /// Response time, milliseconds.
    pub response_ms: Option<f64>,
    /// Service time, milliseconds.
    pub service_ms: Option<f64>,
    /// Send lag, milliseconds.
    pub send_lag_ms: Option<f64>,
    /// Response time had every request left on time, milliseconds.
    pub response_without_lag_ms: Option<f64>,
    /// What our own lag adds to this quantile of the response time, milliseconds.
    pub distortion_ms: Option<f64>,
    /// The distortion as a share of the response time.
    pub distortion_share: Option<f64>,
    /// Whether the distortion is more than a judged quantile may have.
    pub excessive: bool,
    /// Whether unanswered requests reach into this quantile, so that the true response time is at least the shown one.
    pub lower_bound: bool,
}

/// Fills the ladder, with a row of its own for each further quantile that a gate names.
pub(crate) fn ladder(measurements: &Measurements, totals: &Totals) -> Vec<QuantileRow> {
    let mut rungs: Vec<(f64, bool)> = LADDER.to_vec();
    for gate in &measurements.gates {
        let GateSubject::ResponseQuantile(quantile) = gate.subject else {
            continue;
        };
        // A gate on more than the samples can tell is judged by the slowest answer.
        let resolved = totals.response.resolved_quantile(quantile).is_some();
        let judged_at = if resolved { quantile } else { 1.0 };
        for (named, judged) in [(quantile, resolved), (judged_at, true)] {
            match rungs.iter_mut().find(|(rung, _)| is_same(*rung, named)) {
                Some((_, already)) => *already |= judged,
                None => rungs.push((named, judged)),
            }
        }
    }
    rungs.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    let row = |(quantile, judged)| QuantileRow::new(quantile, judged, measurements, totals);
    rungs.into_iter().map(row).collect()
}

/// Finds the row a gate on `quantile` is judged by: its own, or the maximum where the samples are too few.
pub(crate) fn judged_row(rows: &[QuantileRow], quantile: f64) -> Option<&QuantileRow> {
    let at = |wanted: f64| rows.iter().find(move |row| is_same(row.quantile, wanted));
    at(quantile)
        .filter(|row| row.response_ms.is_some())
        .or_else(|| at(1.0))
}

fn is_same(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

impl QuantileRow {
    fn new(quantile: f64, judged: bool, measurements: &Measurements, totals: &Totals) -> Self {
        let at = |histogram: &Histogram| histogram.resolved_quantile(quantile);
        let response = at(&totals.response);
        let without_lag = at(&measurements.undisturbed);
        let distortion = response.zip(without_lag);
        let distortion_ms = distortion.map(|(felt, on_time)| {
            if felt >= on_time {
                ms(felt - on_time)
            } else {
                -ms(on_time - felt)
            }
        });
        Self {
            name: name(quantile),
            quantile,
            judged,
            response_ms: response.map(ms),
            service_ms: at(&totals.service).map(ms),
            send_lag_ms: at(&measurements.send_lag).map(ms),
            response_without_lag_ms: without_lag.map(ms),
            distortion_ms,
            distortion_share: distortion_ms
                .zip(response)
                .map(|(added, felt)| added / ms(felt)),
            excessive: distortion
                .is_some_and(|(felt, on_time)| validity::is_excessive(felt, on_time)),
            lower_bound: response.is_some_and(|felt| is_censored(felt, measurements)),
        }
    }

    /// Gives the response time as people read it, marked where it is only known to be at least that long.
    pub(crate) fn response_text(&self) -> String {
        let bound = if self.lower_bound { "≥ " } else { "" };
        format::or_na(self.response_ms, |ms| {
            format!("{bound}{}", format::duration(ms))
        })
    }

    /// Gives the distortion as people read it, as a duration and as a share.
    ///
    /// What three digits cannot tell is not passed off as zero.
    pub(crate) fn distortion_texts(&self) -> Option<(String, String)> {
        let (distortion_ms, share) = self.distortion_ms.zip(self.distortion_share)?;
        let least_ms = self.response_ms? * RESOLUTION;
        Some(if distortion_ms.abs() < least_ms {
            (
                format!("<{}", format::duration(least_ms)),
                format!("<{}", format::round_share(RESOLUTION)),
            )
        } else {
            (format::duration(distortion_ms), format::share(share))
        })
    }
}

/// Tells whether requests without an answer may reach into a quantile of this value.
///
/// They all enter at the timeout or above, so a quantile below the timeout owes nothing to them.
fn is_censored(response_ns: u64, measurements: &Measurements) -> bool {
    let timeout_ns = measurements.identity.timeout_ns;
    timeout_ns > 0 && response_ns >= timeout_ns && censored(&measurements.ledger) > 0
}

/// Counts the requests whose response time is only known to be at least the timeout.
pub(crate) fn censored(ledger: &Ledger) -> u64 {
    ledger.timed_out + ledger.dropped + ledger.unsent + ledger.cut
}

/// Names a quantile the way it is said: `p99.9`, or `max`.
pub(crate) fn name(quantile: f64) -> String {
    if quantile >= 1.0 {
        MAXIMUM.to_owned()
    } else {
        format!("p{}", format::trimmed(&format!("{:.6}", quantile * 100.0)))
    }
}

/// One point of the curve by percentile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PercentilePoint {
    /// The quantile, 0..1.
    pub quantile: f64,
    /// Response time, milliseconds.
    pub response_ms: Option<f64>,
    /// Response time had every request left on time, milliseconds.
    pub response_without_lag_ms: Option<f64>,
    /// Service time, milliseconds.
    pub service_ms: Option<f64>,
    /// Waiting for a free connection, milliseconds.
    pub connection_wait_ms: Option<f64>,
    /// Send lag, milliseconds.
    pub send_lag_ms: Option<f64>,
}

/// Steps from one percentile decade (0, 90, 99, 99.9 %) to the next.
const STEPS_PER_DECADE: u64 = 18;

/// Decades at most: more than any run has samples for.
const DECADES: u32 = 10;

/// Samples every kind of duration at quantiles that close in on 1, as far as any of them has the samples.
pub(crate) fn curve(measurements: &Measurements, totals: &Totals) -> Vec<PercentilePoint> {
    curve_quantiles()
        .map(|quantile| {
            let at = |histogram: &Histogram| histogram.resolved_quantile(quantile).map(ms);
            PercentilePoint {
                quantile,
                response_ms: at(&totals.response),
                response_without_lag_ms: at(&measurements.undisturbed),
                service_ms: at(&totals.service),
                connection_wait_ms: at(&measurements.connection_wait),
                send_lag_ms: at(&measurements.send_lag),
            }
        })
        .take_while(|point| point.response_ms.is_some() || point.send_lag_ms.is_some())
        .collect()
}

/// Gives 0, 0.05, 0.1, ... 0.85, 0.9, 0.905, ... as exact fractions, so that every machine prints the same digits.
fn curve_quantiles() -> impl Iterator<Item = f64> {
    (0..DECADES).flat_map(|decade| {
        let whole = 20 * 10_u64.pow(decade);
        (0..STEPS_PER_DECADE).map(move |step| (whole - (20 - step)) as f64 / whole as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_named_as_they_are_said() {
        for (quantile, said) in [
            (0.5, "p50"),
            (0.975, "p97.5"),
            (0.9999, "p99.99"),
            (1.0, "max"),
        ] {
            assert_eq!(name(quantile), said);
        }
    }

    #[test]
    fn the_curve_climbs_through_every_decade_without_repeating() {
        let quantiles: Vec<f64> = curve_quantiles().collect();
        assert!(quantiles.is_sorted_by(|left, right| left < right));
        for wanted in [0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] {
            assert!(
                quantiles.iter().any(|quantile| is_same(*quantile, wanted)),
                "{wanted}"
            );
        }
    }
}
