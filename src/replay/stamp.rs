//! What is stamped into a request as it leaves: the end of its id or UUID, and the time of day.
//!
//! All have fixed widths, so a stamped body has the length of the stored one.

use std::ops::Range;

use jiff::Timestamp;
use tapdeck_corpora::{SLOT_ID, SLOT_SENT_AT, SLOT_UUID, Slot};

/// Characters at the end of an id that are stamped; what stands before them comes from the tape.
pub const SALT_BYTES: usize = 8;

/// Bits of the stamp, which both shapes of an id show.
const STAMP_BITS: usize = 40;

/// Digits at the end of a UUID that are stamped; what stands before them comes from the tape.
pub const UUID_END_BYTES: usize = 10;

/// Characters of a UUID.
const UUID_BYTES: usize = 36;

/// Characters of a timestamp, `YYYY-MM-DDThh:mm:ss.mmmZ`.
pub const SENT_AT_BYTES: usize = 24;

/// Crockford's base 32, lower case: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What tells a firing from all others: the end of its ids, in both shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt {
    /// End of an id.
    pub id_end: [u8; SALT_BYTES],
    /// End of a UUID.
    pub uuid_end: [u8; UUID_END_BYTES],
}

impl Salt {
    /// Makes the salt of one pass over the tape.
    ///
    /// Shape: differs between any two passes of a run, and by `nonce` between runs, so a target's idempotency cache never
    /// meets an id again.
    pub fn new(nonce: u64, pass: u32) -> Self {
        let bits = nonce.wrapping_add(u64::from(pass));
        Self {
            id_end: digits(bits, ALPHABET),
            uuid_end: digits(bits, HEX),
        }
    }
}

/// Writes the lowest bits with an alphabet of a power of two.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a remainder is below the base"
)]
fn digits<const WIDTH: usize, const BASE: usize>(
    mut bits: u64,
    alphabet: &[u8; BASE],
) -> [u8; WIDTH] {
    const {
        assert!(BASE.is_power_of_two() && WIDTH * BASE.ilog2() as usize == STAMP_BITS);
    }
    let mut digits = [0; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[(bits % BASE as u64) as usize];
        bits /= BASE as u64;
    }
    digits
}

/// Values stamped into one firing.
#[derive(Debug, Clone, Copy)]
pub struct Stamps {
    /// End of the ids.
    pub salt: Salt,
    /// Time of day.
    pub sent_at: [u8; SENT_AT_BYTES],
}

impl Stamps {
    /// Gives the bytes of its part that a slot overwrites, `None` if it is of no known kind or width: an id keeps its
    /// beginning.
    #[inline]
    pub fn stamped_range(slot: &Slot) -> Option<Range<usize>> {
        let end = slot.offset + slot.width;
        match slot.kind {
            SLOT_ID if slot.width >= SALT_BYTES => Some(end - SALT_BYTES..end),
            SLOT_UUID if slot.width == UUID_BYTES => Some(end - UUID_END_BYTES..end),
            SLOT_SENT_AT if slot.width == SENT_AT_BYTES => Some(slot.offset..end),
            _ => None,
        }
    }

    /// Gives the bytes that slots of a kind show.
    #[inline]
    pub fn of_kind(&self, kind: u8) -> &[u8] {
        match kind {
            SLOT_ID => &self.salt.id_end,
            SLOT_UUID => &self.salt.uuid_end,
            SLOT_SENT_AT => &self.sent_at,
            _ => &[],
        }
    }
}

/// Writes the time of day at a cost of three divisions: the calendar part is kept for as long as its second lasts.
#[derive(Debug)]
pub struct TimeOfDay {
    /// Wall time minus monotonic time, nanoseconds.
    wall_offset_ns: u64,
    second: u64,
    text: [u8; SENT_AT_BYTES],
}

impl TimeOfDay {
    /// Ties the wall clock to the monotonic one.
    pub fn new(wall_ns: u64, monotonic_ns: u64) -> Self {
        Self {
            wall_offset_ns: wall_ns.wrapping_sub(monotonic_ns),
            second: u64::MAX,
            text: *b"0000-00-00T00:00:00.000Z",
        }
    }

    /// Gives the text for an instant of the monotonic clock.
    #[inline]
    pub fn at(&mut self, monotonic_ns: u64) -> [u8; SENT_AT_BYTES] {
        let milliseconds = monotonic_ns.wrapping_add(self.wall_offset_ns) / 1_000_000;
        let (second, mut rest) = (milliseconds / 1_000, milliseconds % 1_000);
        if second != self.second {
            self.second = second;
            self.write_calendar(second);
        }
        for digit in self.text[20..23].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.text
    }

    fn write_calendar(&mut self, second: u64) {
        let time = i64::try_from(second)
            .ok()
            .and_then(|second| Timestamp::from_second(second).ok())
            .unwrap_or_default()
            .to_zoned(jiff::tz::TimeZone::UTC);
        let year = u32::from(time.year().unsigned_abs());
        let parts = [
            (0..4, year),
            (5..7, u32::from(time.month().unsigned_abs())),
            (8..10, u32::from(time.day().unsigned_abs())),
            (11..13, u32::from(time.hour().unsigned_abs())),
            (14..16, u32::from(time.minute().unsigned_abs())),
            (17..19, u32::from(time.second().unsigned_abs())),
        ];
        for (range, mut value) in parts {
            for digit in self.text[range].iter_mut().rev() {
                *digit = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn salts_differ_between_passes_and_runs() {
        let nonces = [0, 1 << 20, 1 << 39].into_iter();
        let salts = nonces.flat_map(|nonce| (0..1_000).map(move |pass| Salt::new(nonce, pass)));
        let ends = salts.map(|salt| (salt.id_end, salt.uuid_end));
        let (ids, uuids): (BTreeSet<_>, BTreeSet<_>) = ends.unzip();
        assert_eq!((ids.len(), uuids.len()), (3_000, 3_000));
        let salt = Salt::new(0, 33);
        assert_eq!((&salt.id_end, &salt.uuid_end), (b"00000011", b"0000000021"));
    }

    proptest! {
        /// The text is what a calendar library prints for the same instant.
        #[test]
        fn the_time_of_day_agrees_with_a_calendar(
            seconds in 0..4_000_000_000_u64, steps in prop::collection::vec(0..1_500_000_000_u64, 1..5),
        ) {
            let mut time_of_day = TimeOfDay::new(seconds * 1_000_000_000, 77);
            let mut monotonic = 77;
            for step in steps {
                monotonic += step;
                let wall = seconds * 1_000_000_000 + monotonic - 77;
                let expected = Timestamp::from_nanosecond(i128::from(wall / 1_000_000 * 1_000_000)).unwrap();
                let text = time_of_day.at(monotonic);
                prop_assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{expected:.3}"));
            }
        }
    }
}
