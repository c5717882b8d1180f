//! UUIDs for services that insist on them (RFC 9562, version 8): of transactions, and of single firings.
//!
//! Invariant: with the dashes taken out no thirteen decimal digits stand in a row, so nothing in one passes for a card
//! number (ISO/IEC 7812-1), whatever digits are stamped at the end of one that waits for it.

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

/// Digits at the end that are stamped as a request is fired.
const STAMPED_DIGITS: usize = 10;

/// Appends the UUID of a transaction that is known by a number.
pub(crate) fn write(id: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&uuid(id, 0));
}

/// Appends the UUID of a request to an endpoint about a transaction, with zeros where it is stamped.
pub(crate) fn write_blank(id: u64, endpoint: u16, out: &mut Vec<u8>) {
    let seed = id ^ mix64(u64::from(endpoint) + 1);
    out.extend_from_slice(&uuid(seed, STAMPED_DIGITS));
}

fn uuid(seed: u64, zeros: usize) -> [u8; UUID_BYTES] {
    let mut word = seed;
    loop {
        word = mix64(word ^ 0x5bf0_3635_d1a2_29c7);
        let mut digits = digits(word);
        digits[32 - zeros..].fill(b'0');
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
            let text = String::from_utf8(uuid(id, 0).to_vec()).unwrap();
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
    fn blank_uuids_are_distinct_by_transaction_and_endpoint() {
        let mut seen = BTreeSet::new();
        for (id, endpoint) in (0..5_000).flat_map(|id| [(id, 0), (id, 1), (id, 2)]) {
            let mut text = Vec::new();
            write_blank(id, endpoint, &mut text);
            assert!(text.ends_with(b"0000000000"));
            let digits: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'-').collect();
            assert!(
                !may_be_card_number(&digits),
                "no stamp makes it a card number"
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
