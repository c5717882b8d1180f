//! Replaying as people do it: what is refused before the first request, what is said after the last.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tapdeck::stand_in::{StandIn, StandInConfig};

use crate::command::{Outcome, interrupt, run, tapdeck};
use crate::tapes;

/// A small generated tape.
pub(crate) fn tape(folder: &Path) -> PathBuf {
    let path = folder.join("cards.tape");
    let text = path.to_str().unwrap();
    run([
        "generate",
        "--quiet",
        "--service",
        "rule-engine",
        "--count",
        "9000",
        "-o",
        text,
    ])
    .good();
    path
}

pub(crate) fn stand_in() -> StandIn {
    StandIn::start(StandInConfig::demo().unwrap()).unwrap()
}

pub(crate) fn replay(tape: &Path, rest: &[&str]) -> Outcome {
    let mut args = vec!["replay", tape.to_str().unwrap()];
    args.extend(rest);
    run(args)
}

#[test]
fn a_run_reports_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("report"));
    let target = stand_in();
    let outcome = replay(
        &tape,
        &[
            "--target",
            &target.url(),
            "--rate",
            "400",
            "--duration",
            "2s",
            "--warm-up",
            "500ms",
            "--json",
            "--slo",
            "achieved>=50%",
            "--out",
            out.to_str().unwrap(),
        ],
    );
    // A busy machine may make the run invalid; its results are complete all the same.
    assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let on_disk: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary, on_disk);
    let schema: Value = serde_json::from_str(tapdeck_reports::summary::JSON_SCHEMA).unwrap();
    assert!(jsonschema::is_valid(&schema, &summary));
    let ledger = &summary["ledger"];
    assert_eq!(ledger["planned"], ledger["good"], "{ledger}");
    let planned = ledger["planned"].as_u64().unwrap();
    assert!((600..1_000).contains(&planned), "{planned}");
    let seen = target.stop().unwrap();
    assert!(
        seen.auth_requests + seen.monitoring_requests > planned,
        "warm-up is sent, not counted"
    );
    for file in ["index.html", "summary.csv", "latency.hlog"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 100, "{file}");
    }
    assert!(outcome.stderr.contains("index.html"), "{outcome:?}");
}

#[test]
fn haste_is_told_and_warned_of_where_the_service_counts() {
    let folder = tempfile::tempdir().unwrap();
    let whole = tape(folder.path());
    let slice = folder.path().join("slice.tape");
    run([
        "generate",
        "--quiet",
        "--service",
        "rule-engine",
        "--natural-rate",
        "200",
        "--span",
        "10s",
        "-o",
        slice.to_str().unwrap(),
    ])
    .good();
    let target = stand_in();
    let url = target.url();
    let short = ["--target", &url, "--warm-up", "0s", "--duration", "1s"];
    let hasty = replay(&whole, &[&short[..], &["--rate", "100"]].concat());
    let warning = ": rules that count by card and device refuse more (docs/slices.md)";
    assert!(hasty.stderr.contains(warning), "{hasty:?}");
    assert!(hasty.stderr.contains("--natural-rate 100 "), "{hasty:?}");
    // Below the verdict it takes a line, behind the reasons.
    let mut lines = hasty.stdout.lines();
    let note = lines
        .position(|line| line.starts_with("  Note: event time runs ") && line.ends_with(warning));
    let after = note.map(|at| hasty.stdout.lines().nth(at + 1).unwrap());
    assert!(
        after.is_some_and(|line| line.starts_with("── Latency")),
        "{hasty:?}"
    );
    for load in [["--rate", "200"], ["--arrivals", "recorded"]] {
        let calm = replay(&slice, &[&short[..], &load[..]].concat());
        let told = "the schedule runs the tape's event time at 1.0x";
        assert!(calm.stderr.contains(told), "{calm:?}");
        assert!(
            !calm.stderr.contains("warning") && !calm.stderr.contains(warning),
            "{calm:?}"
        );
    }
    target.stop().unwrap();
}

#[test]
fn a_missed_promise_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = StandIn::start(StandInConfig::default()).unwrap();
    let common = [
        "--target",
        &target.url(),
        "--rate",
        "300",
        "--duration",
        "1s",
        "--warm-up",
        "0s",
    ];
    // Without a ruleset the engine fails open: status 200, and every answer a failure.
    let outcome = replay(&tape, &common);
    assert!(matches!(outcome.code, Some(1 | 5)), "{outcome:?}");
    assert!(outcome.stdout.contains("engine-mode"), "{outcome:?}");
}

