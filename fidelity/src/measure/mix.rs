//! A7 to A9, A11, A12: what is bought and how.

use super::Measured;
use crate::facts::Facts;
use crate::statistics::{share_of, total_variation};

/// Share of rows above which a category counts as present.
const PRESENT_SHARE: f64 = 0.000_5;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let mode = |wanted: &'static str| {
        let marks = export.entry_mode.map(|word| word == wanted);
        share_of(facts.legit_present(), |row| {
            marks[export.entry_mode.code(row) as usize]
        })
    };
    let table: Vec<f64> = facts.tables.mccs.iter().map(|mcc| mcc.weight).collect();
    let all = counts(facts, facts.legit());
    let total: f64 = all.iter().sum();
    let present = all
        .iter()
        .filter(|count| **count > 0.0 && **count >= PRESENT_SHARE * total);
    let purchases = counts(facts, facts.legit().filter(|row| !facts.is_refund(*row)));
    vec![
        Measured::new("A7", total_variation(&purchases, &table)),
        Measured::new("A8", (total > 0.0).then_some(present.count() as f64)),
        Measured::new(
            "A9",
            share_of(facts.legit(), |row| !export.card_present[row]),
        ),
        Measured::new("A11", mode("CONTACTLESS")),
        Measured::new("A12", mode("MAGSTRIPE")),
    ]
}

/// Counts rows by category of the table.
fn counts(facts: &Facts<'_>, rows: impl Iterator<Item = usize>) -> Vec<f64> {
    let mut counts = vec![0.0; facts.tables.mccs.len()];
    for idx in rows.filter_map(|row| facts.category_idx(row)) {
        counts[idx] += 1.0;
    }
    counts
}
