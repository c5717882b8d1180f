//! What holds of all typologies.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::fraud::amendments::FIRST_FRAUD_SEQ;
use crate::merge::Merge;

/// Gives the budget of every typology.
fn budgets(genuine_rows: u64, fraud_rate: f64) -> Vec<u64> {
    let total = (fraud_rate * genuine_rows as f64 / (1.0 - fraud_rate)).round();
    let share = |typology: TypologyInfo| round_half_up(typology.share * total).unsigned_abs();
    typologies().map(share).collect()
}

/// Counts the fraud of every typology.
fn counts(laid: &Laid) -> Vec<u64> {
    let mut counts = vec![0; TYPOLOGIES.len()];
    let relabels = laid.amendments.relabels().iter();
    let labels = laid.rows.iter().map(|row| row.label);
    for label in labels.chain(relabels.map(|relabel| relabel.label)) {
        counts[usize::from(label.0) - 1] += 1;
    }
    counts
}

#[test]
fn budgets_are_exact() {
    let expected = budgets(CASE.emitted.rows, FRAUD_RATE);
    assert_eq!(counts(&CASE.laid), expected);
    assert!(expected.iter().all(|&budget| budget > 40), "{expected:?}");
    let honest = lay_all(&CASE.world, &CASE.emitted, &options(0.0), &Unwatched).unwrap();
    assert!(honest.rows.is_empty() && honest.dropped == 0);
}

#[test]
fn shares_are_as_asked_for() {
    let options = GenerateOptions {
        typologies: "bust_out=1,bin_attack=3".parse().unwrap(),
        ..options(0.005)
    };
    let laid = lay_all(&CASE.world, &CASE.emitted, &options, &Unwatched).unwrap();
    let total = (0.005 * CASE.emitted.rows as f64 / 0.995).round();
    let mut expected = vec![0; TYPOLOGIES.len()];
    for (name, share) in [("bust_out", 0.25), ("bin_attack", 0.75)] {
        expected[usize::from(label(name).0) - 1] = round_half_up(share * total).unsigned_abs();
    }
    assert_eq!(counts(&laid), expected);
}

#[test]
fn a_card_is_the_victim_of_one_campaign() {
    let mut campaign_of = BTreeMap::new();
    let relabels = CASE.laid.amendments.relabels().iter();
    let rows = CASE.laid.rows.iter().map(|row| (row.card, row.campaign));
    for (card, campaign) in rows.chain(relabels.map(|relabel| (relabel.card, relabel.campaign))) {
        assert!(campaign >= 1);
        assert_eq!(*campaign_of.entry(card).or_insert(campaign), campaign);
    }
    let numbers: BTreeSet<u32> = campaign_of.into_values().collect();
    assert!(numbers.into_iter().eq(1..=numbers_up_to(&CASE.laid)));
}

fn numbers_up_to(laid: &Laid) -> u32 {
    let rows = laid.rows.iter().map(|row| row.campaign);
    let relabels = laid.amendments.relabels().iter();
    let all = rows.chain(relabels.map(|relabel| relabel.campaign));
    all.max().unwrap_or_default()
}

#[test]
fn every_transaction_is_fit_to_be_merged() {
    let laid = &CASE.laid;
    assert!(
        laid.rows
            .is_sorted_by(|a, b| (a.card, a.seq) < (b.card, b.seq))
    );
    let mut keys = BTreeSet::new();
    for row in &laid.rows {
        assert!(row.label.is_fraud() && row.seq >= FIRST_FRAUD_SEQ && row.amount_minor >= 1);
        assert!(row.at_ms < CASE.world.span.length_ms().unsigned_abs());
        assert!(keys.insert(row.order_key()), "keys are unique");
        assert_eq!(row.card.is_ghost(), row.card.0 >= CARDS);
        assert_eq!(row.card_present, CASE.world.shop_of(row.merchant).is_some());
        assert_eq!(row.ip.is_some(), row.device.is_some());
        assert_eq!(row.ip.is_some(), row.entry_mode == crate::EntryMode::Ecom);
        assert!(!(row.card_present && row.ip.is_some()));
        let local = price::local_currency(&CASE.world, row.merchant);
        assert!(row.currency == local || !row.card_present);
        if !row.card.is_ghost() {
            let card = Card::draw(&CASE.world, row.card);
            assert_eq!((row.iin, row.card_country), (card.iin, card.country));
        }
    }
}

#[test]
fn blocked_cards_are_not_used_by_their_holders() {
    let case = &*CASE;
    let amendments = &case.laid.amendments;
    let blocks: BTreeMap<CardIdx, _> = amendments
        .blocks()
        .iter()
        .map(|block| (block.card, *block))
        .collect();
    assert_eq!(blocks.len(), amendments.blocks().len());
    let mut merge = Merge::new(&case.spill, &case.emitted.runs, amendments).unwrap();
    let (mut genuine, mut relabeled) = (0, 0);
    while let Some(row) = merge.next().unwrap() {
        let block = blocks.get(&row.card);
        assert!(
            block.is_none_or(|block| !block.covers(row.at_ms)),
            "{row:?}"
        );
        genuine += 1;
        relabeled += u64::from(row.label == label("first_party") && row.campaign >= 1);
        assert!(row.label.is_fraud() == (row.campaign > 0));
    }
    assert_eq!(genuine + case.laid.dropped, case.emitted.rows);
    assert_eq!(relabeled, amendments.relabels().len() as u64);
    assert!(case.laid.dropped > 300);
}

