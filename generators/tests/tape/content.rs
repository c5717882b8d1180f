//! Counts, order, mix, labels and identity of tapes.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tapdeck_corpora::ExpectedDecision;
use tapdeck_generators::tables::TableSet;
use tapdeck_generators::{
    Corpus, GenerateOptions, Outputs, Progress, Stage, Unwatched, generate, typologies,
};

use crate::{each_record, service, taped};

#[test]
fn a_tape_holds_exactly_as_many_requests_as_asked_for() {
    for count in [1, 10, 1_000, 4_096, 4_097] {
        let (_folder, tape) = taped(&GenerateOptions::new(3, count));
        assert_eq!(tape.record_count(), count);
        let mut seen = 0;
        each_record(&tape, |_| seen += 1);
        assert_eq!(seen, count);
    }
}

#[test]
fn a_short_span_gets_more_cards_instead_of_more_days() {
    let options = GenerateOptions {
        days: 1,
        ..GenerateOptions::new(3, 5_000)
    };
    let (_folder, tape) = taped(&options);
    assert_eq!(tape.record_count(), 5_000);
    assert!(tape.manifest().last_event_ns < 86_402 * 1_000_000_000);
}

#[test]
fn records_are_in_time_order() {
    let (_folder, tape) = taped(&GenerateOptions::new(5, 100_000));
    let mut last = 0;
    each_record(&tape, |record| {
        assert!(record.event_offset_ns() >= last);
        last = record.event_offset_ns();
    });
}

#[test]
fn any_window_of_a_tape_has_the_weighted_mix() {
    // In a day, answers to other transactions come between a transaction and its outcome; in thirty, hardly ever.
    for days in [1, 30] {
        let options = GenerateOptions {
            days,
            ..GenerateOptions::new(5, 100_000)
        };
        let (_folder, tape) = taped(&options);
        // Tenths of a request by which the first endpoint is ahead of 70 % of all: a window is off by what this
        // changes in it, so over all windows by as much as the highest and the lowest differ.
        let (mut ahead, mut least, mut most) = (0_i64, 0, 0);
        each_record(&tape, |record| {
            ahead += if record.endpoint() == 0 { 3 } else { -7 };
            (least, most) = (ahead.min(least), ahead.max(most));
        });
        assert!(
            most - least <= 60,
            "{days} days: from {least} to {most} tenths"
        );
    }
}

#[test]
fn labels_follow_the_fraud_rate_and_decide_what_is_expected() {
    let options = GenerateOptions {
        fraud_rate: 0.01,
        ..GenerateOptions::new(6, 30_000)
    };
    let (_folder, tape) = taped(&options);
    let names: Vec<&str> = tape
        .manifest()
        .labels
        .iter()
        .map(|label| label.name.as_str())
        .collect();
    let expected: Vec<&str> = std::iter::once("legitimate")
        .chain(typologies().map(|typology| typology.name))
        .collect();
    assert_eq!(names, expected);
    let mut counts = BTreeMap::new();
    each_record(&tape, |record| {
        *counts.entry(record.label()).or_insert(0u32) += 1;
        let decision = match (record.endpoint(), record.label()) {
            (1, _) => ExpectedDecision::Unknown,
            (_, 0) => ExpectedDecision::Approve,
            // Nobody can know that a holder is going to deny a purchase.
            (_, label) if names[label] == "first_party" => ExpectedDecision::Approve,
            _ => ExpectedDecision::Decline,
        };
        assert_eq!(record.expected_decision(), decision);
        assert!(record.value() > 0 || record.label() == 0);
    });
    assert_eq!(counts.len(), names.len(), "{counts:?}");
    let fraud: u32 = counts
        .iter()
        .filter(|&(&label, _)| label > 0)
        .map(|(_, n)| n)
        .sum();
    assert!((200..400).contains(&fraud), "{fraud}");
}

