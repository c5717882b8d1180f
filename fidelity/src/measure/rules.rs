//! G1 to G8: what velocities and reference rules make of legit rows and fraud.

use tapdeck_reports::counted;

use super::Measured;
use crate::export::Words;
use crate::facts::Facts;
use crate::statistics::{Sorted, share_of};

/// Number of reference rules.
const RULES: u32 = 10;

/// How often a rule fires per million rows, at least, to be of use.
const USEFUL_PER_MILLION: f64 = 20.0;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let per_address = |row: usize| f64::from(export.vel_ip_1h[row]);
    let attacks = facts.fraud_named("BIN_ATTACK");
    let attacks = attacks.filter(|row| export.ip.code(*row) != Words::ABSENT);
    let legit = facts
        .legit()
        .filter(|row| export.ip.code(*row) != Words::ABSENT);
    let oracle = export.oracle_decision.map(|word| word == "DECLINE");
    let reference = export.ref_decision.map(|word| word == "DECLINE");
    let declined = |row: usize| reference[export.ref_decision.code(row) as usize];
    let meant = |wanted: bool| {
        let rows = facts.rows();
        rows.filter(move |row| oracle[export.oracle_decision.code(*row) as usize] == wanted)
    };
    vec![
        Measured::new(
            "G1",
            share_of(facts.legit(), |row| export.vel_card_1h[row] >= 5),
        ),
        Measured::new(
            "G2",
            share_of(facts.fraud(), |row| export.vel_card_1h[row] >= 3),
        ),
        Measured::new("G3", attacks.map(per_address).reduce(f64::max)),
        Measured::new(
            "G4",
            Sorted::new(legit.map(per_address).collect()).quantile(0.999),
        ),
        Measured::new("G5", share_of(meant.clone()(true), declined)),
        Measured::new("G6", share_of(meant(false), declined)),
        Measured::new(
            "G7",
            share_of(facts.rows(), |row| export.ref_mask[row] != 0),
        ),
        useful_rules(facts),
    ]
}

fn useful_rules(facts: &Facts<'_>) -> Measured {
    let masks = &facts.export.ref_mask;
    let least = USEFUL_PER_MILLION * masks.len() as f64 / 1e6;
    let fires = |bit: u32| masks.iter().filter(|mask| *mask >> bit & 1 == 1).count();
    let counts: Vec<usize> = (0..RULES).map(fires).collect();
    let useful = counts
        .iter()
        .filter(|count| **count as f64 >= least)
        .count();
    let idle = (0..RULES)
        .zip(&counts)
        .filter(|(_, count)| (**count as f64) < least)
        .map(|(bit, count)| format!("bit {} fired {}", 1 << bit, counted(*count as u64, "time")));
    let idle: Vec<String> = idle.collect();
    let measured = Measured::new("G8", (!masks.is_empty()).then_some(useful as f64));
    if idle.is_empty() {
        measured
    } else {
        measured.with_note(idle.join(", "))
    }
}
