//! Transactions' identifiers as UUIDs, for services that insist on them (RFC 9562, version 8).
//!
//! Invariant: with the dashes taken out no thirteen decimal digits stand in a row, so nothing in one passes for a card
//! number (ISO/IEC 7812-1).

use crate::numeric::mix64;
use crate::text::{hex16, may_be_card_number};

/// Characters of a UUID.
const UUID_BYTES: usize = 36;

/// Where each group of digits begins, and the digits in it.
const GROUPS: [(usize, std::ops::Range<usize>); 5] = [
    (0, 0..8),
    (9, 8..12),
    (14, 12..16),
    (19, 16..20),
    (24, 20..32),
];

/// Appends the UUID of a transaction that is known by a number.
pub(crate) fn write(id: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&uuid(id));
}

fn uuid(id: u64) -> [u8; UUID_BYTES] {
    let mut word = id;
    loop {
        word = mix64(word ^ 0x5bf0_3635_d1a2_29c7);
        let digits = digits(word);
        if !may_be_card_number(&digits) {
            let mut text = [b'-'; UUID_BYTES];
            for (start, group) in GROUPS {
                text[start..start + group.len()].copy_from_slice(&digits[group]);
            }
            return text;
        }
    }
}

/// Spreads a word over the 122 bits that version and variant leave free.
fn digits(word: u64) -> [u8; 32] {
    const VERSION_8: u64 = 0x8000;
    const VARIANT: u64 = 1 << 63;
    let high = (word & !0xf000) | VERSION_8;
    let low = (mix64(!word) >> 2) | VARIANT;
    let mut digits = [0; 32];
    digits[..16].copy_from_slice(&hex16(high));
    digits[16..].copy_from_slice(&hex16(low));
    digits
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::SHORTEST_CARD_NUMBER;

    #[test]
    fn uuids_are_distinct_well_formed_and_no_card_numbers() {
        let mut seen = BTreeSet::new();
        for id in 0..20_000 {
            let text = String::from_utf8(uuid(id).to_vec()).unwrap();
            let groups: Vec<&str> = text.split('-').collect();
            let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{text}");
            assert!(groups[2].starts_with('8'), "{text}");
            assert!(groups[3].starts_with(['8', '9', 'a', 'b']), "{text}");
            let digits = groups.concat();
            assert!(u128::from_str_radix(&digits, 16).is_ok(), "{text}");
            let runs = digits.split(|c: char| !c.is_ascii_digit());
            assert!(
                runs.map(str::len).max() < Some(SHORTEST_CARD_NUMBER),
                "{text}"
            );
            assert!(seen.insert(text));
        }
    }

    #[test]
    fn what_would_be_suspicious_is_mixed_again() {
        let first_choice = |id: u64| digits(mix64(id ^ 0x5bf0_3635_d1a2_29c7));
        let suspicious = (0..2_000).filter(|&id| may_be_card_number(&first_choice(id)));
        assert!(suspicious.count() > 5);
    }
}
