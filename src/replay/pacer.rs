//! How a lane waits for the instant at which a request is to leave.
//!
//! A timer (`crate::timer`) wakes the lane at the instant, or shortly before it where a core can be spared; then the last
//! stretch is spent polling.

/// How the last stretch before an intended send time is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// Asleep until the timer expires: no CPU burnt, lag of a wake-up.
    Timer,
    /// Asleep until shortly before, then polling.
    Hybrid,
    /// Polling all the time: least lag, a whole core per lane.
    Spin,
}

/// Every pacing mode with its name and what it is good for.
pub const PACINGS: [(Pacing, &str, &str); 3] = [
    (
        Pacing::Timer,
        "timer",
        "sleep until the instant; burns no CPU",
    ),
    (
        Pacing::Hybrid,
        "hybrid",
        "sleep until shortly before the instant, then poll",
    ),
    (
        Pacing::Spin,
        "spin",
        "poll all the time; needs a core per lane",
    ),
];

/// The stretch before the instant that a hybrid pacer polls through, as long as waking up takes in all but one case of
/// a hundred.
///
/// A core that idles wakes up within 5 us on one machine and within 100 us on another, so the stretch is learned: a
/// wake-up that came too late for it makes it longer by much, one in time makes it shorter by little. Source: frugal
/// streaming estimation of a quantile, Ma et al. 2013.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    ns: u64,
}

impl Stretch {
    /// What to begin with, and the bounds of what can be learned.
    const FIRST_NS: u64 = 60_000;
    const BOUNDS_NS: (u64, u64) = (20_000, 400_000);

    /// Steps after a wake-up in time and after one too late; their ratio is that of the cases.
    const SHORTER_NS: u64 = 500;
    const LONGER_NS: u64 = 99 * Self::SHORTER_NS;

    /// Learns from a wake-up that came so long after the instant asked for.
    pub fn learn(&mut self, late_ns: u64) {
        let (least, most) = Self::BOUNDS_NS;
        let ns = if late_ns > self.ns {
            self.ns + Self::LONGER_NS
        } else {
            self.ns.saturating_sub(Self::SHORTER_NS)
        };
        self.ns = ns.clamp(least, most);
    }
}

impl Default for Stretch {
    fn default() -> Self {
        Self { ns: Self::FIRST_NS }
    }
}

impl Pacing {
    /// Gives the name.
    pub fn name(self) -> &'static str {
        PACINGS
            .iter()
            .find(|(pacing, ..)| *pacing == self)
            .map_or("", |(_, name, _)| name)
    }

    /// Finds a mode by name.
    pub fn named(name: &str) -> Option<Self> {
        PACINGS
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(pacing, ..)| *pacing)
    }

    /// Gives the instant until which sleeping is right for a wait that ends at `at_ns`; from then on one polls.
    pub fn asleep_until(self, at_ns: u64, stretch: Stretch) -> u64 {
        match self {
            Self::Timer => at_ns,
            Self::Hybrid => at_ns.saturating_sub(stretch.ns),
            Self::Spin => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretch_settles_where_one_wake_up_of_a_hundred_is_late() {
        // Lateness evenly spread over 0 to 200 us, in an order that repeats after 200.
        let mut stretch = Stretch::default();
        let mut late = 0;
        for wake_up in 0..20_000_u64 {
            let late_ns = wake_up * 77 % 200 * 1_000;
            late += u64::from(wake_up >= 10_000 && late_ns > stretch.ns);
            stretch.learn(late_ns);
        }
        assert!((80..120).contains(&late), "{late} of 10,000");
        assert!((150_000..250_000).contains(&stretch.ns), "{stretch:?}");
    }

    #[test]
    fn the_stretch_stays_within_its_bounds() {
        for (late_ns, expected_ns) in [(0, 20_000), (u64::MAX, 400_000)] {
            let mut stretch = Stretch::default();
            (0..1_000).for_each(|_| stretch.learn(late_ns));
            assert_eq!(stretch.ns, expected_ns);
            let at_ns = 1_000_000;
            let asleep_until_ns = Pacing::Hybrid.asleep_until(at_ns, stretch);
            assert_eq!(asleep_until_ns, at_ns - expected_ns);
        }
    }
}
