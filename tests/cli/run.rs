//! Whole runs as people start, stop and mistype them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::command::{run, send, tapdeck};

/// Flags of a run against stand-ins, whose results and tapes go into a folder.
fn flags(folder: &Path, rest: &str) -> Vec<String> {
    let folder = folder.display();
    let text = format!(
        "run --service rule-engine --rate 100 --stand-ins --out {folder}/out --cache {folder}/cache {rest}"
    );
    text.split_whitespace().map(str::to_owned).collect()
}

fn metadata(folder: &Path, run_id: &str) -> Value {
    let path = folder.join(format!("out/run-metadata-{run_id}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    for (line, message) in [
        ("--service rule-engin", "did you mean \"rule-engine\"?"),
        (
            "--service rule-engine --scenario smok",
            "--scenario: rule-engine has no scenario \"smok\"; did you mean smoke?",
        ),
        (
            "--service rule-engine,rule-engine",
            "--service: names rule-engine twice",
        ),
        (
            "--service rule-engine --run-id ../x",
            "--run-id: \"../x\" becomes a part of file names",
        ),
        (
            "--service rule-engine --rate 5 --users 5",
            "cannot be used with",
        ),
        (
            "--service rule-engine --users 100 --run-time 1",
            "--run-time: is 1s, but the last of 100 users comes after",
        ),
        (
            "--service rule-engine --run-time 0",
            "is zero, so nothing would be measured",
        ),
        (
            "--service rule-engine --mix oauth=1",
            "did you mean \"auth\"?",
        ),
        (
            "--service rule-engine --slo approvals:p99<1s",
            "--slo: is about approvals, but the run is about rule-engine",
        ),
        (
            "--service rule-engine --slo p99<=baseline*1.1",
            "name its summary.json with --baseline",
        ),
        (
            "--service rule-engine --baseline lt-1",
            "--baseline: there is no run \"lt-1\" with rule-engine in",
        ),
        (
            "--service rule-engine,approvals --target http://localhost:1",
            "--target: is for one of several services; write SERVICE=URL",
        ),
        (
            "--service rule-engine,approvals --lanes 1",
            "--lanes: is 1, but each of the 2 services needs one",
        ),
        (
            "--service rule-engine,approvals --tape x.tape",
            "--tape: is one tape, for one service",
        ),
        (
            "--service rule-engine --target http://me:hidden@localhost",
            "--target: credentials do not belong into an address",
        ),
        (
            "--service rule-engine --target http://127.0.0.1:80811",
            "--target: \"http://127.0.0.1:80811\" has port \"80811\"",
        ),
    ] {
        let out = folder.path().join("out");
        let words = ["run", "--out", out.to_str().unwrap()].into_iter();
        let outcome = run(words.chain(line.split_whitespace()));
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(message), "{line}: {outcome:?}");
        assert!(!outcome.stderr.contains("hidden"), "{outcome:?}");
        assert!(!out.exists(), "{line}");
    }
}

