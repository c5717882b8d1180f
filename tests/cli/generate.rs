//! Generation as a user sees it.

use std::fs;
use std::process::Stdio;

use crate::command::{interrupt, run, tapdeck};

const BASE: [&str; 5] = ["generate", "--service", "rule-engine", "--count", "5000"];

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let mut tapes = Vec::new();
    for threads in ["1", "3"] {
        let path = folder.path().join(threads);
        let rest = [
            "--seed",
            "7",
            "--threads",
            threads,
            "-o",
            path.to_str().unwrap(),
        ];
        let printed = run(BASE.into_iter().chain(rest)).good();
        assert!(printed.contains("5,000 records"), "{printed}");
        tapes.push(fs::read(&path).unwrap());
    }
    assert!(tapes[0] == tapes[1]);
}

#[test]
fn the_digest_printed_is_the_one_verify_expects() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let path = path.to_str().unwrap();
    let printed = run(BASE.into_iter().chain(["-o", path])).good();
    let digest = printed
        .split("digest ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    run(["verify", path, "--digest", digest]).good();
}

#[test]
fn a_world_file_and_the_tables_beside_it_make_another_world() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (world, tape) = (path("mine.toml"), path("some.tape"));
    let generate = || {
        let rest = ["--world", &world, "--countries", "US,DE", "-o", &tape];
        run(BASE.into_iter().chain(rest))
    };
    let digest = |printed: String| printed.split("digest ").nth(1).unwrap()[..64].to_owned();
    fs::write(&world, "[mccs.5411]\nweight = 2700\n").unwrap();
    let groceries = digest(generate().good());
    fs::write(&world, "[tables]\nwords = \"words.tsv\"\n").unwrap();
    let outcome = generate();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let expected = "mine.toml, line 2: cannot read the table words.tsv: No such file";
    assert!(outcome.stderr.contains(expected), "{outcome:?}");
    let words = "part\twords\ncity_start\tA\ncity_end\tb\nmerchant_start\tC\nmerchant_end\td\n";
    fs::write(path("words.tsv"), words).unwrap();
    assert_ne!(digest(generate().good()), groceries);
    let sample = run(["inspect", &tape, "--sample", "1"]).good();
    assert!(sample.contains("\"Cd "), "{sample}");
}

#[test]
fn quiet_means_not_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let printed = run(BASE
        .into_iter()
        .chain(["--quiet", "-o", path.to_str().unwrap()]))
    .good();
    assert_eq!(printed, "");
    assert!(path.is_file());
}

#[test]
fn an_interrupted_generation_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let mut process = tapdeck()
        .args([
            "generate",
            "--service",
            "rule-engine",
            "--count",
            "1000000000",
        ])
        .arg("-o")
        .arg(&path)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    while !is_ready_for_interrupts(process.id()) {
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    interrupt(&process);
    let output = process.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(
        stderr,
        format!("interrupted; {} was not written\n", path.display())
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Tells whether a process has all its handlers, by the mask of caught signals that Linux shows; the one for SIGTERM
/// comes last.
fn is_ready_for_interrupts(pid: u32) -> bool {
    const SIGTERM: u32 = 15;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (SIGTERM - 1) & 1 == 1)
}
