//! Whether a run can be believed and whether it kept its promises; in that order.
//!
//! Invalid comes before missed comes before pass: a generator that could not keep up has measured itself, and then no
//! promise of the target is worth judging. Every reason says what happened and what to do about it.

pub mod gates;
pub mod validity;

use serde::Serialize;

use self::gates::GateResult;
use self::validity::{Finding, Weight};
use crate::format;
use crate::measurements::{Ending, Measurements};
use crate::summary::seconds;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The measurement is sound and every promise was kept.
    Pass,
    /// The measurement is sound and the target broke a promise.
    SloMissed,
    /// The measurement says more about the generator than about the target.
    Invalid,
}

impl Verdict {
    /// Gives the words printed on a report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::SloMissed => "SLO missed",
            Self::Invalid => "Invalid",
        }
    }

    /// Gives the tone in which a page shows it, by its class there, and the mark before its title.
    pub(crate) fn tone_and_mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Pass => ("pass", "✓"),
            Self::SloMissed => ("missed", "✗"),
            Self::Invalid => ("invalid", "!"),
        }
    }
}

/// The verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictReport {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the run ended before its schedule did, so that everything is about a part of it.
    pub partial: bool,
    /// Why, the weightiest first; plain sentences. Shape: never empty.
    pub reasons: Vec<String>,
}

pub(crate) fn judge(
    measurements: &Measurements,
    findings: &[Finding],
    gates: &[GateResult],
) -> VerdictReport {
    let texts = |weight: Weight| {
        let of_weight = findings.iter().filter(move |found| found.weight == weight);
        of_weight.map(|found| found.text.clone())
    };
    let faults: Vec<String> = texts(Weight::Fault).collect();
    let misses: Vec<String> = gates.iter().filter_map(GateResult::miss).collect();
    let (verdict, mut reasons) = if !faults.is_empty() {
        let causes = texts(Weight::Cause);
        (Verdict::Invalid, faults.into_iter().chain(causes).collect())
    } else if !misses.is_empty() {
        (Verdict::SloMissed, misses)
    } else {
        (Verdict::Pass, vec![praise(gates)])
    };
    let cut_short = cut_short(measurements);
    let partial = cut_short.is_some();
    reasons.extend(cut_short);
    VerdictReport {
        verdict,
        partial,
        reasons,
    }
}

/// Says what a passing run has shown.
fn praise(gates: &[GateResult]) -> String {
    if gates.is_empty() {
        return "The measurement is sound; no gate was set, so no promise was put to the test."
            .to_owned();
    }
    let held: Vec<String> = gates
        .iter()
        .map(|gate| format!("{} ({})", gate.text, gate.measured_text()))
        .collect();
    format!(
        "The measurement is sound and every gate held: {}.",
        held.join(", ")
    )
}

/// Says that only a part of the run was measured, if so.
fn cut_short(measurements: &Measurements) -> Option<String> {
    let who = match measurements.ending {
        Ending::Completed => return None,
        Ending::Interrupted => "The run was interrupted",
        Ending::Aborted => "The run stopped by itself",
    };
    Some(format!(
        "{who} after {} of {} in the measure phase: all figures are partial, and requests in flight at that moment \
         count as errors.",
        format::span(seconds(measurements.measured_ns)),
        format::span(seconds(measurements.identity.measure_ns)),
    ))
}

#[cfg(test)]
mod tests;
