//! Standard output or standard error that cannot be written: what belongs on disk is there all the same, and the exit code is one of
//! those promised.

use std::fs::{self, OpenOptions};
use std::io::pipe;
use std::path::Path;
use std::process::Stdio;

use jiff::Timestamp;
use serde_json::Value;
use tapdeck::harness::calibration::store;
use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_stores::{Embedded, Store};

use crate::cleanup::die_after_seeding;
use crate::command::{run, tapdeck};
use crate::{fidelity, replay, tapes};

/// What becomes of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// It is written somewhere.
    Kept,
    /// The disk is full.
    Full,
    /// Its reader has gone.
    Gone,
}

use Stream::{Full, Gone, Kept};

impl Stream {
    fn stdio(self) -> Stdio {
        match self {
            Self::Kept => Stdio::null(),
            Self::Full => OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap()
                .into(),
            // The reader is dropped at once.
            Self::Gone => pipe().unwrap().1.into(),
        }
    }
}

/// Every way of losing either stream.
const WAYS: [(Stream, Stream); 6] = [
    (Full, Kept),
    (Gone, Kept),
    (Kept, Full),
    (Kept, Gone),
    (Full, Full),
    (Gone, Gone),
];

/// Runs the binary; gives its exit code.
fn code(line: &str, (stdout, stderr): (Stream, Stream)) -> i32 {
    let mut command = tapdeck();
    command.args(line.split_whitespace());
    let status = command
        .stdout(stdout.stdio())
        .stderr(stderr.stdio())
        .status();
    status.unwrap().code().unwrap()
}

/// Gives the exit code of a command that otherwise ends with `good`.
fn expected(good: i32, (stdout, _): (Stream, Stream)) -> i32 {
    match (stdout, good) {
        (Full, 0) => 2,
        _ => good,
    }
}

fn verdict_code(summary: &Value) -> i32 {
    match summary["verdict"]["verdict"].as_str().unwrap() {
        "pass" => 0,
        "slo_missed" => 1,
        "invalid" => 5,
        other => panic!("{other}"),
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_replay_keeps_its_report_and_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let tape = replay::tape(folder.path());
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let line = format!(
        "replay {} --target {} --rate 50 --duration 1s --warm-up 0s --connections 4",
        tape.display(),
        target.url()
    );
    for (idx, way) in WAYS.into_iter().enumerate() {
        // One gate that holds, and one that nothing can meet.
        for flags in [
            "--slo errors<=100%",
            "--json --slo errors<=100%",
            "--slo p50<1us",
        ] {
            let out = folder.path().join(format!("out-{idx}-{}", flags.len()));
            let found = code(&format!("{line} {flags} --out {}", out.display()), way);
            let verdict = verdict_code(&json(&out.join("summary.json")));
            assert_eq!(found, expected(verdict, way), "{way:?} {flags}");
            assert!(out.join("index.html").is_file(), "{way:?} {flags}");
        }
    }
}

#[test]
fn a_run_keeps_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    for (idx, way) in [(Full, Kept), (Gone, Gone)].into_iter().enumerate() {
        let out = folder.path().join(format!("out-{idx}"));
        let line = format!(
            "run --service rule-engine --stand-ins --scenario smoke --rate 50 --duration 1s --warm-up 0s --slo errors<=100% --run-id lt-1 --cache {} --out {}",
            cache.display(),
            out.display()
        );
        let found = code(&line, way);
        let metadata = json(&out.join("run-metadata-lt-1.json"));
        let verdict = i32::try_from(metadata["exit_code"].as_i64().unwrap()).unwrap();
        assert_eq!(found, expected(verdict, way), "{way:?}");
        assert!(out.join("run-summary-lt-1.json").is_file(), "{way:?}");
        assert!(out.join("runs/lt-1/index.html").is_file(), "{way:?}");
        let report = format!("report --reports-dir {}", out.display());
        assert_eq!(code(&report, way), expected(0, way), "{way:?}");
        for name in ["combined/index.html", "combined/report.md"] {
            assert!(out.join(name).is_file(), "{way:?} {name}");
        }
    }
}