#[test]
fn one_card_is_one_affinity_and_one_token() {
    let (_folder, tape) = taped(&GenerateOptions::new(7, 3_000));
    let mut tokens = BTreeMap::new();
    each_record(&tape, |record| {
        let body: serde_json::Value = serde_json::from_slice(record.body()).unwrap();
        let token = body["card"].as_str().unwrap().to_owned();
        let known = tokens
            .entry(record.affinity())
            .or_insert_with(|| token.clone());
        assert_eq!(*known, token);
    });
    let mut distinct: Vec<&String> = tokens.values().collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), tokens.len());
    assert!(tokens.len() > 10);
}

#[test]
fn the_manifest_says_how_to_make_the_tape_again() {
    let options = GenerateOptions {
        days: 14,
        fraud_rate: 0.005,
        start: "2024-02-26".parse().unwrap(),
        typologies: "bust_out=2,card_testing=0.5".parse().unwrap(),
        ..GenerateOptions::new(8, 500)
    };
    let (_folder, tape) = taped(&options);
    let manifest = tape.manifest();
    assert_eq!(manifest.service_name, "inline");
    assert_eq!(manifest.service_source, service().source);
    assert_eq!(manifest.event_epoch, "2024-02-26T00:00:00.000Z");
    assert_eq!(manifest.origin.seed, Some(8));
    let parameters: Vec<(&str, &str)> = manifest
        .origin
        .parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let tables = TableSet::builtin().unwrap().digest().to_string();
    let expected = [
        ("count", "500"),
        ("countries", "all"),
        ("days", "14"),
        ("dialect", "plain"),
        ("exact", "true"),
        ("fraud_rate", "0.005"),
        ("reversals", "false"),
        ("start", "2024-02-26T00:00:00.000Z"),
        ("tables", &tables),
        ("typologies", "card_testing=0.5,bust_out=2"),
    ];
    assert_eq!(parameters, expected);
}

#[test]
fn digests_depend_on_the_seed_and_not_on_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |seed: u64, threads: usize| {
        let path = folder.path().join(format!("{seed}-{threads}.tape"));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let options = GenerateOptions::new(seed, 20_000);
        let summary =
            pool.install(|| generate(&service(), &options, Outputs::tape(&path), &Unwatched));
        summary.unwrap().tape.unwrap().digest
    };
    let expected = digest(1, 1);
    assert_eq!(digest(1, 2), expected);
    assert_eq!(digest(1, 16), expected);
    assert_ne!(digest(2, 2), expected);
}

/// Notes what each stage announced and how far it went.
#[derive(Default)]
struct Notebook(Mutex<Vec<(Stage, u64, u64)>>);

impl Progress for Notebook {
    fn stage(&self, stage: Stage, total: u64) {
        self.0.lock().unwrap().push((stage, total, 0));
    }

    fn advance(&self, by: u64) {
        self.0.lock().unwrap().last_mut().unwrap().2 += by;
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[test]
fn every_stage_goes_as_far_as_it_announced() {
    let folder = tempfile::tempdir().unwrap();
    let notebook = Notebook::default();
    let path = folder.path().join("t.tape");
    let options = GenerateOptions::new(10, 5_000);
    generate(&service(), &options, Outputs::tape(&path), &notebook).unwrap();
    let notes = notebook.0.into_inner().unwrap();
    for &(stage, total, advanced) in &notes {
        assert_eq!(advanced, total, "{}", stage.label());
    }
    let stages: Vec<Stage> = notes.iter().map(|note| note.0).collect();
    let expected = [
        Stage::World,
        Stage::Spending,
        Stage::Fraud,
        Stage::Rendering,
    ];
    assert_eq!(stages, expected);
}

#[test]
fn the_truth_has_one_row_per_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let options = GenerateOptions::new(9, 5_000);
    let corpus = Corpus::build(&service(), &options, folder.path(), &Unwatched).unwrap();
    let (mut rows, mut last) = (0u32, 0);
    corpus
        .for_each(|transaction| {
            assert!(transaction.at_ms >= last);
            last = transaction.at_ms;
            rows += 1;
        })
        .unwrap();
    assert!((3_500..6_000).contains(&rows), "{rows}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
