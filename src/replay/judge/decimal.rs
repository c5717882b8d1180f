//! Decimal numbers as text, compared by value.
//!
//! A float would make one of numbers that differ: 2^53 and the integer after it, 0.1 and 0.1000000000000000001. So
//! nothing is converted here: two numbers are equal if they have the same sign, the same digits between the first and
//! the last that is not zero, and these at the same distance from the point. Nothing is allocated, whatever the length.

/// Most digits of an exponent that are understood; a power of ten with more of them names no quantity of this world.
const MOST_EXPONENT_DIGITS: usize = 18;

/// A number taken apart: its value is `0.d1d2d3...` times ten to the `point`.
#[derive(Debug, Clone, Copy)]
struct Decimal<'t> {
    is_negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    point: i64,
}

/// Tells whether two texts are the same number. Where a text is no number, or its exponent has more than 18 digits, only
/// the same text is equal to it.
pub(super) fn same_number(one: &[u8], other: &[u8]) -> bool {
    one == other
        || match (Decimal::parse(one), Decimal::parse(other)) {
            (Some(one), Some(other)) => one.equals(&other),
            _ => false,
        }
}

impl<'t> Decimal<'t> {
    /// Takes a number apart as JSON writes it; a plus sign and zeros in front are passed over as well, as parameters of
    /// a query may have them.
    fn parse(text: &'t [u8]) -> Option<Self> {
        let (is_negative, rest) = sign(text);
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => digits(rest),
            None => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        if whole.is_empty() {
            return None;
        }
        let whole = without_zeros_before(whole);
        let zeros = fraction.len() - without_zeros_before(fraction).len();
        let point = match (whole.len(), zeros) {
            (0, zeros) => exponent.checked_sub(i64::try_from(zeros).ok()?)?,
            (len, _) => exponent.checked_add(i64::try_from(len).ok()?)?,
        };
        Some(Self {
            is_negative,
            whole,
            fraction,
            point,
        })
    }

    fn equals(&self, other: &Self) -> bool {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => {
                self.is_negative == other.is_negative
                    && self.point == other.point
                    && self.significant().eq(other.significant())
            }
            (one, other) => one && other,
        }
    }

    fn is_zero(&self) -> bool {
        self.significant().next().is_none()
    }

    /// Gives the digits from the first that is not zero to the last that is not.
    fn significant(&self) -> impl Iterator<Item = u8> {
        let fraction = without_zeros_after(self.fraction);
        let whole = if fraction.is_empty() {
            without_zeros_after(self.whole)
        } else {
            self.whole
        };
        let fraction = if whole.is_empty() {
            without_zeros_before(fraction)
        } else {
            fraction
        };
        whole.iter().chain(fraction).copied()
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Parts the digits that a text begins with from what follows.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (is_negative, rest) = sign(text);
    let (all, rest) = digits(rest);
    let significant = without_zeros_before(all);
    if all.is_empty() || !rest.is_empty() || significant.len() > MOST_EXPONENT_DIGITS {
        return None;
    }
    let value = |value: i64, digit: &u8| value * 10 + i64::from(digit - b'0');
    let size = significant.iter().fold(0, value);
    Some(if is_negative { -size } else { size })
}

fn without_zeros_before(digits: &[u8]) -> &[u8] {
    let start = digits.iter().position(|&digit| digit != b'0');
    &digits[start.unwrap_or(digits.len())..]
}

fn without_zeros_after(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|&digit| digit != b'0');
    &digits[..end.map_or(0, |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_exactly() {
        for (one, other, expected) in [
            ("42.50", "42.5", true),
            ("42.50", "4.25e1", true),
            ("42.50", "4250E-2", true),
            ("100", "1E2", true),
            ("100", "1e+02", true),
            ("0.001", "1e-3", true),
            ("0", "-0.000e7", true),
            ("7", "007", true),
            ("+7", "7.0", true),
            ("9007199254740993", "9007199254740992", false),
            ("2733382000000000049", "2733382000000000050", false),
            ("0.1", "0.1000000000000000001", false),
            ("1e999999999999999999", "10e999999999999999998", true),
            ("1e999999999999999999", "1e999999999999999998", false),
            ("1e-400", "0", false),
            ("1e9999999999999999999", "1e9999999999999999999", true),
            ("1e9999999999999999999", "1e9999999999999999998", false),
            ("12345678901234567890123", "12345678901234567890123.0", true),
            ("7", "-7", false),
            ("7", "70", false),
            ("7", "0.7", false),
            ("7", "", false),
            ("7", "seven", false),
            ("7", "7.5", false),
            ("0", "e0", false),
            ("0", ".", false),
            ("1", "1e", false),
            ("1", "1 ", false),
        ] {
            let is_same = |a: &str, b: &str| same_number(a.as_bytes(), b.as_bytes());
            assert_eq!(is_same(one, other), expected, "{one} {other}");
            assert_eq!(is_same(other, one), expected, "{other} {one}");
        }
    }

    proptest! {
        /// Moving the point and the exponent against each other changes nothing; adding one does.
        #[test]
        fn a_number_is_equal_to_itself_in_any_notation(number in any::<i64>(), zeros in 0..30_usize) {
            let plain = number.to_string();
            let with_exponent = format!("{number}{}e-{zeros}", "0".repeat(zeros));
            let with_point = format!("{number}.{}", "0".repeat(zeros + 1));
            let next = i128::from(number) + 1;
            prop_assert!(same_number(plain.as_bytes(), with_exponent.as_bytes()));
            prop_assert!(same_number(plain.as_bytes(), with_point.as_bytes()));
            prop_assert!(!same_number(plain.as_bytes(), next.to_string().as_bytes()));
        }

        /// Any two texts are compared, whatever they are.
        #[test]
        fn any_texts_are_compared(one in "[-+.eE0-9]{0,12}", other in "[-+.eE0-9]{0,12}") {
            prop_assert_eq!(
                same_number(one.as_bytes(), other.as_bytes()),
                same_number(other.as_bytes(), one.as_bytes())
            );
        }
    }
}
