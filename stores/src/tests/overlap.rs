//! Runs that write over each other, and others who do.

use super::{Rig, id};
use crate::journal::Journal;
use crate::{Error, Fate, teardown};

#[test]
fn runs_that_overlap_leave_the_store_as_the_first_found_it() {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for order in orders {
        for rig in [Rig::new(), Rig::published()] {
            let found = rig.contents();
            let runs = ["first", "second", "third"];
            for run in runs {
                rig.seed(run).unwrap();
            }
            for idx in order {
                teardown(&rig.store, &id(runs[idx])).unwrap();
            }
            assert_eq!(rig.contents(), found, "taken back in the order {order:?}");
        }
    }
}

#[test]
fn a_run_leaves_alone_what_a_later_one_wrote_and_says_so() {
    let rig = Rig::published();
    rig.seed("first").unwrap();
    let seeded = rig.seed("second").unwrap();
    let replaced = seeded
        .objects
        .iter()
        .map(|object| object.replaced_run.as_deref());
    assert!(replaced.eq(std::iter::repeat_n(Some("first"), 8)));
    let key = "rulesets/local/CARD_AUTH/manifest.json";
    let before = rig.store.read(key).unwrap();
    let torn_down = teardown(&rig.store, &id("first")).unwrap();
    for settled in torn_down.shared {
        let expected = Fate::Left {
            writer: Some("second".to_owned()),
            heir: Some("second".to_owned()),
        };
        assert_eq!(settled.fate, expected, "{}", settled.key);
    }
    assert_eq!(rig.store.read(key).unwrap(), before);
}

#[test]
fn what_others_published_during_a_run_stays() {
    let rig = Rig::published();
    rig.seed("lt-1").unwrap();
    let key = "rulesets/local/CARD_AUTH/manifest.json";
    rig.store
        .write(key, b"newer".to_vec(), &Vec::new())
        .unwrap();
    let torn_down = teardown(&rig.store, &id("lt-1")).unwrap();
    let settled = torn_down.shared.iter().find(|settled| settled.key == key);
    let expected = Fate::Left {
        writer: None,
        heir: None,
    };
    assert_eq!(settled.unwrap().fate, expected);
    assert_eq!(rig.store.read(key).unwrap().unwrap(), b"newer");
}

#[test]
fn a_handing_over_killed_between_any_two_writes_goes_on() {
    let rig = Rig::published();
    let found = rig.contents();
    for writes in 0.. {
        rig.seed("first").unwrap();
        rig.seed("second").unwrap();
        rig.gate.close_after(writes);
        let torn_down = teardown(&rig.store, &id("first"));
        rig.gate.open();
        teardown(&rig.store, &id("first")).unwrap();
        teardown(&rig.store, &id("second")).unwrap();
        assert_eq!(rig.contents(), found, "killed after {writes} writes");
        if torn_down.is_ok() {
            break;
        }
    }
}

#[test]
fn one_id_is_seeded_by_one_process_at_a_time() {
    let rig = Rig::new();
    let journal = Journal::new(&id("lt-1"), jiff::Timestamp::UNIX_EPOCH, Vec::new());
    journal.create(&rig.store, &id("lt-1")).unwrap();
    // As by an attempt whose answer got lost.
    journal.create(&rig.store, &id("lt-1")).unwrap();
    let later = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1);
    let journal = Journal::new(&id("lt-1"), later, Vec::new());
    let error = journal.create(&rig.store, &id("lt-1")).unwrap_err();
    assert!(matches!(error, Error::Taken { .. }), "{error}");
}
