//! The shares that gates look at, each as measured and as it would have been without our own doing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::format;
use crate::measurements::{FailureCount, Ledger, Measurements};
use crate::summary::decisions::DecisionsSummary;
use crate::summary::{ratio, sessions, traffic};

/// A share as measured, and what it would have been without our own doing.
pub(super) struct Share {
    pub(super) measured: Option<f64>,
    /// The share had every request that we withheld ended well.
    pub(super) without_us: Option<f64>,
    pub(super) note: Option<String>,
}

impl Share {
    /// A share that our lag has no part in.
    pub(super) fn of(measured: Option<f64>, note: Option<String>) -> Self {
        Self {
            measured,
            without_us: measured,
            note,
        }
    }
}

pub(super) fn error_share(measurements: &Measurements) -> Share {
    let left_out = traffic::left_out(measurements);
    let share = |ledger: &Ledger| traffic::error_share(ledger, left_out);
    Share {
        measured: share(&measurements.ledger),
        without_us: share(&nothing_withheld(measurements)),
        note: commonest(measurements),
    }
}

pub(super) fn achieved_share(measurements: &Measurements) -> Share {
    Share {
        measured: traffic::achieved_share(&measurements.ledger),
        without_us: traffic::achieved_share(&nothing_withheld(measurements)),
        note: None,
    }
}

/// Gives the ledger had every request that we withheld been sent and ended well.
fn nothing_withheld(measurements: &Measurements) -> Ledger {
    let (ledger, withheld) = (measurements.ledger, measurements.withheld());
    Ledger {
        completed: ledger.completed + withheld,
        good: ledger.good + withheld,
        ..ledger
    }
}

pub(super) fn session_share(measurements: &Measurements) -> Share {
    let measured = sessions::good_share(measurements);
    let note = measured.is_none().then(|| {
        "No session came to its end within the measure phase: measure longer, or shorten the think times."
            .to_owned()
    });
    Share::of(measured, note)
}

/// Gives the recall over all fraud or that of one label, and why there is none.
pub(super) fn recall(decisions: &DecisionsSummary, label: Option<&str>) -> Share {
    let quality = match label {
        None => Some(&decisions.overall),
        Some(label) => {
            let mut rows = decisions.labels.iter();
            rows.find(|row| row.label == label).map(|row| &row.quality)
        }
    };
    let measured = quality.and_then(|quality| quality.recall);
    let note = measured
        .is_none()
        .then(|| "The requests that were judged hold no such fraud.".to_owned());
    Share::of(measured, note)
}

/// Names what an error share is mostly made of, the most frequent first: a wrong status by its code, anything else by its kind.
fn commonest(measurements: &Measurements) -> Option<String> {
    let due = traffic::due(measurements);
    let mut failures = by_status(measurements);
    let others = traffic::failures(measurements);
    let is_told = |failure: &FailureCount| failure.kind == STATUS && !failures.is_empty();
    let others: Vec<_> = others.iter().filter(|failure| !is_told(failure)).collect();
    failures.extend(others.into_iter().map(|it| (it.kind.clone(), it.count)));
    // An answer with a wrong status mostly fails checks as well; the status says more.
    failures.sort_by_key(|(kind, count)| (Reverse(*count), !kind.starts_with(STATUS)));
    let named = failures.iter().take(3).map(|(kind, count)| {
        let share = format::or_na(ratio(*count, due), format::share);
        format!("{kind} ({}, {share})", format::count(*count))
    });
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| format!("Most frequent: {}.", named.join(", ")))
}

/// The kind of failure that a wrong status is.
const STATUS: &str = "status";

/// Counts the answers with a wrong status, by status.
fn by_status(measurements: &Measurements) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for endpoint in &measurements.endpoints {
        for (status, count) in &endpoint.statuses {
            if !endpoint.expected_statuses.contains(status) {
                *counts.entry(*status).or_default() += count;
            }
        }
    }
    let counts = counts.into_iter();
    counts
        .map(|(status, count)| (format!("{STATUS} {status}"), count))
        .collect()
}
