//! Intended send times, as printed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::command::{run, tapdeck};
use crate::tapes;

fn times(flags: &str) -> String {
    run(["schedule", "--times"]
        .into_iter()
        .chain(flags.split_whitespace()))
    .good()
}

#[test]
fn the_same_seed_gives_the_same_times() {
    let flags = "--rate 0..500/2s,500/1s --seed 9";
    assert_eq!(times(flags), times(flags));
    assert_ne!(times(flags), times("--rate 0..500/2s,500/1s --seed 10"));
}

#[test]
fn constant_times_are_as_computed_by_hand() {
    let constant = "--arrivals constant --rate 4 --duration 1s";
    assert_eq!(
        times(constant),
        "0.000000000\n0.250000000\n0.500000000\n0.750000000\n"
    );
    assert_eq!(times(&format!("{constant} --limit 1")), "0.000000000\n");
    let warmed = times(&format!("{constant} --warm-up 1s"));
    assert_eq!(warmed.lines().count(), 8);
}

#[test]
fn recorded_times_send_every_record_once() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tapes::write(folder.path(), 3);
    for speed in ["1", "4", "0.3", "7"] {
        let printed = times(&format!(
            "--arrivals recorded --tape {} --speed {speed}",
            tape.display()
        ));
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), 30, "speed {speed}");
        let last_s: f64 = lines[29].parse().unwrap();
        let expected_s = 0.029 / speed.parse::<f64>().unwrap();
        assert!(
            (last_s - expected_s).abs() < 2e-9,
            "speed {speed}: {last_s}"
        );
    }
}

#[test]
fn a_recording_shorter_than_the_run_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tapes::write(folder.path(), 1);
    let printed = times(&format!(
        "--arrivals recorded --tape {} --duration 25ms",
        tape.display()
    ));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 25);
    assert_eq!(lines[24], "0.024000000");
}

#[test]
fn a_damaged_block_ends_a_recorded_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tapes::write(folder.path(), 3);
    tapes::spoil_block(&tape, 2);
    let outcome = run([
        "schedule",
        "--arrivals",
        "recorded",
        "--tape",
        tape.to_str().unwrap(),
    ]);
    assert_eq!(outcome.code, Some(4));
    assert!(outcome.stderr.contains("block 2 of "), "{outcome:?}");
}

#[test]
fn the_summary_counts_what_the_times_show() {
    let flags = ["--rate", "0..500/2s,500/1s", "--warm-up", "1s"];
    let json = run(["schedule", "--json"].into_iter().chain(flags)).good();
    let json: Value = serde_json::from_str(&json).unwrap();
    let lines = times(&flags.join(" "));
    assert_eq!(json["arrivals"], lines.lines().count());
    assert_eq!(json["warm_up_s"], 1.0);
    assert_eq!(json["measure_s"], 3.0);
    assert_eq!(json["profile"], "0..500/2s,500/1s");
    let last: f64 = lines.lines().last().unwrap().parse().unwrap();
    assert!((json["last_s"].as_f64().unwrap() - last).abs() < 1e-9);

    let text = run(["schedule"].into_iter().chain(flags)).good();
    assert!(
        text.contains("poisson arrivals at 0..500/2s,500/1s, seed 42"),
        "{text}"
    );
    assert!(
        text.contains("4.00 s: 1.00 s of warm-up, 3.00 s to measure"),
        "{text}"
    );
    assert!(text.contains('█') && text.contains('└'), "{text}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut process = tapdeck()
        .args(["schedule", "--times", "--rate", "100k", "--duration", "10s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
    assert!(line.starts_with("0.0000"), "{line}");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = tapdeck().args(["services"]).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.starts_with("tapdeck: error: cannot write standard output: "),
        "{stderr}"
    );
}

#[test]
fn every_shape_is_drawn_with_what_was_planned_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("load.csv");
    std::fs::write(&table, "seconds,rate\n0,100\n60,300\n").unwrap();
    let picture = folder.path().join("rate.svg");
    for flags in [
        "--arrivals bursty --rate 3x(1000/1s,5000/500ms)",
        "--arrivals constant --rate sine:100..500/10s",
        &format!("--profile-csv {}", table.display()),
    ] {
        let svg = ["--svg", picture.to_str().unwrap()];
        let args = ["schedule"].into_iter().chain(flags.split_whitespace());
        assert!(run(args.chain(svg)).good().contains("arrivals"));
        let svg = std::fs::read_to_string(&picture).unwrap();
        assert!(svg.starts_with("<svg "), "{flags}");
        for words in ["planned rate", "arrivals counted", "<polyline", "<polygon"] {
            assert!(svg.contains(words), "{flags}: no {words}");
        }
    }
}

#[test]
fn a_recording_is_drawn_as_it_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tapes::write(folder.path(), 3);
    let picture = folder.path().join("rate.svg");
    let flags = ["schedule", "--arrivals", "recorded", "--tape"];
    let paths = [tape.to_str().unwrap(), "--svg", picture.to_str().unwrap()];
    run(flags.into_iter().chain(paths)).good();
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.contains("arrivals counted") && !svg.contains("planned rate"));
}
