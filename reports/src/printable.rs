//! Foreign text on its way to a terminal, a log or a page: nothing in it is obeyed.
//!
//! Owns which characters are never shown as they are. Everything that prints or quotes uses this one list.

use std::fmt::Write;

/// Tells whether a terminal, an editor or a browser obeys a character, or hides it: control characters of ASCII and of
/// ISO 8859-1, line and paragraph separators, and what changes the direction of text (Unicode standard annex 9).
pub fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Gives text with a space in the place of everything that is obeyed, so that it stays on its line.
pub fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if is_obeyed(letter) { ' ' } else { letter })
        .collect()
}

/// Gives text of several lines with a replacement character in the place of everything else that is obeyed. A carriage
/// return stays where it ends a line, as it does in CSV.
pub fn in_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_line = letter == '\r' && letters.peek() == Some(&'\n');
        let is_kept = ends_line || matches!(letter, '\n' | '\t') || !is_obeyed(letter);
        shown.push(if is_kept {
            letter
        } else {
            char::REPLACEMENT_CHARACTER
        });
    }
    shown
}

/// Gives a JSON document in which everything that is obeyed, but white space between members, is written as an escape
/// sequence. Its meaning stays: such characters stand in strings only.
pub fn in_json(document: &str) -> String {
    let mut shown = String::with_capacity(document.len());
    let mut units = [0; 2];
    for letter in document.chars() {
        match letter {
            '\n' | '\t' | '\r' => shown.push(letter),
            _ if is_obeyed(letter) => {
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _written = write!(shown, "\\u{unit:04x}");
                }
            }
            _ => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of every kind that must not come through.
    const OBEYED: &str = "\0\u{7}\u{8}\u{b}\r\u{1b}\u{7f}\u{80}\u{9b}\u{9f}\u{200b}\u{200e}\u{2028}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\u{e0041}";

    #[test]
    fn nothing_that_is_obeyed_comes_through() {
        for letter in OBEYED.chars() {
            assert!(is_obeyed(letter), "{letter:?}");
            let text = format!("a{letter}é");
            assert_eq!(on_one_line(&text), "a é");
            assert_eq!(in_lines(&text), "a\u{fffd}é");
        }
        assert_eq!(on_one_line("a\tb\nc"), "a b c");
        assert_eq!(in_lines("a\tb\nc\r\nd\re"), "a\tb\nc\r\nd\u{fffd}e");
    }

    #[test]
    fn letters_of_all_scripts_come_through() {
        let text = "Grüße, 值, עברית, 🙂 - ✅ ⟨x⟩ ─┤";
        assert_eq!(on_one_line(text), text);
        assert_eq!(in_lines(text), text);
        assert_eq!(in_json(text), text);
    }

    #[test]
    fn a_json_document_keeps_its_meaning() {
        let value = serde_json::json!({ "a": format!("x{OBEYED}y\n") });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = in_json(&text);
        assert!(
            !shown
                .chars()
                .any(|letter| is_obeyed(letter) && letter != '\n'),
            "{shown}"
        );
        let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, value);
    }
}
