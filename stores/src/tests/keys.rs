//! Keys: what names no object is refused by the embedded store and in a journal, what names one travels whole.

use super::{Rig, id};
use crate::{Error, ErrorKind};

#[test]
fn a_key_of_any_letters_is_written_copied_read_and_deleted() {
    let rig = Rig::new();
    let found = rig.contents();
    let key = "rulesets/a b/50%2F?+&=#ä.json";
    rig.store.write(key, b"{}".to_vec(), &Vec::new()).unwrap();
    rig.store.copy(key, "rulesets/copy").unwrap();
    rig.store.copy("rulesets/copy", key).unwrap();
    assert_eq!(rig.store.read("rulesets/copy").unwrap().unwrap(), b"{}");
    assert_eq!(rig.store.list("rulesets/a").unwrap()[0].key, key);
    rig.store
        .delete_all(&[key.to_owned(), "rulesets/copy".to_owned()])
        .unwrap();
    assert_eq!(rig.contents(), found);
}

#[test]
fn keys_that_lead_out_of_the_bucket_name_nothing() {
    let rig = Rig::published();
    let beside = rig.folder.path().join("beside");
    std::fs::write(&beside, "somebody's").unwrap();
    let found = rig.contents();
    let good = "rulesets/local/CARD_AUTH/manifest.json";
    for key in [
        "..",
        "../beside",
        "a/../../beside",
        "./a",
        "/beside",
        "a//b",
        "a\\b",
        "a/",
        "a\0b",
        "a\u{7}",
    ] {
        let errors = [
            rig.store.read(key).map(drop),
            rig.store.look(key).map(drop),
            rig.store.write(key, b"{}".to_vec(), &Vec::new()),
            rig.store.create(key, b"{}".to_vec(), &Vec::new()).map(drop),
            rig.store.copy(key, "rulesets/copy"),
            rig.store.copy(good, key),
            rig.store.copy_over(good, key, None).map(drop),
            rig.store.delete(key, None).map(drop),
            rig.store.delete_all(&[key.to_owned()]),
        ];
        for (idx, outcome) in errors.into_iter().enumerate() {
            let error = outcome.expect_err(&format!("{key:?}, call {idx}"));
            assert_eq!(
                error.kind(),
                ErrorKind::Store,
                "{key:?}, call {idx}: {error}"
            );
            assert_eq!(rig.contents(), found, "{key:?}, call {idx}");
        }
    }
}

#[test]
fn a_journal_with_a_key_that_is_none_is_refused_by_line() {
    let rig = Rig::published();
    rig.seed("lt-1").unwrap();
    let place = crate::layout::journal(&id("lt-1"));
    let journal = String::from_utf8(rig.store.read(&place).unwrap().unwrap()).unwrap();
    for member in ["\"key\": \"", "\"copy\": \""] {
        let at = journal.lines().position(|line| line.contains(member));
        let at = at.unwrap() + 1;
        for wrong in ["", "../x", "/x", "a//b", "a\\\\b", "\\u0000"] {
            let (before, rest) = journal.split_once(member).unwrap();
            let (_, after) = rest.split_once('"').unwrap();
            let spoiled = format!("{before}{member}{wrong}\"{after}");
            rig.store
                .write(&place, spoiled.into_bytes(), &Vec::new())
                .unwrap();
            let found = rig.contents();
            for error in [
                crate::teardown(&rig.store, &id("lt-1")).unwrap_err(),
                crate::rehearse_teardown(&rig.store, &id("lt-1")).unwrap_err(),
            ] {
                let text = error.to_string();
                assert!(matches!(error, Error::Journal { .. }), "{text}");
                assert!(text.contains(&place), "{text}");
                assert!(text.contains(&format!("at line {at} ")), "{wrong}: {text}");
                assert_eq!(rig.contents(), found);
            }
        }
    }
}
