//! What is hidden, and what stays: planted secrets in every form of an echo, card numbers across every separator, and
//! thousands of innocent words and numbers.

mod cards;
mod echoes;
mod innocent;

use proptest::prelude::*;

use super::*;

#[test]
fn an_excerpt_is_short_and_printable() {
    assert_eq!(excerpt(b""), "empty");
    assert_eq!(excerpt(b"a\x00\nb"), "a  b");
    let long = excerpt(&[b'x'; 5_000]);
    assert_eq!(long.chars().count(), EXCERPT_CHARS + 1);
}

#[test]
fn a_cut_card_number_is_not_shown() {
    let mut mask = Mask::default();
    let secret = "long-planted-secret-".repeat(60);
    mask.add(&secret);
    for digits in 1..16 {
        let filler = &secret[..EXCERPT_BYTES - 1 - digits];
        let body = format!("{filler} 4111111111111111 and more");
        assert_eq!(mask.excerpt(body.as_bytes()), "***…", "{digits}");
    }
}

#[test]
fn a_destination_has_no_query() {
    for (location, expected) in [
        ("/login", "/login"),
        ("/login?code=abc&state=1", "/login?***"),
        ("https://other/?", "https://other/?***"),
        ("", "empty"),
    ] {
        assert_eq!(destination(location.as_bytes()), expected);
    }
}

#[test]
fn what_is_printed_keeps_its_lines_and_loses_what_is_obeyed() {
    let mut mask = Mask::default();
    assert_eq!(mask.printed("a\n\tb \u{1b}[31m"), "a\n\tb \u{fffd}[31m");
    mask.add("planted-secret-1234");
    assert_eq!(mask.printed("a\nplanted-secret-1234"), "a\n***");
}

#[test]
fn only_the_latest_tokens_are_remembered() {
    let mut mask = Mask::default();
    let token = |number: usize| format!("opaque-{number:04}-abcdefgh");
    (0..=MOST_TOKENS).for_each(|number| mask.add_token(&token(number)));
    assert_eq!(mask.tokens.len(), MOST_TOKENS);
    assert_eq!(mask.foreign(&token(MOST_TOKENS)), "***");
    assert_eq!(mask.foreign(&token(1)), "***");
}

#[test]
fn the_lines_around_a_key_are_no_secret() {
    let mut mask = Mask::default();
    let middle = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    mask.add(&format!(
        "-----BEGIN PRIVATE KEY-----\n{middle}\n-----END PRIVATE KEY-----\n"
    ));
    assert_eq!(
        mask.foreign("-----BEGIN PRIVATE KEY-----"),
        "-----BEGIN PRIVATE KEY-----"
    );
    assert_eq!(mask.foreign(middle), "***");
}

proptest! {
    /// No bytes make it panic, a mask of card numbers is as long as what it hides, and nothing is obeyed.
    #[test]
    fn any_bytes_become_safe(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        let mut mask = Mask::default();
        mask.add("planted-secret-1234");
        for shown in [mask.excerpt(&bytes), mask.foreign(&text)] {
            prop_assert!(!shown.contains(printable::is_obeyed), "{shown:?}");
        }
        prop_assert_eq!(mask_pans(&text).len(), text.len());
    }
}
