//! Numbers made up, and cards keyed in: one merchant, many cards.

use std::collections::BTreeSet;

use super::*;
use crate::EntryMode;

#[test]
fn bin_attacks_try_numbers_of_one_issuer_that_mostly_do_not_exist() {
    let all = campaigns("bin_attack");
    for rows in &all {
        let distinct = |of: &dyn Fn(&Transaction) -> String| {
            rows.iter().map(of).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(
            distinct(&|row| format!("{:?}", (row.iin, row.card_country))),
            1
        );
        assert_eq!(distinct(&|row| format!("{:?}", row.merchant)), 1);
        assert!(distinct(&|row| format!("{:?}", row.ip)) <= 68);
        assert!(distinct(&|row| format!("{:?}", row.device)) <= 22);
        assert!(
            rows.iter()
                .all(|row| row.entry_mode == EntryMode::Ecom && usd_cents(row) <= 505)
        );
    }
    let rows = all.concat();
    let hits: Vec<&Transaction> = rows.iter().filter(|row| !row.card.is_ghost()).collect();
    let found = hits.len() as f64 / rows.len() as f64;
    check_within("issued", found, 0.0..0.06);
    let ghosts: Vec<Transaction> = rows
        .iter()
        .filter(|row| row.card.is_ghost())
        .copied()
        .collect();
    check_refusals(&ghosts, 0.95, &[b"14", b"54", b"N7", b"05"]);
    let tries = by_card("bin_attack");
    let twice = share(&tries, |rows| rows.len() == 2);
    check_within("tried twice", twice, 0.24..0.36);
    for rows in tries.iter().filter(|rows| rows.len() == 2) {
        assert!(rows[1].at_ms - rows[0].at_ms <= 4_000);
    }
    let seconds = mean(&gap_minutes(&all)) * 60.0;
    check_within("seconds between tries", seconds, 1.7..3.2);
}

#[test]
fn ghosts_are_made_up_once() {
    let mut ghosts = BTreeSet::new();
    for rows in by_card("bin_attack")
        .iter()
        .filter(|rows| rows[0].card.is_ghost())
    {
        assert!(ghosts.insert(rows[0].card));
        assert_eq!(rows[0].campaign, rows[rows.len() - 1].campaign);
    }
    assert!(ghosts.len() > 200);
    let label = label("bin_attack");
    let others = CASE.laid.rows.iter().filter(|row| row.label != label);
    assert!(others.clone().count() > 0 && others.clone().all(|row| !row.card.is_ghost()));
}

#[test]
fn colluding_merchants_key_in_round_sums_of_cards_of_their_country() {
    let all = campaigns("merchant_collusion");
    for rows in &all {
        assert!(rows.len() <= 29);
        let merchant = CASE.world.merchant(rows[0].merchant);
        let cards: BTreeSet<CardIdx> = rows.iter().map(|row| row.card).collect();
        assert_eq!(cards.len(), rows.len());
        for row in rows {
            assert_eq!(row.merchant, rows[0].merchant);
            assert_eq!(row.card_country, merchant.country);
            assert!(matches!(
                row.entry_mode,
                EntryMode::Moto | EntryMode::Manual
            ));
            assert!(!row.card_present && row.ip.is_none() && row.device.is_none());
            let currency = CASE.world.tables.currency(row.currency);
            let step = currency.minor_per_major().max(10);
            assert_eq!(row.amount_minor % step, 0, "{row:?}");
        }
    }
    let rows = all.concat();
    let usd: Vec<f64> = rows
        .iter()
        .map(|row| usd_cents(row) as f64 / 100.0)
        .collect();
    // Rounding to whole units moves the sums of strong currencies by up to two dollars.
    assert!(usd.iter().all(|usd| (58.0..342.0).contains(usd)), "{usd:?}");
    let gaps = gap_minutes(&all);
    assert!(gaps.iter().all(|&gap| gap >= 3.9));
    check_within("gaps", mean(&gaps), 32.0..68.0);
    check_refusals(&rows, 0.15, &[b"05", b"51", b"61"]);
}
