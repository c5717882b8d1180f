//! Placeholders that need no world: a value drawn from a list or a range, and the number of the session.
//!
//! Owns their syntax, `any.number(50, 500)`, and what each may be asked for. Whoever generates draws the values.

use std::fmt;

use super::ValueKind;
use crate::error::{Fault, Located};

/// Most hexadecimal digits of one value.
const MOST_HEX_DIGITS: u8 = 64;

/// Numbers have at most twelve digits, so none passes for a card number.
const NUMBER_LIMIT: i64 = 1_000_000_000_000;

/// A value that depends on the seed, on the request or its session, and on the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draw {
    /// `${any.word(A, B)}`: one of some words; at least one, of which none needs escaping in JSON.
    Word(Box<[String]>),
    /// `${any.number(FROM, TO)}`: a whole number of a range.
    Number {
        /// The lowest.
        from: i64,
        /// The highest.
        to: i64,
    },
    /// `${any.hex(DIGITS)}`: so many hexadecimal digits, 1 to 64.
    Hex {
        /// How many.
        digits: u8,
    },
    /// `${any.uuid}`: a UUID.
    Uuid,
    /// `${session.number}`: the number of the session on its tape, from 1.
    SessionNumber,
}

/// One row of [`DRAWS`].
#[derive(Debug)]
pub struct DrawInfo {
    /// The name between `${` and `}`, arguments aside.
    pub name: &'static str,
    /// Name and arguments, such as a definition would write them.
    pub usage: &'static str,
    /// What it takes, for errors.
    pub takes: &'static str,
    /// What it renders to.
    pub kind: ValueKind,
    /// A value as rendered, without quotes.
    pub example: &'static str,
    /// What it stands for, in one line.
    pub help: &'static str,
}

/// Every drawn placeholder.
pub const DRAWS: &[DrawInfo] = &[
    DrawInfo {
        name: "any.word",
        usage: "any.word(nginx, redis)",
        takes: "words with commas between, of letters, digits, spaces and any of -._~:/@+",
        kind: ValueKind::Text,
        example: "redis",
        help: "one of the words listed",
    },
    DrawInfo {
        name: "any.number",
        usage: "any.number(50, 500)",
        takes: "two whole numbers of at most 12 digits, the lowest and the highest",
        kind: ValueKind::Number,
        example: "314",
        help: "a whole number from the first to the second",
    },
    DrawInfo {
        name: "any.hex",
        usage: "any.hex(8)",
        takes: "how many digits, 1 to 64",
        kind: ValueKind::Text,
        example: "9f04c1be",
        help: "so many hexadecimal digits",
    },
    DrawInfo {
        name: "any.uuid",
        usage: "any.uuid",
        takes: "nothing",
        kind: ValueKind::Text,
        example: "3f0c9a51-7be2-8d44-a1c6-5e2b80f7d913",
        help: "a UUID",
    },
    DrawInfo {
        name: "session.number",
        usage: "session.number",
        takes: "nothing",
        kind: ValueKind::Number,
        example: "42",
        help: "number of the session on its tape, from 1; only in the steps of a session",
    },
];

impl Draw {
    /// Reads what stands between `${` and `}`; none if it does not begin with the name of a drawn placeholder.
    pub(crate) fn locate(inside: &str) -> Option<Result<Self, Located>> {
        let name_end = inside.find('(').unwrap_or(inside.len());
        let name = inside[..name_end].trim_end();
        let info = DRAWS.iter().find(|info| info.name == name)?;
        let wrong = Fault::DrawArguments {
            name: info.name,
            takes: info.takes,
            usage: info.usage,
        };
        let Some(rest) = inside.get(name_end + 1..) else {
            return Some(Self::bare(info.name).ok_or(wrong.at(name_end)));
        };
        let Some(arguments) = rest.trim_end().strip_suffix(')') else {
            return Some(Err(wrong.at(inside.len())));
        };
        let drawn = Self::with(info.name, arguments);
        Some(drawn.ok_or(wrong.at(name_end + 1)))
    }

