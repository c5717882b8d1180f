//! What is left when the truth cannot be written.

use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck_generators::{
    ErrorKind, GenerateOptions, Outputs, Progress, Stage, Unwatched, generate,
};

use crate::{entries, service};

#[test]
fn impossible_outputs_are_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let expected = "a file name that ends in .csv or .parquet";
    for name in ["t.txt", "t", "csv", "t.CSV", "t.csv.gz"] {
        let path = path(name);
        // So many that nobody would wait for them.
        let options = GenerateOptions::new(1, 1 << 30);
        let error = generate(&service(), &options, Outputs::truth(&path), &Unwatched).unwrap_err();
        let said = format!("truth is {}, expected {expected}", path.display());
        assert_eq!(error.to_string(), said);
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    let options = GenerateOptions::new(1, 100);
    let error = generate(&service(), &options, Outputs::default(), &Unwatched).unwrap_err();
    assert_eq!(
        error.to_string(),
        "outputs is none, expected a tape, the truth or both"
    );
    let nowhere = path("no/t.csv");
    let error = generate(&service(), &options, Outputs::truth(&nowhere), &Unwatched).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(entries(folder.path()), 0);
}

/// Gives up once requests are written.
struct Impatient(AtomicBool);

impl Progress for Impatient {
    fn stage(&self, _stage: Stage, _total: u64) {}

    fn advance(&self, by: u64) {
        self.0.fetch_or(by > 10_000, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.csv", "t.parquet"] {
        let (tape, truth) = (folder.path().join("t.tape"), folder.path().join(name));
        let outputs = Outputs {
            tape: Some(&tape),
            truth: Some(&truth),
        };
        let options = GenerateOptions::new(1, 150_000);
        let watch = Impatient(AtomicBool::new(false));
        let error = generate(&service(), &options, outputs, &watch).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(entries(folder.path()), 0);
    }
}
