//! Counts and rates: the exact ledger, what was offered and achieved, and what failed.

use serde::Serialize;

use super::{ratio, seconds};
use crate::measurements::{EndpointMeasurements, FailureCount, Ledger, Measurements};

/// What became of every planned request, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LedgerSummary {
    /// Arrivals of the schedule in the measure phase.
    pub planned: u64,
    /// Handed to the kernel.
    pub sent: u64,
    /// Refused by us at the in-flight cap, or for want of a connection.
    pub dropped: u64,
    /// Still waiting for a connection when the run stopped.
    pub unsent: u64,
    /// Answered in full.
    pub completed: u64,
    /// Completed with every check passed.
    pub good: u64,
    /// Completed with a failed check.
    pub rejected: u64,
    /// Broken by a transport error.
    pub failed: u64,
    /// Unanswered within the timeout.
    pub timed_out: u64,
    /// In flight when the run was cut short.
    pub cut: u64,
    /// Sent later than intended because every connection was busy; part of `sent`.
    pub deferred: u64,
}

impl From<Ledger> for LedgerSummary {
    fn from(ledger: Ledger) -> Self {
        Self {
            planned: ledger.planned,
            sent: ledger.sent,
            dropped: ledger.dropped,
            unsent: ledger.unsent,
            completed: ledger.completed,
            good: ledger.good,
            rejected: ledger.rejected,
            failed: ledger.failed,
            timed_out: ledger.timed_out,
            cut: ledger.cut,
            deferred: ledger.deferred,
        }
    }
}

impl LedgerSummary {
    /// Counts the requests that came to an end, dropped ones included; not those that the end of the run cut off.
    pub(crate) fn ended(&self) -> u64 {
        self.completed + self.unanswered()
    }

    /// Counts those of them that did not end good.
    pub(crate) fn ended_badly(&self) -> u64 {
        self.rejected + self.unanswered()
    }

    fn unanswered(&self) -> u64 {
        self.failed + self.timed_out + self.dropped
    }
}

/// Rates over the measure phase and shares of what was planned; `None` where nothing was planned or no time passed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RatesSummary {
    /// Planned requests per second.
    pub offered_per_s: Option<f64>,
    /// Completed requests per second.
    pub achieved_per_s: Option<f64>,
    /// Good requests per second.
    pub good_per_s: Option<f64>,
    /// Completed over planned.
    pub achieved_share: Option<f64>,
    /// Planned requests that did not end good and steps left out, over planned requests and steps left out.
    pub error_share: Option<f64>,
}

impl RatesSummary {
    pub(crate) fn new(ledger: &Ledger, left_out: u64, measured_ns: u64) -> Self {
        let per_second =
            |count: u64| (measured_ns > 0).then(|| count as f64 / seconds(measured_ns));
        Self {
            offered_per_s: per_second(ledger.planned),
            achieved_per_s: per_second(ledger.completed),
            good_per_s: per_second(ledger.good),
            achieved_share: achieved_share(ledger),
            error_share: error_share(ledger, left_out),
        }
    }
}

/// Completed over planned.
pub(crate) fn achieved_share(ledger: &Ledger) -> Option<f64> {
    ratio(ledger.completed, ledger.planned)
}

/// Planned requests that did not end good and steps left out, over planned requests and steps left out.
///
/// A step that lacks a captured value was never planned, but the session needed it: leaving it out is a failure.
pub(crate) fn error_share(ledger: &Ledger, left_out: u64) -> Option<f64> {
    let errors = ledger.planned.saturating_sub(ledger.good) + left_out;
    ratio(errors, ledger.planned + left_out)
}

/// Kind under which steps left out are listed among the failures.
pub(crate) const LEFT_OUT: &str = "left-out";

/// Counts the steps that were left out for lack of a captured value.
pub(crate) fn left_out(measurements: &Measurements) -> u64 {
    let endpoints = measurements.endpoints.iter();
    endpoints.map(|endpoint| endpoint.skipped).sum()
}

/// Counts what the target should have answered well: the planned requests and the steps that were left out.
pub(crate) fn due(measurements: &Measurements) -> u64 {
    measurements.ledger.planned + left_out(measurements)
}

/// Lists failures by kind with their counts, the most frequent first; steps left out are among them.
pub(crate) fn failures(measurements: &Measurements) -> Vec<FailureCount> {
    let mut failures = measurements.failures.clone();
    let left_out = left_out(measurements);
    if left_out > 0 {
        let endpoints = measurements.endpoints.iter();
        let sample = |endpoint: &EndpointMeasurements| {
            format!(
                "{}: an earlier answer did not hold a value it needs",
                endpoint.name
            )
        };
        let left_out_at = endpoints.filter(|endpoint| endpoint.skipped > 0);
        failures.push(FailureCount {
            kind: LEFT_OUT.to_owned(),
            count: left_out,
            samples: left_out_at.take(3).map(sample).collect(),
        });
    }
    failures.sort_by(|left, right| (right.count, &left.kind).cmp(&(left.count, &right.kind)));
    failures
}

/// One kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailureSummary {
    /// Stable kind, for example `timeout` or `check:engine_mode`.
    pub kind: String,
    /// Requests it hit.
    pub count: u64,
    /// The same over planned requests and steps left out.
    pub share: Option<f64>,
    /// A few examples, secrets masked.
    pub samples: Vec<String>,
}

impl FailureSummary {
    pub(crate) fn all(measurements: &Measurements) -> Vec<Self> {
        failures(measurements)
            .into_iter()
            .map(|failure| Self {
                share: ratio(failure.count, due(measurements)),
                kind: failure.kind,
                count: failure.count,
                samples: failure.samples,
            })
            .collect()
    }
}
