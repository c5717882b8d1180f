//! What every genuine life keeps to, whatever is drawn.

use proptest::prelude::*;

use super::*;
use crate::event_time::{EventTime, MS_PER_HOUR};
use crate::fields::dialect::Dialect;
use crate::index::CardIdx;
use crate::population::card;
use crate::seed::Seed;
use crate::tables::Tables;
use crate::world::{Setting, Span};

fn world(seed: u64, days: u32) -> World {
    let start = EventTime::DEFAULT_START;
    World::build(Seed(seed), Span { start, days }, 300).unwrap()
}

/// Tells lives one after the other at the same desk, so that what one leaves behind would show in the next.
fn lives(world: &World, cards: impl Iterator<Item = u32>) -> Vec<(Card, Vec<Transaction>)> {
    let mut desk = Desk::default();
    cards
        .map(|idx| {
            let card = Card::draw(world, CardIdx(idx));
            let mut rows = Vec::new();
            tell(world, &card, &mut desk, &mut rows);
            rows.sort_by_key(Transaction::order_key);
            (card, rows)
        })
        .collect()
}

/// Gives the fastest speed between two purchases in a row with the card present and more than 50 km apart.
fn fastest_kmh(world: &World, rows: &[Transaction]) -> f64 {
    let stops: Vec<_> = rows
        .iter()
        .filter(|row| row.card_present)
        .map(|row| (row.at_ms, world.merchant(row.merchant).place))
        .collect();
    let speed = |pair: &[(u64, crate::Point)]| {
        let km = pair[0].1.distance_km(pair[1].1);
        let hours = (pair[1].0 - pair[0].0) as f64 / MS_PER_HOUR as f64;
        if km > 50.0 { km / hours } else { 0.0 }
    };
    stops.windows(2).map(speed).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Nobody moves faster than 900 km/h between two genuine purchases with the card present.
    #[test]
    fn nobody_outruns_an_airliner(seed in any::<u64>(), first in 0u32..1_000_000) {
        let world = world(seed, 60);
        for (_, rows) in lives(&world, first..first + 40) {
            let kmh = fastest_kmh(&world, &rows);
            prop_assert!(kmh <= 900.0, "{} km/h", kmh);
        }
    }

    /// Fields agree with one another: channel with entry mode, address and device; currency with place; amount with
    /// currency.
    #[test]
    fn fields_agree(seed in any::<u64>(), first in 0u32..1_000_000) {
        let world = world(seed, 45);
        for (card, rows) in lives(&world, first..first + 25) {
            for row in &rows {
                check_fields(&world, &card, row)?;
            }
        }
    }
}

fn check_fields(world: &World, card: &Card, row: &Transaction) -> Result<(), TestCaseError> {
    let merchant = world.merchant(row.merchant);
    let mcc = world.mcc(merchant.mcc);
    prop_assert!(row.at_ms < world.span.length_ms().unsigned_abs());
    prop_assert_eq!(
        (row.card, row.iin, row.card_country),
        (card.idx, card.iin, card.country)
    );
    prop_assert_eq!(row.label, Label::LEGITIMATE);
    prop_assert_eq!(row.card_present, merchant.has_shop());
    prop_assert_eq!(row.ip.is_some(), row.device.is_some());
    let local = world.tables.country(merchant.country).currency;
    let own = world.tables.country(card.country).currency;
    prop_assert!(row.currency == local || (!row.card_present && row.currency == own));
    prop_assert!(row.amount_minor >= 1);
    if world.tables.currency(row.currency).minor_digits == 0 && mcc.ending != Ending::None {
        prop_assert!(
            row.amount_minor <= 200 || row.amount_minor % 10 == 0,
            "{:?}",
            row
        );
    }
    match row.transaction_type {
        TransactionType::Refund => {
            prop_assert_eq!(row.entry_mode, EntryMode::Manual);
            prop_assert!(!row.card_present && row.ip.is_none());
        }
        other => prop_assert_eq!(other, mcc.transaction_type),
    }
    match row.entry_mode {
        EntryMode::Chip | EntryMode::Contactless | EntryMode::Magstripe => {
            prop_assert!(row.card_present);
        }
        EntryMode::Ecom | EntryMode::Moto => prop_assert!(!row.card_present),
        EntryMode::Manual => {}
    }
    prop_assert!(row.ip.is_none() || row.entry_mode == EntryMode::Ecom);
    Ok(())
}

