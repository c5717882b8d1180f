//! One distribution of durations as a handful of published figures.

use serde::Serialize;

use super::{Totals, ms, unanswered_undisturbed};
use crate::format::{self, BoundMark};
use crate::histogram::Histogram;
use crate::measurements::{EndpointMeasurements, Measurements};
use crate::ranked::{Rank, Ranked};
use crate::verdict::validity;

/// Figures of some durations, milliseconds; a quantile that too few values can tell is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Values above the highest duration told apart, which entered at that bound.
    pub overflow_count: u64,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 75th percentile.
    pub p75: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p99_9: Option<f64>,
    /// 99.99th percentile.
    pub p99_99: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// The quantiles among the figures with their keys, ascending.
const QUANTILES: [(&str, f64); 8] = [
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p99_9", 0.999),
    ("p99_99", 0.9999),
    ("max", 1.0),
];

impl Figures {
    fn new(overflow_count: u64, mean: Option<f64>, quantile: impl Fn(f64) -> Option<u64>) -> Self {
        let [p50, p75, p90, p95, p99, p99_9, p99_99, max] =
            QUANTILES.map(|(_, share)| quantile(share).map(ms));
        Self {
            overflow_count,
            mean,
            p50,
            p75,
            p90,
            p95,
            p99,
            p99_9,
            p99_99,
            max,
        }
    }

    /// Gives a quantile by its key.
    fn quantile(&self, key: &str) -> Option<f64> {
        match key {
            "p50" => self.p50,
            "p75" => self.p75,
            "p90" => self.p90,
            "p95" => self.p95,
            "p99" => self.p99,
            "p99_9" => self.p99_9,
            "p99_99" => self.p99_99,
            "max" => self.max,
            _ => None,
        }
    }
}

/// A distribution in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DurationsSummary {
    /// Recorded values.
    pub count: u64,
    /// Its mean and its quantiles.
    #[serde(flatten)]
    pub figures: Figures,
}

impl DurationsSummary {
    pub(crate) fn new(histogram: &Histogram) -> Self {
        Self::with(histogram, |quantile| histogram.resolved_quantile(quantile))
    }

    /// Ranks the values below requests without one; a quantile among those does not exist.
    pub(crate) fn below(histogram: &Histogram, unanswered: &Histogram) -> Self {
        let ranked = Ranked::new(histogram, unanswered);
        Self::with(histogram, |quantile| {
            ranked.resolved(quantile).and_then(Rank::answered_ns)
        })
    }

    fn with(histogram: &Histogram, quantile: impl Fn(f64) -> Option<u64>) -> Self {
        Self {
            count: histogram.len(),
            figures: Figures::new(histogram.overflow(), mean_ms(histogram), quantile),
        }
    }
}

/// The response times of some requests, those without an answer in the upper ranks; milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseSummary {
    /// Requests with an answer.
    pub count: u64,
    /// Requests without one.
    pub unanswered_count: u64,
    /// The mean over the requests with an answer, and quantiles over all of them.
    #[serde(flatten)]
    pub figures: Figures,
    /// Keys of those of these figures that fall among the requests without an answer: the true ones are at least as large.
    pub lower_bounds: Vec<&'static str>,
    /// Keys of those that our own lag makes up more of than is accepted: a generator without lag would have measured less.
    pub upper_bounds: Vec<&'static str>,
}

impl ResponseSummary {
    /// Summarizes the response times of all endpoints.
    pub(crate) fn over_all(totals: &Totals) -> Self {
        Self::new(&totals.response, &totals.unanswered, totals.undisturbed())
    }

    /// Summarizes the response times of one endpoint.
    pub(crate) fn of(endpoint: &EndpointMeasurements) -> Self {
        let unanswered = unanswered_undisturbed(&endpoint.unanswered, endpoint.withheld);
        let undisturbed = Ranked::new(&endpoint.undisturbed, &unanswered);
        Self::new(&endpoint.response, &endpoint.unanswered, undisturbed)
    }

    fn new(answered: &Histogram, unanswered: &Histogram, undisturbed: Ranked<'_>) -> Self {
        let ranked = Ranked::new(answered, unanswered);
        let is_lower_bound = |quantile: f64| {
            let rank = ranked.resolved(quantile);
            rank.is_some_and(Rank::is_lower_bound)
        };
        let is_upper_bound =
            |quantile: f64| validity::is_upper_bound(ranked, undisturbed, quantile);
        Self {
            count: answered.len(),
            unanswered_count: unanswered.len(),
            figures: Figures::new(
                answered.overflow() + unanswered.overflow(),
                mean_ms(answered),
                |quantile| ranked.resolved(quantile).map(Rank::ns),
            ),
            lower_bounds: keys_of(is_lower_bound),
            upper_bounds: keys_of(is_upper_bound),
        }
    }

    /// Gives some of the quantiles by their keys as people read them, marked where they are bounds.
    pub(crate) fn texts<const N: usize>(&self, keys: [&str; N]) -> [String; N] {
        keys.map(|key| {
            let bound = BoundMark::listed(key, &self.lower_bounds, &self.upper_bounds);
            format::or_na(self.figures.quantile(key), |ms| bound.duration(ms))
        })
    }
}

/// Lists the keys of the quantiles that something is true of.
fn keys_of(is_true: impl Fn(f64) -> bool) -> Vec<&'static str> {
    let quantiles = QUANTILES.into_iter();
    let true_of = quantiles.filter(|&(_, quantile)| is_true(quantile));
    true_of.map(|(key, _)| key).collect()
}

fn mean_ms(histogram: &Histogram) -> Option<f64> {
    (!histogram.is_empty()).then(|| histogram.mean().round() / 1e6)
}

/// Every kind of duration over all endpoints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatencySummary {
    /// Arrived minus intended: what a customer felt.
    pub response_ms: ResponseSummary,
    /// What a generator without any lag would have measured with the same service times; ranked like the response time.
    pub undisturbed_ms: DurationsSummary,
    /// Arrived minus sent: what the target took.
    pub service_ms: DurationsSummary,
    /// First byte of the answer arrived minus sent.
    pub first_byte_ms: DurationsSummary,
    /// Waiting for a free connection: the target's doing.
    pub connection_wait_ms: DurationsSummary,
    /// Sent minus ready: ours alone.
    pub send_lag_ms: DurationsSummary,
    /// Read minus arrived: ours alone.
    pub read_lag_ms: DurationsSummary,
}

impl LatencySummary {
    pub(crate) fn new(measurements: &Measurements, totals: &Totals) -> Self {
        Self {
            response_ms: ResponseSummary::over_all(totals),
            undisturbed_ms: DurationsSummary::below(
                &totals.undisturbed,
                &totals.unanswered_undisturbed,
            ),
            service_ms: DurationsSummary::new(&totals.service),
            first_byte_ms: DurationsSummary::new(&totals.first_byte),
            connection_wait_ms: DurationsSummary::new(&measurements.connection_wait),
            send_lag_ms: DurationsSummary::new(&measurements.send_lag),
            read_lag_ms: DurationsSummary::new(&measurements.read_lag),
        }
    }
}
