//! The run second by second.

use serde::Serialize;

use super::ms;
use crate::measurements::{Measurements, SecondMeasurements};

/// One second of the measure phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SecondSummary {
    /// Seconds since the start of the measure phase.
    pub second: usize,
    /// Arrivals planned in it.
    pub offered: u64,
    /// Requests sent in it.
    pub sent: u64,
    /// Answers completed in it.
    pub achieved: u64,
    /// Completed in it with every check passed.
    pub good: u64,
    /// Rejected, failed, timed out or dropped in it.
    pub failed: u64,
    /// In flight at its end.
    pub in_flight: u64,
    /// Response times of its answers; requests without one are not in there.
    pub response_ms: Option<SecondResponse>,
    /// Send lag of its requests.
    pub send_lag_ms: Option<SecondLag>,
    /// Read lag of its answers, as far as the kernel stamped them.
    pub read_lag_ms: Option<SecondLag>,
    /// The longest stretch of it in which a lane did not look at the kernel while work was due.
    pub longest_stall_ms: f64,
}

/// Response times of one second, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SecondResponse {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest value.
    pub max: f64,
}

/// Send lag or read lag of one second, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SecondLag {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest value.
    pub max: f64,
}

impl SecondLag {
    fn new(quantiles_ns: [u64; 3]) -> Self {
        let [p50, p99, max] = quantiles_ns.map(ms);
        Self { p50, p99, max }
    }
}

impl SecondSummary {
    pub(crate) fn all(measurements: &Measurements) -> Vec<Self> {
        let seconds = measurements.seconds.iter().enumerate();
        seconds
            .map(|(idx, second)| Self::new(idx, second))
            .collect()
    }

    fn new(idx: usize, second: &SecondMeasurements) -> Self {
        Self {
            second: idx,
            offered: second.offered,
            sent: second.sent,
            achieved: second.achieved,
            good: second.good,
            failed: second.failed,
            in_flight: second.in_flight,
            response_ms: second.response_ns.map(|ns| {
                let [p50, p95, p99, max] = ns.map(ms);
                SecondResponse { p50, p95, p99, max }
            }),
            send_lag_ms: second.send_lag_ns.map(SecondLag::new),
            read_lag_ms: second.read_lag_ns.map(SecondLag::new),
            longest_stall_ms: ms(second.longest_stall_ns),
        }
    }
}