#[test]
fn a_variable_that_is_no_number_is_named() {
    for (name, value) in [
        ("RULE_ENGINE_RPS", "many"),
        ("RULE_ENGINE_MODE", "both"),
        ("RULE_ENGINE_AUTH_WEIGHT", "most"),
        ("RULE_ENGINE_P99_MS", "-1"),
    ] {
        let mut command = tapdeck();
        command.env(name, value);
        let output = command
            .args(["run", "--service", "rule-engine", "--dry-run"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(&format!("${name} is")), "{message}");
    }
}

/// Runs `--dry-run` under variables; gives its rows as name, value and origin.
fn dry_run(variables: &[(&str, &str)], line: &str) -> Vec<(String, String, String)> {
    let mut command: Command = tapdeck();
    command.envs(variables.iter().copied());
    let words = ["run", "--dry-run", "--cache", "c"].into_iter();
    let output = command.args(words.chain(line.split_whitespace())).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().filter_map(|line| {
        let mut cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        let (_, name) = (cells.next()?, cells.next()?);
        Some((
            name.to_owned(),
            cells.next()?.to_owned(),
            cells.next()?.to_owned(),
        ))
    });
    rows.collect()
}

#[test]
fn every_value_tells_where_it_came_from_and_flags_come_first() {
    let engine = "--service rule-engine";
    let rows = [
        (&[][..], "", "rate", "10000/s", "rule-engine.toml, baseline"),
        (&[], "", "duration", "300s", "rule-engine.toml, baseline"),
        (&[], "--rate 5k", "rate", "5000/s", "--rate"),
        (
            &[("RULE_ENGINE_RPS", "700")],
            "",
            "rate",
            "700/s",
            "$RULE_ENGINE_RPS",
        ),
        (
            &[("RULE_ENGINE_RPS", "700")],
            "--rate 5",
            "rate",
            "5/s",
            "--rate",
        ),
        (
            &[("RULE_ENGINE_RPS", "700")],
            "--scenario stress",
            "rate",
            "2100/s",
            "$RULE_ENGINE_RPS, times 3 for stress",
        ),
        (&[], "--scenario smoke --users 7", "users", "7", "--users"),
        (&[], "--scenario smoke --rate 7", "rate", "7/s", "--rate"),
        (
            &[],
            "--scenario smoke --spawn-rate 2",
            "users",
            "50",
            "scenario smoke",
        ),
        (
            &[],
            "--scenario soak --users 4",
            "spawn rate",
            "5/s",
            "default, times 0.5 for soak",
        ),
        (&[], "--run-time 20", "duration", "20s", "--run-time"),
        (
            &[("RULE_ENGINE_URL", "http://a:1")],
            "",
            "target",
            "http://a:1",
            "$RULE_ENGINE_URL",
        ),
        (
            &[
                ("RULE_ENGINE_PREAUTH_WEIGHT", "0.7"),
                ("RULE_ENGINE_MONITORING_WEIGHT", "0.3"),
            ],
            "",
            "mix",
            "auth=7,monitoring=3",
            "$RULE_ENGINE_PREAUTH_WEIGHT",
        ),
        (
            &[
                ("RULE_ENGINE_MODE", "monitoring"),
                ("RULE_ENGINE_MONITORING_URL", "http://m:2"),
            ],
            "",
            "target",
            "http://m:2",
            "$RULE_ENGINE_MONITORING_URL",
        ),
        (
            &[("RULE_ENGINE_P99_MS", "44")],
            "",
            "promise",
            "p99<=44ms",
            "$RULE_ENGINE_P99_MS",
        ),
        (
            &[("RULE_ENGINE_P99_MS", "44")],
            "--slo p99<1s",
            "promise",
            "p99<1s",
            "--slo",
        ),
        (
            &[("LOADTEST_RUN_ID", "mine")],
            "",
            "run id",
            "mine",
            "$LOADTEST_RUN_ID",
        ),
    ];
    for (variables, line, name, value, origin) in rows {
        let found = dry_run(variables, &format!("{engine} {line}"));
        let expected = (name.to_owned(), value.to_owned(), origin.to_owned());
        assert!(
            found.contains(&expected),
            "{line} {variables:?}: no {expected:?} in {found:?}"
        );
    }
}

#[test]
fn users_pause_as_their_scenario_says_or_their_baseline() {
    for (line, think, origin) in [
        (
            "--service rule-mgmt --scenario smoke",
            "uniform:1s..2s",
            "rule-management.toml, baseline",
        ),
        (
            "--service approvals --scenario burst",
            "uniform:100ms..500ms",
            "approvals.toml, burst",
        ),
        ("--service trans-mgmt", "0s", "default"),
        ("--service rule-mgmt --think 5s", "5s", "--think"),
    ] {
        let rows = dry_run(&[], line);
        let expected = ("think".to_owned(), think.to_owned(), origin.to_owned());
        assert!(rows.contains(&expected), "{line}: {rows:?}");
    }
}

#[test]
fn two_addresses_of_the_rule_engine_make_two_services_of_it() {
    let variables = [
        ("RULE_ENGINE_AUTH_URL", "http://localhost:8081"),
        ("RULE_ENGINE_MONITORING_URL", "http://localhost:8082"),
    ];
    let rows = dry_run(&variables, "--service rule-engine");
    let values = |wanted: &str| {
        let rows = rows.iter().filter(|(name, ..)| name == wanted);
        rows.map(|(_, value, _)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(values("rate"), ["7000/s", "3000/s"]);
    assert_eq!(values("mix"), ["auth=70", "monitoring=30"]);
    assert_eq!(values("target"), variables.map(|(_, url)| url));
}

#[test]
fn a_run_leaves_what_python_reads_and_a_later_one_is_compared_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let short_run = "--run-time 1 --warm-up 0s";
    let first = format!("{short_run} --run-id first --headless --json");
    let outcome = run(flags(folder.path(), &first));
    assert!(matches!(outcome.code, Some(0 | 1 | 5)), "{outcome:?}");
    let short: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(short["run_id"], "first");
    assert_eq!(short["services_tested"][0], "rule-engine");
    let metadata = metadata(folder.path(), "first");
    assert_eq!(metadata["exit_code"], outcome.code.unwrap());
    assert_eq!(metadata["services"][0]["tape_digest"], short["tape_digest"]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/ci/read-artifacts");
    for place in ["out", "out/runs/first"] {
        if let Ok(read) = Command::new("python3")
            .arg(script)
            .arg(folder.path().join(place))
            .output()
        {
            let said = String::from_utf8_lossy(&read.stderr);
            assert!(read.status.success(), "{place}: {said}");
        }
    }
    // An invalid run is no baseline, and how busy this machine was is not the question here.
    let path = folder.path().join("out/runs/first/summary.json");
    let mut summary: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    summary["verdict"]["verdict"] = "pass".into();
    fs::write(&path, summary.to_string()).unwrap();
    let relative = "--baseline first --slo errors<=baseline,p50<=baseline*1000";
    let second = run(flags(folder.path(), &format!("{short_run} {relative}")));
    assert!(matches!(second.code, Some(0 | 1 | 5)), "{second:?}");
    assert!(second.stdout.contains("p50<=baseline*1000"), "{second:?}");
}

#[test]
fn signals_in_any_phase_leave_metadata_and_exit_130() {
    let folder = tempfile::tempdir().unwrap();
    for (phase, signal) in [
        ("guard", Signal::TERM),
        ("tape", Signal::INT),
        ("warm-up", Signal::HUP),
        ("measure", Signal::HUP),
    ] {
        // A seed of its own, so that each makes a tape.
        let seed = phase.len();
        let slow = format!("--warm-up 1s --run-time 60 --run-id {phase} --seed {seed}");
        let mut running = tapdeck()
            .args(flags(folder.path(), &slow))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(running.stderr.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        let begins = |line: &String| line.contains(&format!(" s] {phase}"));
        assert!(lines.any(|line| begins(&line)), "{phase}");
        send(&running, signal);
        // Whoever does not read on might block it.
        let rest: Vec<String> = lines.collect();
        let code = running.wait().unwrap().code();
        assert_eq!(code, Some(130), "{phase}: {rest:?}");
        assert!(
            rest.iter().any(|line| line.contains("] teardown")),
            "{phase}: {rest:?}"
        );
        let metadata = metadata(folder.path(), phase);
        assert_eq!(metadata["exit_code"], 130, "{phase}");
        assert_eq!(metadata["interrupted"], true, "{phase}");
    }
}
