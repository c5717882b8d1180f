//! Makes foreign text safe to show: short, printable, without card numbers or tokens.

/// Most characters of an excerpt.
const EXCERPT_CHARS: usize = 240;

/// Digits of a payment card's number (ISO/IEC 7812).
const PAN_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Words after which a value is a secret.
const SECRET_WORDS: [&str; 9] = [
    "authorization",
    "bearer ",
    "token",
    "secret",
    "password",
    "api_key",
    "apikey",
    "api-key",
    JWT,
];

/// Words before a secret that say how it is used (RFC 9110, section 11.1); the secret is the next one.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// How a JSON web token begins, wherever it stands: `{"` in base64, in lower case.
const JWT: &str = "eyj";

/// Gives the beginning of an answer's body for a person to read, secrets masked.
pub fn excerpt(body: &[u8]) -> String {
    if body.is_empty() {
        return "empty".to_owned();
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * EXCERPT_CHARS)]);
    let printable: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let masked = mask_secrets(&mask_pans(&printable));
    let mut excerpt: String = masked.chars().take(EXCERPT_CHARS).collect();
    if excerpt.len() < masked.len() || body.len() > 4 * EXCERPT_CHARS {
        excerpt.push('…');
    }
    excerpt
}

/// Masks every run of digits, spaces and dashes that holds a card number: first six and last four digits stay.
pub fn mask_pans(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        masked.push_str(&rest[..from]);
        let run = &rest[from..];
        let len = run
            .find(|c: char| !(c.is_ascii_digit() || c == ' ' || c == '-'))
            .unwrap_or(run.len());
        mask_run(&run[..len], &mut masked);
        rest = &run[len..];
    }
    masked.push_str(rest);
    masked
}

fn mask_run(run: &str, masked: &mut String) {
    let digits: Vec<u8> = run
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit - b'0')
        .collect();
    if !holds_pan(&digits) {
        masked.push_str(run);
        return;
    }
    let digits = digits.len();
    let mut seen = 0;
    for c in run.chars() {
        let is_digit = c.is_ascii_digit();
        let is_shown = !is_digit || seen < 6 || seen >= digits - 4;
        seen += usize::from(is_digit);
        masked.push(if is_shown { c } else { '*' });
    }
}

/// Tells whether some stretch of the digits has the length and the check digit of a card number. One in ten random
/// stretches has by chance; too much is masked then, never too little. No card number begins with a zero.
fn holds_pan(digits: &[u8]) -> bool {
    let is_pan = |digits: &[u8]| digits[0] != 0 && passes_luhn(digits);
    { PAN_DIGITS }.any(|len| digits.windows(len).any(is_pan))
}

/// Checks the last digit against the others (ISO/IEC 7812-1, annex B).
fn passes_luhn(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(idx, &digit)| {
        let doubled = u32::from(digit) * if idx % 2 == 0 { 1 } else { 2 };
        doubled / 10 + doubled % 10
    });
    weighted.sum::<u32>().is_multiple_of(10)
}

/// Masks what follows a word that announces a secret, up to the next delimiter.
pub fn mask_secrets(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let next = SECRET_WORDS
            .iter()
            .filter_map(|word| lower[at..].find(word).map(|found| at + found + word.len()))
            .min();
        let Some(value_from) = next else {
            break;
        };
        masked.push_str(&text[at..value_from]);
        let value = &text[value_from..];
        let (mut skip, mut len) = word(value, 0);
        let first = &value[skip..skip + len];
        if SCHEMES.iter().any(|it| first.eq_ignore_ascii_case(it)) {
            (skip, len) = word(value, skip + len);
        }
        masked.push_str(&value[..skip]);
        if len > 0 {
            masked.push_str("***");
        }
        at = value_from + skip + len;
    }
    masked.push_str(&text[at..]);
    masked
}

/// Finds the next word from a byte on; gives where it begins, and its length.
fn word(text: &str, from: usize) -> (usize, usize) {
    let rest = &text[from..];
    let skip = rest
        .find(|c: char| !" :=\"'".contains(c))
        .unwrap_or(rest.len());
    let len = rest[skip..]
        .find(|c: char| " ,;\"'}&\n".contains(c))
        .unwrap_or(rest.len() - skip);
    (from + skip, len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn card_numbers_keep_only_their_ends() {
        for (text, expected) in [
            ("4111111111111111", "411111******1111"),
            ("t0000000000000012", "t0000000000000012"),
            ("pan 4111 1111-1111 1111.", "pan 4111 11**-**** 1111."),
            ("at 20260102, 12 of 500", "at 20260102, 12 of 500"),
            ("id t4f00-1234", "id t4f00-1234"),
        ] {
            assert_eq!(mask_pans(text), expected);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for (text, expected) in [
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            (
                r#"{"access_token":"xyz","a":1}"#,
                r#"{"access_token":"***","a":1}"#,
            ),
            ("password=hunter2&user=me", "password=***&user=me"),
            (
                r#"{"token":"Bearer opaque-98765","detail":"Authorization: Basic dXNlcjpwYXNz"}"#,
                r#"{"token":"Bearer ***","detail":"Authorization: Basic ***"}"#,
            ),
            (r#"{"token":"Bearer abc"}"#, r#"{"token":"Bearer ***"}"#),
            ("x-api-key: k-1", "x-api-key: ***"),
            (r#"{"got":"eyJhbGciOi.e30.c2ln"}"#, r#"{"got":"eyJ***"}"#),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(mask_secrets(text), expected);
        }
    }

    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(excerpt(b""), "empty");
        assert_eq!(excerpt(b"a\x00\nb"), "a  b");
        let long = excerpt(&[b'x'; 5_000]);
        assert_eq!(long.chars().count(), EXCERPT_CHARS + 1);
    }

    proptest! {
        /// No bytes make it panic, and no card number survives, whatever stands around it.
        #[test]
        fn no_card_number_survives(bytes in any::<Vec<u8>>(), payload in "[1-9][0-9]{11,17}") {
            let passes = |check: &u8| {
                let digits = format!("{payload}{check}");
                passes_luhn(&digits.bytes().map(|digit| digit - b'0').collect::<Vec<_>>())
            };
            let pan = format!("{payload}{}", (0..10).find(passes).unwrap());
            let mut text = bytes;
            text.extend_from_slice(b" x");
            text.splice(0..0, pan.bytes());
            prop_assert!(!excerpt(&text).contains(&pan));
        }
    }
}
