//! Constant spacing: one arrival each time the profile's integral passes a whole number.

use super::profile::ProfileCursor;
use super::{ArrivalProcess, Cursor, Parameters};

/// Evenly spaced arrivals.
#[derive(Debug)]
pub struct Constant;

impl ArrivalProcess for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn help(&self) -> &'static str {
        "evenly spaced, like a metronome; shows no queueing that bursts would cause"
    }

    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor> {
        Box::new(ConstantCursor {
            profile: ProfileCursor::new(&parameters.profile),
            step: 0.0,
        })
    }
}

#[derive(Debug)]
struct ConstantCursor {
    profile: ProfileCursor,
    /// Zero before the first arrival, which leaves at once; one from then on.
    step: f64,
}

impl Cursor for ConstantCursor {
    fn next_ns(&mut self, _event_ns: u64) -> Option<u64> {
        let step = std::mem::replace(&mut self.step, 1.0);
        self.profile.advance(step)
    }
}
