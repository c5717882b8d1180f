//! Exported corpora, as CSV and as Parquet: read, or refused with the file's name, in memory that its size allows.

use std::fs;
use std::path::Path;

use tapdeck_fidelity::Export;
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched};
use tapdeck_services::registry;

const MOST_BYTES: u64 = 64 << 20;

/// The truth about some hundred transactions.
fn sound(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(name);
    let service = registry::find("rule-engine").unwrap();
    let options = GenerateOptions::new(1, 200);
    let outputs = Outputs {
        tape: None,
        truth: Some(&path),
    };
    tapdeck_generators::generate(&service, &options, outputs, &Unwatched).unwrap();
    fs::read(path).unwrap()
}

fn damage(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let sound = sound(folder.path(), name);
    let path = folder.path().join(name);
    let rows = Export::read(&path).unwrap().len();
    assert!(rows > 50, "{rows}");
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            fs::write(&path, edits.apply(&sound)).unwrap();
            match within(MOST_BYTES, || Export::read(&path)) {
                Ok(export) => assert!(export.len() <= rows * 5, "{}", export.len()),
                Err(error) => assert!(error.to_string().contains(name), "{error}"),
            }
        });
}

#[test]
fn damaged_csv_is_read_or_refused() {
    damage("truth.csv");
}

#[test]
fn damaged_parquet_is_read_or_refused() {
    damage("truth.parquet");
}
