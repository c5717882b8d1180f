//! From a byte of a TOML string's value back to the byte of the file that says it.

/// Gives the offset in `raw`, a TOML string with its quotes, of the byte `decoded` of its value.
///
/// Shape: past the end of the value it gives the closing quotes.
/// Source: TOML 1.1, section String.
pub(super) fn raw_offset(raw: &str, decoded: usize) -> usize {
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    let has_escapes = raw.starts_with('"');
    let mut at = quotes;
    if quotes == 3 {
        // A newline right after the opening quotes belongs to them.
        let newlines = ["\r\n", "\n"];
        let newline = newlines.iter().find(|&line| raw[at..].starts_with(line));
        at += newline.map_or(0, |line| line.len());
    }
    let mut passed = 0;
    for_each_unit(
        &raw[at..raw.len() - quotes],
        has_escapes,
        |width, yields| {
            let goes_on = passed + yields <= decoded;
            if goes_on {
                passed += yields;
                at += width;
            }
            goes_on
        },
    );
    at
}

/// Walks the characters and escapes of a string, giving the bytes each one takes and yields, until told to stop.
fn for_each_unit(mut text: &str, has_escapes: bool, mut step: impl FnMut(usize, usize) -> bool) {
    while let Some(first) = text.chars().next() {
        let (width, yields) = match first {
            '\\' if has_escapes => escape(text),
            _ => (first.len_utf8(), first.len_utf8()),
        };
        if !step(width, yields) {
            return;
        }
        text = &text[width..];
    }
}

/// Gives the bytes that the escape at the start of `text` takes and yields.
fn escape(text: &str) -> (usize, usize) {
    let hex = |width: usize| {
        let digits = text.get(2..width).unwrap_or_default();
        let decoded = u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32);
        (width, decoded.map_or(1, char::len_utf8))
    };
    match text.as_bytes().get(1) {
        Some(b'x') => hex(4),
        Some(b'u') => hex(6),
        Some(b'U') => hex(10),
        // A backslash at the end of a line swallows all whitespace up to the next character.
        Some(b' ' | b'\t' | b'\r' | b'\n') => (text.len() - text[1..].trim_start().len(), 0),
        _ => (2, 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::de::DeTable;

    use super::*;

    /// Parses `raw` as TOML and says which stretch of it each character of the value maps to.
    fn mapped(raw: &str) -> Vec<(char, usize)> {
        let document = format!("key = {raw}\n");
        let table = DeTable::parse(&document).unwrap().into_inner();
        let value = table.get("key").unwrap().get_ref().as_str().unwrap();
        let map = |(decoded, c)| (c, raw_offset(raw, decoded));
        value.char_indices().map(map).collect()
    }

    #[test]
    fn escapes_map_to_their_backslash() {
        let rows: &[(&str, &[(char, usize)])] = &[
            (r#""aé""#, &[('a', 1), ('é', 2)]),
            (r#""a\n\"b""#, &[('a', 1), ('\n', 2), ('"', 4), ('b', 6)]),
            (
                r#""\u00e9\x41\U0001F600c""#,
                &[('é', 1), ('A', 7), ('😀', 11), ('c', 21)],
            ),
            (r"'a\nb'", &[('a', 1), ('\\', 2), ('n', 3), ('b', 4)]),
            ("'''\na\nb'''", &[('a', 4), ('\n', 5), ('b', 6)]),
            ("'''\r\nab'''", &[('a', 5), ('b', 6)]),
            ("\"\"\"a\\\n  \n b\"\"\"", &[('a', 3), ('b', 10)]),
            ("\"\"\"a\"\"\"", &[('a', 3)]),
        ];
        for (raw, expected) in rows {
            assert_eq!(mapped(raw), *expected, "{raw}");
        }
    }

    #[test]
    fn past_the_end_are_the_closing_quotes() {
        assert_eq!(raw_offset("'ab'", 2), 3);
        assert_eq!(raw_offset("'ab'", 99), 3);
        assert_eq!(raw_offset("\"\"\"\nab\"\"\"", 99), 6);
    }

    proptest! {
        #[test]
        fn unescaped_characters_map_to_themselves(
            units in prop::collection::vec(r#"[a-zé 😀]|\\[nrt"\\]|\\u00[e-f][0-9]"#, 0..12),
        ) {
            let raw = format!("\"{}\"", units.concat());
            for (c, at) in mapped(&raw) {
                prop_assert!(raw[at..].starts_with(c) || raw[at..].starts_with('\\'));
            }
        }
    }
}
