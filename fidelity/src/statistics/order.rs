//! What follows from the order of values: quantiles, concentration, distances between distributions.

use super::Moments;

/// Values in rising order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts values.
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// Gives the values in rising order.
    pub(crate) fn values(&self) -> &[f64] {
        &self.0
    }

    /// Gives a quantile (0..=1), interpolated between the two values around it; `None` of nothing.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    pub(crate) fn quantile(&self, quantile: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        let place = quantile.clamp(0.0, 1.0) * last as f64;
        let below = place as usize;
        let (low, high) = (self.0[below], self.0[(below + 1).min(last)]);
        Some(low + (high - low) * (place - below as f64))
    }

    /// Gives the middle value.
    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Gives the share of values above a bound.
    pub(crate) fn share_above(&self, bound: f64) -> Option<f64> {
        let above = self.0.len() - self.0.partition_point(|value| *value <= bound);
        super::share(above, self.0.len())
    }
}

/// Gives the middle of values in any order.
pub(crate) fn median(values: Vec<f64>) -> Option<f64> {
    Sorted::new(values).median()
}

/// Gives the Gini coefficient of counts: 0 when all are equal, towards 1 when one has everything.
pub(crate) fn gini(mut counts: Vec<usize>) -> Option<f64> {
    counts.sort_unstable();
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (rank, count) in counts.iter().enumerate() {
        sum += *count as f64;
        weighted += (rank + 1) as f64 * *count as f64;
    }
    let size = counts.len() as f64;
    (sum > 0.0).then(|| 2.0 * weighted / (size * sum) - (size + 1.0) / size)
}

/// Gives the largest distance between a sample and the normal distribution with its mean and spread.
pub(crate) fn ks_normal(sample: &Sorted) -> Option<f64> {
    let moments = Moments::of(sample.values()).filter(|moments| moments.deviation > 0.0)?;
    let size = sample.values().len() as f64;
    let mut largest: f64 = 0.0;
    for (rank, value) in sample.values().iter().enumerate() {
        let z = (value - moments.mean) / moments.deviation;
        let expected = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        let (below, above) = (rank as f64 / size, (rank + 1) as f64 / size);
        largest = largest
            .max((expected - below).abs())
            .max((above - expected).abs());
    }
    Some(largest)
}

/// Gives the largest distance between the distributions of two samples.
pub(crate) fn ks_two(left: &Sorted, right: &Sorted) -> Option<f64> {
    let (left, right) = (left.values(), right.values());
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let (mut at_left, mut at_right, mut largest) = (0, 0, 0.0_f64);
    while at_left < left.len() && at_right < right.len() {
        let value = left[at_left].min(right[at_right]);
        while left.get(at_left).is_some_and(|other| *other <= value) {
            at_left += 1;
        }
        while right.get(at_right).is_some_and(|other| *other <= value) {
            at_right += 1;
        }
        let apart = at_left as f64 / left.len() as f64 - at_right as f64 / right.len() as f64;
        largest = largest.max(apart.abs());
    }
    Some(largest)
}
