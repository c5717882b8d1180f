//! The few conversions between number types that bytes depend on, each with its rounding rule spelled out.

/// Mixes 64 bits so that every input bit moves every output bit; a bijection.
///
/// Source: variant 13 of Stafford, "Better bit mixing", 2011, as used in `SplitMix64`.
pub(crate) const fn mix64(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Gives the upper half of a word.
pub(crate) const fn high_half(word: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = word.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Gives the lower half of a word.
pub(crate) const fn low_half(word: u64) -> u32 {
    let [a, b, c, d, _, _, _, _] = word.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Gives the lower half of 32 bits.
pub(crate) const fn low_quarter(word: u32) -> u16 {
    let [a, b, _, _] = word.to_le_bytes();
    u16::from_le_bytes([a, b])
}

/// Rounds to the nearest integer, halves up; saturates at the ends of the range.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates and the fraction is gone"
)]
pub(crate) fn round_half_up(value: f64) -> i64 {
    (value + 0.5).floor() as i64
}

/// Scales a fraction in `0..1` to an index below `len`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product lies in 0..len, and rounding down is the point"
)]
pub(crate) fn scale_to_index(fraction: f64, len: usize) -> usize {
    debug_assert!(len > 0 && (0.0..1.0).contains(&fraction));
    ((fraction * len as f64) as usize).min(len - 1)
}

/// Gives a count as the 32-bit index that tables and records use.
///
/// Panics: in debug builds above 2^32; worlds are refused long before they hold so many of anything.
#[expect(
    clippy::cast_possible_truncation,
    reason = "worlds are refused long before they hold 2^32 of anything"
)]
pub(crate) const fn index_u32(idx: usize) -> u32 {
    debug_assert!(idx <= u32::MAX as usize);
    idx as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_up() {
        for (value, expected) in [(0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (-0.5, 0)] {
            assert_eq!(round_half_up(value), expected, "{value}");
        }
    }

    #[test]
    fn halves_of_a_word_make_the_word() {
        let word = 0x0123_4567_89ab_cdef;
        assert_eq!(high_half(word), 0x0123_4567);
        assert_eq!(low_half(word), 0x89ab_cdef);
    }

    #[test]
    fn scaled_fractions_stay_below_the_length() {
        assert_eq!(scale_to_index(0.0, 3), 0);
        assert_eq!(scale_to_index(0.5, 3), 1);
        assert_eq!(scale_to_index(1.0 - f64::EPSILON / 2.0, 3), 2);
    }

    #[test]
    fn mixing_separates_neighbors() {
        for word in 0..1_000 {
            let flipped = (mix64(word) ^ mix64(word + 1)).count_ones();
            assert!((10..=54).contains(&flipped), "{word}: {flipped} bits");
        }
    }
}
