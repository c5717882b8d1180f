//! Numbers with units, as people write them in small languages: `30ms`, `0.5%`.
//!
//! Owns the words and their places; what a word must mean is its language's business.

/// A part of an expression and the byte it starts at.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) offset: usize,
}

/// Something else than what belongs to a place.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) offset: usize,
    pub(crate) expected: &'static str,
    pub(crate) example: &'static str,
}

impl<'a> Word<'a> {
    /// Takes a text, which starts at a byte of the expression, without the blanks around it.
    pub(crate) fn trim(text: &'a str, offset: usize) -> Self {
        let blank = text.len() - text.trim_start().len();
        Self {
            text: text.trim(),
            offset: offset + blank,
        }
    }

    /// Cuts off the leading digits and dots.
    pub(crate) fn split_number(self) -> (Self, Self) {
        let is_unit = |c: char| !c.is_ascii_digit() && c != '.';
        let end = self.text.find(is_unit).unwrap_or(self.text.len());
        let (number, unit) = self.text.split_at(end);
        (
            Self::trim(number, self.offset),
            Self::trim(unit, self.offset + end),
        )
    }

    /// Reads the word as a number times a power of ten, rounded once.
    pub(crate) fn scaled(self, exponent: i32) -> Option<f64> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = self.text.split_once('.').unwrap_or((self.text, "0"));
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        let number: f64 = format!("{whole}.{fraction}e{exponent}").parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// Reads the word as a duration.
    ///
    /// Units: nanoseconds.
    pub(crate) fn duration_ns(self) -> Result<f64, Unread> {
        let (number, unit) = self.split_number();
        let exponent = match unit.text {
            "us" | "\u{b5}s" | "\u{3bc}s" => 3,
            "ms" => 6,
            "s" => 9,
            _ => {
                let at = if number.text.is_empty() { self } else { unit };
                return Err(Unread {
                    offset: at.offset,
                    expected: "a duration in us, ms or s",
                    example: "30ms",
                });
            }
        };
        number.scaled(exponent).ok_or(Unread {
            offset: number.offset,
            expected: "a number of digits with at most one point",
            example: "1.5ms",
        })
    }
}
