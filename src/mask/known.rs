//! Secrets that this process was given or fetched, found in any text that repeats a piece of them.
//!
//! A secret of twelve characters or more is found by every piece of twelve; in Base64 (wherever in it the secret begins,
//! once or twice) and in hexadecimal as well. A shorter one is found as a word of its own. Upper and lower case, both
//! alphabets of Base64, and white space in between make no difference, nor does what separates letters and digits;
//! escape sequences are undone by whoever asks.

use std::ops::Range;

use base64_simd::STANDARD_NO_PAD;
use tapdeck_reports::printable::is_obeyed;

use super::decode::Letter;

/// Length of the pieces by which a secret is found.
const PIECE: usize = 12;

/// A secret of fewer characters could be any word.
const SHORTEST: usize = 8;

/// A piece of fewer different characters is a line of dashes, or padding.
const DIFFERENT: usize = 3;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// One secret, prepared to be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Every piece, in order; of a text that is kept in pieces only.
    pieces: Vec<[u8; PIECE]>,
    /// The whole of it, where it is shorter than a piece.
    word: Option<Vec<u8>>,
    /// The same in Base64.
    coded: Vec<Vec<u8>>,
}

impl Known {
    /// Prepares a secret; `None` if it is too short to be one.
    pub(super) fn new(secret: &str) -> Option<Self> {
        let plain = folded(secret.trim().chars());
        let mut known = Self::default();
        if plain.len() >= PIECE {
            known.add_pieces(&plain);
            // A form writes spaces in another way.
            let in_form = secret.trim().replace(' ', "+");
            known.add_pieces(&folded(in_form.chars()));
        } else if plain.len() >= SHORTEST {
            known.word = Some(plain);
        } else {
            return None;
        }
        let once = STANDARD_NO_PAD.encode_to_string(secret.trim());
        for text in [secret.trim(), &once] {
            for coded in in_base64(text.as_bytes()) {
                known.add_coded(&coded);
            }
        }
        let digits = |byte: u8| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        let hexadecimal: Vec<u8> = secret.trim().bytes().flat_map(digits).collect();
        known.add_coded(&hexadecimal);
        known.pieces.sort_unstable();
        known.pieces.dedup();
        Some(known)
    }

    /// Adds the pieces of a text, and those of its letters and digits alone.
    fn add_pieces(&mut self, text: &[u8]) {
        let bare = text.iter().copied().filter(|&byte| !separates(byte));
        let bare: Vec<u8> = bare.collect();
        let pieces = text.array_windows().filter(|piece| is_telling(piece));
        self.pieces.extend(pieces);
        // Of letters alone it would be found in prose: words of a secret may be those of a sentence.
        let holds_digit = |piece: &&[u8; PIECE]| piece.iter().any(u8::is_ascii_digit);
        let pieces = bare.array_windows().filter(holds_digit);
        self.pieces.extend(pieces.filter(|piece| is_telling(piece)));
    }

    fn add_coded(&mut self, text: &[u8]) {
        let text = folded(text.iter().map(|&byte| byte.into()));
        match text.len() {
            PIECE.. => self.add_pieces(&text),
            8.. => self.coded.push(text),
            _ => {}
        }
    }

    fn mark_pieces(&self, text: &Folded, marks: &mut [bool]) {
        for (at, piece) in text.bytes.array_windows::<PIECE>().enumerate() {
            if self.pieces.binary_search(piece).is_ok() {
                text.mark(at..at + PIECE, marks);
            }
        }
    }

    /// Marks what repeats the secret, byte by byte of the original text. Words are looked for only where `words` says so.
    pub(super) fn mark(&self, text: &Folded, words: Words, marks: &mut [bool]) {
        self.mark_pieces(text, marks);
        self.mark_pieces(&text.bare(), marks);
        if words == Words::Left {
            return;
        }
        for coded in &self.coded {
            for found in memchr::memmem::find_iter(&text.bytes, coded) {
                text.mark(found..found + coded.len(), marks);
            }
        }
        if let Some(word) = &self.word {
            for found in memchr::memmem::find_iter(&text.bytes, word) {
                if text.is_word(found..found + word.len()) {
                    text.mark(found..found + word.len(), marks);
                }
            }
        }
    }
}

