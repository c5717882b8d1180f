//! Calibrating, and what later runs make of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use tapdeck::harness::calibration::store;
use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_reports::calibration::{Calibration, Capacity, Limit, SCHEMA, Setup};

use crate::command::{Outcome, interrupt, run, tapdeck};

/// Calibrates quickly into a folder.
fn calibrate(cache: &Path, rest: &[&str]) -> Outcome {
    let args = ["calibrate", "--quick", "--pacing", "timer", "--cache"];
    run(args
        .into_iter()
        .chain([cache.to_str().unwrap()])
        .chain(rest.iter().copied()))
}

#[test]
fn what_was_found_is_printed_drawn_and_kept_for_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, out) = (folder.path().join("cache"), folder.path().join("out"));
    let outcome = calibrate(&cache, &["--json", "--out", out.to_str().unwrap()]);
    let found: Calibration = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(found.schema, SCHEMA);
    assert_eq!(found.machine, store::this_machine());
    assert_eq!(found.capacities[0].lanes, 1);
    assert!(found.steps.iter().all(|step| step.pacing == "timer"));
    assert!(
        fs::read_to_string(out.join("calibration.html"))
            .unwrap()
            .contains("Send lag by rate")
    );
    // On a busy machine not even the lowest rate may be valid; that is told, and not kept.
    let is_kept = found
        .capacities
        .iter()
        .any(|capacity| capacity.highest_per_s.is_some());
    assert_eq!(
        outcome.code,
        Some(if is_kept { 0 } else { 5 }),
        "{outcome:?}"
    );
    let kept = store::load(&cache, &found.machine).unwrap();
    assert_eq!(kept, is_kept.then_some(found));
}

#[test]
fn an_interrupted_calibration_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let mut process = tapdeck()
        .args(["calibrate", "--cache", cache.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    assert!(first.starts_with("1 lane, "), "{first}");
    interrupt(&process);
    let last = said.map_while(Result::ok).last().unwrap();
    assert_eq!(last, "interrupted; nothing was kept");
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert!(!cache.exists());
}

/// What is known of a machine of which two lanes do more than one.
fn known() -> Calibration {
    let capacity = |lanes, highest_per_s| Capacity {
        lanes,
        pacing: "timer".to_owned(),
        highest_per_s: Some(highest_per_s),
        limit: Limit::Generator,
    };
    Calibration {
        schema: SCHEMA.to_owned(),
        machine: store::this_machine(),
        taken_at: "2026-01-02T03:04:05Z".to_owned(),
        setup: Setup {
            arrivals: "poisson".to_owned(),
            connections: 64,
            step_s: 2.0,
            precision: 0.05,
            shared: String::new(),
        },
        disturbance: None,
        capacities: vec![capacity(1, 100.0), capacity(2, 150.0)],
        steps: Vec::new(),
    }
}

#[test]
fn a_later_run_chooses_its_lanes_by_it_and_warns_in_advance() {
    let folder = tempfile::tempdir().unwrap();
    let tape = folder.path().join("cards.tape");
    let text = tape.to_str().unwrap();
    run([
        "generate",
        "--quiet",
        "--service",
        "rule-engine",
        "--count",
        "300",
        "-o",
        text,
    ])
    .good();
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let cache = folder.path().join("cache");
    let path = store::save(&cache, &known()).unwrap();
    let replay = |rest: &[&str]| {
        let url = target.url();
        let args = [
            "replay",
            text,
            "--target",
            &url,
            "--warm-up",
            "0s",
            "--duration",
            "100ms",
            "--cache",
            cache.to_str().unwrap(),
            "--rate",
        ];
        run(args.into_iter().chain(rest.iter().copied())).stderr
    };
    let warning = "this machine is valid up to about";
    let within = replay(&["120"]);
    assert!(within.contains("lanes 2, "), "{within}");
    assert!(!within.contains(warning), "{within}");
    let beyond = replay(&["120", "--lanes", "1"]);
    assert!(
        beyond.contains("valid up to about 100/s with one lane by its calibration of 2026-01-02, and up to 120/s are asked for: --lanes 2"),
        "{beyond}"
    );
    fs::write(&path, "{").unwrap();
    let unreadable = replay(&["120"]);
    assert!(
        unreadable.contains("cannot read the calibration "),
        "{unreadable}"
    );
    fs::remove_file(&path).unwrap();
    let unknown = replay(&["120"]);
    assert!(
        unknown.contains("lanes 1, ") && !unknown.contains("calibrat"),
        "{unknown}"
    );
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    for (flags, says) in [
        (["--lanes", "0"], "--lanes: must lie in 1 to "),
        (["--connections", "0"], "--connections: must lie in 1 to"),
        (["--pacing", "fast"], "expected one of timer, hybrid, spin"),
        (
            ["--arrivals", "recorded"],
            "possible values: poisson, constant",
        ),
    ] {
        let outcome = calibrate(&cache, &flags);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(says), "{outcome:?}");
    }
    assert!(!cache.exists());
}
