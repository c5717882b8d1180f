//! What all typologies promise, and what each one does.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::behavior::life::{self, Desk};
use crate::population::card::Card;
use crate::progress::Unwatched;
use crate::seed::Seed;
use crate::world::Span;

const CARDS: u32 = 3_000;

fn world() -> World {
    let start = crate::EventTime::DEFAULT_START;
    World::build(Seed(8), Span { start, days: 30 }, u64::from(CARDS)).unwrap()
}

fn laid(world: &World) -> Vec<Transaction> {
    lay_all(world, CARDS, 85_000, 0.01, &Unwatched).unwrap()
}

/// Groups transactions by campaign, each in time order.
fn campaigns(rows: &[Transaction], label: Label) -> Vec<Vec<Transaction>> {
    let mut campaigns: BTreeMap<u32, Vec<Transaction>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.label == label) {
        campaigns.entry(row.campaign).or_default().push(*row);
    }
    let sorted = |mut rows: Vec<Transaction>| {
        rows.sort_by_key(Transaction::order_key);
        rows
    };
    campaigns.into_values().map(sorted).collect()
}

#[test]
fn budgets_are_exact() {
    let world = world();
    // 85 000 genuine ones at 1 % make 858.6 fraudulent ones, 70 % and 30 % of which are 601.0 and 257.6.
    let mut counts = [0; 3];
    for row in laid(&world) {
        counts[usize::from(row.label.0)] += 1;
    }
    assert_eq!(counts, [0, 601, 258]);
    assert_eq!(lay_all(&world, CARDS, 85_000, 0.0, &Unwatched).unwrap(), []);
}

#[test]
fn a_card_is_the_victim_of_one_campaign() {
    let world = world();
    let mut campaign_of = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for row in laid(&world) {
        let campaign = *campaign_of.entry(row.card).or_insert(row.campaign);
        assert_eq!(campaign, row.campaign);
        assert!(row.campaign >= 1 && row.label.is_fraud());
        assert!(row.at_ms < world.span.length_ms().unsigned_abs());
        assert!(keys.insert(row.order_key()), "keys are unique");
        assert!(row.seq >= 1 << 31);
        assert!(row.amount_minor >= 1);
    }
}

#[test]
fn too_much_fraud_for_the_cards_is_said() {
    let error = lay_all(&world(), 20, 85_000, 0.01, &Unwatched).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("card_testing found a victim for only"),
        "{error}"
    );
}

#[test]
fn card_testing_is_a_burst_of_tiny_amounts_at_one_merchant() {
    let world = world();
    for rows in campaigns(&laid(&world), Label(1)) {
        let distinct = |of: &dyn Fn(&Transaction) -> String| {
            rows.iter().map(of).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(&|row| format!("{:?}", row.merchant)), 1);
        assert!(distinct(&|row| format!("{:?}", row.ip)) <= 8);
        assert!(distinct(&|row| format!("{:?}", row.device)) <= 6);
        for row in &rows {
            assert!(!row.card_present && row.ip.is_some() && row.device.is_some());
            let currency = world.tables.currency(row.currency);
            // The smallest coins of some currencies are worth more than a cent.
            assert!(currency.usd_cents(row.amount_minor) <= 505, "{row:?}");
        }
        let minutes = (rows[rows.len() - 1].at_ms - rows[0].at_ms) / 60_000;
        assert!(minutes <= 120, "{minutes} minutes, {} rows", rows.len());
    }
}

#[test]
fn impossible_travel_cannot_be_traveled() {
    let world = world();
    let mut desk = Desk::default();
    for rows in campaigns(&laid(&world), Label(2)) {
        let first = rows[0];
        let mut life = Vec::new();
        let card = Card::draw(&world, first.card);
        life::tell(&world, &card, &mut desk, &mut life);
        let there = world.merchant(first.merchant).place;
        assert!(there.distance_km(card.home) > 250.0);
        let fastest = life
            .iter()
            .filter(|row| row.card_present && row.at_ms < first.at_ms)
            .map(|row| {
                let here = world.merchant(row.merchant).place;
                here.distance_km(there) / ((first.at_ms - row.at_ms) as f64 / 3_600_000.0)
            })
            .fold(0.0, f64::max);
        assert!(fastest > 900.0, "{fastest} km/h");
        assert!(rows.iter().all(|row| row.card_present && row.ip.is_none()));
    }
}

#[test]
fn typologies_are_described() {
    let names: BTreeSet<&str> = typologies().map(|typology| typology.name).collect();
    assert_eq!(names.len(), TYPOLOGIES.len());
    assert!(names.contains("card_testing") && names.contains("impossible_travel"));
    assert!(typologies().all(|typology| !typology.help.is_empty()));
}
