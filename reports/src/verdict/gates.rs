//! Promises against what was measured.
//!
//! A promise that cannot be shown to hold is a missed one: so it is with a limit above the timeout when requests went
//! unanswered, and with a run that answered nothing. A quantile of too few samples is judged by the slowest answer.

use serde::Serialize;

use crate::format;
use crate::histogram::samples_needed;
use crate::measurements::{Bound, FailureCount, Gate, GateSubject, Measurements};
use crate::summary::decisions::DecisionsSummary;
use crate::summary::quantiles::{self, QuantileRow};
use crate::summary::{ms, traffic};

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
    /// Whether the promise was kept.
    pub passed: bool,
    /// What to know about `measured`; a plain sentence.
    pub note: Option<String>,
}

/// What a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A response-time quantile over all endpoints.
    ResponseQuantile,
    /// Planned requests that did not end good, over planned.
    ErrorShare,
    /// Completed over planned.
    AchievedShare,
    /// Flagged fraud over all fraud.
    Recall,
    /// Flagged legitimate requests over all of them.
    FalsePositiveRate,
}

impl Subject {
    /// Tells whether more of it is better.
    const fn is_better_high(self) -> bool {
        matches!(self, Self::AchievedShare | Self::Recall)
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
    let ledger = &measurements.ledger;
    let result = |gate: &Gate| match &gate.subject {
        GateSubject::ResponseQuantile(quantile) => response(gate, *quantile, measurements, rows),
        GateSubject::ErrorShare => share(
            gate,
            Subject::ErrorShare,
            traffic::error_share(ledger),
            commonest(&measurements.failures),
        ),
        GateSubject::AchievedShare => share(
            gate,
            Subject::AchievedShare,
            traffic::achieved_share(ledger),
            None,
        ),
        GateSubject::Recall(label) => {
            let (measured, note) = recall(decisions, label.as_deref());
            GateResult {
                label: label.clone(),
                ..share(gate, Subject::Recall, measured, note)
            }
        }
        GateSubject::FalsePositiveRate => share(
            gate,
            Subject::FalsePositiveRate,
            decisions.overall.false_positive_rate,
            None,
        ),
    };
    measurements.gates.iter().map(result).collect()
}

/// Gives the recall over all fraud or that of one label, and why there is none.
fn recall(decisions: &DecisionsSummary, label: Option<&str>) -> (Option<f64>, Option<String>) {
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
    (measured, note)
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
    let mut notes = Vec::new();
    if let (Some(row), Some(_)) = (row, measured)
        && row.name != quantiles::name(quantile)
    {
        notes.push(format!(
            "Judged by the slowest answer: {} needs {} samples.",
            quantiles::name(quantile),
            format::whole(samples_needed(quantile)),
        ));
    }
    if lower_bound {
        notes.push(format!(
            "A lower bound: {} requests got no answer and count as having taken the timeout of {} or longer.",
            format::count(quantiles::censored(&measurements.ledger)),
            format::round_duration(ms(measurements.identity.timeout_ns)),
        ));
    }
    GateResult {
        text: gate.text.clone(),
        subject: Subject::ResponseQuantile,
        quantile: Some(quantile),
        label: None,
        unit: Unit::Ms,
        limit,
        measured,
        bound: gate.bound,
        passed: !lower_bound && measured.is_some_and(|measured| keeps(measured, limit, gate.bound)),
        note: (!notes.is_empty()).then(|| notes.join(" ")),
    }
}

fn share(gate: &Gate, subject: Subject, measured: Option<f64>, note: Option<String>) -> GateResult {
    let holds = |measured: f64| {
        if subject.is_better_high() {
            keeps(-measured, -gate.limit, gate.bound)
        } else {
            keeps(measured, gate.limit, gate.bound)
        }
    };
    GateResult {
        text: gate.text.clone(),
        subject,
        quantile: None,
        label: None,
        unit: Unit::Share,
        limit: gate.limit,
        bound: gate.bound,
        measured,
        passed: measured.is_some_and(holds),
        note,
    }
}

/// Tells whether something that should be low is low enough.
fn keeps(measured: f64, limit: f64, bound: Bound) -> bool {
    match bound {
        Bound::Inclusive => measured <= limit,
        Bound::Exclusive => measured < limit,
    }
}

/// Names the kinds of failure an error share is mostly made of.
fn commonest(failures: &[FailureCount]) -> Option<String> {
    let mut failures: Vec<&FailureCount> = failures.iter().collect();
    failures.sort_by(|left, right| (right.count, &left.kind).cmp(&(left.count, &right.kind)));
    let named: Vec<String> = failures
        .iter()
        .take(3)
        .map(|failure| format!("{} ({})", failure.kind, format::count(failure.count)))
        .collect();
    (!named.is_empty()).then(|| format!("Most frequent: {}.", named.join(", ")))
}

impl GateResult {
    /// Gives the measured value as people read it.
    pub fn measured_text(&self) -> String {
        format::or_na(self.measured, |measured| match self.unit {
            Unit::Ms => format::duration(measured),
            Unit::Share => format::share(measured),
        })
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
        if self.passed {
            return None;
        }
        let subject = match self.subject {
            Subject::ResponseQuantile => {
                let quantile = quantiles::name(self.quantile.unwrap_or(1.0));
                format!("the {quantile} response time")
            }
            Subject::ErrorShare => "the error share".to_owned(),
            Subject::AchievedShare => "the achieved share".to_owned(),
            Subject::Recall => match &self.label {
                Some(label) => format!("the recall of {label}"),
                None => "the recall".to_owned(),
            },
            Subject::FalsePositiveRate => "the false-positive rate".to_owned(),
        };
        let mut text = format!(
            "Gate {} missed: {subject} was {}, allowed is {}.",
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
