//! Sessions: what became of them, how long they took, and what their steps took out of answers.

use crate::histogram::Histogram;

/// What became of the sessions of one kind that began in the measure phase: `started = good + broken + unfinished`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionTally {
    /// Began.
    pub started: u64,
    /// Took every step, each with a good answer.
    pub good: u64,
    /// Came to the end, but a step failed or was left out.
    pub broken: u64,
    /// Left before the last step because the run ended.
    pub unfinished: u64,
}

/// One kind of session.
#[derive(Debug, Clone, Default)]
pub struct SessionMeasurements {
    /// Name as in the service definition.
    pub name: String,
    /// What became of its sessions.
    pub tally: SessionTally,
    /// From the first intended send time to the last answer, think times included, nanoseconds; those that came to the
    /// end.
    pub duration: Histogram,
    /// Values that its steps take out of answers, in the definition's order.
    pub captures: Vec<CaptureMeasurements>,
}

/// A value that a step of a session takes out of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaptureMeasurements {
    /// Name of the captured value.
    pub name: String,
    /// Endpoint in whose answers it is looked for.
    pub step: String,
    /// Where it is looked for, for example `JSON pointer /rule/id` or `header X-Request-Id`.
    pub source: String,
    /// Answers that were looked through for it.
    pub looked: u64,
    /// Answers it was found in.
    pub found: u64,
    /// An answer without it, secrets masked; `None` if there was none.
    pub sample: Option<String>,
}
