//! Damage to a sound document: most of what a parser refuses lies close to what it takes.

use arbitrary::Arbitrary;

/// Longest document that edits make out of another, as a multiple of it and so many bytes more.
const GROWTH: (usize, usize) = (4, 4_096);

/// A few edits, one after the other.
#[derive(Debug, Clone, Arbitrary)]
pub struct Edits(Vec<Edit>);

/// Changes a document at a place, which is taken modulo its length.
#[derive(Debug, Clone, Arbitrary)]
enum Edit {
    /// Turns one bit over.
    Flip { at: u32, bit: u8 },
    /// Puts a byte in the place of another.
    Set { at: u32, byte: u8 },
    /// Puts bytes before the place.
    Insert { at: u32, bytes: Vec<u8> },
    /// Takes bytes out.
    Remove { at: u32, count: u16 },
    /// Puts bytes of the document itself before the place.
    Repeat { at: u32, from: u32, count: u16 },
    /// Puts a number where digits stand.
    Number { at: u32, number: i128 },
    /// Cuts the document off.
    Cut { at: u32 },
}

impl Edits {
    /// Gives the document with the edits made.
    pub fn apply(&self, document: &[u8]) -> Vec<u8> {
        let longest = document.len() * GROWTH.0 + GROWTH.1;
        let mut bytes = document.to_vec();
        for edit in &self.0 {
            edit.apply(&mut bytes);
            bytes.truncate(longest);
        }
        bytes
    }
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: u32| at as usize % (bytes.len() + 1);
        match self {
            Self::Flip { at, bit } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Set { at, byte: new } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *new;
                }
            }
            Self::Insert { at, bytes: new } => {
                let at = place(*at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove { at, count } => {
                let at = place(*at);
                let to = bytes.len().min(at + usize::from(*count));
                bytes.drain(at..to);
            }
            Self::Repeat { at, from, count } => {
                let (at, from) = (place(*at), place(*from));
                let to = bytes.len().min(from + usize::from(*count));
                let new = bytes[from..to].to_vec();
                bytes.splice(at..at, new);
            }
            Self::Number { at, number } => {
                let at = place(*at);
                let Some(found) = bytes[at..].iter().position(u8::is_ascii_digit) else {
                    return;
                };
                let from = at + found;
                let digits = bytes[from..].iter().take_while(|it| it.is_ascii_digit());
                let to = from + digits.count();
                bytes.splice(from..to, number.to_string().into_bytes());
            }
            Self::Cut { at } => {
                let at = place(*at);
                bytes.truncate(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Edits};

    fn edited(edits: Vec<Edit>) -> String {
        String::from_utf8(Edits(edits).apply(b"rate = 200")).unwrap()
    }

    #[test]
    fn edits_do_what_they_say() {
        for (edit, expected) in [
            (Edit::Flip { at: 0, bit: 1 }, "pate = 200"),
            (Edit::Set { at: 12, byte: b'x' }, "rxte = 200"),
            (
                Edit::Insert {
                    at: 10,
                    bytes: b"!".to_vec(),
                },
                "rate = 200!",
            ),
            (Edit::Remove { at: 4, count: 3 }, "rate200"),
            (
                Edit::Repeat {
                    at: 10,
                    from: 7,
                    count: 99,
                },
                "rate = 200200",
            ),
            (Edit::Number { at: 0, number: -7 }, "rate = -7"),
            (Edit::Cut { at: 4 }, "rate"),
        ] {
            assert_eq!(edited(vec![edit]), expected);
        }
        assert_eq!(edited(vec![]), "rate = 200");
    }
}
