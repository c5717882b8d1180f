//! Promises against what was measured.
//!
//! A promise that cannot be shown to hold is a missed one: so it is with a quantile that falls among requests without an answer,
//! and with a run that answered nothing. A quantile of too few samples is judged by the slowest request. What our own lag
//! could have decided is not decided: a promise that is missed, but would have been kept without our doing, is inconclusive.

mod share;

use serde::Serialize;

use self::share::{Share, achieved_share, error_share, recall, session_share};
use crate::format::{self, BoundMark};
use crate::histogram::samples_needed;
use crate::measurements::{Bound, Gate, GateSubject, Measurements, Unmeasured};
use crate::summary::decisions::DecisionsSummary;
use crate::summary::quantiles::{self, QuantileRow};

/// One promise with what was measured against it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateResult {
    /// As typed, for example `p99<30ms`.
    pub text: String,
    /// What is compared with the limit.
    pub subject: Subject,
    /// The quantile a response-time gate names, 0..=1.
    pub quantile: Option<f64>,
    /// The label whose recall it is, if it is that of one.
    pub label: Option<String>,
    /// Unit of `limit` and `measured`.
    pub unit: Unit,
    /// The limit, of which the achieved share and recall must be above, the others below.
    pub limit: f64,
    /// Whether the limit itself still keeps the promise.
    pub bound: Bound,
    /// What was measured; `None` when there was nothing to measure.
    pub measured: Option<f64>,
    /// Whether `measured` falls among requests without an answer, so that the true figure is at least as large.
    pub lower_bound: bool,
    /// How much of `measured` our own lag makes up, if that is more than is accepted: `measured` is an upper bound then;
    /// milliseconds.
    pub upper_bound_by_ms: Option<f64>,
    /// What became of the promise.
    pub outcome: GateOutcome,
    /// Whether it was kept, or not judged.
    pub passed: bool,
    /// What to know about `measured`; a plain sentence.
    pub note: Option<String>,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    /// It was kept, whatever our own lag added.
    Kept,
    /// It was broken, and would have been without our own doing.
    Missed,
    /// It was broken, but would have been kept without our own doing.
    Inconclusive,
    /// There was nothing to judge, and nobody had asked for it.
    NotJudged,
}

/// What a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A response-time quantile over all endpoints.
    ResponseQuantile,
    /// Planned requests that did not end good and steps left out, over both.
    ErrorShare,
    /// Completed over planned.
    AchievedShare,
    /// Good sessions over sessions that came to the end.
    SessionShare,
    /// Flagged fraud over all fraud.
    Recall,
    /// Flagged legitimate requests over all of them.
    FalsePositiveRate,
}

impl Subject {
    /// Tells whether more of it is better.
    const fn is_better_high(self) -> bool {
        matches!(
            self,
            Self::AchievedShare | Self::SessionShare | Self::Recall
        )
    }
}

/// Unit of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// A share, 0..=1.
    Share,
}

/// Judges every gate of a run.
pub(crate) fn judge(
    measurements: &Measurements,
    rows: &[QuantileRow],
    decisions: &DecisionsSummary,
) -> Vec<GateResult> {
    let result = |gate: &Gate| match &gate.subject {
        GateSubject::ResponseQuantile(quantile) => response(gate, *quantile, measurements, rows),
        GateSubject::ErrorShare => share(gate, Subject::ErrorShare, error_share(measurements)),
        GateSubject::AchievedShare => {
            share(gate, Subject::AchievedShare, achieved_share(measurements))
        }
        GateSubject::SessionShare => {
            share(gate, Subject::SessionShare, session_share(measurements))
        }
        GateSubject::Recall(label) => GateResult {
            label: label.clone(),
            ..share(gate, Subject::Recall, recall(decisions, label.as_deref()))
        },
        GateSubject::FalsePositiveRate => {
            let measured = decisions.overall.false_positive_rate;
            share(gate, Subject::FalsePositiveRate, Share::of(measured, None))
        }
    };
    measurements.gates.iter().map(result).collect()
}

