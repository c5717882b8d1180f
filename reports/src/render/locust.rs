//! The four CSV files that Locust leaves behind, for scripts that read those.
//!
//! Owns what the files share: which requests count, what an entry is called, how numbers are written. Headers, order and
//! row ends are Locust's (`locust/stats.py`, release 2.46); what the figures mean where it differs is in
//! `docs/artifacts.md`.

mod exceptions;
mod failures;
mod history;
mod stats;

pub use exceptions::LocustExceptions;
pub use failures::LocustFailures;
pub use history::LocustHistory;
pub use stats::LocustStats;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::Measurements;
use crate::measurements::distribution::{Distribution, QUANTILES};
use crate::measurements::{EndpointMeasurements, Ledger};
use crate::summary::ms;
use crate::summary::traffic::LedgerSummary;

/// Name of the row over all entries.
const AGGREGATED: &str = "Aggregated";

/// Headers of the quantiles, in the order of [`QUANTILES`].
const PERCENTILES: [&str; QUANTILES.len()] = [
    "50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%",
];

/// An endpoint under the name Locust would give it.
struct Entry<'a> {
    method: &'a str,
    name: String,
    endpoint: &'a EndpointMeasurements,
}

/// Lists the endpoints by name and method.
///
/// An entry is called by its method and path. Where several endpoints share both, all but the first also bear their own
/// name, as in `GET /api/v1/rules (filtered)`.
fn entries(measurements: &Measurements) -> Vec<Entry<'_>> {
    let mut taken = BTreeSet::new();
    let mut entries: Vec<Entry<'_>> = measurements
        .endpoints
        .iter()
        .map(|endpoint| Entry {
            method: &endpoint.method,
            name: name(endpoint, &mut taken),
            endpoint,
        })
        .collect();
    entries.sort_by(|left, right| (&left.name, left.method).cmp(&(&right.name, right.method)));
    entries
}

fn name(endpoint: &EndpointMeasurements, taken: &mut BTreeSet<String>) -> String {
    if endpoint.path.is_empty() {
        return endpoint.name.clone();
    }
    let request = format!("{} {}", endpoint.method, endpoint.path);
    if taken.insert(request.clone()) {
        request
    } else {
        format!("{request} ({})", endpoint.name)
    }
}

/// How many requests there were, and what came back.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Requests that came to an end, dropped ones included; not those that the end of the run cut off.
    requests: u64,
    /// Those of them that did not end good.
    failures: u64,
    /// Bytes of the bodies of all answers.
    answer_bytes: u64,
}

impl Tally {
    fn new(ledger: Ledger, answer_bytes: u64) -> Self {
        let ledger = LedgerSummary::from(ledger);
        Self {
            requests: ledger.ended(),
            failures: ledger.ended_badly(),
            answer_bytes,
        }
    }

    fn over_all(measurements: &Measurements) -> Self {
        let endpoints = measurements.endpoints.iter();
        let answer_bytes = endpoints.map(|endpoint| endpoint.answer_bytes).sum();
        Self::new(measurements.ledger, answer_bytes)
    }

    /// Gives counts, median, mean, extremes and mean size, which both tables of figures have in this order.
    fn fields(&self, durations: Option<&Distribution>) -> [String; 7] {
        let durations = durations.filter(|_| self.requests > 0);
        let or_zero = |value: Option<f64>| float(value.unwrap_or(0.0));
        let median = durations.map_or(0, |durations| whole_ms(durations.quantiles_ns[0]));
        [
            self.requests.to_string(),
            self.failures.to_string(),
            median.to_string(),
            or_zero(durations.map(|durations| durations.mean_ns.round() / 1e6)),
            or_zero(durations.map(|durations| ms(durations.min_ns))),
            or_zero(durations.map(|durations| ms(durations.max_ns))),
            float(self.answer_bytes as f64 / self.requests.max(1) as f64),
        ]
    }

    /// Gives the eleven percentiles, `N/A` while there are no requests.
    fn percentiles(&self, durations: Option<&Distribution>) -> [String; QUANTILES.len()] {
        match durations.filter(|_| self.requests > 0) {
            Some(durations) => durations
                .quantiles_ns
                .map(|quantile_ns| whole_ms(quantile_ns).to_string()),
            None => [(); QUANTILES.len()].map(|()| "N/A".to_owned()),
        }
    }
}

/// Rounds to whole milliseconds, which is all these files tell of a percentile.
fn whole_ms(duration_ns: u64) -> u64 {
    (duration_ns + 500_000) / 1_000_000
}

/// Writes a float as Python does, with at least one decimal.
fn float(value: f64) -> String {
    format!("{value:?}")
}

/// Gives the start of the measure phase in Unix nanoseconds, 0 for a run that never began.
fn started_ns(measurements: &Measurements) -> i128 {
    let started_at = measurements.identity.started_at.parse::<Timestamp>();
    started_at.map_or(0, Timestamp::as_nanosecond)
}

#[cfg(test)]
mod tests;
