//! One distribution of durations as a handful of published figures.

use serde::Serialize;

use super::{Totals, ms};
use crate::histogram::Histogram;
use crate::measurements::Measurements;

/// A distribution in milliseconds; a quantile that too few values can tell is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DurationsSummary {
    /// Recorded values.
    pub count: u64,
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

impl DurationsSummary {
    pub(crate) fn new(histogram: &Histogram) -> Self {
        let at = |quantile| histogram.resolved_quantile(quantile).map(ms);
        Self {
            count: histogram.len(),
            overflow_count: histogram.overflow(),
            mean: (!histogram.is_empty()).then(|| histogram.mean().round() / 1e6),
            p50: at(0.5),
            p75: at(0.75),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p99_9: at(0.999),
            p99_99: at(0.9999),
            max: at(1.0),
        }
    }
}

/// Every kind of duration over all endpoints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatencySummary {
    /// Completed minus intended: what a customer felt.
    pub response_ms: DurationsSummary,
    /// Response time minus send lag: what it would have been had we been on time.
    pub response_without_lag_ms: DurationsSummary,
    /// Completed minus sent: what the target took.
    pub service_ms: DurationsSummary,
    /// First byte of the answer minus sent.
    pub first_byte_ms: DurationsSummary,
    /// Waiting for a free connection: the target's doing.
    pub connection_wait_ms: DurationsSummary,
    /// Sent minus ready: ours alone.
    pub send_lag_ms: DurationsSummary,
}

impl LatencySummary {
    pub(crate) fn new(measurements: &Measurements, totals: &Totals) -> Self {
        Self {
            response_ms: DurationsSummary::new(&totals.response),
            response_without_lag_ms: DurationsSummary::new(&measurements.undisturbed),
            service_ms: DurationsSummary::new(&totals.service),
            first_byte_ms: DurationsSummary::new(&totals.first_byte),
            connection_wait_ms: DurationsSummary::new(&measurements.connection_wait),
            send_lag_ms: DurationsSummary::new(&measurements.send_lag),
        }
    }
}
