//! I1 to I15: whether the rows are well-formed, consistent and safe.

use std::net::IpAddr;

use super::Measured;
use crate::export::{Export, Words};
use crate::facts::Facts;

const ENTRY_MODES: [&str; 6] = ["CHIP", "CONTACTLESS", "MAGSTRIPE", "MANUAL", "ECOM", "MOTO"];
const TYPES: [&str; 5] = [
    "PURCHASE",
    "REFUND",
    "REVERSAL",
    "CASH_ADVANCE",
    "QUASI_CASH",
];
const ORACLE: [&str; 2] = ["APPROVE", "DECLINE"];
const DECISIONS: [&str; 3] = ["APPROVE", "REVIEW", "DECLINE"];

/// Networks and the digits their numbers begin with.
const NETWORKS: [(&str, &str); 5] = [
    ("VISA", "4"),
    ("MASTERCARD", "25"),
    ("AMEX", "3"),
    ("DISCOVER", "6"),
    ("JCB", "3"),
];

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let mut measured = Vec::from(order(facts));
    measured.extend(strings(facts));
    measured.extend([
        offenses(facts, "I6", |row| facts.currency(row).is_none()),
        offenses(facts, "I7", |row| {
            let currency = facts.currency(row);
            let converted = currency.map(|currency| currency.usd_cents(export.amount_minor[row]));
            converted.is_some_and(|converted| converted != export.usd_cents[row])
        }),
        offenses(facts, "I8", |row| export.amount_minor[row] < 1),
        offenses(facts, "I9", |row| {
            export.card_present[row] && !facts.is_in_local_currency(row)
        }),
        most_faces(facts, "I10", &export.merchant_id, facts.rows(), |row| {
            (
                export.mcc.code(row),
                export.merchant_country.code(row),
                export.merchant_lat[row],
                export.merchant_lon[row],
            )
        }),
        most_faces(
            facts,
            "I11",
            &export.card_id,
            facts.rows().filter(|row| export.card_known[*row]),
            |row| {
                (
                    export.card_country.code(row),
                    export.card_network.code(row),
                    export.card_bin.code(row),
                    (export.home_lat[row], export.home_lon[row]),
                )
            },
        ),
        labels(facts),
    ]);
    measured.extend(vocabulary(facts));
    measured
}

/// Counts the rows that fail and names the first.
fn offenses(facts: &Facts<'_>, id: &'static str, fails: impl Fn(usize) -> bool) -> Measured {
    let mut failing = facts.rows().filter(|row| fails(*row));
    let first = failing.next();
    let count = usize::from(first.is_some()) + failing.count();
    let measured = Measured::new(id, (!facts.export.is_empty()).then_some(count as f64));
    match first {
        Some(row) => measured.with_note(format!("first in row {}", row + 1)),
        None => measured,
    }
}

fn order(facts: &Facts<'_>) -> [Measured; 2] {
    let export = facts.export;
    let duplicates = export.len() - export.txn_id.distinct();
    [
        offenses(facts, "I1", |row| {
            row > 0 && export.ts_ms[row] < export.ts_ms[row - 1]
        }),
        Measured::new("I2", Some(duplicates as f64)),
    ]
}

fn strings(facts: &Facts<'_>) -> [Measured; 3] {
    let export = facts.export;
    let columns = texts(export);
    let suspects = columns
        .iter()
        .flat_map(|(_, words)| words.iter())
        .filter(|text| is_card_number(text));
    let no_token = export.card_id.map(|text| !text.starts_with("tok_"));
    let foreign = export.ip.map(|text| !text.is_empty() && !is_reserved(text));
    let card_numbers = Measured::new("I3", Some(suspects.count() as f64));
    let holder = columns
        .iter()
        .find(|(_, words)| words.iter().any(is_card_number));
    let outside = offenses(facts, "I5", |row| foreign[export.ip.code(row) as usize]);
    [
        match holder {
            Some((name, _)) => card_numbers.with_note(format!("in column {name}")),
            None => card_numbers,
        },
        offenses(facts, "I4", |row| {
            no_token[export.card_id.code(row) as usize]
        }),
        if export.ip.distinct() > 0 {
            outside
        } else {
            Measured::new("I5", None)
        },
    ]
}

/// Lists every column of text.
fn texts(export: &Export) -> [(&'static str, &Words); 18] {
    [
        ("txn_id", &export.txn_id),
        ("card_id", &export.card_id),
        ("card_country", &export.card_country),
        ("card_network", &export.card_network),
        ("card_bin", &export.card_bin),
        ("merchant_id", &export.merchant_id),
        ("mcc", &export.mcc),
        ("merchant_country", &export.merchant_country),
        ("entry_mode", &export.entry_mode),
        ("txn_type", &export.txn_type),
        ("currency", &export.currency),
        ("ip", &export.ip),
        ("ip_country", &export.ip_country),
        ("device_id", &export.device_id),
        ("fraud_type", &export.fraud_type),
        ("auth_resp", &export.auth_resp),
        ("oracle_decision", &export.oracle_decision),
        ("ref_decision", &export.ref_decision),
    ]
}

/// Tells whether a text is 13 to 19 digits, spaces and dashes aside, with a good check digit.
///
/// Source: ISO/IEC 7812-1, annex B (Luhn).
fn is_card_number(text: &str) -> bool {
    let (mut sum, mut count) = (0, 0);
    for byte in text
        .bytes()
        .rev()
        .filter(|byte| !matches!(byte, b' ' | b'-'))
    {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return false;
        }
        let doubled = 2 * digit / 10 + 2 * digit % 10;
        sum += if count % 2 == 0 { digit } else { doubled };
        count += 1;
    }
    (13..=19).contains(&count) && sum.is_multiple_of(10)
}

