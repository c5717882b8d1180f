//! Sifts cards by how often their holders run errands, looking closely only at those it has to.
//!
//! Invariant: says what a close look at every card would say. A card's share is a function of one word that grows with
//! it, so the first byte of the word bounds the share, and nine in ten cards are out of the question by that alone.

use super::tempo::Kind;
use crate::behavior::arrivals::appointed;
use crate::index::CardIdx;
use crate::population::card::{self, Habits, MOST_ACTIVITY};
use crate::seed::Seed;

/// Values of a word's first byte.
const BYTES: usize = 1 << 8;

/// The bounds of shares.
#[derive(Debug)]
pub(super) struct Sieve {
    outings: [f64; BYTES],
    charges: [f64; BYTES],
}

impl Sieve {
    pub(super) fn new() -> Self {
        Self {
            outings: bounds(Kind::Outing),
            charges: bounds(Kind::Charge),
        }
    }

    /// Gives the share of a card in the busiest one's errands, if it is above a place.
    #[inline]
    pub(super) fn share_above(
        &self,
        place: f64,
        kind: Kind,
        seed: Seed,
        idx: CardIdx,
    ) -> Option<f64> {
        let (word, bounds) = match kind {
            Kind::Outing => (Habits::activity_word(seed, idx), &self.outings),
            Kind::Charge => (Habits::online_affinity_word(seed, idx), &self.charges),
        };
        if place >= bounds[usize::from(word.to_be_bytes()[0])] {
            return None;
        }
        Some(share(kind, word)).filter(|&share| place < share)
    }
}

/// Gives the greatest share for each first byte of a word.
fn bounds(kind: Kind) -> [f64; BYTES] {
    let mut byte = 0u8;
    std::array::from_fn(|_| {
        let greatest = u64::from_be_bytes([byte, 255, 255, 255, 255, 255, 255, 255]);
        byte = byte.wrapping_add(1);
        share(kind, greatest)
    })
}

/// Gives how often the holder that a word stands for runs errands, the busiest being 1.
fn share(kind: Kind, word: u64) -> f64 {
    match kind {
        Kind::Outing => card::activity(word) / MOST_ACTIVITY,
        Kind::Charge => {
            let affinity = card::online_affinity(word);
            appointed::charges_per_day(affinity) / appointed::most_charges_per_day()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A quick look never turns away whom a close look would take.
        #[test]
        fn bounds_hold(word in any::<u64>()) {
            for kind in [Kind::Outing, Kind::Charge] {
                let bound = bounds(kind)[usize::from(word.to_be_bytes()[0])];
                prop_assert!(share(kind, word) <= bound);
            }
        }
    }

    #[test]
    fn few_cards_need_a_close_look() {
        let mean = bounds(Kind::Outing).iter().sum::<f64>() / BYTES as f64;
        assert!(mean < 0.15, "{mean}");
    }
}
