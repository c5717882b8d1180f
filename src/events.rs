//! What a running replay tells those who watch it. The lanes never wait for a watcher.

/// Part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Requests flow, nothing is published.
    WarmUp,
    /// What counts.
    Measure,
    /// No more requests are due; stragglers are waited for.
    Drain,
}

impl Phase {
    /// Gives the phase's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WarmUp => "warm-up",
            Self::Measure => "measure",
            Self::Drain => "drain",
        }
    }
}

/// One second of the measure phase, merged over lanes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecondSeen {
    /// Which second, from 0.
    pub second: u64,
    /// Requests sent.
    pub sent: u64,
    /// Answers completed.
    pub achieved: u64,
    /// Rejected, failed, timed out or dropped.
    pub failed: u64,
    /// In flight at its end.
    pub in_flight: u64,
    /// 99th percentile of response time, nanoseconds.
    pub p99_ns: u64,
    /// 99th percentile of send lag, nanoseconds.
    pub send_lag_p99_ns: u64,
}

/// Something a watcher may want to show.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Time has passed.
    Tick {
        /// Where the run is.
        phase: Phase,
        /// Time since the schedule began, nanoseconds.
        elapsed_ns: u64,
        /// Time until the schedule ends, nanoseconds.
        left_ns: u64,
    },
    /// A second of the measure phase is complete.
    Second(SecondSeen),
}

/// Watches a run.
pub trait Watcher {
    /// Sees an event; called from a thread that is no lane.
    fn see(&mut self, event: &Event);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Watcher for Nobody {
    fn see(&mut self, _event: &Event) {}
}
