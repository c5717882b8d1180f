//! Time in which work was due and the lane did not look at it.

/// Shorter stretches are a lane at work; nanoseconds.
const COUNTED_NS: u64 = 10_000_000;

/// A lane's stretches between two looks at the kernel while work was due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stalls {
    /// The longest, nanoseconds.
    pub longest_ns: u64,
    /// All of at least 10 ms together, nanoseconds.
    pub total_ns: u64,
}

impl Stalls {
    /// Counts one more.
    #[inline]
    pub fn note(&mut self, stalled_ns: u64) {
        self.longest_ns = stalled_ns.max(self.longest_ns);
        if stalled_ns >= COUNTED_NS {
            self.total_ns += stalled_ns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_stretches_do_not_add_up() {
        let mut stalls = Stalls::default();
        for stalled_ns in [9_999_999, 10_000_000, 9_999_999, 25_000_000] {
            stalls.note(stalled_ns);
        }
        assert_eq!(
            (stalls.longest_ns, stalls.total_ns),
            (25_000_000, 35_000_000)
        );
    }
}
