//! How long to wait before a connection is opened again that could not be opened, or was lost before it carried an answer.

/// Shortest and longest pause, nanoseconds; doubled per failure in a row.
const BOUNDS_NS: (u64, u64) = (10_000_000, 1_000_000_000);

/// A connection that closes unused within this time was never of use: a target that closes idle connections waits longer.
const SHORT_NS: u64 = 250_000_000;

/// The pauses of one connection.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// Failures in a row.
    failures: u32,
}

impl Pauses {
    /// Tells whether a connection was open for too short a time to be of use.
    pub(super) fn is_short(opened_ns: u64, closed_ns: u64) -> bool {
        closed_ns.saturating_sub(opened_ns) < SHORT_NS
    }

    /// Begins anew: the last connection carried an answer.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Notes a failure that cannot have been chance.
    pub(super) fn count(&mut self) {
        self.failures = self.failures.max(1);
    }

    /// Notes a failure and gives the pause that follows, nanoseconds: none after the first.
    pub(super) fn next_ns(&mut self) -> u64 {
        let (shortest_ns, longest_ns) = BOUNDS_NS;
        let doubled = self.failures.checked_sub(1);
        self.failures += 1;
        doubled.map_or(0, |doubled| {
            shortest_ns
                .saturating_mul(1 << doubled.min(20))
                .min(longest_ns)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn pauses_double_up_to_a_second_until_a_connection_is_of_use() {
        let mut pauses = Pauses::default();
        let taken: Vec<u64> = (0..10).map(|_| pauses.next_ns() / MS).collect();
        assert_eq!(taken, [0, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        pauses.reset();
        pauses.count();
        assert_eq!(pauses.next_ns(), 10 * MS);
    }

    #[test]
    fn a_connection_that_closes_when_idle_was_of_use() {
        assert!(Pauses::is_short(MS, 2 * MS));
        assert!(!Pauses::is_short(MS, 1_001 * MS));
    }
}
