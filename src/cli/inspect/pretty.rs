//! Request bodies for reading: JSON indented without touching a digit of it, slots marked where they lie.

use serde::de::IgnoredAny;

use super::sample::Place;
use crate::cli::output::Ink;

/// What stands around a slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
}

impl Marks {
    /// Brackets anywhere; on a terminal they are underlined with what they hold.
    pub(super) fn of(ink: Ink) -> Self {
        match ink {
            Ink::Plain => Self {
                open: "⟨",
                close: "⟩",
            },
            Ink::Terminal => Self {
                open: "\u{1b}[4;36m⟨",
                close: "⟩\u{1b}[0m",
            },
        }
    }
}

/// Lays out a part of a request, each line behind `indent` spaces.
///
/// Shape: JSON gets a line per member; anything else stays as it is. Numbers keep their digits and members their order,
/// which a parser in between would not promise. A slot that is empty on the tape shows the name of what goes there.
pub(super) fn lay_out(text: &str, slots: &[&Place], marks: Marks, indent: usize) -> String {
    let (empty, slots): (Vec<_>, Vec<_>) = slots.iter().partition(|slot| slot.width == 0);
    let is_json = serde_json::from_str::<IgnoredAny>(&filled(text, &empty)).is_ok();
    let name_empty = |page: &mut Page, at: usize| {
        for slot in empty.iter().filter(|slot| slot.offset == at) {
            let name = [marks.open, &slot.kind, marks.close];
            page.text.push_str(&name.concat());
        }
    };
    let mut page = Page {
        text: " ".repeat(indent),
        indent,
        depth: 0,
    };
    let mut inside = Inside::Structure;
    for (at, character) in text.char_indices() {
        name_empty(&mut page, at);
        if slots.iter().any(|slot| slot.offset == at) {
            page.text.push_str(marks.open);
        }
        if is_json && inside == Inside::Structure {
            let next = text[at + character.len_utf8()..]
                .trim_start()
                .chars()
                .next();
            page.structure(character, next);
        } else {
            page.text.push(character);
        }
        inside = inside.after(character);
        if slots
            .iter()
            .any(|slot| slot.offset + slot.width == at + character.len_utf8())
        {
            page.text.push_str(marks.close);
        }
    }
    name_empty(&mut page, text.len());
    page.text
}

/// Puts into every empty slot what is a JSON value outside of strings and harmless inside.
fn filled(text: &str, empty: &[&Place]) -> String {
    let mut filled = text.to_owned();
    for slot in empty.iter().rev() {
        if filled.is_char_boundary(slot.offset) {
            filled.insert_str(slot.offset, "null");
        }
    }
    filled
}

/// Where in a JSON text a character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Structure,
    String,
    Escape,
}

impl Inside {
    fn after(self, character: char) -> Self {
        match (self, character) {
            (Self::Structure, '"') | (Self::Escape, _) => Self::String,
            (Self::String, '"') => Self::Structure,
            (Self::String, '\\') => Self::Escape,
            (same, _) => same,
        }
    }
}

/// The text so far, and how deep it is nested.
struct Page {
    text: String,
    indent: usize,
    depth: usize,
}

impl Page {
    /// Adds a character outside of strings; `next` is the one that follows it, spaces aside.
    fn structure(&mut self, character: char, next: Option<char>) {
        match character {
            '{' | '[' => {
                self.text.push(character);
                self.depth += 1;
                if !matches!(next, Some('}' | ']')) {
                    self.new_line();
                }
            }
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if !self.text.ends_with(['{', '[']) {
                    self.new_line();
                }
                self.text.push(character);
            }
            ',' => {
                self.text.push(character);
                self.new_line();
            }
            ':' => self.text.push_str(": "),
            ' ' | '\t' | '\r' | '\n' => {}
            other => self.text.push(other),
        }
    }

    fn new_line(&mut self) {
        self.text.push('\n');
        self.text
            .push_str(&" ".repeat(self.indent + 2 * self.depth));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, slot: (usize, usize), expected: &str) {
        let slot = Place {
            part: "body",
            kind: "id".into(),
            offset: slot.0,
            width: slot.1,
        };
        assert_eq!(
            lay_out(text, &[&slot], Marks::of(Ink::Plain), 2),
            expected,
            "{text}"
        );
    }

    #[test]
    fn json_is_indented_and_slots_are_marked() {
        check(
            r#"{"id":"abc","amount":42.50,"tags":[],"deep":{"a":[1,2]}}"#,
            (7, 3),
            r#"  {
    "id": "⟨abc⟩",
    "amount": 42.50,
    "tags": [],
    "deep": {
      "a": [
        1,
        2
      ]
    }
  }"#,
        );
        check(r#"{"a\"{,":1}"#, (9, 1), "  {\n    \"a\\\"{,\": ⟨1⟩\n  }");
        check("{ }", (9, 1), "  {}");
    }

    #[test]
    fn empty_slots_show_their_name() {
        check(
            r#"{"a":"","b":1}"#,
            (6, 0),
            "  {\n    \"a\": \"⟨id⟩\",\n    \"b\": 1\n  }",
        );
        check(
            r#"{"a":,"b":1}"#,
            (5, 0),
            "  {\n    \"a\": ⟨id⟩,\n    \"b\": 1\n  }",
        );
        check("/a//b", (3, 0), "  /a/⟨id⟩/b");
        check("/a/", (3, 0), "  /a/⟨id⟩");
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        check("/cards/7?a={,}", (7, 1), "  /cards/⟨7⟩?a={,}");
        check("é{", (0, 2), "  ⟨é⟩{");
    }

    proptest! {
        /// Whatever the text, laying it out adds and drops nothing but space.
        #[test]
        fn nothing_but_space_changes(text in r#"[{}\[\],:"\\a-c0-9 .]{0,60}"#) {
            let shown = lay_out(&text, &[], Marks::of(Ink::Plain), 4);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&shown), letters(&text));
        }
    }
}