#[test]
fn a_search_and_a_calibration_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let tape = replay::tape(folder.path());
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let out = folder.path().join("search");
    let line = format!(
        "capacity {} --target {} --out {} --slo p99<9s --start-rate 50 --max-rate 50 --measure 1s --settle 0s --pause 0s --repeats 1 --max-time 10s",
        tape.display(),
        target.url(),
        out.display()
    );
    let found = code(&line, (Full, Full));
    let result = &json(&out.join("capacity.json"))["result"];
    let good = match (&result["outcome"], &result["limited_by"]) {
        (outcome, _) if outcome == "nowhere" => 1,
        (outcome, by) if outcome == "unknown" || by == "generator" => 5,
        _ => 0,
    };
    assert_eq!(found, expected(good, (Full, Full)), "{result}");
    assert!(out.join("index.html").is_file());

    let (cache, out) = (folder.path().join("cache"), folder.path().join("page"));
    let line = format!(
        "calibrate --quick --pacing timer --cache {} --out {}",
        cache.display(),
        out.display()
    );
    let found = code(&line, (Full, Full));
    assert!(out.join("calibration.html").is_file());
    let is_kept = store::load(&cache, &store::this_machine())
        .unwrap()
        .is_some();
    let good = if is_kept { 0 } else { 5 };
    assert_eq!(found, expected(good, (Full, Full)));
}

#[test]
fn what_is_made_is_the_same_whatever_becomes_of_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let generate = "generate --service rule-engine --seed 7 --count 500 -o";
    let schedule = "schedule --rate 100 --duration 1s --svg";
    let fixture = "fixtures users --count 20 --output";
    for (name, line) in [("tape", generate), ("svg", schedule), ("users", fixture)] {
        let good = at(&format!("good.{name}"));
        assert_eq!(code(&format!("{line} {good}"), (Kept, Kept)), 0, "{line}");
        for (idx, way) in WAYS.into_iter().enumerate() {
            let path = at(&format!("{idx}.{name}"));
            let found = code(&format!("{line} {path}"), way);
            assert_eq!(found, expected(0, way), "{way:?} {line}");
            assert_eq!(fs::read(&path).unwrap(), fs::read(&good).unwrap(), "{path}");
        }
    }
}

#[test]
fn a_judgment_keeps_its_page_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = fidelity::export(folder.path(), fidelity::EXPORT);
    for way in WAYS {
        for json in ["", "--json"] {
            let out = tempfile::tempdir().unwrap();
            let line = format!("fidelity {file} {json} --out {}", out.path().display());
            assert_eq!(code(&line, way), 1, "{way:?}");
            assert!(out.path().join("truth.csv.fidelity.html").is_file());
        }
    }
}

#[test]
fn what_only_prints_fails_only_where_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let good = tapes::write(folder.path(), 2);
    let good = good.display();
    let other = tempfile::tempdir().unwrap();
    let damaged = tapes::write(other.path(), 2);
    tapes::spoil_block(&damaged, 1);
    let damaged = damaged.display();
    for (line, exit) in [
        (format!("verify {good}"), 0),
        (format!("verify {damaged}"), 4),
        (format!("verify {good} --digest {}", "0".repeat(64)), 4),
        (format!("inspect {good}"), 0),
        (format!("inspect {good} --json"), 0),
        ("schedule --rate 100 --duration 1s".to_owned(), 0),
        ("schedule --rate 100 --duration 1s --times".to_owned(), 0),
        ("services list".to_owned(), 0),
        ("fixtures users --count 20 --output -".to_owned(), 0),
        ("--help".to_owned(), 0),
        ("--version".to_owned(), 0),
        ("replay".to_owned(), 2),
    ] {
        for way in WAYS {
            assert_eq!(code(&line, way), expected(exit, way), "{way:?} {line}");
        }
    }
}

#[test]
fn every_run_is_taken_back_though_nobody_can_be_told() {
    for way in WAYS {
        let folder = tempfile::tempdir().unwrap();
        {
            let embedded = Embedded::start(folder.path()).unwrap();
            let store = Store::connect(embedded.config()).unwrap();
            let long_ago = "2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap();
            die_after_seeding(&store, "first", long_ago);
            die_after_seeding(&store, "second", long_ago);
        }
        let path = folder.path().display();
        let found = code(&format!("cleanup --older-than 1h --folder {path}"), way);
        assert_eq!(found, expected(0, way), "{way:?}");
        let left = [
            "cleanup",
            "--older-than",
            "1h",
            "--folder",
            &path.to_string(),
        ];
        let told = run(left).good();
        assert!(told.starts_with("nothing to clean up"), "{told}");
    }
}
