//! I19 to I21: places a card cannot have been at one after the other.

use super::Measured;
use crate::facts::{Facts, HOUR_MS};
use crate::statistics::share;

/// Shorter ways say nothing: places are only known to the merchant.
const SHORTEST_KM: f64 = 50.0;

/// Faster than any airliner from door to door.
const FASTEST_KM_PER_H: f64 = 900.0;

/// The typology that makes such journeys on purpose.
const COUNTERFEIT: &str = "COUNTERFEIT";

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let among_legit: usize = facts
        .legit_cards
        .iter()
        .map(|rows| impossible(facts, rows).count())
        .sum();
    let mut without_fraud = 0;
    let mut on_journey = vec![false; export.len()];
    for (from, to) in facts.cards.iter().flat_map(|rows| impossible(facts, rows)) {
        without_fraud += usize::from(!export.is_fraud[from] && !export.is_fraud[to]);
        on_journey[from] = true;
        on_journey[to] = true;
    }
    let counterfeit = facts.fraud_named(COUNTERFEIT);
    let moving = counterfeit.clone().filter(|row| on_journey[*row]).count();
    let has_rows = facts.legit_present().next().is_some();
    let counted = |count: usize| has_rows.then_some(count as f64);
    vec![
        Measured::new("I19", counted(among_legit)),
        Measured::new("I20", counted(without_fraud)),
        Measured::new("I21", share(moving, counterfeit.count())),
    ]
}

/// Lists the consecutive card-present rows of a card that are too far apart for the time between them.
fn impossible<'f>(
    facts: &'f Facts<'_>,
    rows: &'f [u32],
) -> impl Iterator<Item = (usize, usize)> + use<'f> {
    let export = facts.export;
    let present = rows
        .iter()
        .map(|row| *row as usize)
        .filter(|row| export.card_present[*row]);
    present.clone().zip(present.skip(1)).filter(|(from, to)| {
        let hours = (export.ts_ms[*to] - export.ts_ms[*from]) as f64 / HOUR_MS as f64;
        let km = facts
            .merchant_place(*from)
            .distance_km(facts.merchant_place(*to));
        km > SHORTEST_KM && km > FASTEST_KM_PER_H * hours
    })
}
