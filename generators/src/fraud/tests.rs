//! What all typologies promise, checked on one world; what each one does is in the files below.

mod made_up;
mod promises;
mod stolen;
mod victims;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::*;
use crate::behavior::life::{self, Desk};
use crate::emit::Emitter;
use crate::event_time::EventTime;
use crate::index::CardIdx;
use crate::population::card::Card;
use crate::progress::Unwatched;
use crate::seed::Seed;
use crate::spill::Spill;
use crate::world::Span;

const CARDS: u32 = 2_000;
const DAYS: u32 = 60;
const FRAUD_RATE: f64 = 0.02;

/// A world, what genuinely happened in it, and the fraud.
struct Case {
    world: World,
    spill: Spill,
    emitted: Emitted,
    laid: Laid,
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let (world, spill, emitted) = genuine(8, CARDS, DAYS, FRAUD_RATE);
    let laid = lay_all(&world, &emitted, &options(FRAUD_RATE), &Unwatched).unwrap();
    Case {
        world,
        spill,
        emitted,
        laid,
    }
});

fn genuine(seed: u64, cards: u32, days: u32, fraud_rate: f64) -> (World, Spill, Emitted) {
    let start = EventTime::DEFAULT_START;
    let world = World::build(Seed(seed), Span { start, days }, u64::from(cards)).unwrap();
    let spill = Spill::create(&std::env::temp_dir()).unwrap();
    let candidates = Candidates::choose(&world, cards, fraud_rate);
    let mut emitted = Emitted::default();
    Emitter::new(&world, &spill, &candidates)
        .emit(&mut emitted, cards, &Unwatched)
        .unwrap();
    (world, spill, emitted)
}

fn options(fraud_rate: f64) -> GenerateOptions {
    GenerateOptions {
        fraud_rate,
        ..GenerateOptions::new(0, 1)
    }
}

fn label(name: &str) -> Label {
    let place = typologies().position(|typology| typology.name == name);
    Label(u8::try_from(place.unwrap() + 1).unwrap())
}

/// Gives the transactions of a typology by campaign, each in time order.
fn campaigns(name: &str) -> Vec<Vec<Transaction>> {
    grouped(name, |row| row.campaign)
}

/// Gives the transactions of a typology by card, each in time order.
fn by_card(name: &str) -> Vec<Vec<Transaction>> {
    grouped(name, |row| row.card.0)
}

fn grouped(name: &str, key: impl Fn(&Transaction) -> u32) -> Vec<Vec<Transaction>> {
    let label = label(name);
    let mut groups: BTreeMap<u32, Vec<Transaction>> = BTreeMap::new();
    for row in CASE.laid.rows.iter().filter(|row| row.label == label) {
        groups.entry(key(row)).or_default().push(*row);
    }
    let sorted = |mut rows: Vec<Transaction>| {
        rows.sort_by_key(Transaction::order_key);
        rows
    };
    groups.into_values().map(sorted).collect()
}

/// Gives a card and its genuine transactions in time order.
fn life_of(idx: CardIdx) -> (Card, Vec<Transaction>) {
    let card = Card::draw(&CASE.world, idx);
    let mut rows = Vec::new();
    life::tell(&CASE.world, &card, &mut Desk::default(), &mut rows);
    rows.sort_by_key(Transaction::order_key);
    (card, rows)
}

fn usd_cents(row: &Transaction) -> i64 {
    CASE.world
        .tables
        .currency(row.currency)
        .usd_cents(row.amount_minor)
}

/// Gives the share of items that something holds of.
fn share<T>(items: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    items.iter().filter(|item| holds(item)).count() as f64 / items.len() as f64
}

/// Checks that a share is what it should be, within four standard deviations of a draw of so many.
fn check_share(what: &str, found: f64, expected: f64, draws: usize) {
    let deviation = (expected * (1.0 - expected) / draws as f64).sqrt();
    assert!(
        (found - expected).abs() <= 4.0 * deviation,
        "{what}: {found} of {draws}, expected {expected}"
    );
}

/// Checks the share of refusals and that nothing but the given codes is among them.
fn check_refusals(rows: &[Transaction], expected: f64, codes: &[&[u8; 2]]) {
    let refused = |row: &Transaction| !row.answer.is_approved();
    check_share("refused", share(rows, refused), expected, rows.len());
    for row in rows.iter().filter(|row| refused(row)) {
        assert!(codes.contains(&&row.answer.0), "{:?}", row.answer);
    }
}

/// Gives the minutes between transactions in a row of each group.
fn gap_minutes(groups: &[Vec<Transaction>]) -> Vec<f64> {
    let pairs = groups.iter().flat_map(|rows| rows.windows(2));
    pairs
        .map(|pair| (pair[1].at_ms - pair[0].at_ms) as f64 / MS_PER_MINUTE as f64)
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn check_within(what: &str, found: f64, range: std::ops::Range<f64>) {
    assert!(
        range.contains(&found),
        "{what}: {found}, expected {range:?}"
    );
}
