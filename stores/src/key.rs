//! Keys of objects: which ones every store can hold, an embedded one under a file of that name.

use serde::de::{Deserialize, Deserializer, Error as _};

/// Longest key; S3's own limit.
const MOST_BYTES: usize = 1_024;

/// What a key must be, for messages.
pub(crate) const EXPECTED: &str = "1 to 1024 bytes of segments between single slashes, none of which is . or .., without backslashes and control characters";

/// Tells whether a text can be the key of an object. S3 takes more; but what a file system or a proxy takes for another
/// place must not name an object.
pub(crate) fn is_key(text: &str) -> bool {
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
    text.len() <= MOST_BYTES
        && text.split('/').all(is_segment)
        && !text.contains(|c: char| c == '\\' || c.is_control())
}

/// Reads a key; where it is none, the reader of the file tells the line.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<String, D::Error> {
    let text = String::deserialize(reader)?;
    if is_key(&text) {
        return Ok(text);
    }
    let shown: String = text.chars().take(100).collect();
    Err(D::Error::custom(format!(
        "found the key {shown:?}, expected {EXPECTED}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_one_place_below_its_bucket() {
        let longest = "a".repeat(MOST_BYTES);
        for key in [
            "a",
            "rulesets/local/CARD_AUTH/v1/ruleset.json",
            "a b/ä..",
            &longest,
        ] {
            assert!(is_key(key), "{key}");
        }
        let longer = "a".repeat(MOST_BYTES + 1);
        for key in [
            "", "/", "/a", "a/", "a//b", ".", "..", "../x", "a/..", "a/../b", "a/./b", "a\\b",
            "..\\x", "a\0b", "a\nb", &longer,
        ] {
            assert!(!is_key(key), "{key:?}");
        }
    }
}