#[test]
fn lives_do_not_depend_on_who_was_told_before() {
    let world = world(4, 40);
    let forward = lives(&world, 0..30);
    let backward = lives(&world, (0..30).rev());
    for ((card, rows), (other, other_rows)) in forward.iter().zip(backward.iter().rev()) {
        assert_eq!(card.idx, other.idx);
        assert_eq!(rows, other_rows);
    }
}

#[test]
fn the_world_spends_as_much_as_it_was_planned_for() {
    let world = world(5, 90);
    let cards = 300;
    let rows: usize = lives(&world, 0..cards)
        .iter()
        .map(|(_, rows)| rows.len())
        .sum();
    let per_card_day = rows as f64 / f64::from(cards) / 90.0;
    let ratio = per_card_day / crate::emit::ROWS_PER_CARD_DAY;
    assert!((0.8..1.2).contains(&ratio), "{per_card_day}");
}

#[test]
fn ways_of_paying_and_categories_follow_the_tables() {
    let world = world(8, 60);
    let rows: Vec<Transaction> = lives(&world, 0..600)
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .filter(|row| row.transaction_type != TransactionType::Refund)
        .collect();
    let share = |of: &dyn Fn(&Transaction) -> bool, among: &dyn Fn(&Transaction) -> bool| {
        let all = rows.iter().filter(|row| among(row));
        let (count, found) = all.fold((0u32, 0u32), |(count, found), row| {
            (count + 1, found + u32::from(of(row)))
        });
        f64::from(found) / f64::from(count)
    };
    let present = |row: &Transaction| row.card_present;
    let read = |mode| move |row: &Transaction| row.entry_mode == mode;
    let rows_of = [
        (
            "contactless",
            share(&read(EntryMode::Contactless), &present),
            0.40..0.70,
        ),
        (
            "magstripe",
            share(&read(EntryMode::Magstripe), &present),
            0.01..0.08,
        ),
        (
            "typed",
            share(&read(EntryMode::Manual), &present),
            0.003..0.007,
        ),
        (
            "absent",
            share(&|row| !row.card_present, &|_| true),
            0.25..0.42,
        ),
    ];
    for (name, found, expected) in rows_of {
        assert!(expected.contains(&found), "{name}: {found}");
    }
    let total: f64 = world.tables.mccs.iter().map(|mcc| mcc.weight).sum();
    let gap = |mcc| {
        let expected = world.mcc(mcc).weight / total;
        let found = share(&|row| world.merchant(row.merchant).mcc == mcc, &|_| true);
        (found - expected).abs()
    };
    let distance = world.tables.mcc_idxs().map(gap).sum::<f64>() / 2.0;
    assert!(distance <= 0.12, "{distance}");
}

#[test]
fn some_cards_are_first_used_in_the_middle_of_the_span() {
    let world = world(9, 90);
    let lives = lives(&world, 0..1_000);
    let first_day = |rows: &[Transaction]| rows.first().map(|row| row.at_ms / 86_400_000);
    let new = lives
        .iter()
        .filter(|(card, _)| card::active_from_ms(&world, card) >= 0);
    let new: Vec<Option<u64>> = new.map(|(_, rows)| first_day(rows)).collect();
    assert!((90..150).contains(&new.len()), "{}", new.len());
    let late = new.iter().filter(|day| day.is_some_and(|day| day > 30));
    assert!(late.count() * 2 > new.len(), "{new:?}");
}

