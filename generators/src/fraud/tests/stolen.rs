//! Stolen cards: where they come from, and what the three typologies do with them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::EntryMode;

/// Gives for every campaign of a typology with so many victims the share of them that were seen at one shop before.
fn shares_seen_at_one_shop(name: &str) -> Vec<f64> {
    let large = campaigns(name).into_iter().filter_map(|rows| {
        let cards: BTreeMap<CardIdx, u64> =
            rows.iter().rev().map(|row| (row.card, row.at_ms)).collect();
        (cards.len() >= 6).then_some(cards)
    });
    let share = |cards: BTreeMap<CardIdx, u64>| {
        let mut seen: BTreeMap<u32, BTreeSet<CardIdx>> = BTreeMap::new();
        for (&card, &at_ms) in &cards {
            let before = life_of(card).1.into_iter().filter(|row| row.at_ms < at_ms);
            for row in before.filter(|row| row.card_present) {
                seen.entry(row.merchant.0).or_default().insert(card);
            }
        }
        let most = seen.values().map(BTreeSet::len).max().unwrap_or_default();
        most as f64 / cards.len() as f64
    };
    large.map(share).collect()
}

#[test]
fn victims_were_seen_at_one_shop_before() {
    for name in ["card_testing", "cnp_stolen"] {
        let shares = shares_seen_at_one_shop(name);
        assert!(shares.len() >= 6, "{name}: {shares:?}");
        assert!(
            share(&shares, |&share| share >= 0.999) > 0.6,
            "{name}: {shares:?}"
        );
    }
}

#[test]
fn card_testing_is_a_burst_of_tiny_amounts_at_one_merchant() {
    let all = campaigns("card_testing");
    for rows in &all {
        let distinct = |of: &dyn Fn(&Transaction) -> String| {
            rows.iter().map(of).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(&|row| format!("{:?}", row.merchant)), 1);
        assert!(distinct(&|row| format!("{:?}", row.ip)) <= 8);
        assert!(distinct(&|row| format!("{:?}", row.device)) <= 6);
        let mut tries: BTreeMap<CardIdx, u32> = BTreeMap::new();
        for row in rows {
            *tries.entry(row.card).or_default() += 1;
            assert_eq!((row.card_present, row.entry_mode), (false, EntryMode::Ecom));
            // The smallest coins of some currencies are worth more than a cent.
            assert!(usd_cents(row) <= 505, "{row:?}");
        }
        assert!(tries.values().all(|&tries| tries <= 3));
        let minutes = (rows[rows.len() - 1].at_ms - rows[0].at_ms) / 60_000;
        assert!(minutes <= 120, "{minutes} minutes, {} rows", rows.len());
    }
    let seconds = mean(&gap_minutes(&all)) * 60.0;
    check_within("seconds between tries", seconds, 11.5..16.5);
    check_refusals(&all.concat(), 0.55, &[b"05", b"14", b"N7", b"54", b"59"]);
}

#[test]
fn numbers_that_failed_their_test_are_not_spent() {
    let mut approved: BTreeMap<CardIdx, bool> = BTreeMap::new();
    for row in campaigns("card_testing").concat() {
        *approved.entry(row.card).or_default() |= row.answer.is_approved();
    }
    let spent = by_card("cnp_stolen");
    let tested: Vec<bool> = spent
        .iter()
        .filter_map(|rows| approved.get(&rows[0].card).copied())
        .collect();
    assert!(tested.len() > 20 && tested.iter().all(|&good| good));
    assert!(tested.len() < spent.len(), "some were never tested");
    assert!(approved.values().any(|good| !good));
}

#[test]
fn stolen_numbers_are_spent_online() {
    let cards = by_card("cnp_stolen");
    let rows = cards.concat();
    check_within(
        "rows per victim",
        rows.len() as f64 / cards.len() as f64,
        2.6..3.3,
    );
    let gaps = gap_minutes(&cards);
    check_within("short gaps", share(&gaps, |&gap| gap < 60.0), 0.50..0.70);
    assert!(gaps.iter().all(|&gap| gap >= 0.0));
    let is_new =
        |row: &Transaction| row.device != Some(Card::draw(&CASE.world, row.card).device(0));
    let firsts: Vec<Transaction> = cards.iter().map(|rows| rows[0]).collect();
    check_share("new devices", share(&firsts, is_new), 0.75, firsts.len());
    let is_abroad =
        |row: &Transaction| CASE.world.merchant(row.merchant).country != row.card_country;
    check_share("abroad", share(&rows, is_abroad), 0.35, rows.len());
    let lies_abroad =
        |row: &Transaction| CASE.world.country_of(row.ip.unwrap()) != row.card_country;
    check_within("addresses abroad", share(&firsts, lies_abroad), 0.40..0.65);
    for row in &rows {
        assert_eq!((row.card_present, row.entry_mode), (false, EntryMode::Ecom));
        let code = CASE.world.mcc(CASE.world.merchant(row.merchant).mcc).code;
        assert!(means::COVETED.contains(&code));
    }
    let ratio = |row: &Transaction| {
        let mcc = CASE.world.merchant(row.merchant).mcc;
        let level = CASE
            .world
            .prices
            .log_median_usd(mcc, (row.card_country, row.card_country));
        usd_cents(row) as f64 / 100.0 / libm::exp(level)
    };
    check_within(
        "ratio to medians",
        median(rows.iter().map(ratio).collect()),
        1.0..1.5,
    );
    check_refusals(&rows, 0.22, &[b"05", b"51", b"59", b"61", b"N7"]);
}

#[test]
fn copies_are_used_far_from_home_and_often_too_soon_to_be_the_holder() {
    let cards = by_card("counterfeit");
    let rows = cards.concat();
    check_within(
        "rows per victim",
        rows.len() as f64 / cards.len() as f64,
        3.4..5.0,
    );
    let (mut following, mut abroad) = (0.0, 0.0);
    for rows in &cards {
        let first = rows[0];
        let (card, life) = life_of(first.card);
        let (_, there) = CASE.world.shop_of(first.merchant).unwrap();
        assert!(there.distance_km(card.home) > 250.0);
        let in_shops = life.iter().filter(|row| row.card_present);
        let fastest = in_shops
            .filter(|row| row.at_ms < first.at_ms)
            .map(|row| {
                let (_, here) = CASE.world.shop_of(row.merchant).unwrap();
                here.distance_km(there) / ((first.at_ms - row.at_ms) as f64 / 3_600_000.0)
            })
            .fold(0.0, f64::max);
        following += f64::from(u8::from(fastest > 900.0));
        let is_abroad = CASE.world.merchant(first.merchant).country != card.country;
        abroad += f64::from(u8::from(is_abroad));
    }
    let count = cards.len() as f64;
    check_within("too fast", following / count, 0.35..0.75);
    check_within("abroad", abroad / count, 0.40..0.85);
    let gaps = gap_minutes(&cards);
    assert!(gaps.iter().all(|&gap| gap >= 5.9));
    check_within("gaps", mean(&gaps), 32.0..50.0);
    for (mode, expected) in [
        (EntryMode::Magstripe, 0.62),
        (EntryMode::Chip, 0.27),
        (EntryMode::Manual, 0.11),
    ] {
        let found = share(&rows, |row| row.entry_mode == mode);
        check_share("entry mode", found, expected, rows.len());
    }
    assert!(rows.iter().all(|row| row.card_present && row.ip.is_none()));
    check_refusals(&rows, 0.30, &[b"05", b"51", b"59", b"61"]);
}
