//! The one histogram shape every duration is recorded in: HDR, three significant digits, fixed bounds.
//!
//! Fixed bounds keep recording free of allocation and let histograms of any two lanes merge; what lies above the upper
//! bound is counted as overflow and enters at the bound, so no tail is ever shortened silently.

use hdrhistogram::Histogram as Hdr;

/// Highest duration told apart, nanoseconds: ten minutes.
pub const HIGHEST_NS: u64 = 600_000_000_000;

/// Significant decimal digits kept.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// A histogram of durations in nanoseconds.
#[derive(Debug, Clone)]
pub struct Histogram {
    hdr: Hdr<u64>,
    overflow: u64,
}

impl Histogram {
    /// Creates an empty histogram; the only call that allocates.
    #[expect(
        clippy::expect_used,
        reason = "the bounds are constants that HdrHistogram accepts"
    )]
    pub fn new() -> Self {
        let hdr = Hdr::new_with_bounds(1, HIGHEST_NS, SIGNIFICANT_DIGITS)
            .expect("constant bounds are valid");
        Self { hdr, overflow: 0 }
    }

    /// Records one duration.
    ///
    /// Units: nanoseconds. Values above [`HIGHEST_NS`] enter at that bound and are counted as overflow.
    #[inline]
    pub fn record(&mut self, duration_ns: u64) {
        if duration_ns > HIGHEST_NS {
            self.overflow += 1;
        }
        self.hdr.saturating_record(duration_ns.clamp(1, HIGHEST_NS));
    }

    /// Records the same duration `count` times.
    ///
    /// Units: nanoseconds, bounded as in [`Self::record`].
    pub fn record_many(&mut self, duration_ns: u64, count: u64) {
        if count == 0 {
            // The histogram would take the value for its largest without having it.
            return;
        }
        if duration_ns > HIGHEST_NS {
            self.overflow += count;
        }
        self.hdr
            .saturating_record_n(duration_ns.clamp(1, HIGHEST_NS), count);
    }

    /// Adds every value of `other`.
    #[expect(
        clippy::expect_used,
        reason = "both sides have the same constant bounds"
    )]
    pub fn merge(&mut self, other: &Self) {
        self.hdr.add(&other.hdr).expect("bounds are equal");
        self.overflow += other.overflow;
    }

    /// Forgets every value, keeping the memory.
    pub fn clear(&mut self) {
        self.hdr.reset();
        self.overflow = 0;
    }

    /// Gives the number of recorded values.
    pub fn len(&self) -> u64 {
        self.hdr.len()
    }

    /// Tells whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.hdr.is_empty()
    }

    /// Gives the number of values above [`HIGHEST_NS`].
    pub fn overflow(&self) -> u64 {
        self.overflow
    }

    /// Gives the smallest value `v` such that a share `quantile` of all values is at most `v`, within three digits.
    ///
    /// Units: nanoseconds; `quantile` in 0..=1. Shape: 0 when empty.
    pub fn quantile(&self, quantile: f64) -> u64 {
        if self.is_empty() {
            0
        } else {
            self.hdr.value_at_quantile(quantile)
        }
    }

    /// Gives the quantile if there are enough values to tell it: at least one is expected to lie above it.
    ///
    /// Units: nanoseconds; `quantile` in 0..=1, where 1 asks for the largest value. Shape: `None` below
    /// [`samples_needed`] values, so p99.99 of 500 values is not passed off as their maximum.
    pub fn resolved_quantile(&self, quantile: f64) -> Option<u64> {
        (self.len() as f64 >= samples_needed(quantile)).then(|| self.quantile(quantile))
    }

    /// Gives the arithmetic mean in nanoseconds, 0 when empty.
    pub fn mean(&self) -> f64 {
        self.hdr.mean()
    }

    /// Gives the largest value in nanoseconds within three digits, 0 when empty.
    pub fn max(&self) -> u64 {
        if self.is_empty() { 0 } else { self.hdr.max() }
    }

    /// Gives the smallest value in nanoseconds within three digits, 0 when empty.
    pub fn min(&self) -> u64 {
        if self.is_empty() { 0 } else { self.hdr.min() }
    }

    /// Gives the share of values at or below `duration_ns`.
    pub fn share_below(&self, duration_ns: u64) -> f64 {
        self.hdr.quantile_below(duration_ns.clamp(1, HIGHEST_NS))
    }

    /// Lends the underlying histogram to the log renderer.
    pub(crate) fn hdr(&self) -> &Hdr<u64> {
        &self.hdr
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Gives the least number of values a quantile can be told from: `1 / (1 - quantile)`, and one for the maximum.
///
/// Shape: a whole number, kept as a float because it is only compared and shown.
pub fn samples_needed(quantile: f64) -> f64 {
    // 1 / (1 - 0.9) comes out a hair above ten; the factor takes that hair off before rounding up.
    const HAIR: f64 = 1.0 - 1e-8;
    if quantile >= 1.0 {
        1.0
    } else {
        (HAIR / (1.0 - quantile)).ceil()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(*value);
        }
        histogram
    }

    #[test]
    fn a_quantile_needs_one_sample_expected_above_it() {
        for (quantile, needed) in [
            (0.0, 1.0),
            (0.5, 2.0),
            (0.75, 4.0),
            (0.9, 10.0),
            (0.95, 20.0),
            (0.99, 100.0),
            (0.999, 1_000.0),
            (0.9999, 10_000.0),
            (1.0, 1.0),
        ] {
            assert!(
                (samples_needed(quantile) - needed).abs() < f64::EPSILON,
                "{quantile}"
            );
        }
    }

    #[test]
    fn an_unresolved_quantile_is_not_passed_off_as_the_maximum() {
        let values: Vec<u64> = (1..=99).collect();
        assert_eq!(recorded(&values).resolved_quantile(0.99), None);
        assert_eq!(recorded(&values).resolved_quantile(1.0), Some(99));
        let values: Vec<u64> = (1..=100).collect();
        assert_eq!(recorded(&values).resolved_quantile(0.99), Some(99));
        assert_eq!(Histogram::new().resolved_quantile(0.0), None);
    }

    #[test]
    fn values_above_the_bound_count_as_overflow_and_stay_in_the_tail() {
        let histogram = recorded(&[1, HIGHEST_NS + 1]);
        assert_eq!(histogram.overflow(), 1);
        assert_eq!(histogram.len(), 2);
        assert!(histogram.max() >= HIGHEST_NS);
    }

    proptest! {
        /// Recording a value many times is recording it again and again.
        #[test]
        fn many_of_one_value_are_that_value_again_and_again(value in 0..=2 * HIGHEST_NS, count in 0..20_u64) {
            let mut at_once = Histogram::new();
            at_once.record_many(value, count);
            let one_by_one = recorded(&(0..count).map(|_| value).collect::<Vec<_>>());
            prop_assert_eq!(at_once.hdr(), one_by_one.hdr());
            prop_assert_eq!(at_once.overflow(), one_by_one.overflow());
        }

        /// Merging the histograms of two lanes gives what one lane would have recorded alone.
        #[test]
        fn merging_equals_recording_all(
            left in prop::collection::vec(0..=2 * HIGHEST_NS, 0..60),
            right in prop::collection::vec(0..=2 * HIGHEST_NS, 0..60),
        ) {
            let mut merged = recorded(&left);
            merged.merge(&recorded(&right));
            let all = recorded(&[left, right].concat());
            prop_assert_eq!(merged.hdr(), all.hdr());
            prop_assert_eq!(merged.overflow(), all.overflow());
        }
    }
}