fn response(
    gate: &Gate,
    quantile: f64,
    measurements: &Measurements,
    rows: &[QuantileRow],
) -> GateResult {
    let row = quantiles::judged_row(rows, quantile);
    let measured = row.and_then(|row| row.response_ms);
    let lower_bound = row.is_some_and(|row| row.lower_bound);
    let limit = gate.limit / 1e6;
    let holds = |ms: Option<f64>| ms.is_some_and(|ms| keeps(ms, limit, gate.bound));
    let outcome = match (measured, row.and_then(|row| row.undisturbed_ms)) {
        (None, _) => unmeasured(gate),
        (Some(_), _) if holds(measured) && !lower_bound => GateOutcome::Kept,
        (Some(_), undisturbed) if holds(undisturbed) && !lower_bound => GateOutcome::Inconclusive,
        (Some(_), _) => GateOutcome::Missed,
    };
    let upper_bound_by_ms = row
        .filter(|row| row.excessive)
        .and_then(|row| row.distortion_ms);
    GateResult {
        text: gate.text.clone(),
        subject: Subject::ResponseQuantile,
        quantile: Some(quantile),
        label: None,
        unit: Unit::Ms,
        limit,
        measured,
        bound: gate.bound,
        lower_bound,
        upper_bound_by_ms,
        outcome,
        passed: outcome.is_passed(),
        note: row.and_then(|row| response_note(row, quantile, outcome, measurements)),
    }
}

