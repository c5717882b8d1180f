//! What a run has written goes, and what it wrote over comes back, wherever it was stopped.

use super::{Rig, id};
use crate::manifest::checksum;
use crate::{Error, Fate, rehearse_teardown, teardown};

#[test]
fn rulesets_lie_where_the_engine_reads_them() {
    let rig = Rig::new();
    let seeded = rig.seed("lt-1").unwrap();
    let keys: Vec<&str> = seeded
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect();
    let expected = ["CARD_AUTH", "CARD_MONITORING"].map(|key| {
        [
            format!("rulesets/local/US/{key}/v1/ruleset.json"),
            format!("rulesets/local/US/{key}/manifest.json"),
            format!("rulesets/local/{key}/v1/ruleset.json"),
            format!("rulesets/local/{key}/manifest.json"),
        ]
    });
    assert_eq!(keys, expected.concat());
    for object in &seeded.objects {
        let bytes = rig.store.read(&object.key).unwrap().unwrap();
        assert_eq!(checksum(&bytes), object.checksum);
        assert!(!object.replaced, "{object:?}");
    }
}

#[test]
fn a_manifest_names_an_artifact_that_is_there_and_whole() {
    let rig = Rig::new();
    rig.seed("lt-1").unwrap();
    for folder in ["rulesets/local/CARD_AUTH", "rulesets/local/US/CARD_AUTH"] {
        let manifest = rig.store.read(&format!("{folder}/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest.unwrap()).unwrap();
        let uri = manifest["artifact_uri"].as_str().unwrap();
        assert_eq!(
            uri,
            format!("s3://fraud-gov-artifacts/{folder}/v1/ruleset.json")
        );
        let key = uri.strip_prefix("s3://fraud-gov-artifacts/").unwrap();
        let artifact = rig.store.read(key).unwrap().unwrap();
        assert_eq!(manifest["checksum"], checksum(&artifact));
    }
}

#[test]
fn objects_carry_what_a_person_asks_about_them() {
    let rig = Rig::new();
    rig.seed("lt-1").unwrap();
    let beside = rig.contents().into_iter().filter_map(|(path, bytes)| {
        let is_metadata = path.to_str().unwrap().ends_with(".metadata.json");
        is_metadata.then(|| String::from_utf8(bytes.unwrap()).unwrap())
    });
    let tagged: Vec<String> = beside.filter(|text| text.contains("run_id")).collect();
    assert_eq!(tagged.len(), 8);
    for text in tagged {
        let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
        let tags = &metadata["user_metadata"];
        assert_eq!(tags["run_id"], "lt-1");
        assert!(tags["ruleset_key"].as_str().unwrap().starts_with("CARD_"));
        assert_eq!(tags["country"], "US");
        assert_eq!(tags["environment"], "local");
        assert_eq!(tags["version"], "1");
        assert_eq!(tags["published_at"], "2026-11-22T10:00:00Z");
        assert_eq!(tags["source"], "load-test");
        assert_eq!(metadata["content_type"], "application/json");
    }
}

#[test]
fn ten_runs_of_one_id_leave_every_byte_as_it_was() {
    for rig in [Rig::new(), Rig::published()] {
        let found = rig.contents();
        for _ in 0..10 {
            rig.seed("lt-1").unwrap();
            assert_ne!(rig.contents(), found);
            teardown(&rig.store, &id("lt-1")).unwrap();
            assert_eq!(rig.contents(), found);
        }
    }
}

#[test]
fn seeding_again_begins_with_taking_back() {
    let rig = Rig::published();
    let found = rig.contents();
    for _ in 0..3 {
        let seeded = rig.seed("lt-1").unwrap();
        let replaced = seeded.objects.iter().filter(|object| object.replaced);
        assert_eq!(replaced.count(), 3);
        assert!(
            seeded
                .objects
                .iter()
                .all(|object| object.replaced_run.is_none())
        );
    }
    teardown(&rig.store, &id("lt-1")).unwrap();
    assert_eq!(rig.contents(), found);
}

#[test]
fn a_seeding_killed_between_any_two_writes_can_be_taken_back() {
    let rig = Rig::published();
    let found = rig.contents();
    for writes in 0.. {
        rig.gate.close_after(writes);
        let seeded = rig.seed("lt-1");
        rig.gate.open();
        teardown(&rig.store, &id("lt-1")).unwrap();
        assert_eq!(rig.contents(), found, "killed after {writes} writes");
        match seeded {
            Ok(_) => {
                // Three copies, the journal, eight objects.
                assert_eq!(writes, 12);
                break;
            }
            Err(error) => assert!(matches!(error, Error::Denied { .. }), "{error}"),
        }
    }
}

#[test]
fn a_teardown_killed_between_any_two_writes_goes_on() {
    let rig = Rig::published();
    let found = rig.contents();
    for writes in 0.. {
        rig.seed("lt-1").unwrap();
        rig.gate.close_after(writes);
        let torn_down = teardown(&rig.store, &id("lt-1"));
        rig.gate.open();
        teardown(&rig.store, &id("lt-1")).unwrap();
        assert_eq!(rig.contents(), found, "killed after {writes} writes");
        if torn_down.is_ok() {
            // Eight keys, the copies, the journal.
            assert_eq!(writes, 10);
            break;
        }
    }
}

#[test]
fn a_teardown_says_what_became_of_each_key() {
    let rig = Rig::published();
    rig.seed("lt-1").unwrap();
    let rehearsed = rehearse_teardown(&rig.store, &id("lt-1")).unwrap();
    let seeded = rig.contents();
    assert_eq!(
        rehearse_teardown(&rig.store, &id("lt-1")).unwrap(),
        rehearsed
    );
    assert_eq!(rig.contents(), seeded, "a rehearsal changes nothing");
    let torn_down = teardown(&rig.store, &id("lt-1")).unwrap();
    assert_eq!(torn_down, rehearsed);
    let count = |fate: &Fate| {
        let shared = torn_down.shared.iter();
        shared.filter(|settled| settled.fate == *fate).count()
    };
    assert_eq!((count(&Fate::Restored), count(&Fate::Removed)), (3, 5));
    assert_eq!(torn_down.own_objects, 4);
    let again = teardown(&rig.store, &id("lt-1")).unwrap();
    assert!(
        again.shared.is_empty() && again.own_objects == 0,
        "{again:?}"
    );
}

#[test]
fn a_folder_of_more_objects_than_one_listing_shows_is_emptied() {
    let rig = Rig::new();
    let found = rig.contents();
    let folder = rig
        .folder
        .path()
        .join("fraud-gov-artifacts/loadtest/lt-1/rulesets");
    std::fs::create_dir_all(&folder).unwrap();
    for idx in 0..2_345 {
        std::fs::write(folder.join(format!("{idx}.json")), "{}").unwrap();
    }
    // A neighbor whose id begins alike.
    rig.seed("lt-10").unwrap();
    let torn_down = teardown(&rig.store, &id("lt-1")).unwrap();
    assert_eq!(torn_down.own_objects, 2_345);
    assert_eq!(rig.store.list("loadtest/").unwrap().len(), 1);
    teardown(&rig.store, &id("lt-10")).unwrap();
    assert_eq!(rig.contents(), found);
}

#[test]
fn without_its_copy_nothing_is_restored_and_the_key_is_named() {
    let rig = Rig::published();
    rig.seed("lt-1").unwrap();
    let copies = rig.store.list("loadtest/lt-1/before/").unwrap();
    let keys: Vec<String> = copies.into_iter().map(|listed| listed.key).collect();
    rig.store.delete_all(&keys).unwrap();
    let error = teardown(&rig.store, &id("lt-1")).unwrap_err();
    assert!(matches!(error, Error::CopyMissing { .. }), "{error}");
    assert!(
        rig.store
            .read("loadtest/lt-1/journal.json")
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_journal_that_cannot_be_read_stops_everything() {
    let rig = Rig::published();
    for (journal, expected) in [
        ("no json", "expected"),
        (
            r#"{"format":2,"run_id":"lt-1","at":"2026-11-22T10:00:00Z","entries":[]}"#,
            "format 2",
        ),
        (
            r#"{"format":1,"run_id":"lt-2","at":"2026-11-22T10:00:00Z","entries":[]}"#,
            "lt-2",
        ),
    ] {
        rig.store
            .write("loadtest/lt-1/journal.json", journal.into(), &Vec::new())
            .unwrap();
        let found = rig.contents();
        let error = teardown(&rig.store, &id("lt-1")).unwrap_err();
        assert!(matches!(&error, Error::Journal { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(rig.contents(), found);
    }
}
