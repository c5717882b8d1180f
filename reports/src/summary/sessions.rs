//! One kind of session's share of the run.

use serde::Serialize;

use super::durations::DurationsSummary;
use super::ratio;
use crate::format;
use crate::measurements::{CaptureMeasurements, Measurements, SessionMeasurements};

/// What became of the sessions of one kind; `started = good + broken + unfinished`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionSummary {
    /// Name as in the service definition.
    pub name: String,
    /// Began in the measure phase.
    pub started: u64,
    /// Took every step, each with a good answer.
    pub good: u64,
    /// Came to the end, but a step failed or was left out.
    pub broken: u64,
    /// Left before the last step because the run ended.
    pub unfinished: u64,
    /// Good over those that came to the end; none if none did.
    pub good_share: Option<f64>,
    /// From the first intended send time to the last answer, think times included; those that came to the end.
    pub duration_ms: DurationsSummary,
    /// Values that its steps take out of answers, in the definition's order.
    pub captures: Vec<CaptureSummary>,
}

/// How often a value was found in the answers of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaptureSummary {
    /// Name of the captured value.
    pub name: String,
    /// Endpoint in whose answers it is looked for.
    pub step: String,
    /// Where it is looked for: a JSON pointer, a header or a cookie.
    pub source: String,
    /// Answers that were looked through for it.
    pub looked: u64,
    /// Answers it was found in.
    pub found: u64,
    /// An answer without it, secrets masked.
    pub sample: Option<String>,
}

impl CaptureSummary {
    fn new(capture: &CaptureMeasurements) -> Self {
        Self {
            name: capture.name.clone(),
            step: capture.step.clone(),
            source: capture.source.clone(),
            looked: capture.looked,
            found: capture.found,
            sample: capture.sample.clone(),
        }
    }

    /// Says how often the value was missing, if it was.
    pub(crate) fn missing_text(&self) -> Option<String> {
        (self.found < self.looked).then(|| {
            format!(
                "{}: {} ({}) was found in {} of {}.",
                self.step,
                self.name,
                self.source,
                format::count(self.found),
                format::counted(self.looked, "answer")
            )
        })
    }
}

/// Good sessions over those that came to the end, over all kinds; none if none did.
pub(crate) fn good_share(measurements: &Measurements) -> Option<f64> {
    let tallies = || measurements.sessions.iter().map(|session| session.tally);
    let good: u64 = tallies().map(|tally| tally.good).sum();
    let broken: u64 = tallies().map(|tally| tally.broken).sum();
    ratio(good, good + broken)
}

impl SessionSummary {
    /// Gives the row of a text table: name, started, good, broken, unfinished, duration at p50, p95 and the longest.
    pub(crate) fn cells(&self) -> [String; 8] {
        let duration = |ms| format::or_na(ms, format::duration);
        [
            self.name.clone(),
            format::count(self.started),
            format::count(self.good),
            format::count(self.broken),
            format::count(self.unfinished),
            duration(self.duration_ms.figures.p50),
            duration(self.duration_ms.figures.p95),
            duration(self.duration_ms.figures.max),
        ]
    }

    pub(crate) fn all(measurements: &Measurements) -> Vec<Self> {
        measurements.sessions.iter().map(Self::new).collect()
    }

    fn new(session: &SessionMeasurements) -> Self {
        let tally = session.tally;
        Self {
            name: session.name.clone(),
            started: tally.started,
            good: tally.good,
            broken: tally.broken,
            unfinished: tally.unfinished,
            good_share: ratio(tally.good, tally.good + tally.broken),
            duration_ms: DurationsSummary::new(&session.duration),
            captures: session.captures.iter().map(CaptureSummary::new).collect(),
        }
    }
}
