//! Weighted choice that is quick to prepare.

use crate::dist::unit;
use crate::seed::Stream;

/// Chooses among weighted items by their running sums: ready after one pass, where an alias table takes three, but slower
/// to draw from. For choices of which few are made.
#[derive(Debug, Clone)]
pub struct Cumulative {
    /// Of the weights up to and including each item.
    sums: Box<[f64]>,
}

impl Cumulative {
    /// Adds the weights up.
    ///
    /// Shape: one weight per item, none negative, at least one above 0.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight| {
            sum += weight;
            sum
        };
        Self {
            sums: weights.into_iter().map(add).collect(),
        }
    }

    /// Draws the index of an item.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> usize {
        let last = self.sums.len().saturating_sub(1);
        let total = self.sums.last().copied().unwrap_or_default();
        let place = unit(stream) * total;
        self.sums.partition_point(|&sum| sum <= place).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Purpose, Seed};

    #[test]
    fn items_are_drawn_by_weight() {
        let weights = [0.0, 3.0, 1.0, 0.0, 4.0, 0.0];
        let choice = Cumulative::new(weights);
        let mut stream = Seed(3).stream(Entity::Card, 1, Purpose::Habits);
        let mut counts = [0u32; 6];
        for _ in 0..80_000 {
            counts[choice.draw(&mut stream)] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            assert!(
                (f64::from(*count) - weight * 10_000.0).abs() < 600.0,
                "{counts:?}"
            );
        }
    }
}
