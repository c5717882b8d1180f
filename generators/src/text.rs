//! Numbers as bytes, appended to a buffer without detours.

/// The digits of Crockford's base 32, in lower case.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Every number below 100 with two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [digit(number as u64 / 10), digit(number as u64)];
        number += 1;
    }
    pairs
};

/// Length of the shortest run of digits that may pass for a card number (ISO/IEC 7812-1).
pub(crate) const SHORTEST_CARD_NUMBER: usize = 13;

/// Tells whether some run of decimal digits is long enough to pass for a card number.
pub(crate) fn may_be_card_number(text: &[u8]) -> bool {
    let mut runs = text.split(|byte| !byte.is_ascii_digit());
    runs.any(|run| run.len() >= SHORTEST_CARD_NUMBER)
}

/// Appends a number in decimal.
pub(crate) fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    while number >= 10 {
        first -= 2;
        digits[first..first + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 || first == digits.len() {
        first -= 1;
        digits[first] = digit(number);
    }
    out.extend_from_slice(&digits[first..]);
}

/// Appends a number in decimal, with a minus sign if it is negative.
pub(crate) fn signed_decimal(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    decimal(out, number.unsigned_abs());
}

/// Appends a number of ten-thousandths with its four decimals.
pub(crate) fn ten_thousandths(out: &mut Vec<u8>, number: i32) {
    if number < 0 {
        out.push(b'-');
    }
    let number = u64::from(number.unsigned_abs());
    decimal(out, number / 10_000);
    out.push(b'.');
    padded_decimal(out, number % 10_000, 4);
}

/// Appends the identifier of a transaction.
pub(crate) fn transaction_id(out: &mut Vec<u8>, id: u64) {
    out.push(b't');
    out.extend_from_slice(&hex16(id));
}

/// Appends the last `width` decimal digits of a number, with leading zeros.
pub(crate) fn padded_decimal(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for place in out[start..].iter_mut().rev() {
        *place = digit(number);
        number /= 10;
    }
}

/// Appends a number in hexadecimal without leading zeros.
pub(crate) fn hex(out: &mut Vec<u8>, number: u16) {
    let nibbles =
        [number >> 12, number >> 8, number >> 4, number].map(|n| HEX[usize::from(n & 15)]);
    let zeros = (number | 1).leading_zeros() as usize / 4;
    out.extend_from_slice(&nibbles[zeros..]);
}

/// Gives all sixteen hexadecimal digits of a word.
pub(crate) fn hex16(word: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(word.to_be_bytes()) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    digits
}

/// Gives the first `LEN` base-32 digits of a word, of which the last bits are not used; at most 12 digits.
pub(crate) fn base32<const LEN: usize>(word: u64) -> [u8; LEN] {
    const { assert!(LEN <= 12) };
    let mut rest = word;
    [(); LEN].map(|()| {
        rest = rest.rotate_left(5);
        CROCKFORD[(rest & 31) as usize]
    })
}

/// Percent-encodes what stands from `start` on, all but the unreserved bytes of RFC 3986.
pub(crate) fn percent_encode(out: &mut Vec<u8>, start: usize) {
    const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";
    let end = out.len();
    for place in start..end {
        let byte = out[place];
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            let digit = |nibble: u8| UPPER_HEX[usize::from(nibble)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    // The encoded text stands behind the plain one, whose place it takes.
    out.drain(start..end);
}

const fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_format_would() {
        for number in [0, 7, 10, 99, 100, 65_535, 1_000_000_007, u64::MAX] {
            assert_eq!(written(|out| decimal(out, number)), number.to_string());
        }
        for number in [0, 1, 15, 16, 255, 256, 4_095, 4_096, u16::MAX] {
            assert_eq!(written(|out| hex(out, number)), format!("{number:x}"));
        }
        for number in [0, -1, 10, -480, i64::MIN, i64::MAX] {
            let text = written(|out| signed_decimal(out, number));
            assert_eq!(text, number.to_string());
        }
        assert_eq!(written(|out| padded_decimal(out, 42, 5)), "00042");
        assert_eq!(written(|out| padded_decimal(out, 123, 2)), "23");
        assert_eq!(&hex16(0x0123_4567_89ab_cdef), b"0123456789abcdef");
    }

    #[test]
    fn degrees_have_four_decimals() {
        for (units, expected) in [
            (0, "0.0000"),
            (7, "0.0007"),
            (-7, "-0.0007"),
            (-1_234_567, "-123.4567"),
            (900_000, "90.0000"),
        ] {
            assert_eq!(written(|out| ten_thousandths(out, units)), expected);
        }
    }

    #[test]
    fn reserved_bytes_are_percent_encoded() {
        let encoded = written(|out| {
            out.extend_from_slice(b"a b A-z_0.~ /@\xc3");
            percent_encode(out, 4);
        });
        assert_eq!(encoded, "a b A-z_0.~%20%2F%40%C3");
    }

    #[test]
    fn base32_takes_five_bits_from_the_top() {
        assert_eq!(&base32::<4>(0b00001_11111_01010_00000 << 44), b"1za0");
        assert_eq!(&base32::<12>(0), b"000000000000");
    }
}
