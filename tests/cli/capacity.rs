//! Searching as people do it: what is refused, what is kept, how a search goes on.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tapdeck::stand_in::{DelayLaw, Faults, StandIn, StandInConfig};
use tapdeck_reports::capacity::JSON_SCHEMA;

use crate::command::{Outcome, interrupt, run, tapdeck};
use crate::replay::tape;

/// A target so slow that what a busy machine adds hardly counts.
fn stand_in() -> StandIn {
    let faults = Faults {
        delay: DelayLaw::Fixed(Duration::from_millis(150)),
        ..Faults::default()
    };
    let demo = StandInConfig::demo().unwrap();
    StandIn::start(StandInConfig { faults, ..demo }).unwrap()
}

/// Flags of a search of the shortest runs there are, at a rate that is nothing to anybody.
fn flags(tape: &Path, target: &str, out: &Path, max_time: &str) -> Vec<String> {
    let (tape, out) = (tape.display(), out.display());
    let text = format!(
        "capacity {tape} --target {target} --out {out} --slo p99<9s --start-rate 50 --measure 1s --settle 0s --pause 0s --repeats 2 --max-time {max_time}"
    );
    text.split_whitespace().map(str::to_owned).collect()
}

fn search(flags: &[String], more: &[&str]) -> Outcome {
    run(flags.iter().map(String::as_str).chain(more.iter().copied()))
}

/// Reads the report and checks it against its schema.
fn report(out: &Path) -> Value {
    let report = fs::read(out.join("capacity.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{report}");
    report
}

#[test]
fn a_search_reports_in_every_form_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("found"));
    let target = stand_in();
    let flags = flags(&tape, &target.url(), &out, "30s");
    let outcome = search(&flags, &["--json", "--max-rate", "100"]);
    let printed: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(printed, report(&out));
    let result = &printed["result"];
    // A busy machine may spoil runs until the time is up; the report is complete all the same.
    if result["limited_by"] == "highest_rate" {
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert_eq!(result["ending"], "completed");
        assert_eq!(result["outcome"], "at_least");
        assert_eq!(result["holds_per_s"], 100.0);
    } else {
        assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
    }
    for file in ["index.html", "latency.svg", "errors.svg"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 100, "{file}");
    }
    let runs = printed["steps"].as_array().unwrap().len();
    assert!(runs >= 1, "{printed}");

    let again = search(&flags, &["--resume", "--max-rate", "100"]);
    let told = format!("going on from {runs} runs");
    assert!(again.stderr.contains(&told), "{again:?}");
    if result["ending"] == "completed" {
        assert_eq!(again.code, outcome.code, "{again:?}");
        assert_eq!(report(&out), printed, "nothing was left to do");
    }

    let mut other = flags;
    let slo = other.iter().position(|flag| flag == "p99<9s").unwrap();
    other[slo] = "p99<8s".to_owned();
    let refused = search(&other, &["--resume"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let why = "it is about another promise, errors<=1%,p99<9s instead of errors<=1%,p99<8s";
    assert!(refused.stderr.contains(why), "{refused:?}");
    target.stop().unwrap();
}

#[test]
fn an_interrupted_search_keeps_what_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("cut"));
    let target = stand_in();
    let mut process = tapdeck()
        .args(flags(&tape, &target.url(), &out, "30s"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    // The first indented line tells the first run, whose report has been kept or is about to be.
    assert!(lines.any(|line| line.unwrap().starts_with("  ")));
    interrupt(&process);
    assert!(lines.all(|line| line.is_ok()));
    assert_eq!(process.wait().unwrap().code(), Some(130));
    let report = report(&out);
    assert_eq!(report["result"]["ending"], "interrupted");
    assert!(!report["steps"].as_array().unwrap().is_empty());
    target.stop().unwrap();
}

#[test]
fn no_run_begins_that_would_end_too_late() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("late"));
    let target = stand_in();
    let outcome = search(&flags(&tape, &target.url(), &out, "500ms"), &[]);
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stdout.contains("The time was up"), "{outcome:?}");
    let report = report(&out);
    assert_eq!(report["steps"].as_array().unwrap().len(), 0);
    assert_eq!(report["result"]["outcome"], "unknown");
    target.stop().unwrap();
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let base = [
        "capacity",
        tape.to_str().unwrap(),
        "--target",
        "http://127.0.0.1:1",
    ];
    for (flags, expected) in [
        ("", "--slo <LIST>"),
        ("--slo p99<30", "p99<30"),
        ("--slo p99<1s --start-rate 0", "--start-rate: is zero"),
        ("--slo p99<1s --start-rate -5", "has rate -5"),
        (
            "--slo p99<1s --climb 1",
            "--climb: is 1, expected 1.05 to 100",
        ),
        (
            "--slo p99<1s --max-rate 10",
            "--max-rate: is 10, below the --start-rate of 100",
        ),
        (
            "--slo p99<1s --precision 2",
            "expected a percentage from 0.5% to 50%",
        ),
        ("--slo p99<1s --precision 0.1%", "expected a percentage"),
        ("--slo p99<1s --measure 10ms", "--measure: is 10ms"),
        ("--slo p99<1s --repeats 0", "--repeats"),
        (
            "--slo p99<1s --arrivals recorded",
            "--arrivals: recorded arrivals have a rate of their own",
        ),
        (
            "--slo p99<1s --burst-factor 3",
            "--burst-factor: is for bursty arrivals",
        ),
        ("--slo p99<1s --resume", "--out <DIR>"),
    ] {
        let outcome = run(base.into_iter().chain(flags.split_whitespace()));
        assert_eq!(outcome.code, Some(2), "{flags}: {outcome:?}");
        assert!(outcome.stderr.contains(expected), "{flags}: {outcome:?}");
    }
}
