//! Ids of transactions: `t` and sixteen hexadecimal digits.
//!
//! Invariants: no id comes twice in a tape. A run of digits in an id is shorter than thirteen, also when up to eight
//! digits of a firing stamp follow it, so none passes for a card number.

use crate::numeric::mix64;
use crate::seed::{Entity, Purpose, Seed};

/// Ids in the order of transactions.
#[derive(Debug)]
pub(crate) struct TransactionIds {
    key: u64,
    ordinal: u64,
}

impl TransactionIds {
    pub(crate) fn new(seed: Seed) -> Self {
        Self {
            key: seed.word(Entity::Identifiers, 0, Purpose::Identity),
            ordinal: 0,
        }
    }

    /// Gives the next id as the number that its hexadecimal digits show.
    pub(crate) fn next_id(&mut self) -> u64 {
        loop {
            // A bijection of the ordinal, so skipping some leaves the rest unique.
            let id = mix64(mix64(self.ordinal ^ self.key).wrapping_add(self.key));
            self.ordinal += 1;
            if !is_suspicious(id) {
                return id;
            }
        }
    }
}

/// Tells whether the digits of an id could be part of a run of thirteen decimal ones.
const fn is_suspicious(id: u64) -> bool {
    // One bit per hexadecimal digit that is a letter: 8 and (4 or 2).
    let letters = (id >> 3) & ((id >> 2) | (id >> 1)) & 0x1111_1111_1111_1111;
    // A run of thirteen within the sixteen covers places 3 to 12; one that goes on into the stamp covers the last
    // five.
    let within = 0x000f_ffff_ffff_f000;
    let at_end = 0x000f_ffff;
    letters & within == 0 || letters & at_end == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::hex16;

    #[test]
    fn ids_are_distinct_and_free_of_long_runs_of_digits() {
        let mut ids = TransactionIds::new(Seed(42));
        let mut seen = BTreeSet::new();
        for _ in 0..20_000 {
            let id = ids.next_id();
            assert!(seen.insert(id));
            let mut text = hex16(id).to_vec();
            text.extend_from_slice(b"12345678");
            let longest = text.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len);
            assert!(longest.max().unwrap() < 13, "{id:016x}");
        }
    }

    #[test]
    fn letters_are_told_from_digits() {
        for (id, expected) in [
            (0x0123_4567_8901_2345, true),
            (0x0123_4567_89a1_2345, true),
            (0x0123_4567_8901_2a45, true),
            (0x0123_45a7_8901_2a45, false),
            (0xabcd_efab_cdef_abcd, false),
        ] {
            assert_eq!(is_suspicious(id), expected, "{id:016x}");
        }
    }
}
