//! What makes no sense is refused at once, with the exit code scripts rely on and a message that names the culprit.

use std::fs;
use std::path::Path;

use crate::command::run;
use crate::tapes;

/// Runs commands, written with `{dir}` for a folder, and compares exit code and message; nothing may be printed as a
/// result.
fn check(folder: &Path, code: i32, rows: &[(&str, &str)]) {
    for (line, message) in rows {
        let words = line.split_whitespace();
        let words = words.map(|word| word.replace("{dir}", folder.to_str().unwrap()));
        let outcome = run(words);
        assert_eq!(outcome.code, Some(code), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(message), "{line}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{line}");
    }
}

/// Checks usage errors, which leave the folder as empty as it was.
fn check_usage(rows: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), 2, rows);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_corpus_that_cannot_be_is_not_begun() {
    check_usage(&[
        ("generate", "--service <SERVICE>"),
        (
            "generate --service rule-engine --count 0 -o {dir}/a.tape",
            "count is 0, expected at least 1",
        ),
        (
            "generate --service rule-engine --count -1 -o {dir}/a.tape",
            "unexpected argument '-1'",
        ),
        (
            "generate --service rule-engine --count 5 --days 0 -o {dir}/a.tape",
            "days is 0, expected 1 to",
        ),
        (
            "generate --service rule-engine --count 5 --fraud-rate 2 -o {dir}/a.tape",
            "fraud rate is 2",
        ),
        (
            "generate --service rule-engine --count 5 --countries US,UK -o {dir}/a.tape",
            "country is \"UK\", expected one of US, GB, IN",
        ),
        (
            "generate --service rule-engine --count 5 --exact=maybe -o {dir}/a.tape",
            "--exact[=<BOOL>]",
        ),
        (
            "generate --service rule-engine --count 5 --dialect cockney -o {dir}/a.tape",
            "[possible values: plain, sample-rules]",
        ),
        (
            "generate --service rule-engine --count 5 --world {dir}/none.toml -o {dir}/a.tape",
            "cannot read the world file",
        ),
        (
            "generate --service rule-engine --count 5 --typologies bin_atack=1 -o {dir}/a.tape",
            "unknown typology \"bin_atack\", did you mean \"bin_attack\"?; known: card_testing, counterfeit, ",
        ),
        (
            "generate --service rule-engine --count 5 --start soon -o {dir}/a.tape",
            "--start <DATE>",
        ),
        (
            "generate --service rule-engine -o {dir}/a.tape",
            "--count <NUMBER>",
        ),
        (
            "generate --service rule-engine --count 5 --threads 0 -o {dir}/a.tape",
            "--threads <NUMBER>",
        ),
        (
            "generate --service rule-engine --count 5 -o {dir}",
            "is a folder, expected the name of a file",
        ),
        (
            "generate --service rule-engine --count 5 -o /dev/null",
            "/dev/null is no regular file, expected one or a new name",
        ),
        (
            "generate --service rule-engine --count 5 -o {dir}/no/a.tape",
            "--output: the folder ",
        ),
        (
            "generate --service rule-engine --count 5",
            "--output: nothing to write; name a tape with --output, a table with --truth, or both",
        ),
        (
            "generate --service rule-engine --count 5 -o {dir}/a.csv --truth {dir}/a.csv",
            "--truth: is the same file as --output",
        ),
        (
            "generate --service rule-engine --count 5 --truth {dir}/no/a.csv",
            "--truth: the folder ",
        ),
        (
            "generate --service rule-engine --count 5 --truth {dir}/a.xlsx",
            "expected a file name that ends in .csv or .parquet",
        ),
        (
            "generate --service rule-engin --count 5 -o {dir}/a.tape",
            "did you mean \"rule-engine\"?",
        ),
    ]);
}

#[test]
fn a_slice_that_cannot_be_is_not_begun() {
    check_usage(&[
        (
            "generate --service rule-engine --count 5 --natural-rate 10 -o {dir}/a.tape",
            "cannot be used with",
        ),
        (
            "generate --service rule-engine --natural-rate 10 --days 3 -o {dir}/a.tape",
            "cannot be used with",
        ),
        (
            "generate --service rule-engine --count 5 --span 3m -o {dir}/a.tape",
            "cannot be used with",
        ),
        (
            "generate --service rule-engine --at 2025-03-07T18:00Z -o {dir}/a.tape",
            "--count <NUMBER>",
        ),
        (
            "generate --service rule-engine --natural-rate 0 -o {dir}/a.tape",
            "natural rate is 0, expected requests per second, above 0",
        ),
        (
            "generate --service rule-engine --natural-rate -5 -o {dir}/a.tape",
            "--natural-rate <RATE>",
        ),
        (
            "generate --service rule-engine --natural-rate NaN -o {dir}/a.tape",
            "--natural-rate <RATE>",
        ),
        (
            "generate --service rule-engine --natural-rate 900k --span 1s -o {dir}/a.tape",
            "which 2^31 cards offer",
        ),
        (
            "generate --service rule-engine --natural-rate 10 --span 0s -o {dir}/a.tape",
            "span is 0 s, expected 1 s to 24 h",
        ),
        (
            "generate --service rule-engine --natural-rate 10 --span 25h -o {dir}/a.tape",
            "span is 90000 s, expected 1 s to 24 h",
        ),
    ]);
}

