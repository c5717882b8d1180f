//! A promise that a run is judged by, as it is handed over: subject and limit, not yet what was measured.

use serde::Serialize;

/// A promise on the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// As typed, for example `p99<30ms`.
    pub text: String,
    /// What is compared with the limit.
    pub subject: GateSubject,
    /// Limit: nanoseconds for quantiles (at most), a share 0..=1 for the others.
    pub limit: f64,
    /// Whether the limit itself still keeps the promise.
    pub bound: Bound,
    /// What becomes of it where there was nothing to measure.
    pub unmeasured: Unmeasured,
}

/// What becomes of a gate where there was nothing to measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unmeasured {
    /// It is missed: a promise that cannot be shown to hold is a missed one.
    #[default]
    Missed,
    /// It is not judged: nobody asked for it, it is a default.
    NotJudged,
}

/// Whether a limit itself still keeps a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// It does: `<=` and `>=`.
    Inclusive,
    /// It does not: `<` and `>`.
    Exclusive,
}

/// What a gate looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum GateSubject {
    /// A response-time quantile over all endpoints, 0..=1, must stay below the limit.
    ResponseQuantile(f64),
    /// Planned requests that did not end good and steps left out, as a share of both, must be at most (or below) the limit.
    ErrorShare,
    /// Achieved over offered rate must be at least the limit.
    AchievedShare,
    /// Good sessions over sessions that came to the end must be at least the limit.
    SessionShare,
    /// Flagged fraud over all fraud, or over all fraud of one label, must be at least the limit.
    Recall(Option<String>),
    /// Flagged legitimate requests over all of them must be at most (or below) the limit.
    FalsePositiveRate,
}
