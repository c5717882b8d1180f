//! The exported truth as a whole: what stands in it, beside the tape it is the truth of.
#![expect(
    clippy::unwrap_used,
    reason = "in a test a panic is the answer to whatever cannot be"
)]

#[path = "truth/content.rs"]
mod content;
#[path = "truth/failure.rs"]
mod failure;
#[path = "truth/formats.rs"]
mod formats;

use std::fs;
use std::path::Path;

use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::{ServiceDefinition, registry};
use tempfile::TempDir;

/// Places of the columns that tests look at.
const TXN_ID: usize = 0;
const TS_MS: usize = 1;
const CARD_ID: usize = 3;
const IP: usize = 21;
const DEVICE_ID: usize = 23;
const IS_FRAUD: usize = 24;
const FRAUD_TYPE: usize = 25;
const ORACLE: usize = 29;
const VELOCITIES: std::ops::Range<usize> = 30..35;

fn service() -> ServiceDefinition {
    registry::find("rule-engine").unwrap()
}

/// A small world with a lot of fraud.
fn options() -> GenerateOptions {
    GenerateOptions {
        days: 12,
        fraud_rate: 0.02,
        ..GenerateOptions::new(11, 6_000)
    }
}

/// Exports the truth under a name and gives the file's bytes.
fn exported(options: &GenerateOptions, name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    generate(&service(), options, Outputs::truth(&path), &Unwatched).unwrap();
    fs::read(&path).unwrap()
}

/// Generates tape and truth; the folder goes away with the returned guard.
fn both(options: &GenerateOptions) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let (tape, truth) = (folder.path().join("t.tape"), folder.path().join("t.csv"));
    let outputs = Outputs {
        tape: Some(&tape),
        truth: Some(&truth),
    };
    let generated = generate(&service(), options, outputs, &Unwatched).unwrap();
    let text = fs::read_to_string(&truth).unwrap();
    let summary = generated.truth.unwrap();
    assert_eq!(summary.bytes, text.len() as u64);
    assert_eq!(summary.rows, text.lines().count() as u64 - 1);
    (folder, text)
}

/// Cuts a table into its rows of cells, the names left out.
fn cells(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().skip(1);
    rows.map(|row| row.split(',').collect()).collect()
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}