#[test]
fn a_schedule_that_contradicts_itself_is_refused() {
    check_usage(&[
        ("schedule", "--rate: is missing"),
        ("schedule --rate 0 --duration 1s", "--rate: is zero"),
        ("schedule --rate NaN --duration 1s", "--rate: has rate NaN"),
        ("schedule --rate -5 --duration 1s", "--rate: has rate -5"),
        (
            "schedule --rate 1e12 --duration 1s",
            "a rate lies in 0 to 10000000",
        ),
        (
            "schedule --rate 10",
            "--rate: says how fast but not how long",
        ),
        ("schedule --rate 10 --duration 0s", "--duration: is zero"),
        (
            "schedule --rate 10 --duration -1s",
            "no duration in \"-1s\"",
        ),
        ("schedule --rate 10/5s --duration 6s", "--duration: says 6s"),
        ("schedule --rate 0/5s", "zero throughout"),
        (
            "schedule --rate 10 --duration 1s --speed 2",
            "--speed: is the tempo of recorded arrivals",
        ),
        (
            "schedule --rate 10 --duration 1s --tape {dir}/a.tape",
            "--tape: ",
        ),
        ("schedule --rate 10 --duration 1s --limit 5", "--times"),
        (
            "schedule --rate 1000k --duration 10h",
            "--duration: plans about 36000000000 requests",
        ),
        (
            "generate --service rule-engine --count 1 -o {dir}/new.tape --threads 20000",
            "expected a number from 1 to 512",
        ),
        (
            "stand-in rule-engine --threads 20000",
            "expected a number from 1 to 512",
        ),
        ("schedule --arrivals recorded", "--tape"),
        (
            "schedule --arrivals often --rate 10 --duration 1s",
            "possible values: poisson, constant, bursty, recorded",
        ),
    ]);
}

#[test]
fn a_recording_is_played_at_a_tempo_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = format!(
        "schedule --arrivals recorded --tape {}",
        tapes::write(folder.path(), 1).display()
    );
    let row = |flags: &str| format!("{recorded} {flags}");
    check(
        folder.path(),
        2,
        &[
            (&row("--rate 10"), "--rate: contradicts --arrivals recorded"),
            (
                &row("--speed 0"),
                "--speed: is 0, expected a number above zero",
            ),
            (&row("--speed -1"), "--speed: is -1"),
            (&row("--speed NaN"), "--speed: is NaN"),
            (&row("--speed inf"), "--speed: is inf"),
            (
                &row("--speed 1e-300"),
                "--speed: makes the tape last for less or longer",
            ),
            (
                &row("--speed 1e300"),
                "--speed: makes the tape last for less or longer",
            ),
            (&row("--warm-up 1s"), "--warm-up: takes up the whole tape"),
            (
                &row("--speed 1e15 --duration 10s"),
                "at most 10000000 can be scheduled, which is --speed ",
            ),
            (
                &row("--speed 1e3 --duration 300d"),
                "more event time than the 292 years that can be counted",
            ),
        ],
    );
}

#[test]
fn other_flags_that_make_no_sense_are_usage_errors() {
    check_usage(&[
        ("no-such-command", "unrecognized subcommand"),
        (
            "verify {dir}/a.tape --digest abc",
            "expected 64 hexadecimal digits",
        ),
        ("stand-in", "Usage: tapdeck stand-in"),
        (
            "stand-in rule-engine --ruleset {dir}/no.json",
            "cannot read the ruleset",
        ),
        (
            "stand-in rule-engine --delay slow",
            "`slow` is not a delay law",
        ),
        (
            "stand-in rule-engine --reset 60% --hang 60%",
            "the fault shares add up to 120.0 %",
        ),
        (
            "stand-in null --delay fixed:1ms",
            "unexpected argument '--delay'",
        ),
        (
            "services show nothing",
            "neither a built-in service nor a path",
        ),
        (
            "services check {dir}/no.toml",
            "cannot read the service definition",
        ),
    ]);
}

#[test]
fn files_that_are_no_good_tape_have_their_own_message_each() {
    let folder = tempfile::tempdir().unwrap();
    let good = tapes::write(folder.path(), 3);
    let spoiled = |name: &str, how: &dyn Fn(&mut Vec<u8>)| {
        let path = folder.path().join(name);
        fs::copy(&good, &path).unwrap();
        tapes::change(&path, how);
    };
    spoiled("empty.tape", &Vec::clear);
    spoiled("foreign.tape", &|bytes| bytes[..4].copy_from_slice(b"%PDF"));
    spoiled("newer.tape", &|bytes| bytes[8] = 2);
    spoiled("stub.tape", &|bytes| bytes.truncate(20));
    spoiled("truncated.tape", &|bytes| bytes.truncate(bytes.len() - 1));
    spoiled("manifest.tape", &|bytes| {
        let at = bytes.len() - 100;
        bytes[at] ^= 1;
    });
    for command in ["inspect", "verify"] {
        let row = |file: &str| format!("{command} {{dir}}/{file}");
        let rows = [
            (
                &*row("empty.tape"),
                "empty.tape is empty, so it is not a tape",
            ),
            (
                &row("foreign.tape"),
                "foreign.tape is not a tape: it begins with",
            ),
            (
                &row("newer.tape"),
                "newer.tape is a tape of format 2, this tapdeck reads up to format 1",
            ),
            (&row("stub.tape"), "stub.tape is truncated"),
            (&row("truncated.tape"), "truncated.tape is truncated"),
            (&row("manifest.tape"), "the manifest of"),
        ];
        check(folder.path(), 4, &rows);
        check(
            folder.path(),
            2,
            &[(&row("missing.tape"), "cannot open"), (&row(""), "cannot ")],
        );
    }
}

#[test]
fn an_error_is_told_once_with_its_cause() {
    let outcome = run(["inspect", "no-such.tape"]);
    assert_eq!(
        outcome.stderr,
        "tapdeck: error: cannot open no-such.tape: No such file or directory (os error 2)\n"
    );
}