#[test]
fn cards_are_blocked_after_the_last_fraud_and_replaced_within_days() {
    let case = &*CASE;
    let mut last_ms = BTreeMap::new();
    for row in &case.laid.rows {
        let last: &mut (u64, Label) = last_ms.entry(row.card).or_insert((0, row.label));
        *last = (*last).max((row.at_ms, row.label));
    }
    let hours = |ms: u64| ms as f64 / 3_600_000.0;
    let mut blocked = BTreeMap::new();
    for block in case.laid.amendments.blocks() {
        let (last_ms, label_of_last) = last_ms[&block.card];
        *blocked.entry(label_of_last).or_insert(0) += 1;
        let until = hours(block.until_ms - last_ms);
        assert!((74.0..=150.0).contains(&until), "{until}");
        if label_of_last == label("lost_stolen") {
            assert!(block.from_ms < last_ms);
        } else {
            let from = hours(block.from_ms - last_ms);
            assert!((2.0..=30.0).contains(&from), "{from}");
        }
    }
    for name in ["account_takeover", "lost_stolen", "counterfeit"] {
        // A card that its holder never used in the span needs no block.
        let victims = by_card(name).len();
        assert!(blocked[&label(name)] >= victims - 1, "{name}");
    }
    let numbers = by_card("cnp_stolen").len();
    let found = blocked[&label("cnp_stolen")] as f64 / numbers as f64;
    check_share("blocked", found, 0.7, numbers);
    assert_eq!(blocked.len(), 4);
}

#[test]
fn threads_leave_no_trace() {
    let lay = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| lay_all(&CASE.world, &CASE.emitted, &options(FRAUD_RATE), &Unwatched))
            .unwrap()
    };
    for threads in [1, 2, 8] {
        let laid = lay(threads);
        assert_eq!(laid.rows, CASE.laid.rows);
        assert_eq!(laid.dropped, CASE.laid.dropped);
        assert_eq!(laid.amendments.blocks(), CASE.laid.amendments.blocks());
    }
}

#[test]
fn fraud_becomes_known_after_the_median_of_its_kind() {
    let expected = [3.0, 4.0, 8.0, 1.0, 3.0, 1.2, 40.0, 15.0, 25.0];
    for (place, expected) in (1u8..).zip(expected) {
        let genuine = CASE.laid.rows[0];
        let delays = (0..2_001).map(|dice| {
            let row = Transaction {
                label: Label(place),
                dice,
                ..genuine
            };
            let delay_ms = label_at_ms(&CASE.world, &row).unwrap() - row.at_ms;
            assert!(delay_ms > 60_000);
            delay_ms as f64 / MS_PER_DAY as f64
        });
        let found = median(delays.collect());
        check_within("median days", found / expected, 0.93..1.07);
    }
    let genuine = Transaction {
        label: Label::LEGITIMATE,
        ..CASE.laid.rows[0]
    };
    assert_eq!(label_at_ms(&CASE.world, &genuine), None);
}

#[test]
fn typologies_are_described() {
    let names: BTreeSet<&str> = typologies().map(|typology| typology.name).collect();
    let export_names: BTreeSet<&str> = typologies().map(|typology| typology.export_name).collect();
    assert_eq!((names.len(), export_names.len()), (9, 9));
    assert!(names.contains("counterfeit") && export_names.contains("ATO"));
    assert!(typologies().all(|typology| !typology.help.is_empty()));
    let unknowable: Vec<&str> = typologies()
        .filter(|typology| !typology.is_knowable)
        .map(|typology| typology.name)
        .collect();
    assert_eq!(unknowable, ["first_party"]);
    assert!(!is_knowable(Label::LEGITIMATE) && is_knowable(label("bust_out")));
}

#[test]
fn too_much_fraud_for_the_cards_is_said() {
    let (world, _spill, emitted) = genuine(8, 4, 60, 0.4);
    let error = lay_all(&world, &emitted, &options(0.4), &Unwatched).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(" found a victim for only "), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// In a world of any size the budgets are met, unless so many cards are hit that hardly any is left.
    #[test]
    fn small_worlds_have_their_fraud(
        seed in any::<u64>(),
        cards in 1u32..120,
        days in 1u32..40,
        fraud_rate in 0.0..0.02f64,
    ) {
        let (world, _spill, emitted) = genuine(seed, cards, days, fraud_rate);
        match lay_all(&world, &emitted, &options(fraud_rate), &Unwatched) {
            Ok(laid) => {
                prop_assert_eq!(counts(&laid), budgets(emitted.rows, fraud_rate));
                prop_assert!(laid.rows.iter().all(|row| row.card.is_ghost() == (row.card.0 >= cards)));
            }
            Err(error) => {
                let wanted: u64 = budgets(emitted.rows, fraud_rate).iter().sum();
                prop_assert!(wanted * 3 > u64::from(cards), "{} cards, {} wanted: {}", cards, wanted, error);
            }
        }
    }
}
