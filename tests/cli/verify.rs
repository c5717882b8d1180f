//! A flipped bit is found, and so is every other one.

use crate::command::run;
use crate::tapes;

#[test]
fn a_good_tape_is_called_good_with_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 3);
    let text = run(["verify", path.to_str().unwrap()]).good();
    assert!(text.contains("is good: 30 records in 3 blocks"), "{text}");
    assert!(text.contains("digest "), "{text}");
}

#[test]
fn every_damaged_block_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 5);
    for block_idx in [1, 4] {
        tapes::spoil_block(&path, block_idx);
    }
    let outcome = run(["verify", path.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(4));
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{outcome:?}");
    assert!(lines[0].starts_with("block 1 of "), "{outcome:?}");
    assert!(lines[1].starts_with("block 4 of "), "{outcome:?}");
    assert_eq!(lines[2], "damaged: 2 of 5 blocks");
}

#[test]
fn another_tape_than_expected_is_not_passed_off_as_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 1);
    let outcome = run([
        "verify",
        path.to_str().unwrap(),
        "--digest",
        &"0".repeat(64),
    ]);
    assert_eq!(outcome.code, Some(4));
    assert!(
        outcome.stdout.contains("is another tape than expected"),
        "{outcome:?}"
    );
}
