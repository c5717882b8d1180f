//! Sifts cards by how often their holders run errands, looking closely only at those it has to.
//!
//! Invariant: says what a close look at every card would say. A card's share is a function of one word that grows with
//! it, so the first bits of the word bound the share from both sides, and hardly any card is between.

use super::tempo::Kind;
use crate::behavior::arrivals::{appointed, is_active};
use crate::numeric::{high_half, index_u32};
use crate::population::card::{self, Habits, MOST_ACTIVITY};
use crate::seed::{Member, Purpose};

/// How many first bits of a word are looked at, and their values.
const BITS: u32 = 10;
const STEPS: usize = 1 << BITS;

/// The least and the greatest share that the first bits of a word leave open.
type Bounds = [(f64, f64); STEPS];

/// The bounds of shares.
#[derive(Debug)]
pub(super) struct Sieve {
    outings: Box<Bounds>,
    charges: Box<Bounds>,
}

impl Sieve {
    pub(super) fn new() -> Self {
        Self {
            outings: bounds(Kind::Outing),
            charges: bounds(Kind::Charge),
        }
    }

    /// Tells whether a place lies below a holder's share in the errands of the busiest one; these days' share, for
    /// outings.
    #[inline]
    pub(super) fn takes(&self, holder: Member, kind: Kind, place: f64) -> bool {
        let (word, bounds) = match kind {
            Kind::Outing => (Habits::activity_word(holder), &self.outings),
            Kind::Charge => (Habits::online_affinity_word(holder), &self.charges),
        };
        let (least, most) = bounds[first_bits(word)];
        if place >= most {
            return false;
        }
        let mood = match kind {
            Kind::Outing => mood(holder),
            Kind::Charge => 1.0,
        };
        place < least * mood || (place < most * mood && place < share(kind, word) * mood)
    }
}

/// Gives how often a holder goes out these days, one in a busy stretch being 1.
fn mood(holder: Member) -> f64 {
    if is_active(&mut holder.stream(Purpose::Arrivals)) {
        1.0
    } else {
        appointed::QUIET_SHARE
    }
}

fn first_bits(word: u64) -> usize {
    (high_half(word) >> (u32::BITS - BITS)) as usize
}

/// Gives the bounds of the share for the first bits of a word.
fn bounds(kind: Kind) -> Box<Bounds> {
    Box::new(std::array::from_fn(|step| {
        let first = u64::from(index_u32(step)) << (u64::BITS - BITS);
        let last = first | (u64::MAX >> BITS);
        (share(kind, first), share(kind, last))
    }))
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
    use crate::index::CardIdx;
    use crate::seed::Seed;

    proptest! {
        /// A quick look says what a close one would.
        #[test]
        fn bounds_hold(word in any::<u64>()) {
            for kind in [Kind::Outing, Kind::Charge] {
                let (least, most) = bounds(kind)[first_bits(word)];
                prop_assert!((least..=most).contains(&share(kind, word)));
            }
        }

        #[test]
        fn nobody_is_taken_but_by_their_share(card in any::<u32>(), place in 0.0..1.0f64) {
            let holder = card::member(Seed(5), CardIdx(card));
            let sieve = Sieve::new();
            let share_of = |kind| match kind {
                Kind::Outing => share(kind, Habits::activity_word(holder)) * mood(holder),
                Kind::Charge => share(kind, Habits::online_affinity_word(holder)),
            };
            for kind in [Kind::Outing, Kind::Charge] {
                prop_assert_eq!(sieve.takes(holder, kind, place), place < share_of(kind));
            }
        }
    }

    #[test]
    fn few_cards_need_a_close_look() {
        let open: f64 = bounds(Kind::Outing)
            .iter()
            .map(|(least, most)| most - least)
            .sum();
        assert!(open / (STEPS as f64) < 0.002, "{open}");
    }
}