/// Tells whether an address lies in a block that the internet never routes to anybody: documentation (RFC 5737, 3849,
/// 9637), benchmarks (RFC 2544), carriers' inner networks (RFC 6598).
fn is_reserved(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V4(address)) => match address.octets() {
            [198, second, ..] if second & 0xfe == 18 => true,
            [100, second, ..] => second & 0xc0 == 64,
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
            _ => false,
        },
        Ok(IpAddr::V6(address)) => {
            let head = address.segments();
            head[..2] == [0x2001, 0x0db8] || (head[0] == 0x3fff && head[1] & 0xf000 == 0)
        }
        Err(_) => false,
    }
}

/// Counts the most different faces that any one key shows.
fn most_faces<F: Ord>(
    facts: &Facts<'_>,
    id: &'static str,
    keys: &Words,
    rows: impl Iterator<Item = usize>,
    face: impl Fn(usize) -> F,
) -> Measured {
    let mut faces: Vec<(u32, F)> = rows.map(|row| (keys.code(row), face(row))).collect();
    faces.sort_unstable();
    faces.dedup();
    let per_key = faces.chunk_by(|left, right| left.0 == right.0);
    let most = per_key.max_by_key(|faces| faces.len());
    let measured = Measured::new(id, most.map(|faces| faces.len() as f64));
    match most {
        Some(faces) if faces.len() > 1 => {
            let key = keys.word(faces[0].0);
            let first = facts.rows().find(|row| keys.code(*row) == faces[0].0);
            measured.with_note(format!("{key}, first in row {}", first.unwrap_or(0) + 1))
        }
        _ => measured,
    }
}

/// I12: a genuine row has no label at all, a fraud row has all of it and becomes known later than it happened.
fn labels(facts: &Facts<'_>) -> Measured {
    let export = facts.export;
    let is_none = export.fraud_type.map(|word| word == "NONE");
    offenses(facts, "I12", |row| {
        let untyped = is_none[export.fraud_type.code(row) as usize];
        let campaign = export.campaign_id[row];
        let known_at = export.label_ts_ms[row];
        if export.is_fraud[row] {
            untyped || campaign == 0 || known_at.is_none_or(|at| at <= export.ts_ms[row])
        } else {
            !untyped || campaign != 0 || known_at.is_some()
        }
    })
}

fn vocabulary(facts: &Facts<'_>) -> [Measured; 3] {
    let export = facts.export;
    let unlisted = |words: &Words, list: &[&str]| words.map(|word| !list.contains(&word));
    let modes = unlisted(&export.entry_mode, &ENTRY_MODES);
    let types = unlisted(&export.txn_type, &TYPES);
    let oracle = unlisted(&export.oracle_decision, &ORACLE);
    let decisions = unlisted(&export.ref_decision, &DECISIONS);
    let networks = export
        .card_network
        .map(|word| NETWORKS.iter().all(|(name, _)| *name != word));
    let answers = export.auth_resp.map(|word| {
        word.len() != 2
            || !word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    });
    let online = export.entry_mode.map(|word| word == "ECOM");
    [
        offenses(facts, "I13", |row| {
            !is_bin_of(export.card_bin.text(row), export.card_network.text(row))
        }),
        offenses(facts, "I14", |row| {
            modes[export.entry_mode.code(row) as usize]
                || types[export.txn_type.code(row) as usize]
                || oracle[export.oracle_decision.code(row) as usize]
                || decisions[export.ref_decision.code(row) as usize]
                || networks[export.card_network.code(row) as usize]
                || answers[export.auth_resp.code(row) as usize]
        }),
        offenses(facts, "I15", |row| {
            let has_origin =
                export.ip.code(row) != Words::ABSENT || export.device_id.code(row) != Words::ABSENT;
            export.card_present[row] && (online[export.entry_mode.code(row) as usize] || has_origin)
        }),
    ]
}

fn is_bin_of(bin: &str, network: &str) -> bool {
    let starts = NETWORKS.iter().find(|(name, _)| *name == network);
    let is_number = bin.len() == 6 && bin.bytes().all(|byte| byte.is_ascii_digit());
    is_number && starts.is_some_and(|(_, starts)| bin.starts_with(|c| starts.contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_recognized_by_length_and_check_digit() {
        for (text, expected) in [
            ("4111111111111111", true),
            ("4111-1111 1111 1111", true),
            ("4111111111111112", false),
            ("378282246310005", true),
            ("411111111116", false),
            ("t4111111111111111", false),
            ("00000000000000000000", false),
            ("", false),
        ] {
            assert_eq!(is_card_number(text), expected, "{text}");
        }
    }

    #[test]
    fn only_blocks_without_owners_are_reserved() {
        for address in [
            "198.18.0.1",
            "198.19.255.255",
            "100.64.0.0",
            "100.127.1.2",
            "192.0.2.9",
            "198.51.100.9",
            "203.0.113.9",
            "2001:db8:1:2::1",
            "3fff:fff::1",
        ] {
            assert!(is_reserved(address), "{address}");
        }
        for address in [
            "198.20.0.1",
            "100.128.0.0",
            "192.0.3.9",
            "8.8.8.8",
            "2001:db9::1",
            "3fff:1000::1",
            "localhost",
        ] {
            assert!(!is_reserved(address), "{address}");
        }
    }

    #[test]
    fn numbers_belong_to_networks_by_their_first_digit() {
        assert!(is_bin_of("400000", "VISA"));
        assert!(is_bin_of("222300", "MASTERCARD"));
        assert!(!is_bin_of("400000", "MASTERCARD"));
        assert!(!is_bin_of("40000", "VISA"));
        assert!(!is_bin_of("400000", "DINERS"));
    }
}
