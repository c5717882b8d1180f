//! Finds in any text what could be somebody's: card numbers, network addresses, mailboxes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Finds 13 to 19 digits, perhaps with single spaces or dashes between them, that pass for a card number; a part of a
/// longer run counts as well.
pub(crate) fn card_number(text: &[u8]) -> Option<String> {
    let mut run = Vec::new();
    let mut gap = false;
    // The end of the text ends the last run.
    for &byte in text.iter().chain(b"\n") {
        if byte.is_ascii_digit() {
            run.push(byte);
            gap = false;
        } else if b" -".contains(&byte) && !gap && !run.is_empty() {
            gap = true;
        } else {
            if let Some(found) = card_number_in_run(&run) {
                return Some(String::from_utf8_lossy(found).into_owned());
            }
            run.clear();
            gap = false;
        }
    }
    None
}

fn card_number_in_run(run: &[u8]) -> Option<&[u8]> {
    (13..=run.len().min(19))
        .flat_map(|length| run.windows(length))
        .find(|window| passes_luhn(window))
}

/// Tells whether digits pass the check of ISO/IEC 7812-1.
fn passes_luhn(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| {
        let value = u32::from(digit - b'0') << (place % 2);
        value / 10 + value % 10
    });
    weighted.sum::<u32>() % 10 == 0
}

/// Finds an address outside of the blocks that nobody can own.
pub(crate) fn foreign_address(text: &str) -> Option<IpAddr> {
    let v4 = text
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .filter_map(|word| word.trim_matches('.').parse::<Ipv4Addr>().ok())
        .map(IpAddr::V4);
    let v6 = text
        .split(|c: char| !(c.is_ascii_hexdigit() || c == ':'))
        .filter_map(|word| word.parse::<Ipv6Addr>().ok())
        .map(IpAddr::V6);
    v4.chain(v6).find(|&address| !is_reserved(address))
}

fn is_reserved(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(
            v4.octets(),
            [198, 18 | 19, ..]
                | [100, 64..=127, ..]
                | [192, 0, 2, _]
                | [198, 51, 100, _]
                | [203, 0, 113, _]
        ),
        IpAddr::V6(v6) => matches!(v6.segments(), [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..]),
    }
}

/// Finds a mailbox outside of the names of RFC 2606, or one right under such a name.
pub(crate) fn foreign_mailbox(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "@._%+-".contains(c);
    let words = text.split(|c: char| !is_part(c));
    words.filter(|word| word.contains('@')).find(|word| {
        let domain = word.rsplit('@').next().unwrap_or_default();
        let labels: Vec<&str> = domain.split('.').collect();
        !matches!(labels[..], [.., label, "test" | "example" | "invalid"] if !label.is_empty())
    })
}

/// Asserts that nothing in a text could be somebody's.
#[track_caller]
pub(crate) fn assert_nobodys(text: &[u8], what: &str) {
    assert_eq!(card_number(text), None, "{what}");
    let text = String::from_utf8_lossy(text);
    assert_eq!(foreign_address(&text), None, "{what}");
    assert_eq!(foreign_mailbox(&text), None, "{what}");
}

#[test]
fn card_numbers_are_found_in_any_dress() {
    for (text, expected) in [
        ("x 4111111111111111 y", true),
        ("4111 1111 1111 1111", true),
        ("\"4111-1111-1111-1111\"", true),
        ("x9911111111111111119", true),
        ("411111111111113", false),
        ("422222222222 2", true),
        ("4111  111111111111", false),
        ("411111111111x1111", false),
        ("2025-01-06T09:15:27.042Z", false),
    ] {
        assert_eq!(card_number(text.as_bytes()).is_some(), expected, "{text}");
    }
}

#[test]
fn addresses_and_mailboxes_are_told_apart() {
    for (text, expected) in [
        (
            "\"198.18.4.7\", 100.127.0.1, 2001:db8:1:2::1, 3fff:1::1",
            true,
        ),
        ("192.0.2. and version 0.1.0 at 09:15:27", true),
        ("8.8.8.8", false),
        ("at 10.0.0.1.", false),
        ("2a00:1450::1", false),
    ] {
        assert_eq!(foreign_address(text).is_none(), expected, "{text}");
    }
    for (text, expected) in [
        ("\"a@gmail.test\", b@mail-gb.test, c@corp.example", true),
        ("a@mailinator.invalid", true),
        ("a@test", false),
        ("a@gmail.com", false),
        ("a@test.com", false),
    ] {
        assert_eq!(foreign_mailbox(text).is_none(), expected, "{text}");
    }
}
