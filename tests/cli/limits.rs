//! The limit of open files, as a shell sets it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tapdeck::stand_in::{StandIn, StandInConfig};

use crate::command::{Outcome, interrupt, tapdeck};
use crate::replay::tape;

/// Runs the binary in a shell that has set limits before.
fn limited(ulimit: &str, args: &[&str]) -> Outcome {
    let binary = tapdeck();
    let output = Command::new("sh")
        .args(["-c", &format!("{ulimit}; exec \"$0\" \"$@\"")])
        .arg(binary.get_program())
        .args(args)
        .env("TAPDECK_CACHE", "/nonexistent")
        .output()
        .unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Asserts that a limit of ours was the reason to refuse.
fn refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{word}: {outcome:?}");
    }
}

#[test]
fn a_low_soft_limit_is_raised_to_the_hard_one() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let outcome = limited(
        "ulimit -Sn 64",
        &[
            "replay",
            tape.to_str().unwrap(),
            "--target",
            &target.url(),
            "--rate=50",
            "--duration=1s",
            "--warm-up=0s",
            "--connections=200",
            "--json",
        ],
    );
    let summary: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let ledger = &summary["ledger"];
    assert_eq!(ledger["completed"], ledger["planned"], "{ledger}");
    assert_eq!(summary["transport"]["connections"]["opened"], 200);
    target.stop().unwrap();
}

#[test]
fn what_the_hard_limit_cannot_bear_is_refused_with_the_number_needed() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let replay = ["replay", tape.to_str().unwrap(), "--target", &url];
    let needed = ["RLIMIT_NOFILE", "may open 150", "must raise the hard limit"];
    for (flags, flag) in [
        (
            &["--rate=1/1s", "--connections=200"][..],
            "--connections: 200",
        ),
        (
            &["--rate=1/1s", "--connections=200", "--no-keep-alive"],
            "--connections: 200",
        ),
        (
            &["--users=200", "--spawn-rate=200", "--run-time=1s"],
            "--users: 200",
        ),
    ] {
        let outcome = limited("ulimit -n 150", &[&replay, flags].concat());
        refused(&outcome, &[&needed[..], &[flag]].concat());
    }
}

#[test]
fn targets_in_the_same_process_take_their_half() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let demo = ["demo", "--count=1000", "--rate=10", "--duration=1s"];
    let outcome = limited("ulimit -n 150", &[&demo[..], &["--out", out]].concat());
    refused(
        &outcome,
        &["64 connections, each with two ends", "may open 150"],
    );
    let outcome = limited(
        "ulimit -n 1000",
        &["calibrate", "--connections=600", "--cache", out],
    );
    refused(
        &outcome,
        &["600 connections, each with two ends", "may open 1000"],
    );
    let outcome = limited("ulimit -n 100", &["stand-in", "null", "--threads=50"]);
    refused(&outcome, &["--threads", "may open 100"]);
    let run = [
        "run",
        "--service=rule-engine",
        "--scenario=smoke",
        "--stand-ins",
    ];
    let flags = [
        "--skip-seed",
        "--connections=400",
        "--rate=10",
        "--run-time=1s",
    ];
    let folders = ["--out", out, "--cache", out];
    let outcome = limited("ulimit -n 600", &[&run[..], &flags, &folders].concat());
    refused(
        &outcome,
        &["400 connections, each with two ends", "may open 600"],
    );
}

#[test]
fn a_target_that_cannot_be_asked_for_lack_of_files_is_not_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let replay = [
        "replay",
        tape.to_str().unwrap(),
        "--target",
        &url,
        "--rate=1/1s",
    ];
    // Too few to ask the target, or too few for the run: which of the two it is depends on what the system itself opens.
    for files in 5..=10 {
        let outcome = limited(&format!("ulimit -n {files}"), &replay);
        refused(&outcome, &["must raise the hard limit"]);
    }
}

#[test]
fn too_little_address_space_is_refused_before_anything_is_begun() {
    let outcome = limited("ulimit -v 400000", &["services"]);
    refused(&outcome, &["RLIMIT_AS", "`ulimit -v 1048576`"]);
}

#[test]
fn a_missing_folder_for_temporary_files_is_named() {
    let outcome = limited("export TMPDIR=/nonexistent", &["stand-in", "object-store"]);
    refused(
        &outcome,
        &["cannot be made in /nonexistent", "let TMPDIR name"],
    );
}

#[test]
fn a_file_of_a_report_that_cannot_be_written_does_not_keep_the_others_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let out = folder.path().join("out");
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let line = format!(
        "replay {} --target {} --rate 50 --duration 10m --warm-up 0s --out {}",
        tape.display(),
        target.url(),
        out.display()
    );
    let mut process = tapdeck()
        .args(line.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("lanes 1,")));
    // The folder was cleared by now.
    std::fs::create_dir(out.join("index.html")).unwrap();
    interrupt(&process);
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(2), "{said:?}");
    let last = said.last().unwrap();
    assert!(last.contains("lacks index.html: cannot create "), "{last}");
    for name in ["summary.json", "results.md", "stats.csv"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    target.stop().unwrap();
}