#[test]
fn reversals_follow_what_they_undo_and_move_nothing_else() {
    let setting = |reversals| Setting {
        seed: Seed(10),
        span: Span {
            start: EventTime::DEFAULT_START,
            days: 90,
        },
        tables: Tables::builtin().unwrap(),
        reversals,
        dialect: Dialect::Plain,
    };
    let told = |reversals| {
        let world = World::of(setting(reversals), 300).unwrap();
        let rows = lives(&world, 0..300).into_iter();
        rows.flat_map(|(_, rows)| rows).collect::<Vec<_>>()
    };
    let with = told(true);
    let (undone, others): (Vec<Transaction>, Vec<Transaction>) = with
        .into_iter()
        .partition(|row| row.transaction_type == TransactionType::Reversal);
    let plain = |row: &Transaction| Transaction {
        seq: 0,
        dice: 0,
        ..*row
    };
    let without = told(false);
    assert!(others.iter().map(plain).eq(without.iter().map(plain)));
    let approved = others
        .iter()
        .filter(|row| row.card_present && row.answer.is_approved());
    let share = undone.len() as f64 / approved.count() as f64;
    assert!((0.001..0.006).contains(&share), "{share}");
    for reversal in undone {
        let original = others.iter().find(|row| {
            (row.card, row.merchant, row.amount_minor)
                == (reversal.card, reversal.merchant, reversal.amount_minor)
                && (5_000..=90_000).contains(&reversal.at_ms.saturating_sub(row.at_ms))
        });
        assert!(
            original.is_some_and(|row| row.answer.is_approved()),
            "{reversal:?}"
        );
    }
}

#[test]
fn issuers_refuse_a_few_and_holders_try_again() {
    let world = world(6, 90);
    let rows: Vec<Transaction> = lives(&world, 0..200)
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .filter(|row| row.transaction_type != TransactionType::Refund)
        .collect();
    for (present, expected) in [(true, 0.012..0.045), (false, 0.05..0.14)] {
        let of_channel = rows.iter().filter(|row| row.card_present == present);
        let (count, refused) = of_channel.fold((0u32, 0u32), |(count, refused), row| {
            (count + 1, refused + u32::from(!row.answer.is_approved()))
        });
        let share = f64::from(refused) / f64::from(count);
        assert!(expected.contains(&share), "present {present}: {share}");
    }
    let retried = rows.windows(2).filter(|pair| {
        let (before, after) = (&pair[0], &pair[1]);
        !before.answer.is_approved()
            && (before.card, before.merchant, before.amount_minor)
                == (after.card, after.merchant, after.amount_minor)
            && (20_000..120_000).contains(&(after.at_ms - before.at_ms))
    });
    assert!(retried.count() > 50);
}

#[test]
fn standing_charges_come_back_every_month_at_the_same_price() {
    let world = world(7, 120);
    let subscriptions: Vec<_> = world
        .tables
        .mcc_idxs()
        .filter(|&mcc| world.mcc(mcc).reach == crate::tables::Reach::Subscription)
        .collect();
    let mut returned = 0;
    for (_, rows) in lives(&world, 0..60) {
        let charges: Vec<&Transaction> = rows
            .iter()
            .filter(|row| subscriptions.contains(&world.merchant(row.merchant).mcc))
            .filter(|row| row.entry_mode == EntryMode::Ecom && row.ip.is_none())
            .collect();
        for (idx, charge) in charges.iter().enumerate() {
            let next = charges[idx + 1..].iter().find(|later| {
                let days = (later.at_ms - charge.at_ms) as f64 / MS_PER_DAY as f64;
                later.merchant == charge.merchant && (29.9..31.1).contains(&days)
            });
            if let Some(next) = next {
                returned += u32::from(next.amount_minor == charge.amount_minor);
            }
        }
    }
    assert!(returned > 100, "{returned}");
}
