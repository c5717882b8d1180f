//! What tapdeck writes or prints could be nobody's: no card number, no address and no mailbox that might exist.

use std::path::Path;

use serde_json::Value;
use tapdeck_corpora::Tape;

use crate::command::run;

#[path = "../../generators/tests/tape/scan.rs"]
mod scan;

use self::scan::assert_nobodys;

/// Asserts it of every text in a JSON document. Numbers are left alone: instants have as many digits as cards.
fn assert_texts_are_nobodys(document: &Value) {
    match document {
        Value::String(text) => assert_nobodys(text.as_bytes(), text),
        Value::Array(items) => items.iter().for_each(assert_texts_are_nobodys),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            // A digest is 256 random bits, whose hexadecimal digits may be anything.
            if name != "digest" {
                assert_texts_are_nobodys(value);
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn small_tape(folder: &Path) -> String {
    let path = folder.join("small.tape").to_str().unwrap().to_owned();
    let flags = ["--count", "8000", "--seed", "5", "--quiet", "-o", &path];
    run([
        "generate",
        "--service",
        "rule-engine",
        "--fraud-rate",
        "0.01",
    ]
    .into_iter()
    .chain(flags))
    .good();
    path
}

#[test]
fn a_tape_and_what_is_shown_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = small_tape(folder.path());
    let tape = Tape::open(Path::new(&path)).unwrap();
    for block_idx in 0..tape.directory().len() {
        tape.check_block(block_idx).unwrap();
        let block = tape.block(block_idx).unwrap();
        for idx in 0..block.len() {
            let record = block.record(idx).unwrap();
            assert_nobodys(record.path(), "a path");
            assert_nobodys(record.body(), "a body");
        }
    }
    let digest = tape.digest().to_string();
    let shown = run(["inspect", &path, "--sample", "300"]).good();
    assert!(shown.contains("tok_") && shown.contains(&digest));
    assert_nobodys(shown.replace(&digest, "").as_bytes(), "inspect");
    let json = run(["inspect", &path, "--sample", "300", "--json"]).good();
    assert_texts_are_nobodys(&serde_json::from_str(&json).unwrap());
}

#[test]
fn fixtures_of_every_kind() {
    for (kind, count) in [
        ("transactions", "4000"),
        ("users", "4000"),
        ("rules", "500"),
        ("rulesets", "20"),
    ] {
        let fixture = run(["fixtures", kind, "--count", count, "-o", "-"]).good();
        assert!(fixture.lines().count() > 20);
        assert_nobodys(fixture.as_bytes(), kind);
    }
}
