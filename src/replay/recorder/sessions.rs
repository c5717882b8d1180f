//! What a lane measures of whole sessions; their steps are measured like any request.

use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::SessionTally;

use super::{CaptureRecord, Recorder, touched};

/// What a lane measured of one kind of session.
#[derive(Debug)]
pub struct SessionRecord {
    /// What became of the sessions that began.
    pub tally: SessionTally,
    /// From the first intended send time to the last answer, think times included; nanoseconds.
    pub duration: Histogram,
    /// Values that its steps take out of answers, in the order of the definition.
    pub captures: Vec<CaptureRecord>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy)]
pub struct SessionEnd {
    /// Whether every step ended well and none was skipped.
    pub is_good: bool,
    /// Whether it began in the measure phase.
    pub measured: bool,
    /// From the first intended send time to the last answer, nanoseconds.
    pub duration_ns: u64,
}

impl SessionRecord {
    pub(super) fn new(captures: usize) -> Self {
        Self {
            tally: SessionTally::default(),
            duration: touched(),
            captures: vec![CaptureRecord::default(); captures],
        }
    }
}

impl Recorder {
    /// Notes that a session began.
    pub fn session_began(&mut self, session: usize, measured: bool) {
        if measured {
            self.sessions[session].tally.started += 1;
        }
    }

    /// Notes that a session took its last step.
    pub fn session_ended(&mut self, session: usize, end: SessionEnd) {
        if end.measured {
            let record = &mut self.sessions[session];
            record.tally.good += u64::from(end.is_good);
            record.tally.broken += u64::from(!end.is_good);
            record.duration.record(end.duration_ns);
        }
    }

    /// Notes that a session was left before its last step, because the run ended.
    pub fn session_left(&mut self, session: usize, measured: bool) {
        if measured {
            self.sessions[session].tally.unfinished += 1;
        }
    }
}