    fn bare(name: &str) -> Option<Self> {
        match name {
            "any.uuid" => Some(Self::Uuid),
            "session.number" => Some(Self::SessionNumber),
            _ => None,
        }
    }

    fn with(name: &str, arguments: &str) -> Option<Self> {
        let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
        match (name, arguments.as_slice()) {
            ("any.word", words) => {
                let words = words
                    .iter()
                    .map(|word| is_word(word).then(|| (*word).to_owned()));
                words.collect::<Option<_>>().map(Self::Word)
            }
            ("any.number", [from, to]) => {
                let (from, to) = (number(from)?, number(to)?);
                (from <= to).then_some(Self::Number { from, to })
            }
            ("any.hex", [digits]) => {
                let digits = digits.parse().ok()?;
                (1..=MOST_HEX_DIGITS)
                    .contains(&digits)
                    .then_some(Self::Hex { digits })
            }
            _ => None,
        }
    }

    /// Gives the registry row of this placeholder.
    pub const fn info(&self) -> &'static DrawInfo {
        match self {
            Self::Word(_) => &DRAWS[0],
            Self::Number { .. } => &DRAWS[1],
            Self::Hex { .. } => &DRAWS[2],
            Self::Uuid => &DRAWS[3],
            Self::SessionNumber => &DRAWS[4],
        }
    }

    /// Gives the most bytes a value takes, or as many as it takes on any tape there will be.
    pub fn most_bytes(&self) -> usize {
        match self {
            Self::Word(words) => words.iter().map(String::len).max().unwrap_or(0),
            Self::Number { from, to } => from.to_string().len().max(to.to_string().len()),
            Self::Hex { digits } => usize::from(*digits),
            Self::Uuid => Self::Uuid.info().example.len(),
            Self::SessionNumber => 12,
        }
    }
}

fn is_word(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" -._~:/@+".contains(&byte);
    !word.is_empty() && word.bytes().all(allowed)
}

fn number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (-NUMBER_LIMIT < number && number < NUMBER_LIMIT).then_some(number)
}

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.info().name;
        match self {
            Self::Word(words) => write!(f, "{name}({})", words.join(", ")),
            Self::Number { from, to } => write!(f, "{name}({from}, {to})"),
            Self::Hex { digits } => write!(f, "{name}({digits})"),
            Self::Uuid | Self::SessionNumber => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usages_parse_to_their_row() {
        for info in DRAWS {
            let draw = Draw::locate(info.usage).unwrap().unwrap();
            assert_eq!(draw.info().name, info.name);
            assert_eq!(draw.to_string(), info.usage);
            assert!(info.example.len() <= draw.most_bytes(), "{}", info.name);
        }
    }

    #[test]
    fn arguments_are_checked_where_they_stand() {
        let rows = [
            ("any.word", 8),
            ("any.word()", 9),
            ("any.word(a,,b)", 9),
            ("any.word(a\\b)", 9),
            ("any.word(a", 10),
            ("any.number(1)", 11),
            ("any.number(2, 1)", 11),
            ("any.number(1, x)", 11),
            ("any.number(0, 1000000000000)", 11),
            ("any.hex(0)", 8),
            ("any.hex(65)", 8),
            ("any.uuid(1)", 9),
            ("session.number()", 15),
        ];
        for (text, offset) in rows {
            let located = Draw::locate(text).unwrap().unwrap_err();
            assert_eq!(located.offset, offset, "{text}");
            assert!(
                matches!(located.fault, Fault::DrawArguments { .. }),
                "{text}"
            );
        }
        assert_eq!(Draw::locate("any.thing(1)"), None);
        assert_eq!(Draw::locate(""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "(any|session)?\\.?(word|number|hex|uuid)?.{0,12}") {
            if let Some(Ok(draw)) = Draw::locate(&text) {
                prop_assert_eq!(Draw::locate(&draw.to_string()), Some(Ok(draw)));
            }
        }
    }
}
