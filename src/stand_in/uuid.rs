//! Random UUIDs, those made of the time, and those that clients send.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Uuid(u128);

impl Uuid {
    /// Makes a UUID of random bits; six of them give way to its version and variant.
    pub(super) fn from_random(bits: u128) -> Self {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        Self(bits & !VERSION & !VARIANT | 0x4 << 76 | 0b10 << 62)
    }

    /// Makes a UUID of the time and random bits (version 7, RFC 9562): later ones are greater, to the millisecond.
    pub(super) fn from_time(at: Timestamp, random: u128) -> Self {
        const RANDOM: u128 = (1 << 80) - 1;
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        let milliseconds = u128::try_from(at.as_millisecond()).unwrap_or_default() << 80;
        let random = random & RANDOM & !VERSION & !VARIANT;
        Self(milliseconds | random | 0x7 << 76 | 0b10 << 62)
    }

    /// Reads what `Display` writes; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        let is_digit = |(at, byte): (usize, u8)| match byte {
            b'-' => dash(at),
            _ => !dash(at) && byte.is_ascii_hexdigit(),
        };
        if text.len() != 36 || !text.bytes().enumerate().all(is_digit) {
            return None;
        }
        u128::from_str_radix(&text.replace('-', ""), 16)
            .ok()
            .map(Self)
    }

    /// Gives a UUID that looks like this one but is not.
    pub(super) fn mistaken(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |shift: u32, bits: u32| self.0 >> shift & ((1 << bits) - 1);
        write!(
            formatter,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            group(96, 32),
            group(80, 16),
            group(64, 16),
            group(48, 16),
            group(0, 48)
        )
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn random_bits_give_way_to_version_and_variant() {
        for (bits, expected) in [
            (0, "00000000-0000-4000-8000-000000000000"),
            (u128::MAX, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        ] {
            assert_eq!(Uuid::from_random(bits).to_string(), expected);
        }
    }

    #[test]
    fn time_stands_in_front() {
        let at = Timestamp::from_millisecond(0x0123_4567_89ab).unwrap();
        for (random, expected) in [
            (0, "01234567-89ab-7000-8000-000000000000"),
            (u128::MAX, "01234567-89ab-7fff-bfff-ffffffffffff"),
        ] {
            assert_eq!(Uuid::from_time(at, random).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_uuid_is_not_read() {
        for text in [
            "",
            "00000000-0000-4000-8000-00000000000",
            "00000000-0000-4000-8000-0000000000000",
            "00000000_0000-4000-8000-000000000000",
            "0000000-00000-4000-8000-000000000000",
            "g0000000-0000-4000-8000-000000000000",
            "+0000000-0000-4000-8000-000000000000",
        ] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(bits: u128) {
            let uuid = Uuid::from_random(bits);
            prop_assert_eq!(Uuid::parse(&uuid.to_string()), Some(uuid));
            prop_assert_ne!(uuid.mistaken(), uuid);
        }
    }
}
