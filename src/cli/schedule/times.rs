//! The intended send times of a schedule, one after the other.

use std::sync::Arc;

use tapdeck_corpora::Tape;

use crate::error::Error;
use crate::replay::arrivals::{Arrivals, Next, Window};
use crate::replay::prefetch::Progress;
use crate::replay::walk::{Share, Walk};
use crate::schedule::{Cursor, Schedule};

/// Offsets from the start in nanoseconds; never decreasing.
pub(in crate::cli) enum Times {
    /// From a process that needs nothing but the schedule.
    Planned(Box<dyn Cursor>),
    /// From the walk over schedule and tape that a replay with one lane takes.
    Recorded(Arc<Tape>, Box<Arrivals>),
}

impl Times {
    pub(in crate::cli) fn of(schedule: &Schedule, tape: Option<Arc<Tape>>) -> Self {
        let Some(tape) = tape else {
            return Self::Planned(schedule.cursor());
        };
        let everything = Share {
            lane_idx: 0,
            lanes: 1,
        };
        let from_zero = Window {
            epoch_ns: 0,
            measure_from_ns: 0,
            measure_to_ns: u64::MAX,
        };
        let unwatched = Arc::new(Progress::new(everything.lanes));
        let walk = Walk::new(Arc::clone(&tape), everything, unwatched);
        let arrivals = Arrivals::new(walk, schedule, from_zero);
        Self::Recorded(tape, Box::new(arrivals))
    }
}

impl Iterator for Times {
    type Item = Result<u64, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (tape, arrivals) = match self {
            Self::Planned(cursor) => return cursor.next_ns(0).map(Ok),
            Self::Recorded(tape, arrivals) => (tape, arrivals),
        };
        loop {
            match arrivals.peek() {
                Next::Arrival(arrival) => {
                    arrivals.take();
                    return Some(Ok(arrival.intended_ns));
                }
                Next::Unchecked(block_idx) => {
                    if let Err(damage) = tape.check_block(block_idx) {
                        return Some(Err(damage.into()));
                    }
                }
                Next::End => return None,
            }
        }
    }
}
