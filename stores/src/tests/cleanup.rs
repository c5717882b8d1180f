//! Which runs are found to have left something behind.

use std::time::Duration;

use jiff::Timestamp;

use super::{Rig, id};
use crate::{Which, left_behind};

const HOUR: Duration = Duration::from_hours(1);

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn found(rig: &Rig, which: &Which, now: Timestamp) -> Vec<String> {
    let left = left_behind(&rig.store, which, now).unwrap();
    left.into_iter()
        .map(|left| left.run_id.to_string())
        .collect()
}

#[test]
fn runs_are_found_by_their_age_the_youngest_first() {
    let rig = Rig::new();
    rig.seed_at("old", instant("2026-11-01T00:00:00Z")).unwrap();
    rig.seed_at("older", instant("2026-10-01T00:00:00Z"))
        .unwrap();
    rig.seed_at("young", instant("2026-11-22T09:30:00Z"))
        .unwrap();
    let now = instant("2026-11-22T10:00:00Z");
    assert_eq!(found(&rig, &Which::OlderThan(HOUR), now), ["old", "older"]);
    assert_eq!(
        found(&rig, &Which::OlderThan(HOUR / 2), now),
        ["old", "older"]
    );
    assert_eq!(found(&rig, &Which::OlderThan(HOUR / 4), now).len(), 3);
    assert_eq!(
        found(&rig, &Which::OlderThan(HOUR * 24 * 30), now),
        ["older"]
    );
}

#[test]
fn without_a_journal_the_newest_object_tells_the_age() {
    let rig = Rig::new();
    let before = Timestamp::now() - Duration::from_secs(1);
    rig.store
        .write("loadtest/lt-1/rulesets/x.json", b"{}".to_vec(), &Vec::new())
        .unwrap();
    let left = left_behind(&rig.store, &Which::Run(id("lt-1")), before).unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].began >= before && left[0].objects == 1, "{left:?}");
    let later = Timestamp::now() + HOUR * 2;
    assert_eq!(found(&rig, &Which::OlderThan(HOUR), later), ["lt-1"]);
    assert!(found(&rig, &Which::OlderThan(HOUR * 3), later).is_empty());
}

#[test]
fn a_run_is_found_by_its_id_and_not_by_a_beginning_of_it() {
    let rig = Rig::new();
    rig.seed("lt-10").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(found(&rig, &Which::Run(id("lt-10")), now), ["lt-10"]);
    assert!(found(&rig, &Which::Run(id("lt-1")), now).is_empty());
}

#[test]
fn what_is_no_folder_of_a_run_is_none_of_ours() {
    let rig = Rig::new();
    for key in ["loadtest/stray.json", "loadtest/no run/x", "other/lt-1/x"] {
        rig.store.write(key, b"{}".to_vec(), &Vec::new()).unwrap();
    }
    let later = Timestamp::now() + HOUR;
    assert!(found(&rig, &Which::OlderThan(Duration::ZERO), later).is_empty());
}
