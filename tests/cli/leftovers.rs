//! What others do while a command works: hang up, write into its tape. And what an earlier command has left where it writes.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::command::{run, send, tapdeck};
use crate::replay::{replay, stand_in, tape};

/// Plays a second into a folder.
fn play_into(out: &Path, tape: &Path, target: &str) -> crate::command::Outcome {
    let out = out.to_str().unwrap();
    let short = ["--rate", "200", "--duration", "1s", "--warm-up", "0s"];
    let flags = ["--target", target, "--slo", "errors<=100%", "--out", out];
    replay(tape, &[&short[..], &flags[..]].concat())
}

fn files_in(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn an_earlier_report_does_not_stand_beside_a_run_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("report"));
    let target = stand_in();
    let url = target.url();
    let first = play_into(&out, &tape, &url);
    assert!(out.join("summary.json").is_file(), "{first:?}");
    fs::write(out.join("notes.txt"), "of the user").unwrap();
    let whole = files_in(&out);
    // What was typed wrong is no run.
    let mistyped = play_into(&out, &tape, "no address");
    assert_eq!(mistyped.code, Some(2), "{mistyped:?}");
    assert_eq!(files_in(&out), whole);
    target.stop().unwrap();
    let unreachable = play_into(&out, &tape, &url);
    assert_eq!(unreachable.code, Some(3), "{unreachable:?}");
    assert_eq!(files_in(&out), 1, "the user's own is left");
}

#[test]
fn a_page_about_an_earlier_file_does_not_stand_beside_one_that_cannot_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("some.csv");
    fs::write(&export, "no,export\n1,2\n").unwrap();
    let page = folder.path().join("some.csv.fidelity.html");
    fs::write(&page, "of an earlier one").unwrap();
    let outcome = run(["fidelity".as_ref(), export.as_os_str()]);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(!page.exists());
}

/// In memory, where every Linux has leases.
#[test]
fn a_tape_that_somebody_writes_into_ends_the_run_that_plays_it() {
    for truncate in [false, true] {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let (tape, out) = (tape(folder.path()), folder.path().join("report"));
        let target = stand_in();
        let mut process = tapdeck()
            .args(["replay", tape.to_str().unwrap(), "--target", &target.url()])
            .args(["--out", out.to_str().unwrap()])
            .args(["--rate", "200", "--duration", "10m", "--warm-up", "0s"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let begun = lines.find(|line| line.as_ref().unwrap().starts_with("lanes 1,"));
        assert!(begun.is_some());
        // Whoever writes waits until the run has ended.
        let mut options = OpenOptions::new();
        let mut file = options.write(true).truncate(truncate).open(&tape).unwrap();
        file.write_all(b"something else").unwrap();
        let said: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(process.wait().unwrap().code(), Some(4), "{said:?}");
        let last = said.last().unwrap();
        assert!(last.contains("cards.tape is being written to"), "{last}");
        let summary = fs::read(out.join("summary.json")).unwrap();
        let summary: Value = serde_json::from_slice(&summary).unwrap();
        assert_eq!(summary["verdict"]["partial"], true);
    }
}

#[test]
fn a_damaged_tape_in_the_cache_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let play = |id: &str| {
        let place = folder.path().display();
        let flags = format!(
            "run --service rule-engine --stand-ins --rate 50 --run-time 1 --warm-up 0s --slo errors<=100% --run-id {id} \
             --out {place}/out --cache {place}/cache"
        );
        run(flags.split_whitespace())
    };
    let tapes = folder.path().join("cache/tapes");
    let first = play("first");
    assert!(first.stderr.contains("] tape: making "), "{first:?}");
    let tape = fs::read_dir(tapes).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&tape).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&tape, damaged).unwrap();
    let second = play("second");
    assert!(second.stderr.contains(" again: block 0 of "), "{second:?}");
    assert!(fs::read(&tape).unwrap() == whole);
    let third = play("third");
    assert!(third.stderr.contains("] tape: reusing "), "{third:?}");
}

#[test]
fn a_hang_up_that_is_to_be_ignored_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    // As nohup does.
    let process = Command::new("sh")
        .args(["-c", r#"trap "" HUP; exec "$@""#, "sh"])
        .arg(tapdeck().get_program())
        .args("generate --service rule-engine --count 50000 --quiet -o".split_whitespace())
        .arg(&path)
        .spawn()
        .unwrap();
    while !crate::generate::catches(process.id(), Signal::TERM) {
        std::thread::yield_now();
    }
    send(&process, Signal::HUP);
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    run(["verify".as_ref(), path.as_os_str()]).good();
}
