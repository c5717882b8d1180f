//! A single value that a definition expects in an answer.

use std::fmt;

/// A string, number or boolean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A string.
    Text(String),
    /// A number in decimal notation, digit for digit as the definition has it: a float would round what lies beyond
    /// 2^53 or has more than 17 digits. Shape: a JSON number.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
}

impl fmt::Display for Scalar {
    /// Writes the value as JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => serde_json::Value::from(text.as_str()).fmt(f),
            Self::Number(digits) => f.write_str(digits),
            Self::Boolean(truth) => truth.fmt(f),
        }
    }
}
