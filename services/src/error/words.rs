//! Words in errors: what a misspelled one was meant to be, and what is known in its place.

use std::fmt;

/// Finds the known word a misspelled one was most likely meant to be.
pub fn nearest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let folded = found.trim().to_lowercase();
    let distance = |word: &str| strsim::damerau_levenshtein(&folded, &word.to_lowercase());
    let (nearest, distance) = known
        .into_iter()
        .map(|word| (word, distance(word)))
        .min_by_key(|&(_, distance)| distance)?;
    // One slip in three characters is a slip; more is another word.
    (distance * 3 <= nearest.chars().count()).then_some(nearest)
}

/// A placeholder as a template spells it.
pub(super) struct Spelled<'a>(pub(super) &'a str);

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"${{{}}}\"", self.0)
    }
}

/// What may have been meant: the nearest word, else all that are known.
pub(super) struct Hint<'a, W>(pub(super) Option<&'a str>, pub(super) &'a [W]);

impl<W: AsRef<str>> fmt::Display for Hint<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nearest) = self.0 {
            return write!(f, "; did you mean {nearest:?}?");
        }
        for (place, word) in self.1.iter().enumerate() {
            let before = if place == 0 { "; known: " } else { ", " };
            write!(f, "{before}{}", word.as_ref())?;
        }
        Ok(())
    }
}
