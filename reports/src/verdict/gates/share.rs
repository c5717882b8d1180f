//! The shares that gates look at, each as measured and as it would have been without our own doing.

use std::cmp::Reverse;

use crate::format;
use crate::measurements::{FailureCount, Ledger, Measurements};
use crate::summary::decisions::DecisionsSummary;
use crate::summary::{sessions, traffic};

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
        note: commonest(&traffic::failures(measurements)),
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
    let ledger = measurements.ledger;
    Ledger {
        completed: ledger.completed + measurements.withheld,
        good: ledger.good + measurements.withheld,
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

/// Names the kinds of failure an error share is mostly made of, the most frequent first.
fn commonest(failures: &[FailureCount]) -> Option<String> {
    let mut failures: Vec<&FailureCount> = failures.iter().collect();
    // An answer with a wrong status mostly fails checks as well; the status says more.
    failures.sort_by_key(|failure| (Reverse(failure.count), failure.kind != "status"));
    let named: Vec<String> = failures
        .iter()
        .take(3)
        .map(|failure| format!("{} ({})", failure.kind, format::count(failure.count)))
        .collect();
    (!named.is_empty()).then(|| format!("Most frequent: {}.", named.join(", ")))
}