/// Says what to know about a quantile of the response time that a gate is judged by.
fn response_note(
    row: &QuantileRow,
    quantile: f64,
    outcome: GateOutcome,
    measurements: &Measurements,
) -> Option<String> {
    let mut notes = Vec::new();
    row.response_ms?;
    if row.name != quantiles::name(quantile) {
        notes.push(format!(
            "Judged by the slowest request: {} needs {} samples.",
            quantiles::name(quantile),
            format::whole(samples_needed(quantile)),
        ));
    }
    if row.lower_bound {
        let ledger = &measurements.ledger;
        notes.push(format!(
            "A lower bound: {} got no answer, which counts as slower than every answered one.",
            format::counted(ledger.planned.saturating_sub(ledger.completed), "request"),
        ));
    }
    let (lag, undisturbed) = (row.distortion_ms, row.undisturbed_ms);
    let lag = format::or_na(lag, format::duration);
    let undisturbed = format::or_na(undisturbed, format::duration);
    match outcome {
        GateOutcome::Inconclusive => notes.push(format!(
            "Without our own lag of {lag} it would have been {undisturbed}, which keeps the gate."
        )),
        GateOutcome::Missed if row.excessive => notes.push(format!(
            "Without our own lag of {lag} it would have been {undisturbed}, which misses the gate as well."
        )),
        GateOutcome::Kept if row.excessive => {
            notes.push(format!("An upper bound: {lag} of it are our own lag."));
        }
        _ => {}
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

fn share(gate: &Gate, subject: Subject, share: Share) -> GateResult {
    let keeps = |measured: f64| {
        if subject.is_better_high() {
            keeps(-measured, -gate.limit, gate.bound)
        } else {
            keeps(measured, gate.limit, gate.bound)
        }
    };
    let holds = |measured: Option<f64>| measured.is_some_and(keeps);
    let outcome = match share.measured {
        None => unmeasured(gate),
        measured if holds(measured) => GateOutcome::Kept,
        Some(_) if holds(share.without_us) => GateOutcome::Inconclusive,
        Some(_) => GateOutcome::Missed,
    };
    let not_decided = (outcome == GateOutcome::Inconclusive).then(|| {
        "Without the requests that we withheld ourselves the gate would have been kept.".to_owned()
    });
    let notes: Vec<String> = not_decided.into_iter().chain(share.note).collect();
    GateResult {
        text: gate.text.clone(),
        subject,
        quantile: None,
        label: None,
        unit: Unit::Share,
        limit: gate.limit,
        bound: gate.bound,
        measured: share.measured,
        lower_bound: false,
        upper_bound_by_ms: None,
        outcome,
        passed: outcome.is_passed(),
        note: (!notes.is_empty()).then(|| notes.join(" ")),
    }
}

/// Says what becomes of a gate where there was nothing to measure.
fn unmeasured(gate: &Gate) -> GateOutcome {
    match gate.unmeasured {
        Unmeasured::Missed => GateOutcome::Missed,
        Unmeasured::NotJudged => GateOutcome::NotJudged,
    }
}

/// Tells whether something that should be low is low enough.
fn keeps(measured: f64, limit: f64, bound: Bound) -> bool {
    match bound {
        Bound::Inclusive => measured <= limit,
        Bound::Exclusive => measured < limit,
    }
}

impl GateOutcome {
    const fn is_passed(self) -> bool {
        matches!(self, Self::Kept | Self::NotJudged)
    }

    /// Gives the mark and the word people read.
    pub fn text(self) -> &'static str {
        match self {
            Self::Kept => "✓ kept",
            Self::Missed => "✗ missed",
            Self::Inconclusive => "? not decided",
            Self::NotJudged => "– not judged",
        }
    }
}

impl GateResult {
    /// Tells whether it is about response times, which our own lag is part of.
    pub(crate) fn is_latency(&self) -> bool {
        self.subject == Subject::ResponseQuantile
    }

    /// Gives the measured value as people read it, marked where it is a lower or an upper bound.
    pub fn measured_text(&self) -> String {
        let bound = BoundMark::of(self.lower_bound, self.upper_bound_by_ms.is_some());
        format::or_na(self.measured, |measured| match self.unit {
            Unit::Ms => bound.duration(measured),
            Unit::Share => format::share(measured),
        })
    }

    /// Gives the measured value of a promise that was kept, with how much of it is our own lag if that is much.
    pub(crate) fn kept_text(&self) -> String {
        match self.upper_bound_by_ms {
            Some(lag_ms) => format!(
                "{} ({}, an upper bound: {} of it are our own lag)",
                self.text,
                self.measured_text(),
                format::duration(lag_ms)
            ),
            None => format!("{} ({})", self.text, self.measured_text()),
        }
    }

    /// Gives the limit as people read it, with the direction it works in.
    pub fn limit_text(&self) -> String {
        let direction = match (self.subject.is_better_high(), self.bound) {
            (true, Bound::Inclusive) => "at least",
            (true, Bound::Exclusive) => "above",
            (false, Bound::Inclusive) => "at most",
            (false, Bound::Exclusive) => "below",
        };
        let limit = match self.unit {
            Unit::Ms => format::round_duration(self.limit),
            Unit::Share => format::round_share(self.limit),
        };
        format!("{direction} {limit}")
    }

    /// Says how the promise was broken, if it was.
    pub(crate) fn miss(&self) -> Option<String> {
        let verb = match self.outcome {
            GateOutcome::Kept | GateOutcome::NotJudged => return None,
            GateOutcome::Missed => "missed",
            GateOutcome::Inconclusive => "not decided",
        };
        let subject = match self.subject {
            Subject::ResponseQuantile => {
                let quantile = quantiles::name(self.quantile.unwrap_or(1.0));
                format!("the {quantile} response time")
            }
            Subject::ErrorShare => "the error share".to_owned(),
            Subject::AchievedShare => "the achieved share".to_owned(),
            Subject::SessionShare => "the share of good sessions".to_owned(),
            Subject::Recall => match &self.label {
                Some(label) => format!("the recall of {label}"),
                None => "the recall".to_owned(),
            },
            Subject::FalsePositiveRate => "the false-positive rate".to_owned(),
        };
        let mut text = format!(
            "Gate {} {verb}: {subject} was {}, allowed is {}.",
            self.text,
            self.measured_text(),
            self.limit_text(),
        );
        if let Some(note) = &self.note {
            text.push(' ');
            text.push_str(note);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests;
