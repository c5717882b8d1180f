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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::RateProfile;

    fn times(profile: &str) -> Vec<u64> {
        let parameters = Parameters {
            profile: RateProfile::parse(profile).unwrap(),
            seed: 0,
            speed: 1.0,
            horizon_ns: u64::MAX,
        };
        let mut cursor = Constant.cursor(&parameters);
        std::iter::from_fn(|| cursor.next_ns(0)).collect()
    }

    #[test]
    fn spacing_is_even_and_the_count_is_the_integral() {
        let times = times("1000/3s");
        assert_eq!(times.len(), 3_000);
        for (idx, time) in (0..).zip(&times) {
            assert!(
                time.abs_diff(idx * 1_000_000) <= 1,
                "arrival {idx} at {time}"
            );
        }
    }

    #[test]
    fn a_ramp_has_as_many_arrivals_as_its_area() {
        for (profile, area) in [
            ("0..1000/2s", 1_000),
            ("1000..0/2s", 1_000),
            ("10..20/60s,5/2s", 910),
        ] {
            assert!(times(profile).len().abs_diff(area) <= 1, "{profile}");
        }
    }

    #[test]
    fn half_the_area_of_a_ramp_lies_where_algebra_says() {
        let times = times("0..1000/2s");
        let expected = 2e9 / 2_f64.sqrt();
        assert!(
            (times[500] as f64 - expected).abs() < 1_000.0,
            "{}",
            times[500]
        );
    }
}
