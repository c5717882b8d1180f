//! Tokens that stand for cards.
//!
//! No card number exists: a card is an issuer number and a token. Invariant: no run of thirteen or more digits stands
//! in a token, since one in ten of those would pass for a card number (Luhn check of ISO/IEC 7812-1).

use crate::index::CardIdx;
use crate::seed::{Entity, Purpose, Seed};
use crate::text::base32;

/// Base-32 digits after the prefix.
const TOKEN_DIGITS: usize = 24;

/// Length of the shortest run of digits that may pass for a card number.
const SUSPICIOUS_RUN: usize = 13;

/// Appends the token of a card.
pub(crate) fn write(seed: Seed, card: CardIdx, out: &mut Vec<u8>) {
    out.extend_from_slice(b"tok_");
    out.extend_from_slice(&token(seed, card));
}

fn token(seed: Seed, card: CardIdx) -> [u8; TOKEN_DIGITS] {
    let mut stream = seed.stream(Entity::Card, u64::from(card.0), Purpose::Token);
    loop {
        let mut digits = [0; TOKEN_DIGITS];
        for half in digits.chunks_exact_mut(TOKEN_DIGITS / 2) {
            half.copy_from_slice(&base32::<{ TOKEN_DIGITS / 2 }>(stream.next_u64()));
        }
        if !is_suspicious(&digits) {
            return digits;
        }
    }
}

fn is_suspicious(digits: &[u8; TOKEN_DIGITS]) -> bool {
    // A long run among 24 covers the middle, where a letter stands nine times in ten.
    let middle = &digits[TOKEN_DIGITS - SUSPICIOUS_RUN..SUSPICIOUS_RUN];
    middle.iter().all(u8::is_ascii_digit)
        && digits
            .split(|byte| !byte.is_ascii_digit())
            .any(|run| run.len() >= SUSPICIOUS_RUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_of_digits_are_seen_wherever_they_start() {
        for start in 0..=TOKEN_DIGITS - SUSPICIOUS_RUN {
            let mut digits = [b'x'; TOKEN_DIGITS];
            digits[start..start + SUSPICIOUS_RUN].fill(b'7');
            assert!(is_suspicious(&digits), "{start}");
            digits[start + 6] = b'y';
            assert!(!is_suspicious(&digits), "{start}");
        }
    }

    #[test]
    fn tokens_are_stable_and_distinct() {
        let tokens: Vec<_> = (0..1_000).map(|idx| token(Seed(1), CardIdx(idx))).collect();
        let mut distinct = tokens.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), tokens.len());
        assert_eq!(token(Seed(1), CardIdx(5)), tokens[5]);
        assert_ne!(token(Seed(2), CardIdx(5)), tokens[5]);
    }
}
