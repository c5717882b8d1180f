//! Recorded spacing: the tape's own event times, played at a speed factor.

use super::{ArrivalProcess, Cursor, Parameters};

/// Arrivals as they happened on the tape.
#[derive(Debug)]
pub struct Recorded;

impl ArrivalProcess for Recorded {
    fn name(&self) -> &'static str {
        "recorded"
    }

    fn help(&self) -> &'static str {
        "the tape's own event times, at --speed times their tempo"
    }

    fn follows_profile(&self) -> bool {
        false
    }

    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor> {
        Box::new(RecordedCursor {
            speed: parameters.speed,
            horizon_ns: parameters.horizon_ns,
        })
    }
}

#[derive(Debug)]
struct RecordedCursor {
    speed: f64,
    horizon_ns: u64,
}

impl Cursor for RecordedCursor {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are positive, and a float beyond u64 saturates past the horizon"
    )]
    fn next_ns(&mut self, event_ns: u64) -> Option<u64> {
        let at_ns = (event_ns as f64 / self.speed) as u64;
        (at_ns < self.horizon_ns).then_some(at_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Bursts, RateProfile};

    #[test]
    fn speed_compresses_event_time() {
        let mut cursor = Recorded.cursor(&Parameters {
            profile: RateProfile::default(),
            seed: 0,
            bursts: Bursts::default(),
            speed: 10.0,
            horizon_ns: 100,
        });
        let times: Vec<_> = [0, 10, 995, 1_000].map(|at| cursor.next_ns(at)).into();
        assert_eq!(times, [Some(0), Some(1), Some(99), None]);
    }
}
