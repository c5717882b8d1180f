//! Generation as a user sees it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;

use crate::command::{run, send, tapdeck};

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
        let printed = run(BASE.into_iter().chain(rest)).passed();
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
    let printed = run(BASE.into_iter().chain(["-o", path])).passed();
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
fn the_fraud_is_of_the_typologies_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let path = path.to_str().unwrap();
    let asked = ["--fraud-rate", "0.01", "--typologies", "lost_stolen=1"];
    run(BASE.into_iter().chain(asked).chain(["-o", path])).good();
    let json: serde_json::Value =
        serde_json::from_str(&run(["inspect", path, "--json"]).good()).unwrap();
    let labels = json["labels"].as_array().unwrap();
    assert_eq!(labels.len(), 10);
    for label in &labels[1..] {
        let is_asked_for = label["name"] == "lost_stolen";
        assert_eq!(
            label["records"].as_u64().unwrap() > 0,
            is_asked_for,
            "{label}"
        );
    }
}

#[test]
fn the_truth_comes_with_the_tape_or_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (tape, beside, alone) = (path("t.tape"), path("beside.csv"), path("alone.csv"));
    let printed = run(BASE
        .into_iter()
        .chain(["-o", tape.as_str(), "--truth", beside.as_str()]))
    .good();
    assert!(printed.contains("5,000 records"), "{printed}");
    assert!(
        printed.contains("beside.csv: 3,500 transactions"),
        "{printed}"
    );
    let printed = run(BASE.into_iter().chain(["--truth", alone.as_str()])).good();
    assert!(!printed.contains("records"), "{printed}");
    assert!(fs::read(beside).unwrap() == fs::read(alone).unwrap());
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
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.tape");
        let mut process = start("1000000", &path);
        // Its handler comes last.
        while !catches(process.id(), Signal::HUP) {
            assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        send(&process, signal);
        let output = process.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{stderr}");
        let told = format!("interrupted; {} was not written\n", path.display());
        assert!(stderr.ends_with(&told), "{stderr}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// Moments are told by what the process has written so far: nothing, runs of transactions, or part of the tape as well.
#[test]
fn a_killed_generation_leaves_nothing() {
    for written in [0, 1, 100_000, 500_000, 1_000_000, 4_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.tape");
        let mut process = start("20000", &path);
        while bytes_written(process.id()) < written && process.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        process.kill().unwrap();
        let status = process.wait().unwrap();
        if status.success() {
            // It was faster than we; then the tape is whole.
            run(["verify".as_ref(), path.as_os_str()]).good();
        } else {
            let left = fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(left, 0, "killed after {written} bytes");
        }
    }
}

/// Limits the size of files, which the system reports as it reports a full disk: in the middle of a write.
#[test]
fn a_disk_that_fills_up_is_told_with_the_file_and_leaves_nothing() {
    const LIMITED: &str = r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#;
    let tape = ["-o", "some.tape"];
    let csv = ["--truth", "some.csv"];
    for (blocks, [flag, name], expected) in [
        ("100", tape, "writing the spill file in {folder} failed: "),
        (
            "2000",
            tape,
            "writing the tape failed: cannot write {folder}/some.tape: ",
        ),
        (
            "800",
            csv,
            "writing the truth failed: cannot write {folder}/some.csv: ",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args(["-c", LIMITED, blocks])
            .arg(tapdeck().get_program())
            .args(BASE)
            .arg(flag)
            .arg(folder.path().join(name))
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let expected = expected.replace("{folder}", folder.path().to_str().unwrap());
        assert!(stderr.contains(&(expected + "File too large")), "{stderr}");
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_disk_without_room_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let flags = ["--service", "rule-engine", "--count", "50000000000", "-o"];
    let words = ["generate"].into_iter().chain(flags);
    let outcome = run(words.chain([path.to_str().unwrap()]));
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    for expected in [
        "--output: needs about 3",
        &format!(" TiB in {} (", folder.path().display()),
        " for the tape, ",
        " for temporary data), ",
        " are free there",
    ] {
        assert!(outcome.stderr.contains(expected), "{expected}: {outcome:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Starts a generation whose output is caught.
fn start(count: &str, path: &Path) -> Child {
    tapdeck()
        .args(["generate", "--service", "rule-engine", "--count", count])
        .arg("-o")
        .arg(path)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Gives the bytes a process has written to anything, as Linux counts them; 0 for one that is gone.
fn bytes_written(pid: u32) -> u64 {
    let counters = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let count = counters
        .lines()
        .find_map(|line| line.strip_prefix("wchar: "));
    count.map_or(0, |count| count.parse().unwrap())
}

/// Tells whether a process catches a signal, by the mask that Linux shows.
pub(crate) fn catches(pid: u32, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal.as_raw() - 1) & 1 == 1)
}
