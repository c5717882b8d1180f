//! Tapes of every released format stay readable: the files are committed, and none is ever made again.

use std::path::Path;

use tapdeck_corpora::Tape;

/// Committed tapes: file, format, digest, records.
const TAPES: &[(&str, u32, &str, u64)] = &[(
    "format-1.tape",
    1,
    "89a1498bc4c2c973db884ee9a9d6beb950ee51cf87d0bd4f374962e9482d95b8",
    12,
)];

#[test]
fn every_past_format_opens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for &(file, format, digest, records) in TAPES {
        let tape = Tape::open(&folder.join(file)).unwrap();
        assert_eq!(tape.manifest().format, format, "{file}");
        assert_eq!(tape.digest().to_string(), digest, "{file}");
        assert_eq!(tape.record_count(), records, "{file}");
        tape.check_block(0).unwrap();
        let block = tape.block(0).unwrap();
        let record = block.record(0).unwrap();
        assert!(record.path().starts_with(b"/v1/evaluate/"), "{file}");
        assert_eq!(record.slot_count(), 3, "{file}");
    }
}
