//! One value on its way from a file into a column.

use std::borrow::Cow;

/// A value as a file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'c> {
    /// Nothing.
    Absent,
    /// Bytes of a text, not empty.
    Text(&'c [u8]),
    /// A whole number.
    Whole(i64),
    /// A number with decimals.
    Real(f64),
}

impl<'c> Cell<'c> {
    /// Takes a text, where an empty one means that there is nothing.
    pub(super) fn text(bytes: &'c [u8]) -> Self {
        if bytes.is_empty() {
            Self::Absent
        } else {
            Self::Text(bytes)
        }
    }

    /// Shows the value in an error, shortened.
    pub(super) fn show(self) -> String {
        match self {
            Self::Absent => "nothing".to_owned(),
            Self::Text(bytes) => show_text(bytes),
            Self::Whole(value) => value.to_string(),
            Self::Real(value) => value.to_string(),
        }
    }
}

/// Quotes a text, cut after 40 characters.
pub(super) fn show_text(bytes: &[u8]) -> String {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// What may stand in a column; the complaint when something else does.
pub(super) type Expected = &'static str;

/// A column that takes values.
pub(super) trait Sink {
    /// Appends a value, or says what it expected.
    fn push(&mut self, cell: Cell<'_>) -> Result<(), Expected>;
}

/// A value that a column of numbers is made of.
trait Value: Sized {
    const EXPECTED: Expected;

    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl<V: Value> Sink for Vec<V> {
    fn push(&mut self, cell: Cell<'_>) -> Result<(), Expected> {
        let value = V::from_cell(cell).ok_or(V::EXPECTED)?;
        Self::push(self, value);
        Ok(())
    }
}

/// Largest number: an instant in the year 2286, in milliseconds. The metrics count by the hour between the first instant and
/// the last, so a single one far off, as a flipped bit makes it, would take all memory there is.
const LARGEST: u64 = 9_999_999_999_999;

impl Value for i64 {
    const EXPECTED: Expected = "a whole number of at most 13 digits";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        let value = match cell {
            Cell::Text(bytes) => whole(bytes),
            Cell::Whole(value) => Some(value),
            Cell::Absent | Cell::Real(_) => None,
        };
        value.filter(|value| value.unsigned_abs() <= LARGEST)
    }
}

impl Value for i32 {
    const EXPECTED: Expected = "a whole number of 32 bits";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl Value for u32 {
    const EXPECTED: Expected = "a count of 32 bits";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl Value for bool {
    const EXPECTED: Expected = "0 or 1";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match i64::from_cell(cell)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Value for Option<i64> {
    const EXPECTED: Expected = "a whole number of at most 13 digits, or nothing";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Absent => Some(None),
            cell => i64::from_cell(cell).map(Some),
        }
    }
}

/// A latitude or longitude.
///
/// Units: ten-thousandths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Degrees(pub i32);

/// Units per degree, and the digits that write them.
const PER_DEGREE: i32 = 10_000;
const DECIMALS: usize = 4;

/// Nothing on the globe lies further from a zero than half way around.
const FARTHEST: i32 = 180 * PER_DEGREE;

impl Value for Degrees {
    const EXPECTED: Expected = "degrees from -180 to 180 with at most 4 decimals";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        let units = match cell {
            Cell::Absent => return None,
            Cell::Text(bytes) => decimal(bytes)?,
            Cell::Whole(value) => i32::try_from(value).ok()?.checked_mul(PER_DEGREE)?,
            Cell::Real(value) => from_real(value)?,
        };
        (units.abs() <= FARTHEST).then_some(Self(units))
    }
}

impl Value for Option<Degrees> {
    const EXPECTED: Expected = "degrees from -180 to 180 with at most 4 decimals, or nothing";

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Absent => Some(None),
            cell => Degrees::from_cell(cell).map(Some),
        }
    }
}

/// Reads digits with a minus sign at most: no plus, no space, no leading zero, no overflow.
fn whole(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 || (digits[0] == b'0' && bytes.len() > 1) {
        return None;
    }
    let mut value = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// Reads degrees with at most four decimals into ten-thousandths.
fn decimal(bytes: &[u8]) -> Option<i32> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let point = digits.iter().position(|byte| *byte == b'.');
    let (before, after) = match point {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &b"0"[..]),
    };
    if !(1..=3).contains(&before.len()) || !(1..=DECIMALS).contains(&after.len()) {
        return None;
    }
    let padded = after.iter().chain(std::iter::repeat(&b'0')).take(DECIMALS);
    let mut value = 0;
    for byte in before.iter().chain(padded) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i32::from(digit);
    }
    Some(if negative { -value } else { value })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees out of range are refused before"
)]
fn from_real(degrees: f64) -> Option<i32> {
    let units = degrees * f64::from(PER_DEGREE);
    let rounded = units.round();
    let is_exact = (units - rounded).abs() < 1e-3;
    (is_exact && rounded.abs() <= f64::from(FARTHEST)).then_some(rounded as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_one_way_to_be_written() {
        for (text, value) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("1736121600000", Some(1_736_121_600_000)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("", None),
            ("-", None),
            ("-0", None),
            ("+1", None),
            ("01", None),
            (" 1", None),
            ("1.0", None),
            ("1e3", None),
            ("1234567890123456789", None),
        ] {
            assert_eq!(whole(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn degrees_come_from_text_and_numbers_alike() {
        for (cell, units) in [
            (Cell::Text(b"51.5074"), Some(515_074)),
            (Cell::Text(b"-0.1"), Some(-1_000)),
            (Cell::Text(b"180"), Some(1_800_000)),
            (Cell::Text(b"180.0001"), None),
            (Cell::Text(b"1."), None),
            (Cell::Text(b".5"), None),
            (Cell::Text(b"1.23456"), None),
            (Cell::Text(b"1,5"), None),
            (Cell::Real(-74.006), Some(-740_060)),
            (Cell::Real(0.123_45), None),
            (Cell::Real(f64::NAN), None),
            (Cell::Whole(12), Some(120_000)),
            (Cell::Absent, None),
        ] {
            let found = Degrees::from_cell(cell).map(|degrees| degrees.0);
            assert_eq!(found, units, "{cell:?}");
        }
        assert_eq!(Option::<Degrees>::from_cell(Cell::Absent), Some(None));
        assert_eq!(Option::<Degrees>::from_cell(Cell::Text(b"x")), None);
    }

    #[test]
    fn narrow_columns_refuse_what_does_not_fit() {
        assert_eq!(bool::from_cell(Cell::Text(b"1")), Some(true));
        assert_eq!(bool::from_cell(Cell::Text(b"2")), None);
        assert_eq!(bool::from_cell(Cell::Text(b"true")), None);
        assert_eq!(u32::from_cell(Cell::Whole(-1)), None);
        assert_eq!(u32::from_cell(Cell::Whole(1 << 32)), None);
        assert_eq!(i32::from_cell(Cell::Text(b"-480")), Some(-480));
    }

    #[test]
    fn long_values_are_shortened_in_complaints() {
        assert_eq!(show_text(&[b'x'; 60]), format!("\"{}…\"", "x".repeat(40)));
        assert_eq!(show_text(b"a\xffb"), "\"a\u{fffd}b\"");
    }
}
