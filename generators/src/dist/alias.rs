//! Weighted choice in constant time.

use crate::numeric::{high_half, index_u32, low_half, round_half_up};
use crate::seed::Stream;

/// Chooses among weighted items with one word per draw.
///
/// Source: Walker's alias method as built by Vose, IEEE TSE 17 (1991); thresholds are 32-bit integers, so a draw
/// compares integers alone.
#[derive(Debug, Clone)]
pub struct AliasTable {
    columns: Box<[Column]>,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    /// The column's own item is chosen below this, the alias from it on.
    threshold: u32,
    alias: u32,
}

impl AliasTable {
    /// Builds the table; weights need no particular sum.
    ///
    /// Shape: one weight per item, none negative, at least one above 0; all items are equally likely if none is.
    pub fn new(weights: &[f64]) -> Self {
        let count = weights.len();
        let total: f64 = weights.iter().sum();
        let even = |_: &f64| 1.0;
        let scale = |weight: &f64| weight / total * count as f64;
        let mut shares: Vec<f64> = if total > 0.0 {
            weights.iter().map(scale).collect()
        } else {
            weights.iter().map(even).collect()
        };
        let mut columns: Box<[Column]> = (0..count)
            .map(|idx| Column {
                threshold: u32::MAX,
                alias: index_u32(idx),
            })
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|&idx| shares[idx] < 1.0);
        while let (Some(&poor), Some(&rich)) = (small.last(), large.last()) {
            small.pop();
            columns[poor] = Column {
                threshold: threshold(shares[poor]),
                alias: index_u32(rich),
            };
            shares[rich] -= 1.0 - shares[poor];
            if shares[rich] < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        Self { columns }
    }

    /// Builds the table of a list by the weight of each item.
    pub fn of<T>(items: &[T], weight: impl FnMut(&T) -> f64) -> Self {
        let weights: Vec<f64> = items.iter().map(weight).collect();
        Self::new(&weights)
    }

    /// Draws the index of an item.
    ///
    /// Panics: if the table was built of no weights.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> usize {
        self.choose(stream.next_u64())
    }

    /// Gives the index of the item that a uniform word chooses.
    ///
    /// Panics: if the table was built of no weights.
    #[inline]
    pub fn choose(&self, word: u64) -> usize {
        let slot = (u64::from(high_half(word)) * self.columns.len() as u64) >> 32;
        let column = low_half(slot);
        let Column { threshold, alias } = self.columns[column as usize];
        let chosen = if low_half(word) < threshold {
            column
        } else {
            alias
        };
        chosen as usize
    }
}

fn threshold(share: f64) -> u32 {
    let scaled = round_half_up(share * (1u64 << 32) as f64);
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
