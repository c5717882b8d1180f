//! What is said, and what is left, when no tape comes out.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck_generators::{
    Error, ErrorKind, GenerateOptions, Outputs, Progress, Stage, Unwatched, generate,
};

use crate::service;

/// Stops at the first question asked in a stage.
struct StopsIn {
    stage: Stage,
    reached: AtomicBool,
}

impl Progress for StopsIn {
    fn stage(&self, stage: Stage, _total: u64) {
        self.reached.store(stage == self.stage, Ordering::Relaxed);
    }

    fn advance(&self, _by: u64) {}

    fn cancelled(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn cancelling_leaves_nothing_but_what_was_there() {
    for stage in [Stage::Spending, Stage::Fraud, Stage::Rendering] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tape");
        std::fs::write(&path, "older").unwrap();
        let watcher = StopsIn {
            stage,
            reached: AtomicBool::new(false),
        };
        let error = generate(
            &service(),
            &GenerateOptions::new(1, 2_000),
            Outputs::tape(&path),
            &watcher,
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{}", stage.label());
        assert_eq!(names_in(folder.path()), ["t.tape"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "older");
    }
}

#[test]
fn impossible_wishes_are_refused_before_any_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let good = GenerateOptions::new(1, 100);
    let rows = [
        (
            GenerateOptions {
                count: 0,
                ..good.clone()
            },
            "count is 0",
        ),
        (
            GenerateOptions {
                count: u64::MAX,
                ..good.clone()
            },
            "count is 18446744073709551615",
        ),
        (
            GenerateOptions {
                days: 0,
                ..good.clone()
            },
            "days is 0",
        ),
        (
            GenerateOptions {
                fraud_rate: f64::NAN,
                ..good.clone()
            },
            "fraud rate is NaN",
        ),
        (
            GenerateOptions {
                fraud_rate: 0.4,
                ..good
            },
            "card_testing found a victim for only",
        ),
    ];
    for (options, expected) in rows {
        let path = folder.path().join("t.tape");
        let error = generate(&service(), &options, Outputs::tape(&path), &Unwatched).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(names_in(folder.path()).is_empty());
    }
}

#[test]
fn a_path_that_cannot_be_written_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("t.tape");
    let error = generate(
        &service(),
        &GenerateOptions::new(1, 100),
        Outputs::tape(&path),
        &Unwatched,
    )
    .unwrap_err();
    assert!(matches!(error, Error::Tape(_)), "{error}");
    assert_eq!(error.kind(), ErrorKind::Io);
}
