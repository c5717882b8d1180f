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

/// How long before the instant a hybrid pacer stops sleeping; above the wake-up latency of an idle core.
const HYBRID_STRETCH_NS: u64 = 60_000;

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
    pub fn asleep_until(self, at_ns: u64) -> u64 {
        match self {
            Self::Timer => at_ns,
            Self::Hybrid => at_ns.saturating_sub(HYBRID_STRETCH_NS),
            Self::Spin => 0,
        }
    }
}
