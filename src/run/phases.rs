//! The phases of a run, and the log of when each began and how it ended.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;

use crate::clock::{Clock, MonotonicClock, wall_now_ns};

/// A phase, in the order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The embedded targets start.
    StandIns,
    /// May we send there at all, and does anything listen?
    Guard,
    /// Does the target say that it is ready?
    Preflight,
    /// The tape is found or made.
    Tape,
    /// Data is put there.
    Seed,
    /// Requests flow, nothing is counted.
    WarmUp,
    /// What counts.
    Measure,
    /// Stragglers are waited for.
    Drain,
    /// What was put there is removed, what was started is stopped.
    Teardown,
    /// Results are written.
    Report,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 10] = [
        Self::StandIns,
        Self::Guard,
        Self::Preflight,
        Self::Tape,
        Self::Seed,
        Self::WarmUp,
        Self::Measure,
        Self::Drain,
        Self::Teardown,
        Self::Report,
    ];

    /// Gives the phase's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StandIns => "stand-ins",
            Self::Guard => "guard",
            Self::Preflight => "preflight",
            Self::Tape => "tape",
            Self::Seed => "seed",
            Self::WarmUp => "warm-up",
            Self::Measure => "measure",
            Self::Drain => "drain",
            Self::Teardown => "teardown",
            Self::Report => "report",
        }
    }
}

/// How a phase ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseEnd {
    /// It did what it is for.
    Done,
    /// Something in it went wrong.
    Failed,
    /// The user stopped the run in it.
    Interrupted,
}

/// A phase that is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseRecord {
    /// Its name.
    pub name: &'static str,
    /// When it began, RFC 3339 UTC.
    pub started_at: String,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub outcome: PhaseEnd,
}

/// The phases of a run so far.
#[derive(Debug)]
pub struct Log {
    begun_ns: u64,
    records: Vec<PhaseRecord>,
    open: Option<(Phase, u64, String)>,
}

impl Log {
    /// Begins a log with the run.
    pub fn new() -> Self {
        Self {
            begun_ns: MonotonicClock.now_ns(),
            records: Vec::new(),
            open: None,
        }
    }

    /// Begins a phase; the one before is done. Gives the seconds since the run began.
    pub fn begin(&mut self, phase: Phase) -> f64 {
        self.end(PhaseEnd::Done);
        let now_ns = MonotonicClock.now_ns();
        self.open = Some((phase, now_ns, now()));
        (now_ns - self.begun_ns) as f64 / 1e9
    }

    /// Ends the phase that is under way, if one is.
    pub fn end(&mut self, outcome: PhaseEnd) {
        if let Some((phase, begun_ns, started_at)) = self.open.take() {
            self.records.push(PhaseRecord {
                name: phase.name(),
                started_at,
                seconds: (MonotonicClock.now_ns() - begun_ns) as f64 / 1e9,
                outcome,
            });
        }
    }

    /// Gives the phases that are over.
    pub fn records(&self) -> &[PhaseRecord] {
        &self.records
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives the time of day as Python reads it in every version: RFC 3339 UTC with an offset in digits.
pub fn now() -> String {
    let now =
        Timestamp::from_nanosecond(i128::from(wall_now_ns())).unwrap_or(Timestamp::UNIX_EPOCH);
    let now = Zoned::new(now, TimeZone::UTC);
    now.strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_follow_each_other_and_end_as_told() {
        let mut log = Log::new();
        assert!(log.begin(Phase::Guard) >= 0.0);
        log.begin(Phase::Preflight);
        log.end(PhaseEnd::Failed);
        log.end(PhaseEnd::Done);
        log.begin(Phase::Report);
        let seen: Vec<_> = log
            .records()
            .iter()
            .map(|record| (record.name, record.outcome))
            .collect();
        let expected = [("guard", PhaseEnd::Done), ("preflight", PhaseEnd::Failed)];
        assert_eq!(seen, expected, "the report is under way");
        assert!(log.records().iter().all(|record| record.seconds >= 0.0));
    }

    #[test]
    fn names_are_unique_and_phases_are_in_order() {
        let names: std::collections::BTreeSet<_> =
            Phase::ALL.iter().map(|phase| phase.name()).collect();
        assert_eq!(names.len(), Phase::ALL.len());
        assert!(Phase::ALL.is_sorted());
    }
}
