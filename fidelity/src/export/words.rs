//! A column of texts: every different text once, in order of first appearance, and a number per row.
//!
//! Open addressing over one pool of bytes: no allocation per text and no order that depends on a hash.

use super::cell::{Cell, Expected, Sink};

/// Slots of a dictionary at first.
const FIRST_SLOTS: usize = 64;

/// Marks a slot without a word.
const VACANT: u32 = u32::MAX;

/// A column of texts.
#[derive(Debug)]
pub struct Words {
    codes: Vec<u32>,
    pool: String,
    /// Where each word ends in the pool.
    ends: Vec<usize>,
    slots: Vec<u32>,
    may_be_absent: bool,
}

impl Words {
    /// Code of the empty text: there is nothing in the row.
    pub const ABSENT: u32 = 0;

    /// Gives a column that has a text in every row.
    pub(super) fn required() -> Self {
        let mut words = Self {
            codes: Vec::new(),
            pool: String::new(),
            ends: Vec::new(),
            slots: vec![VACANT; FIRST_SLOTS],
            may_be_absent: false,
        };
        let absent = words.intern("");
        debug_assert_eq!(absent, Self::ABSENT);
        words
    }

    /// Gives a column that may be empty in a row.
    pub(super) fn optional() -> Self {
        Self {
            may_be_absent: true,
            ..Self::required()
        }
    }

    /// Gives the code of a row's text; [`Self::ABSENT`] if it has none.
    pub fn code(&self, row: usize) -> u32 {
        self.codes[row]
    }

    /// Gives the codes of all rows.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Gives a row's text, empty if it has none.
    pub fn text(&self, row: usize) -> &str {
        self.word(self.codes[row])
    }

    /// Gives the text that a code stands for.
    pub fn word(&self, code: u32) -> &str {
        let at = code as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.pool[start..self.ends[at]]
    }

    /// Gives how many codes there are, [`Self::ABSENT`] among them.
    pub fn code_count(&self) -> usize {
        self.ends.len()
    }

    /// Gives how many different texts there are.
    pub fn distinct(&self) -> usize {
        self.ends.len() - 1
    }

    /// Lists the texts in order of first appearance, the empty one first; the place of a text is its code.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let bounds = starts.zip(&self.ends);
        bounds.map(|(start, end)| &self.pool[*start..*end])
    }

    /// Gives something for every text, by code.
    pub fn map<T>(&self, meaning: impl FnMut(&str) -> T) -> Vec<T> {
        self.iter().map(meaning).collect()
    }

    /// Finds the code of a text that is there.
    fn find(&self, text: &str) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash(text.as_bytes()) & mask;
        loop {
            match self.slots[slot] {
                VACANT => return Err(slot),
                code if self.word(code) == text => return Ok(code),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn intern(&mut self, text: &str) -> u32 {
        let slot = match self.find(text) {
            Ok(code) => return code,
            Err(slot) => slot,
        };
        let code = u32::try_from(self.ends.len()).unwrap_or(VACANT - 1);
        self.slots[slot] = code;
        self.pool.push_str(text);
        self.ends.push(self.pool.len());
        if self.ends.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        code
    }

    fn grow(&mut self) {
        self.slots = vec![VACANT; self.slots.len() * 2];
        for code in (0..).take(self.ends.len()) {
            if let Err(slot) = self.find(self.word(code)) {
                self.slots[slot] = code;
            }
        }
    }
}

impl Sink for Words {
    fn push(&mut self, cell: Cell<'_>) -> Result<(), Expected> {
        let code = match cell {
            Cell::Absent if self.may_be_absent => Self::ABSENT,
            Cell::Absent | Cell::Real(_) => return Err("a text"),
            Cell::Text(bytes) => {
                let text = str::from_utf8(bytes).map_err(|_| "text in UTF-8")?;
                if text.contains(|c: char| c == '"' || c.is_control()) {
                    return Err("text without quotes and control characters");
                }
                self.intern(text)
            }
            Cell::Whole(value) => self.intern(&value.to_string()),
        };
        self.codes.push(code);
        Ok(())
    }
}

/// Mixes eight bytes at a time; the multiplier is the golden ratio in 64 bits.
fn hash(bytes: &[u8]) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(GOLDEN);
        state ^= state >> 29;
    }
    (state.wrapping_mul(GOLDEN) >> 20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_is_kept_once() {
        let mut words = Words::optional();
        let texts: Vec<String> = (0..5_000).map(|n| format!("m{}", n % 1_700)).collect();
        for text in &texts {
            words.push(Cell::text(text.as_bytes())).unwrap();
        }
        words.push(Cell::Absent).unwrap();
        assert_eq!(words.distinct(), 1_700);
        for (row, text) in texts.iter().enumerate() {
            assert_eq!(words.text(row), text);
        }
        assert_eq!(words.code(5_000), Words::ABSENT);
        assert_eq!(words.text(5_000), "");
        assert_eq!(words.map(str::len)[1], 2);
        assert_eq!(words.iter().count(), words.code_count());
    }

    #[test]
    fn what_is_no_plain_text_is_refused() {
        let mut words = Words::required();
        assert!(words.push(Cell::Absent).is_err());
        assert!(words.push(Cell::Text(b"a\"b")).is_err());
        assert!(words.push(Cell::Text(b"a\r")).is_err());
        assert!(words.push(Cell::Text(b"\xff")).is_err());
        assert!(words.push(Cell::Real(1.0)).is_err());
        words.push(Cell::Whole(5411)).unwrap();
        assert_eq!(words.text(0), "5411");
    }
}
