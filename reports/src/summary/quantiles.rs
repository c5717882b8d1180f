//! Quantiles side by side: the published ladder with the distortion beside each, and the curve by percentile.
//!
//! Distortion compares two quantiles, not two sums: how far the response-time quantile would move had our generator had no lag.
//! A quantile that falls among requests without an answer is marked as a lower bound, and has no distortion.

use serde::Serialize;

use super::{Summary, Totals, ms};
use crate::format::{self, BoundMark};
use crate::histogram::Histogram;
use crate::measurements::{GateSubject, Measurements};
use crate::ranked::Rank;
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
    /// Whether the verdict rests on this row: a quantile that a gate names, or p50, p95 and p99 where none does.
    pub judged: bool,
    /// Response time, milliseconds; a lower bound where `lower_bound` says so.
    pub response_ms: Option<f64>,
    /// Service time, milliseconds.
    pub service_ms: Option<f64>,
    /// Send lag, milliseconds.
    pub send_lag_ms: Option<f64>,
    /// Read lag, milliseconds.
    pub read_lag_ms: Option<f64>,
    /// What a generator without any lag would have measured, milliseconds; `None` among requests without an answer.
    pub undisturbed_ms: Option<f64>,
    /// What our own lag adds to this quantile of the response time, milliseconds.
    pub distortion_ms: Option<f64>,
    /// The distortion as a share of the response time.
    pub distortion_share: Option<f64>,
    /// Whether the distortion is more than a judged quantile may have: the response time is then an upper bound of what the
    /// target would have shown to a generator without lag.
    pub excessive: bool,
    /// Whether this quantile falls among requests without an answer, so that the true response time is at least the shown one.
    pub lower_bound: bool,
}

/// Fills the ladder, with a row of its own for each further quantile that a gate names.
pub(crate) fn ladder(measurements: &Measurements, totals: &Totals) -> Vec<QuantileRow> {
    let ranked = totals.ranked();
    let quantiles = measurements
        .gates
        .iter()
        .filter_map(|gate| match gate.subject {
            GateSubject::ResponseQuantile(quantile) => Some(quantile),
            _ => None,
        });
    let named: Vec<f64> = quantiles.collect();
    let is_headline = |headline: bool| headline && named.is_empty();
    let mut rungs: Vec<(f64, bool)> = LADDER
        .map(|(quantile, headline)| (quantile, is_headline(headline)))
        .into();
    for quantile in named {
        // A gate on more than the samples can tell is judged by the slowest request.
        let resolved = ranked.resolved(quantile).is_some();
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
        let at = |histogram: &Histogram| histogram.resolved_quantile(quantile).map(ms);
        let response = totals.ranked().resolved(quantile);
        let undisturbed = totals
            .undisturbed()
            .resolved(quantile)
            .and_then(Rank::answered_ns);
        let distortion = response.and_then(Rank::answered_ns).zip(undisturbed);
        let distortion_ms = distortion.map(|(felt, undisturbed)| ms(felt) - ms(undisturbed));
        let response_ms = response.map(|rank| ms(rank.ns()));
        Self {
            name: name(quantile),
            quantile,
            judged,
            response_ms,
            service_ms: at(&totals.service),
            send_lag_ms: at(&measurements.send_lag),
            read_lag_ms: at(&measurements.read_lag),
            undisturbed_ms: undisturbed.map(ms),
            distortion_ms,
            distortion_share: distortion_ms
                .zip(response_ms)
                .map(|(added, felt)| added / felt),
            excessive: validity::is_upper_bound(totals.ranked(), totals.undisturbed(), quantile),
            lower_bound: response.is_some_and(Rank::is_lower_bound),
        }
    }

    /// Gives the response time as people read it, marked where it is only known to be at least or at most that long.
    pub(crate) fn response_text(&self) -> String {
        let bound = BoundMark::of(self.lower_bound, self.excessive);
        format::or_na(self.response_ms, |ms| bound.duration(ms))
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

/// Explains the marks in the ladder, as far as they occur; a sentence each.
pub(crate) fn marks(summary: &Summary) -> Vec<String> {
    let rows = || summary.quantiles.iter();
    explained(
        rows().any(|row| row.lower_bound),
        rows().any(|row| row.excessive),
        summary,
    )
}

/// Explains the marks in the table of endpoints, as far as they occur there and not in the ladder.
pub(crate) fn marks_of_endpoints(summary: &Summary) -> Vec<String> {
    let responses = || {
        let endpoints = summary.endpoints.iter();
        endpoints.map(|endpoint| &endpoint.response_ms)
    };
    let mut marks = explained(
        responses().any(|response| !response.lower_bounds.is_empty()),
        responses().any(|response| !response.upper_bounds.is_empty()),
        summary,
    );
    let known = self::marks(summary);
    marks.retain(|mark| !known.contains(mark));
    marks
}

fn explained(is_some_lower: bool, is_some_upper: bool, summary: &Summary) -> Vec<String> {
    let unanswered = summary.latency.response_ms.unanswered_count;
    let lower_bound = is_some_lower.then(|| {
        format!(
            "≥: a lower bound. {} got no answer, which counts as slower than every answered one.",
            format::counted(unanswered, "planned request")
        )
    });
    let upper_bound = is_some_upper.then(|| {
        format!(
            "≤: an upper bound. Our own lag makes up more than {} of it.",
            format::round_share(validity::DISTORTION_SHARE_MAX)
        )
    });
    lower_bound.into_iter().chain(upper_bound).collect()
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
    /// Response time, milliseconds; a lower bound where `lower_bound` says so.
    pub response_ms: Option<f64>,
    /// Whether it falls among requests without an answer.
    pub lower_bound: bool,
    /// What a generator without any lag would have measured, milliseconds; `None` among requests without an answer.
    pub undisturbed_ms: Option<f64>,
    /// Service time, milliseconds.
    pub service_ms: Option<f64>,
    /// Waiting for a free connection, milliseconds.
    pub connection_wait_ms: Option<f64>,
    /// Send lag, milliseconds.
    pub send_lag_ms: Option<f64>,
    /// Read lag, milliseconds.
    pub read_lag_ms: Option<f64>,
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
            let response = totals.ranked().resolved(quantile);
            let undisturbed = totals.undisturbed().resolved(quantile);
            let undisturbed = undisturbed.and_then(Rank::answered_ns);
            PercentilePoint {
                quantile,
                response_ms: response.map(|rank| ms(rank.ns())),
                lower_bound: response.is_some_and(Rank::is_lower_bound),
                undisturbed_ms: undisturbed.map(ms),
                service_ms: at(&totals.service),
                connection_wait_ms: at(&measurements.connection_wait),
                send_lag_ms: at(&measurements.send_lag),
                read_lag_ms: at(&measurements.read_lag),
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
