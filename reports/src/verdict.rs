//! Whether a run can be believed and whether it kept its promises.
//!
//! Conclusive results are never hidden, inconclusive ones never vouched for. So the first of these decides: the load was not the
//! planned one (invalid); a promise was broken that our own lag has no part in (missed); an endpoint of the load was never sent
//! anything, or our lag could have decided a promise on response times or spoiled the figures that stand in for one (invalid); a
//! promise on response times was broken, our lag set aside (missed); nothing of that (pass). Every reason says what happened and
//! what to do about it, and the first one says what decided.

pub mod gates;
pub mod validity;

use serde::Serialize;

use self::gates::{GateOutcome, GateResult};
use self::validity::{Finding, Spoils, Weight};
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
    /// Why, what decided first; plain sentences. Shape: never empty.
    pub reasons: Vec<String>,
}

pub(crate) fn judge(
    measurements: &Measurements,
    findings: &[Finding],
    gates: &[GateResult],
) -> VerdictReport {
    let (verdict, mut reasons) = decide(findings, gates);
    if verdict != Verdict::Pass {
        // A value that was never found is why the steps that need it failed or were left out: it comes right after what decided.
        let place = reasons.len().min(1);
        reasons.splice(place..place, captures(findings));
    }
    let cut_short = cut_short(measurements);
    let partial = cut_short.is_some();
    reasons.extend(cut_short);
    VerdictReport {
        verdict,
        partial,
        reasons,
    }
}

/// Goes through what can decide in turn.
fn decide(findings: &[Finding], gates: &[GateResult]) -> (Verdict, Vec<String>) {
    let faults = |spoils: Spoils| {
        let of_kind = findings
            .iter()
            .filter(move |found| found.weight == Weight::Fault && found.spoils == Some(spoils));
        of_kind.map(|found| found.text.clone()).collect::<Vec<_>>()
    };
    let (load, mix, times) = (
        faults(Spoils::Load),
        faults(Spoils::Mix),
        faults(Spoils::Times),
    );
    let causes = || {
        let causes = findings
            .iter()
            .filter(|found| found.weight == Weight::Cause);
        causes.map(|found| found.text.clone())
    };
    if !load.is_empty() {
        let all = load.into_iter().chain(times).chain(mix).chain(causes());
        return (Verdict::Invalid, all.collect());
    }
    let (latency, others): (Vec<&GateResult>, Vec<&GateResult>) =
        gates.iter().partition(|gate| gate.is_latency());
    let misses = |gates: &[&GateResult]| {
        let misses = gates.iter().filter_map(|gate| gate.miss());
        misses.collect::<Vec<_>>()
    };
    let conclusive = |gate: &&GateResult| gate.outcome == GateOutcome::Missed;
    if others.iter().any(conclusive) {
        let (missed, undecided): (Vec<&GateResult>, Vec<&GateResult>) =
            others.into_iter().partition(conclusive);
        let all = [misses(&missed), misses(&undecided), misses(&latency), mix];
        return (Verdict::SloMissed, all.concat());
    }
    let undecided = misses(&others);
    if !(mix.is_empty() && undecided.is_empty() && times.is_empty()) {
        let all = mix.into_iter().chain(undecided).chain(times);
        return (Verdict::Invalid, all.chain(causes()).collect());
    }
    let missed = misses(&latency);
    if !missed.is_empty() {
        return (Verdict::SloMissed, missed);
    }
    let is_upper_bound = |gate: &GateResult| gate.upper_bound_by_ms.is_some();
    let causes = causes().filter(|_| gates.iter().any(is_upper_bound));
    let reasons = std::iter::once(praise(gates)).chain(causes);
    (Verdict::Pass, reasons.collect())
}

/// Gives what is said of captures that never matched.
fn captures(findings: &[Finding]) -> impl Iterator<Item = String> {
    let captures = findings.iter().filter(|found| validity::is_capture(found));
    captures.map(|found| found.text.clone())
}

/// Gives the remarks of a run for its reader; in a run that passed, captures that never matched are among them.
pub(crate) fn notes(
    measurements: &Measurements,
    findings: &[Finding],
    report: &VerdictReport,
) -> Vec<String> {
    let passed = report.verdict == Verdict::Pass;
    let captures = captures(findings).filter(|_| passed);
    measurements.notes.iter().cloned().chain(captures).collect()
}

/// Says what a passing run has shown.
fn praise(gates: &[GateResult]) -> String {
    let kept = gates
        .iter()
        .filter(|gate| gate.outcome == GateOutcome::Kept);
    let held: Vec<String> = kept.map(GateResult::kept_text).collect();
    if held.is_empty() {
        return "The measurement is sound; no gate was set, so no promise was put to the test."
            .to_owned();
    }
    let sound = if gates.iter().any(|gate| gate.upper_bound_by_ms.is_some()) {
        "Every gate held, our own lag included"
    } else {
        "The measurement is sound and every gate held"
    };
    format!("{sound}: {}.", held.join(", "))
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
