//! Uniform fractions, bounded integers and coin tosses.

use crate::seed::Stream;

/// Draws a fraction in `0..1`, a multiple of 2^-53.
#[inline]
pub fn unit(stream: &mut Stream) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    (stream.next_u64() >> 11) as f64 * STEP
}

/// Draws a fraction strictly between 0 and 1, an odd multiple of 2^-53.
#[inline]
pub fn open_unit(stream: &mut Stream) -> f64 {
    open_unit_of(stream.next_u64())
}

/// Gives the fraction that [`open_unit`] makes of a word; the greater the word, the greater the fraction.
#[inline]
pub fn open_unit_of(word: u64) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 52) as f64;
    ((word >> 12) as f64 + 0.5) * STEP
}

/// Draws an integer in `0..bound`, every one equally likely; 0 if `bound` is 0.
///
/// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
#[inline]
pub fn below(stream: &mut Stream, bound: u64) -> u64 {
    let (mut high, mut low) = widening_mul(stream.next_u64(), bound);
    if low < bound {
        let short = bound.wrapping_neg() % bound.max(1);
        while low < short {
            (high, low) = widening_mul(stream.next_u64(), bound);
        }
    }
    high
}

/// Tosses a coin that shows heads with the given probability.
#[inline]
pub fn chance(stream: &mut Stream, probability: f64) -> bool {
    unit(stream) < probability
}

/// Draws one item of a list, every one equally likely.
///
/// Panics: if the list is empty.
#[inline]
pub fn pick<'a, T>(stream: &mut Stream, items: &'a [T]) -> &'a T {
    &items[crate::numeric::scale_to_index(unit(stream), items.len())]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "splits the product into its halves"
)]
#[inline]
const fn widening_mul(left: u64, right: u64) -> (u64, u64) {
    let product = left as u128 * right as u128;
    ((product >> 64) as u64, product as u64)
}
