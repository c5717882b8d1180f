//! Poisson arrivals: independent customers, so gaps are exponential and bursts happen.
//!
//! Source: unit exponentials along the cumulative rate, Devroye 1986, chapter VI.

use tapdeck_generators::dist;
use tapdeck_generators::seed::{Entity, Purpose, Seed, Stream};

use super::profile::ProfileCursor;
use super::{ArrivalProcess, Cursor, Parameters};

/// Independent arrivals at the profile's rate.
#[derive(Debug)]
pub struct Poisson;

impl ArrivalProcess for Poisson {
    fn name(&self) -> &'static str {
        "poisson"
    }

    fn help(&self) -> &'static str {
        "independent customers: exponential gaps, with the bursts real traffic has"
    }

    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor> {
        Box::new(PoissonCursor {
            profile: ProfileCursor::new(&parameters.profile),
            unit_steps: Seed(parameters.seed).stream(Entity::Schedule, 0, Purpose::Arrivals),
        })
    }
}

#[derive(Debug)]
struct PoissonCursor {
    profile: ProfileCursor,
    unit_steps: Stream,
}

impl Cursor for PoissonCursor {
    fn next_ns(&mut self, _event_ns: u64) -> Option<u64> {
        self.profile
            .advance(dist::exponential(&mut self.unit_steps, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::RateProfile;

    fn times(profile: &str, seed: u64) -> Vec<u64> {
        let mut cursor = Poisson.cursor(&Parameters {
            profile: RateProfile::parse(profile).unwrap(),
            seed,
            speed: 1.0,
            horizon_ns: u64::MAX,
        });
        std::iter::from_fn(|| cursor.next_ns(0)).collect()
    }

    /// Kolmogorov-Smirnov distance of gaps to the exponential law with the given mean.
    fn distance(times: &[u64], mean_ns: f64) -> f64 {
        let mut gaps: Vec<f64> = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64)
            .collect();
        gaps.sort_by(f64::total_cmp);
        let count = gaps.len() as f64;
        gaps.iter()
            .enumerate()
            .map(|(idx, gap)| (1.0 - (-gap / mean_ns).exp() - idx as f64 / count).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn gaps_are_exponential_with_the_planned_mean() {
        for seed in 0..5 {
            let times = times("1000/100s", seed);
            // Five standard deviations of a Poisson count; 1.95 / sqrt(n) is the 0.1 % point of the distance.
            assert!(times.len().abs_diff(100_000) < 1_581, "{}", times.len());
            let distance = distance(&times, 1e6);
            assert!(
                distance < 1.95 / (times.len() as f64).sqrt(),
                "seed {seed}: {distance}"
            );
        }
    }

    #[test]
    fn counts_follow_a_ramp() {
        let times = times("0..2000/100s", 3);
        let first_half = times.partition_point(|&at| at < 50_000_000_000);
        // A quarter of the area lies in the first half of a ramp from zero.
        let share = first_half as f64 / times.len() as f64;
        assert!((share - 0.25).abs() < 0.01, "{share}");
    }

    #[test]
    fn another_seed_gives_other_times() {
        assert_ne!(times("100/1s", 1), times("100/1s", 2));
    }
}
