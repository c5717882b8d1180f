//! What must never stand on a tape: anything that could be a real card number, address, mailbox or telephone.

use std::net::IpAddr;

use serde_json::Value;
use tapdeck_generators::GenerateOptions;

use crate::{each_record, taped};

/// Tells whether digits pass the check of ISO/IEC 7812-1.
fn passes_luhn(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| {
        let value = u32::from(digit - b'0') << (place % 2);
        value / 10 + value % 10
    });
    weighted.sum::<u32>() % 10 == 0
}

/// Finds a run of 13 to 19 digits, or such a part of a longer run, that passes for a card number.
fn card_number(text: &[u8]) -> Option<&[u8]> {
    let runs = text.split(|byte| !byte.is_ascii_digit());
    runs.filter(|run| run.len() >= 13).find_map(|run| {
        (13..=run.len().min(19))
            .flat_map(|length| run.windows(length))
            .find(|window| passes_luhn(window))
    })
}

#[test]
fn the_check_itself_works() {
    assert!(passes_luhn(b"4111111111111111"));
    assert!(!passes_luhn(b"4111111111111112"));
    assert!(card_number(b"x 4111111111111111 y").is_some());
    assert!(card_number(b"x9911111111111111119").is_some());
    assert!(card_number(b"411111111111 1111").is_none());
}

#[test]
fn nothing_on_a_tape_passes_for_something_real() {
    let options = GenerateOptions {
        fraud_rate: 0.01,
        ..GenerateOptions::new(11, 60_000)
    };
    let (_folder, tape) = taped(&options);
    each_record(&tape, |record| {
        for part in [record.path(), record.body()] {
            let stripped: Vec<u8> = part
                .iter()
                .copied()
                .filter(|byte| !b" -".contains(byte))
                .collect();
            for text in [part, &stripped] {
                let found = card_number(text).map(String::from_utf8_lossy);
                assert_eq!(found, None);
            }
        }
        if record.endpoint() == 0 {
            check(&serde_json::from_slice(record.body()).unwrap());
        }
    });
}

fn check(body: &Value) {
    let text = |name: &str| body[name].as_str().unwrap();
    assert!(text("id").starts_with('t') && text("card").starts_with("tok_"));
    check_issuer(text("network"), text("bin"));
    check_mail(text("email"));
    check_phone(text("phone"));
    if !body["ip"].is_null() {
        check_address(text("ip").parse().unwrap());
        assert!(text("device").starts_with("dev_"));
        assert_eq!(
            (text("entry"), &body["present"]),
            ("ECOM", &Value::Bool(false))
        );
    }
}

fn check_issuer(network: &str, iin: &str) {
    let first_digits = match network {
        "VISA" => "4",
        "MASTERCARD" => "25",
        "AMEX" | "JCB" => "3",
        "DISCOVER" => "6",
        other => panic!("unknown network {other}"),
    };
    assert_eq!(iin.len(), 6);
    assert!(first_digits.contains(&iin[..1]), "{network} {iin}");
}

fn check_address(address: IpAddr) {
    let reserved = match address {
        IpAddr::V4(v4) => matches!(
            v4.octets(),
            [198, 18 | 19, ..]
                | [100, 64..=127, ..]
                | [192, 0, 2, _]
                | [198, 51, 100, _]
                | [203, 0, 113, _]
        ),
        IpAddr::V6(v6) => matches!(v6.segments(), [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..]),
    };
    assert!(reserved, "{address}");
}

fn check_mail(email: &str) {
    let (_, domain) = email.split_once('@').unwrap();
    let (label, reserved) = domain.rsplit_once('.').unwrap();
    assert!(!label.is_empty(), "{email}");
    assert!(
        ["test", "example", "invalid"].contains(&reserved),
        "{email}"
    );
}

fn check_phone(phone: &str) {
    let fictional = phone.len() == 12 && phone.starts_with("+1") && &phone[5..10] == "55501";
    let unassigned = phone.len() == 13 && phone.starts_with("+999");
    assert!(fictional || unassigned, "{phone}");
}
