//! How often something happened, and when first and last.

/// A count with its span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Occurrences {
    /// How often.
    pub count: u64,
    /// When first, on the monotonic clock; means nothing while the count is 0.
    pub first_ns: u64,
    /// When last, likewise.
    pub last_ns: u64,
}

impl Occurrences {
    /// Counts one more.
    pub fn note(&mut self, at_ns: u64) {
        let one = Self {
            count: 1,
            first_ns: at_ns,
            last_ns: at_ns,
        };
        *self = self.and(one);
    }

    /// Puts two counts together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.count, other.count) {
            (0, _) => other,
            (_, 0) => self,
            _ => Self {
                count: self.count + other.count,
                first_ns: self.first_ns.min(other.first_ns),
                last_ns: self.last_ns.max(other.last_ns),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_reaches_from_the_first_to_the_last_whatever_the_order() {
        let mut one = Occurrences::default();
        for at_ns in [30, 10, 20] {
            one.note(at_ns);
        }
        assert_eq!((one.count, one.first_ns, one.last_ns), (3, 10, 30));
        assert_eq!(one.and(Occurrences::default()), one);
        assert_eq!(Occurrences::default().and(one), one);
    }
}
