//! Victims hit one by one, and holders who are the fraudsters.

use super::*;
use crate::EntryMode;
use crate::transaction::TransactionType;

#[test]
fn accounts_taken_over_have_a_history_and_a_new_contact() {
    let cards = by_card("account_takeover");
    let (mut known, mut online) = (0u32, 0u32);
    for rows in &cards {
        let (card, life) = life_of(rows[0].card);
        let before = life.iter().filter(|row| row.at_ms < rows[0].at_ms).count();
        assert!(
            before >= 10,
            "fifteen in ninety days make ten in sixty, found {before}"
        );
        for row in rows {
            assert_eq!((row.contact, row.entry_mode), (1, EntryMode::Ecom));
            let is_known = life
                .iter()
                .any(|other| other.merchant == row.merchant && other.device.is_some());
            known += u32::from(is_known);
            online += 1;
        }
        assert!(rows.iter().all(|row| row.device == rows[0].device));
        assert_eq!(card.idx, rows[0].card);
    }
    check_within(
        "at known merchants",
        f64::from(known) / f64::from(online),
        0.35..0.72,
    );
    let rows = cards.concat();
    check_within(
        "rows per victim",
        rows.len() as f64 / cards.len() as f64,
        4.2..7.0,
    );
    let is_new =
        |row: &Transaction| row.device != Some(Card::draw(&CASE.world, row.card).device(0));
    let firsts: Vec<Transaction> = cards.iter().map(|rows| rows[0]).collect();
    check_share("new devices", share(&firsts, is_new), 0.85, firsts.len());
    check_within(
        "short gaps",
        share(&gap_minutes(&cards), |&gap| gap < 120.0),
        0.60..0.85,
    );
    check_refusals(&rows, 0.18, &[b"51", b"05", b"61", b"59"]);
}

#[test]
fn susceptible_holders_are_taken_over_more_often() {
    let log_susceptibility = |idx: CardIdx| {
        let id = u64::from(idx.0);
        let mut stream = CASE
            .world
            .seed
            .stream(Entity::Card, id, Purpose::Susceptibility);
        dist::normal(&mut stream)
    };
    let victims = by_card("account_takeover");
    let of_victims: Vec<f64> = victims
        .iter()
        .map(|rows| log_susceptibility(rows[0].card))
        .collect();
    // Choosing by exp(z) moves the mean of z from 0 to 1, less for the limit.
    check_within("mean", mean(&of_victims), 0.4..1.2);
}

#[test]
fn lost_cards_are_used_nearby_and_not_by_their_holders() {
    let cards = by_card("lost_stolen");
    for rows in &cards {
        let (_, life) = life_of(rows[0].card);
        let blocks = CASE.laid.amendments.blocks();
        let block = blocks
            .iter()
            .find(|block| block.card == rows[0].card)
            .unwrap();
        let loss = life
            .iter()
            .find(|row| row.card_present && row.at_ms + 1 == block.from_ms)
            .unwrap();
        assert!(rows[0].at_ms >= loss.at_ms + 30 * 60_000);
        let (_, here) = CASE.world.shop_of(loss.merchant).unwrap();
        for row in rows {
            let (_, there) = CASE.world.shop_of(row.merchant).unwrap();
            assert!(here.distance_km(there) <= 60.0);
            let contactless = usd_cents(row) < 6_000;
            let expected = if contactless {
                EntryMode::Contactless
            } else {
                EntryMode::Chip
            };
            assert_eq!(row.entry_mode, expected);
        }
    }
    let gaps = gap_minutes(&cards);
    check_within("gaps", mean(&gaps), 22.0..34.0);
    let rows = cards.concat();
    check_within(
        "rows per victim",
        rows.len() as f64 / cards.len() as f64,
        4.8..7.2,
    );
    let later = |place: usize| {
        let amounts = cards.iter().filter_map(|rows| rows.get(place));
        median(amounts.map(|row| usd_cents(row) as f64).collect())
    };
    assert!(later(3) > later(0), "{} {}", later(0), later(3));
    check_refusals(&rows, 0.25, &[b"55", b"51", b"61", b"43"]);
}

#[test]
fn bust_outs_are_large_and_everything_else_is_the_holders_own() {
    let cards = by_card("bust_out");
    let half = CASE.world.span.length_ms().unsigned_abs() / 2;
    for rows in &cards {
        assert!(rows.len() <= 21);
        let card = Card::draw(&CASE.world, rows[0].card);
        for row in rows {
            assert!(row.at_ms >= half);
            match CASE.world.shop_of(row.merchant) {
                Some((_, there)) => assert!(there.distance_km(card.home) < 100.0),
                None => assert_eq!(
                    (row.ip, row.device),
                    (Some(card.household), Some(card.device(0)))
                ),
            }
        }
    }
    let rows = cards.concat();
    let usd = rows
        .iter()
        .map(|row| usd_cents(row) as f64 / 100.0)
        .collect();
    check_within("median", median(usd), 150.0..260.0);
    check_refusals(&rows, 0.25, &[b"51", b"61"]);
}

#[test]
fn first_party_fraud_relabels_what_was_genuine() {
    let relabels = CASE.laid.amendments.relabels();
    assert!(campaigns("first_party").is_empty());
    for relabel in relabels {
        assert_eq!(relabel.label, label("first_party"));
        let (_, life) = life_of(relabel.card);
        let row = life.iter().find(|row| row.seq == relabel.seq).unwrap();
        assert_eq!(row.transaction_type, TransactionType::Purchase);
        assert!(!row.card_present && row.ip.is_some() && row.answer.is_approved());
        assert!(usd_cents(row) > 3_000);
    }
}
