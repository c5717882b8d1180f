//! Worlds other than the usual one.

use std::collections::BTreeMap;

use tapdeck_generators::tables::TableSet;
use tapdeck_generators::{Dialect, GenerateOptions, Outputs, Unwatched, generate};

use crate::{each_record, service, taped};

#[test]
fn one_cell_of_one_table_changes_the_digest() {
    let digest = |world_file: &str| {
        let no_file = |_: &str| Err(std::io::ErrorKind::NotFound.into());
        let tables = TableSet::from_world_file(world_file, "w.toml", no_file).unwrap();
        let options = GenerateOptions {
            tables: Some(tables),
            ..GenerateOptions::new(1, 2_000)
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tape");
        let generated = generate(&service(), &options, Outputs::tape(&path), &Unwatched);
        generated.unwrap().tape.map(|tape| tape.digest)
    };
    let builtin = digest("");
    assert_eq!(builtin, digest("[mccs.5411]\nweight = 1350\n"));
    for changed in [
        "[mccs.5411]\nweight = 1351\n",
        "[weekdays.friday]\nfactor_pct = 117\n",
    ] {
        assert_ne!(builtin, digest(changed), "{changed}");
    }
}

#[test]
fn a_smaller_world_has_no_other_countries() {
    let options = GenerateOptions {
        countries: vec!["KW".to_owned(), "JP".to_owned()],
        ..GenerateOptions::new(12, 2_000)
    };
    let (_folder, tape) = taped(&options);
    let mut currencies = BTreeMap::new();
    each_record(&tape, |record| {
        let body: serde_json::Value = serde_json::from_slice(record.body()).unwrap();
        if let Some(currency) = body["currency"].as_str() {
            *currencies.entry(currency.to_owned()).or_insert(0u32) += 1;
        }
    });
    assert!(currencies.keys().eq(["JPY", "KWD"]), "{currencies:?}");
    assert_eq!(tape.manifest().origin.parameters["countries"], "JP,KW");
}

#[test]
fn an_inexact_tape_holds_the_whole_span() {
    let options = GenerateOptions {
        exact: false,
        days: 10,
        ..GenerateOptions::new(13, 20_000)
    };
    let (_folder, tape) = taped(&options);
    assert!(
        (17_000..23_000).contains(&tape.record_count()),
        "{}",
        tape.record_count()
    );
    let last_hour = tape.manifest().last_event_ns / 3_600_000_000_000;
    assert!((239..=240).contains(&last_hour), "{last_hour}");
}

#[test]
fn sample_rules_find_what_they_look_for() {
    let options = GenerateOptions {
        dialect: Dialect::SampleRules,
        ..GenerateOptions::new(14, 20_000)
    };
    let (_folder, tape) = taped(&options);
    let mut prefixes = BTreeMap::new();
    each_record(&tape, |record| {
        let body: serde_json::Value = serde_json::from_slice(record.body()).unwrap();
        for id in ["merchant", "device"] {
            if let Some((prefix, _)) = body[id].as_str().and_then(|id| id.rsplit_once('_')) {
                *prefixes.entry(prefix.to_owned()).or_insert(0u32) += 1;
            }
        }
    });
    let expected = ["dev", "high_risk", "new_device_dev", "new_merch"];
    assert!(prefixes.keys().eq(expected), "{prefixes:?}");
    assert!(
        prefixes["new_device_dev"] * 5 < prefixes["dev"],
        "{prefixes:?}"
    );
}