/// Spoils a sound run by flags that make no sense, and compares exit code and message; nothing may reach the target.
fn check_refusals(rows: impl FnOnce(&StandIn) -> Vec<(String, i32, &'static str)>) {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = stand_in();
    for (wrong, code, fragment) in rows(&target) {
        let flag = wrong.split_whitespace().next().unwrap();
        let sound = [
            ("--target", target.url()),
            ("--rate", "100".into()),
            ("--duration", "1s".into()),
        ];
        let sound = sound.iter().filter(|(name, _)| *name != flag);
        let args = sound
            .flat_map(|(name, value)| [*name, value])
            .chain(wrong.split_whitespace());
        let outcome = replay(&tape, &args.collect::<Vec<_>>());
        assert_eq!(outcome.code, Some(code), "{wrong}: {outcome:?}");
        assert!(outcome.stderr.contains(fragment), "{wrong}: {outcome:?}");
    }
    let seen = target.stop().unwrap();
    assert_eq!(seen.auth_requests + seen.monitoring_requests, 0);
}

#[test]
fn what_cannot_be_a_run_is_refused_before_the_first_request() {
    let usage = [
        ("--target http://8.8.8.8", "--allow-target 8.8.8.8"),
        ("--rate 0", "zero"),
        ("--rate NaN", "rate"),
        ("--rate 1e9", "rate"),
        ("--rate -5", "rate"),
        ("--duration 0s", "zero"),
        ("--rate 5/3s", "--duration"),
        ("--service payments", "rule-engine"),
        ("--slo p99<30", "p99<30"),
        ("--lanes 0", "--lanes"),
        ("--connections 0", "--connections"),
        ("--pacing luck", "hybrid"),
        ("--timeout 0s", "--timeout"),
        ("--max-in-flight 3", "--max-in-flight"),
        ("--out /dev/null/x", "/dev/null/x"),
    ];
    check_refusals(|_| {
        let rows = usage.iter();
        rows.map(|&(flags, fragment)| (flags.to_owned(), 2, fragment))
            .collect()
    });
    let missing = replay(
        Path::new("no-such.tape"),
        &["--rate", "100", "--duration", "1s"],
    );
    assert_eq!(missing.code, Some(2), "{missing:?}");
}

#[test]
fn what_is_no_way_to_a_target_is_refused_before_the_first_request() {
    let usage = [
        ("--streams 0", "--streams"),
        ("--connect-rate 0", "--connect-rate: is less than one"),
        ("--connect-rate 1e-300", "--connect-rate: is less than one"),
        ("--connect-rate -1", "unexpected argument"),
        ("--connection-lifetime 0s", "say --no-keep-alive"),
        ("--no-keep-alive --streams 5", "cannot be used with"),
        ("--http 3", "possible values: auto, 1.1, 2"),
        ("--insecure", "--insecure: is about TLS"),
        ("--insecure --ca ca.pem", "cannot be used with"),
        ("--client-cert me.pem", "--client-key <FILE>"),
        (
            "--target https://127.0.0.1:1 --ca /dev/null",
            "--ca: /dev/null holds no certificate in PEM form",
        ),
    ];
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    check_refusals(|target| {
        let rows = usage.iter();
        let rows = rows.map(|&(flags, fragment)| (flags.to_owned(), 2, fragment));
        let address = target.address();
        let unreachable = [
            (
                format!("--target http://{closed}"),
                "does not accept connections",
            ),
            (
                format!("--target https://{closed}"),
                "does not accept connections",
            ),
            (
                format!("--target https://{address} --insecure"),
                "write http:// in --target",
            ),
            (
                "--target unix:/nowhere.sock".into(),
                "unix:/nowhere.sock does not accept connections",
            ),
        ];
        let unreachable = unreachable.map(|(flags, fragment)| (flags, 3, fragment));
        rows.chain(unreachable).collect()
    });
}

#[test]
fn a_damaged_tape_ends_the_run_with_its_block_named() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    tapes::spoil_block(&tape, 1);
    let target = stand_in();
    let outcome = replay(
        &tape,
        &[
            "--target",
            &target.url(),
            "--rate",
            "100",
            "--duration",
            "1s",
        ],
    );
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.stderr.contains("block 1 of"), "{outcome:?}");
}

#[test]
fn what_is_no_tape_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, fragment) in [
        ("empty", &b""[..], "is empty"),
        (
            "foreign",
            b"some other file, longer than a header of a tape would be, and more",
            "is not a tape",
        ),
        ("cut", b"TAPDECK\0\x01\0\0\0", "truncated"),
        (
            "newer",
            b"TAPDECK\0\x09\0\0\0----------------------------------------------------",
            "format 9",
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let outcome = replay(&path, &["--rate", "100", "--duration", "1s"]);
        assert_eq!(outcome.code, Some(4), "{outcome:?}");
        assert!(outcome.stderr.contains(fragment), "{outcome:?}");
    }
}

#[test]
fn an_interrupt_leaves_a_partial_report() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("report"));
    let target = stand_in();
    let mut process = tapdeck()
        .args([
            "replay",
            tape.to_str().unwrap(),
            "--target",
            &target.url(),
            "--out",
            out.to_str().unwrap(),
        ])
        .args(["--rate", "200", "--duration", "10m", "--warm-up", "0s"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    // The first plain line about the run comes ten seconds into it.
    let running = lines.find(|line| line.as_ref().unwrap().contains("measure  offered"));
    assert!(running.is_some());
    interrupt(&process);
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(130), "{said:?}");
    let summary: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["verdict"]["partial"], true);
    let ledger = &summary["ledger"];
    assert!(ledger["planned"].as_u64().unwrap() > 1_000, "{ledger}");
    assert!(
        fs::read_to_string(out.join("index.html"))
            .unwrap()
            .contains("artial")
    );
}
