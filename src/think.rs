//! Draws think times: the pauses of users.

use tapdeck_generators::dist;
use tapdeck_generators::seed::Stream;
use tapdeck_services::Think;

use crate::units::nanoseconds;

/// Draws a pause, nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pauses are positive, and a float saturates"
)]
pub fn draw_ns(think: Think, stream: &mut Stream) -> u64 {
    match think {
        Think::Constant(pause) => nanoseconds(pause),
        Think::Uniform { from, to } => {
            let (from, to) = (nanoseconds(from), nanoseconds(to));
            from + dist::below(stream, (to - from).saturating_add(1))
        }
        Think::Exponential { mean } => {
            dist::exponential(stream, nanoseconds(mean) as f64).round() as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use tapdeck_generators::seed::{Entity, Purpose, Seed};

    use super::*;

    fn pauses(text: &str) -> Vec<u64> {
        let think = Think::parse(text).unwrap();
        let mut stream = Seed(1).stream(Entity::Schedule, 0, Purpose::Thoughts);
        (0..20_000).map(|_| draw_ns(think, &mut stream)).collect()
    }

    fn mean(pauses: &[u64]) -> f64 {
        pauses.iter().sum::<u64>() as f64 / pauses.len() as f64
    }

    #[test]
    fn pauses_follow_their_law() {
        assert!(pauses("1s").iter().all(|&pause| pause == 1_000_000_000));
        let uniform = pauses("uniform:1s..3s");
        assert!(
            uniform
                .iter()
                .all(|pause| (1_000_000_000..=3_000_000_000).contains(pause))
        );
        assert!((mean(&uniform) / 2e9 - 1.0).abs() < 0.02);
        let exponential = pauses("exponential:2s");
        assert!((mean(&exponential) / 2e9 - 1.0).abs() < 0.04);
        let above_mean = exponential.iter().filter(|&&pause| pause > 2_000_000_000);
        assert!(
            above_mean.count().abs_diff(7_358) < 400,
            "one in e is above the mean"
        );
    }
}
