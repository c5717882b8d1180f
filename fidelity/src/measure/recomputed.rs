//! I16 to I18: the ground truth for scoring decisions, computed again from the rows alone.

use std::collections::VecDeque;

use super::Measured;
use crate::export::{Export, Words};
use crate::facts::{DAY_MS, Facts, HOUR_MS, MINUTE_MS};

/// Bits of the reference rules that decline on their own.
const DECLINING: u32 = 8 | 64 | 128 | 256 | 512;

/// Bits that decline together: a large sum without the card, and an address in a foreign country.
const DECLINING_PAIR: u32 = 2 | 32;

/// Categories as good as cash.
const NEAR_CASH: [&str; 3] = ["6051", "7995", "4829"];

/// No fraud that anybody could know of when the answer is due.
const UNKNOWABLE: &str = "FIRST_PARTY";

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let oracle = oracle(export);
    let rules = References::new(export);
    vec![
        differing("I16", facts, &velocities(export)),
        differing(
            "I17",
            facts,
            &[facts.rows().filter(|row| rules.differ(*row)).collect()],
        ),
        differing(
            "I18",
            facts,
            &[facts.rows().filter(|row| oracle(*row)).collect()],
        ),
    ]
}

/// Counts the rows that are in any of the lists, and names the first.
fn differing(id: &'static str, facts: &Facts<'_>, lists: &[Vec<usize>]) -> Measured {
    let mut rows: Vec<usize> = lists.iter().flatten().copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let measured = Measured::new(id, (!facts.export.is_empty()).then_some(rows.len() as f64));
    match rows.first() {
        Some(row) => measured.with_note(format!("first in row {}", row + 1)),
        None => measured,
    }
}

/// Lists, for each velocity, the rows whose count is another than that of the rows.
fn velocities(export: &Export) -> Vec<Vec<usize>> {
    let differ = |keys: &Words, window_ms: i64, counts: &[u32]| {
        let found = counted(keys, &export.ts_ms, window_ms);
        let pairs = found.iter().zip(counts).enumerate();
        pairs
            .filter(|(_, (found, count))| found != count)
            .map(|(row, _)| row)
            .collect()
    };
    vec![
        differ(&export.card_id, 5 * MINUTE_MS, &export.vel_card_5m),
        differ(&export.card_id, HOUR_MS, &export.vel_card_1h),
        differ(&export.card_id, DAY_MS, &export.vel_card_24h),
        differ(&export.ip, HOUR_MS, &export.vel_ip_1h),
        differ(&export.device_id, HOUR_MS, &export.vel_device_1h),
    ]
}

/// Counts, for every row, the rows up to it that have its key and lie less than the window before it; 0 without a key.
fn counted(keys: &Words, ts_ms: &[i64], window_ms: i64) -> Vec<u32> {
    let mut counts = vec![0; keys.code_count()];
    let mut window: VecDeque<(i64, u32)> = VecDeque::new();
    let mut found = Vec::with_capacity(ts_ms.len());
    for (&at, &key) in ts_ms.iter().zip(keys.codes()) {
        while let Some(&(_, old)) = window.front().filter(|(then, _)| *then <= at - window_ms) {
            counts[old as usize] -= 1;
            window.pop_front();
        }
        if key == Words::ABSENT {
            found.push(0);
            continue;
        }
        counts[key as usize] += 1;
        window.push_back((at, key));
        found.push(counts[key as usize]);
    }
    found
}

/// Gives a test for rows whose oracle is not the one that follows from the label.
fn oracle(export: &Export) -> impl Fn(usize) -> bool {
    let unknowable = export.fraud_type.map(|word| word == UNKNOWABLE);
    let declines = export.oracle_decision.map(|word| word == "DECLINE");
    move |row| {
        let knowable = !unknowable[export.fraud_type.code(row) as usize];
        let expected = export.is_fraud[row] && knowable;
        declines[export.oracle_decision.code(row) as usize] != expected
    }
}

/// The ten reference rules.
struct References<'e> {
    export: &'e Export,
    magstripe: Vec<bool>,
    near_cash: Vec<bool>,
}

impl<'e> References<'e> {
    fn new(export: &'e Export) -> Self {
        Self {
            export,
            magstripe: export.entry_mode.map(|word| word == "MAGSTRIPE"),
            near_cash: export.mcc.map(|word| NEAR_CASH.contains(&word)),
        }
    }

    fn differ(&self, row: usize) -> bool {
        let mask = self.mask(row);
        let decision = decision(mask);
        mask != self.export.ref_mask[row] || decision != self.export.ref_decision.text(row)
    }

    /// Gives the bits of the rules that fire.
    fn mask(&self, row: usize) -> u32 {
        let export = self.export;
        let cents = export.usd_cents[row];
        let absent = !export.card_present[row];
        let card_country = export.card_country.text(row);
        let abroad = export.merchant_country.text(row) != card_country;
        let ip_country = export.ip_country.text(row);
        let ip_abroad = !ip_country.is_empty() && ip_country != card_country;
        let magstripe = self.magstripe[export.entry_mode.code(row) as usize];
        let near_cash = self.near_cash[export.mcc.code(row) as usize];
        let rules = [
            cents > 200_000,
            absent && cents > 50_000,
            absent && abroad && cents > 10_000,
            magstripe && abroad,
            near_cash && cents > 30_000,
            ip_abroad && cents > 10_000,
            export.vel_card_5m[row] >= 3,
            export.vel_card_1h[row] >= 5,
            export.vel_device_1h[row] >= 6,
            export.vel_ip_1h[row] >= 8,
        ];
        let bits = rules.iter().enumerate();
        bits.map(|(bit, fires)| u32::from(*fires) << bit).sum()
    }
}

/// Gives what the rules decide.
fn decision(mask: u32) -> &'static str {
    if mask & DECLINING != 0 || mask & DECLINING_PAIR == DECLINING_PAIR {
        "DECLINE"
    } else if mask != 0 {
        "REVIEW"
    } else {
        "APPROVE"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_follow_the_bits() {
        for (mask, expected) in [
            (0, "APPROVE"),
            (1, "REVIEW"),
            (2, "REVIEW"),
            (32, "REVIEW"),
            (2 | 32, "DECLINE"),
            (8, "DECLINE"),
            (16 | 512, "DECLINE"),
        ] {
            assert_eq!(decision(mask), expected, "{mask}");
        }
    }
}