/// Tells whether a byte stands between letters and digits; what is no ASCII is taken for a letter.
fn separates(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// Whether short secrets are looked for, which may be words that we use ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// In foreign text.
    Masked,
    /// Not in our own.
    Left,
}

/// A text as it is compared, with the way back.
#[derive(Debug)]
pub(super) struct Folded {
    bytes: Vec<u8>,
    /// The letter of each byte.
    letters: Vec<Letter>,
}

impl Folded {
    /// Folds a reading of a text.
    pub(super) fn new(reading: &[Letter]) -> Self {
        let mut folded = Self {
            bytes: Vec::with_capacity(reading.len()),
            letters: Vec::with_capacity(reading.len()),
        };
        for &letter in reading {
            let before = folded.bytes.len();
            fold(letter.is, &mut folded.bytes);
            folded
                .letters
                .resize(folded.letters.len() + folded.bytes.len() - before, letter);
        }
        folded
    }

    /// Gives its letters and digits alone.
    fn bare(&self) -> Self {
        let both = self.bytes.iter().zip(&self.letters);
        let (bytes, letters) = both.filter(|(byte, _)| !separates(**byte)).unzip();
        Self { bytes, letters }
    }

    /// Marks a stretch with what was left out of it.
    fn mark(&self, found: Range<usize>, marks: &mut [bool]) {
        if let [first, .., last] = &self.letters[found] {
            marks[first.from..last.to].fill(true);
        }
    }

    /// Tells whether a stretch is no part of a longer word: white space is gone here, so the letters tell.
    fn is_word(&self, found: Range<usize>) -> bool {
        let joins = |left: usize, right: usize| {
            let (Some(left), Some(right)) = (self.letters.get(left), self.letters.get(right))
            else {
                return false;
            };
            left.to == right.from && left.is.is_alphanumeric() && right.is.is_alphanumeric()
        };
        let begins = found.start == 0 || !joins(found.start - 1, found.start);
        begins && !joins(found.end - 1, found.end)
    }
}

fn folded(text: impl Iterator<Item = char>) -> Vec<u8> {
    let mut bytes = Vec::new();
    text.for_each(|letter| fold(letter, &mut bytes));
    bytes
}

/// Appends a character as it is compared.
fn fold(letter: char, out: &mut Vec<u8>) {
    match letter {
        _ if letter.is_whitespace() || is_obeyed(letter) || letter == '\u{ad}' => {}
        '-' => out.push(b'+'),
        '_' => out.push(b'/'),
        _ => {
            let lower = letter.to_ascii_lowercase();
            out.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

fn is_telling(piece: &[u8; PIECE]) -> bool {
    let mut seen = *piece;
    seen.sort_unstable();
    seen.chunk_by(|left, right| left == right).count() >= DIFFERENT
}

/// Gives what a text becomes in Base64 whatever stands before and behind it: three forms, each without the characters
/// that its neighbors have a part in.
fn in_base64(text: &[u8]) -> [Vec<u8>; 3] {
    [0, 1, 2].map(|before: usize| {
        let mut whole = vec![0; before];
        whole.extend_from_slice(text);
        let coded = STANDARD_NO_PAD.encode_to_string(&whole).into_bytes();
        let from = (before * 4).div_ceil(3);
        let to = whole.len() * 4 / 3;
        coded.get(from..to).unwrap_or_default().to_vec()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::decode::readings;

    #[test]
    fn base64_is_known_wherever_the_secret_begins() {
        let secret = b"opaque-token-98765";
        for before in ["", "a", "ab", "abc"] {
            for behind in ["", "x", "xy"] {
                let whole = [before.as_bytes(), secret, behind.as_bytes()].concat();
                let coded = STANDARD_NO_PAD.encode_to_string(&whole);
                let form = &in_base64(secret)[before.len() % 3];
                let form = std::str::from_utf8(form).unwrap();
                assert!(coded.contains(form), "{coded} {form}");
            }
        }
    }

    #[test]
    fn what_is_too_short_or_a_line_of_dashes_is_no_secret() {
        assert_eq!(Known::new("hunter2"), None);
        assert_eq!(Known::new("  "), None);
        let dashes = Known::new("--------------------------").unwrap();
        let marked = {
            let text = "------------------------";
            let mut marks = vec![false; text.len()];
            dashes.mark(&Folded::new(&readings(text)[0]), Words::Masked, &mut marks);
            marks.contains(&true)
        };
        assert!(!marked);
    }
}
