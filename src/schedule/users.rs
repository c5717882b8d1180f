//! The closed model: users who come one after the other, each sending its next request some time after the answer.
//!
//! Pure: says when each user comes and goes; whoever runs them says what they do. A slow target slows its users down, so
//! the rate is a result here and no promise. Flags and meaning are those of Locust: users, spawn rate, run time.

use tapdeck_services::Think;

use crate::clock::NS_PER_S;

/// So many users that come, stay and go; validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Users {
    /// All users over all lanes; at least 1.
    pub count: u32,
    /// Users that come per second; above 0.
    pub spawn_rate: f64,
    /// From the first user's coming to the end, nanoseconds.
    pub run_ns: u64,
    /// The last part of it, over which users go evenly, the last to come first; nanoseconds.
    pub ramp_down_ns: u64,
    /// Pause of a user from an answer to its next request; the steps of a session bring their own.
    pub think: Think,
    /// Seed of the pauses.
    pub seed: u64,
}

impl Users {
    /// Gives when a user comes, nanoseconds after the start.
    pub fn comes_ns(&self, user: u32) -> u64 {
        to_ns(f64::from(user) / self.spawn_rate)
    }

    /// Gives when a user goes, nanoseconds after the start; nothing is begun from then on.
    pub fn goes_ns(&self, user: u32) -> u64 {
        let later_ones = self.ramp_down_ns as f64 * f64::from(user) / f64::from(self.count);
        self.run_ns
            .saturating_sub(to_ns(later_ones / NS_PER_S as f64))
    }

    /// Counts the users who have come and not gone, `at_ns` nanoseconds after the start.
    pub fn present(&self, at_ns: u64) -> u32 {
        // Users come in order and the last to come is the first to go, so those present are the first so many.
        let is_present = |user: u32| self.comes_ns(user) <= at_ns && at_ns < self.goes_ns(user);
        (0..self.count)
            .find(|&user| !is_present(user))
            .unwrap_or(self.count)
    }

    /// Gives the users of one of `lanes` lanes, which together have all of them.
    pub fn of_lane(&self, lane_idx: u32, lanes: u32) -> impl Iterator<Item = u32> + use<> {
        (lane_idx..self.count).step_by(lanes.max(1) as usize)
    }
}

/// Seconds to nanoseconds; times are positive and checked when they are typed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates at half a millennium, and no user comes before the start"
)]
fn to_ns(seconds: f64) -> u64 {
    (seconds * NS_PER_S as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(ramp_down_s: u64) -> Users {
        Users {
            count: 100,
            spawn_rate: 10.0,
            run_ns: 60 * NS_PER_S,
            ramp_down_ns: ramp_down_s * NS_PER_S,
            think: Think::NONE,
            seed: 1,
        }
    }

    #[test]
    fn users_come_at_the_spawn_rate_and_stay_to_the_end() {
        let users = users(0);
        assert_eq!(users.comes_ns(0), 0);
        assert_eq!(users.comes_ns(99), 9_900_000_000);
        assert!((0..100).all(|user| users.goes_ns(user) == 60 * NS_PER_S));
    }

    #[test]
    fn the_last_to_come_is_the_first_to_go() {
        let users = users(20);
        assert_eq!(users.goes_ns(0), 60 * NS_PER_S);
        assert_eq!(users.goes_ns(50), 50 * NS_PER_S);
        assert!((1..100).all(|user| users.goes_ns(user) < users.goes_ns(user - 1)));
        assert!(users.goes_ns(99) > 40 * NS_PER_S);
    }

    #[test]
    fn those_present_have_come_and_not_gone() {
        let users = users(20);
        for (at_s, present) in [
            (0, 1),
            (5, 51),
            (10, 100),
            (30, 100),
            (50, 50),
            (59, 5),
            (60, 0),
        ] {
            assert_eq!(users.present(at_s * NS_PER_S), present, "{at_s} s");
        }
    }

    #[test]
    fn lanes_share_all_users_between_them() {
        let mut all: Vec<u32> = (0..3).flat_map(|lane| users(0).of_lane(lane, 3)).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
    }
}
