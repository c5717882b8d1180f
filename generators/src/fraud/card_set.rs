//! Sets of cards, one bit each.

use std::ops::Range;

use crate::index::CardIdx;

/// A set of issued cards; ghosts are in none.
#[derive(Debug, Clone, Default)]
pub(crate) struct CardSet {
    words: Vec<u64>,
}

impl CardSet {
    /// Opens an empty set with room for the cards below a number.
    pub(crate) fn with_room_for(cards: u32) -> Self {
        Self {
            words: vec![0; cards.div_ceil(u64::BITS) as usize],
        }
    }

    pub(crate) fn contains(&self, card: CardIdx) -> bool {
        let (word, bit) = place(card);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds a card; tells whether it was not in yet.
    ///
    /// Panics: if there is no room for it.
    pub(crate) fn insert(&mut self, card: CardIdx) -> bool {
        let (word, bit) = place(card);
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        is_new
    }

    /// Takes a card out.
    pub(crate) fn remove(&mut self, card: CardIdx) {
        let (word, bit) = place(card);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
    }

    /// Gives the first card of a range that is not in.
    pub(crate) fn first_missing(&self, cards: Range<u32>) -> Option<CardIdx> {
        let mut card = cards.start;
        while card < cards.end {
            let missing = !self.words[(card / u64::BITS) as usize] >> (card % u64::BITS);
            if missing != 0 {
                let found = card + missing.trailing_zeros();
                return (found < cards.end).then_some(CardIdx(found));
            }
            card = (card / u64::BITS + 1) * u64::BITS;
        }
        None
    }
}

const fn place(card: CardIdx) -> (usize, u64) {
    ((card.0 / u64::BITS) as usize, 1 << (card.0 % u64::BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const CARDS: u32 = 200;

    proptest! {
        /// A set of bits holds what a set of numbers does.
        #[test]
        fn bits_are_a_set(
            steps in proptest::collection::vec((0..CARDS, any::<bool>()), 0..400),
            start in 0..CARDS,
        ) {
            let mut set = CardSet::with_room_for(CARDS);
            let mut expected = BTreeSet::new();
            for (card, goes_in) in steps {
                if goes_in {
                    prop_assert_eq!(set.insert(CardIdx(card)), expected.insert(card));
                } else {
                    set.remove(CardIdx(card));
                    expected.remove(&card);
                }
            }
            for card in 0..CARDS {
                prop_assert_eq!(set.contains(CardIdx(card)), expected.contains(&card));
            }
            let first = (start..CARDS).find(|card| !expected.contains(card));
            prop_assert_eq!(set.first_missing(start..CARDS), first.map(CardIdx));
        }
    }

    #[test]
    fn ghosts_and_strangers_are_in_no_set() {
        let mut set = CardSet::with_room_for(3);
        assert!(set.insert(CardIdx(2)));
        assert!(!set.contains(CardIdx::ghost(2)) && !set.contains(CardIdx(1_000)));
        assert!(!CardSet::default().contains(CardIdx(0)));
    }
}
