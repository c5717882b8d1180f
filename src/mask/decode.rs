//! Text as whoever reads it understands it: escape sequences of URLs, JSON, Rust and HTML undone, tags without effect gone.
//!
//! Each character remembers which bytes it came from, so that what is found in the decoded text can be hidden in the
//! original. What is no escape sequence stays as it is.

/// How often escape sequences are undone: an answer may quote, in JSON, a URL that is encoded twice.
const DEPTH: usize = 3;

/// Longest escape sequence, in characters: `\u{10ffff}`.
const LONGEST: usize = 10;

/// Names of HTML that stand for separators or quotes.
const ENTITIES: [(&str, char); 15] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("shy", '\u{ad}'),
    ("hyphen", '\u{2010}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("minus", '\u{2212}'),
    ("middot", '\u{b7}'),
];

/// A character, and the bytes that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) is: char,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Gives text as it stands, then with its escape sequences undone as often as that changes anything.
pub(super) fn readings(text: &str) -> Vec<Vec<Letter>> {
    let plain: Vec<Letter> = text
        .char_indices()
        .map(|(from, is)| Letter {
            is,
            from,
            to: from + is.len_utf8(),
        })
        .collect();
    let mut readings = vec![plain];
    for depth in 0..DEPTH {
        match unescaped(&readings[depth]) {
            Some(next) => readings.push(next),
            None => break,
        }
    }
    readings
}

/// Undoes every escape sequence once; `None` if there is none.
fn unescaped(letters: &[Letter]) -> Option<Vec<Letter>> {
    let mut out = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        let taken = match rest[0].is {
            '%' => percent(rest),
            '\\' => backslash(rest),
            '&' => entity(rest),
            '<' => tag(rest),
            _ => None,
        };
        let (is, length) = taken.unwrap_or((rest[0].is, 1));
        out.push(Letter {
            is,
            from: rest[0].from,
            to: rest[length - 1].to,
        });
        at += length;
    }
    (out.len() < letters.len()).then_some(out)
}

/// Reads `%41`, or as many of them as one character of UTF-8 has bytes (RFC 3986, section 2.1).
fn percent(letters: &[Letter]) -> Option<(char, usize)> {
    let byte = |nth: usize| {
        let at = letters.get(3 * nth..3 * nth + 3)?;
        let digits = (at[0].is == '%').then_some(&at[1..])?;
        u8::try_from(number(digits, 16)?).ok()
    };
    let first = byte(0)?;
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let bytes: Option<Vec<u8>> = (0..length).map(byte).collect();
    let whole = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.chars().next());
    // What is no UTF-8 is taken for ISO 8859-1.
    Some(whole.map_or((first.into(), 3), |is| (is, 3 * length)))
}

/// Reads `\n`, `\/`, `\x41`, `\u0041` and `\u{41}` (RFC 8259, section 7, and what Rust writes).
fn backslash(letters: &[Letter]) -> Option<(char, usize)> {
    let code = |from: usize, length: usize| {
        let found = number(letters.get(from..from + length)?, 16)?;
        char::from_u32(found).map(|is| (is, from + length))
    };
    match letters.get(1)?.is {
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        'b' | 'f' | '0' => Some((' ', 2)),
        mark @ ('"' | '\'' | '\\' | '/') => Some((mark, 2)),
        'x' => code(2, 2),
        'u' if letters.get(2)?.is == '{' => {
            let close = letters.iter().take(LONGEST).position(|it| it.is == '}')?;
            code(3, close - 3).map(|(is, length)| (is, length + 1))
        }
        'u' => code(2, 4),
        _ => None,
    }
}

/// Reads `&#65;`, `&#x41;` and a few names.
fn entity(letters: &[Letter]) -> Option<(char, usize)> {
    let close = letters.iter().take(LONGEST).position(|it| it.is == ';')?;
    let inside = &letters[1..close];
    let is = match inside {
        [hash, rest @ ..] if hash.is == '#' => match rest {
            [x, digits @ ..] if matches!(x.is, 'x' | 'X') => number(digits, 16),
            digits => number(digits, 10),
        }
        .and_then(char::from_u32)?,
        name => {
            let is_name = |known: &str| known.chars().eq(name.iter().map(|it| it.is));
            ENTITIES.iter().find(|(known, _)| is_name(known))?.1
        }
    };
    Some((is, close + 1))
}

/// Reads a tag of HTML without attributes, such as `<wbr>` or `</b>`: nothing that is seen.
fn tag(letters: &[Letter]) -> Option<(char, usize)> {
    let close = letters.iter().take(LONGEST).position(|it| it.is == '>')?;
    let inside = &letters[1..close];
    let is_part = |it: &Letter| it.is.is_ascii_alphanumeric() || matches!(it.is, '/' | ' ');
    let begins = inside.first()?.is;
    let is_tag = inside.iter().all(is_part) && (begins == '/' || begins.is_ascii_alphabetic());
    is_tag.then_some(('\u{200b}', close + 1))
}

fn number(digits: &[Letter], radix: u32) -> Option<u32> {
    let add = |sum: u32, digit: &Letter| {
        let digit = digit.is.to_digit(radix)?;
        sum.checked_mul(radix)?.checked_add(digit)
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> String {
        let readings = readings(text);
        readings.last().unwrap().iter().map(|it| it.is).collect()
    }

    #[test]
    fn escape_sequences_are_undone_however_deep() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a%20b%2fc", "a b/c"),
            ("a%C2%A0b%FFc", "a\u{a0}b\u{ff}c"),
            ("a%2520b", "a b"),
            (r#"say \"\u0041\x42\u{43}\/\n\""#, "say \"ABC/\n\""),
            ("a&amp;b&#65;&#x42;&nbsp;&ndash;", "a&bAB\u{a0}\u{2013}"),
            (
                "a<wbr>b</i>c<br />d < e > f",
                "a\u{200b}b\u{200b}c\u{200b}d < e > f",
            ),
            (
                "100 % \\ & ; &#; &nothing; \\u00 %4",
                "100 % \\ & ; &#; &nothing; \\u00 %4",
            ),
        ] {
            assert_eq!(last(text), expected);
        }
    }

    #[test]
    fn every_character_knows_its_bytes() {
        let readings = readings("ä%41b");
        let found: Vec<_> = readings[1]
            .iter()
            .map(|it| (it.is, it.from, it.to))
            .collect();
        assert_eq!(found, [('ä', 0, 2), ('A', 2, 5), ('b', 5, 6)]);
    }
}
