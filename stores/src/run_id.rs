//! Names that become segments of keys: ids of runs, environments, countries, keys of rulesets.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Longest id of a run. A key may have 1,024 bytes, but the embedded store makes file names of them.
const LONGEST_ID: usize = 64;

/// Longest of the other names.
const LONGEST_NAME: usize = 32;

/// The id of a run: one segment of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(String);

impl RunId {
    /// Gives the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = Error;

    /// Takes an id of letters, digits, dashes, underscores and dots. Errors: `Name`.
    fn from_str(text: &str) -> Result<Self, Error> {
        check("the run id", text, LONGEST_ID)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Checks a name that becomes a segment of a key.
///
/// Errors: `Name`.
pub(crate) fn check_name(what: &'static str, text: &str) -> Result<(), Error> {
    check(what, text, LONGEST_NAME)
}

fn check(what: &'static str, text: &str, most: usize) -> Result<(), Error> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_good = !text.is_empty()
        && text.len() <= most
        && text.chars().all(is_allowed)
        // Neither this folder nor the one above, however many dots somebody's path rules allow.
        && !text.starts_with('.')
        && !text.contains("..");
    if is_good {
        return Ok(());
    }
    Err(Error::Name {
        what,
        found: text.to_owned(),
        most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_of_a_key() {
        let longest = "a".repeat(LONGEST_ID);
        for id in ["lt-0123456789ab", "2026-11-22_a.b", "7", &longest] {
            assert_eq!(id.parse::<RunId>().unwrap().as_str(), id);
        }
        let longer = "a".repeat(LONGEST_ID + 1);
        for id in [
            "", ".", "..", "a..b", ".a", "a/b", "a b", "ä", "a\0", &longer,
        ] {
            let error = id.parse::<RunId>().unwrap_err().to_string();
            assert!(error.starts_with("the run id"), "{id:?}: {error}");
        }
    }
}
