//! Whatever is read or waited for comes to an end: servers that say nothing, and files that are none.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tapdeck::stand_in::{StandIn, StandInConfig};

use crate::command::{interrupt, run, tapdeck};
use crate::replay::tape;

/// Lets a run come so far that it waits for `silent`, interrupts it once, and gives what it said after that.
fn interrupted(mut command: Command, silent: &TcpListener) -> String {
    let mut running = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Held, so that nobody may take it for a refusal.
    let held = silent.accept().unwrap();
    interrupt(&running);
    let lines = BufReader::new(running.stderr.take().unwrap()).lines();
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(running.wait().unwrap().code(), Some(130), "{said:?}");
    drop(held);
    said.join("\n")
}

/// A run against the rule engine of the demo.
fn rule_engine_run(folder: &Path, target: &StandIn) -> Command {
    let mut command = tapdeck();
    command
        .args(["run", "--service=rule-engine", "--rate=100"])
        .args(["--run-time=1", "--target", &target.url()])
        .arg("--out")
        .arg(folder.join("out"))
        .arg("--cache")
        .arg(folder.join("cache"));
    command
}

#[test]
fn a_run_that_waits_for_a_silent_server_hears_the_first_interrupt() {
    let folder = tempfile::tempdir().unwrap();
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();

    let mut command = rule_engine_run(folder.path(), &target);
    command.env("S3_ENDPOINT_URL", format!("http://{address}"));
    let said = interrupted(command, &silent);
    let expected = format!("interrupted while waiting for the object store http://{address}");
    assert!(said.contains(&expected), "{said}");

    let mut command = rule_engine_run(folder.path(), &target);
    command
        .args(["--auth-mode=auth0", "--skip-seed"])
        .env("AUTH0_DOMAIN", format!("http://{address}"))
        .env("AUTH0_CLIENT_ID", "id")
        .env("AUTH0_CLIENT_SECRET", "secret")
        .env("AUTH0_AUDIENCE", "audience");
    let said = interrupted(command, &silent);
    assert!(said.contains("cannot be reached: interrupted"), "{said}");
    target.stop().unwrap();
}

/// Gives a pipe, a device, a folder, and a file that says to be a terabyte long.
fn unfit(folder: &Path) -> [String; 4] {
    let pipe = folder.join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let sparse = folder.join("sparse");
    File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    [&pipe, Path::new("/dev/zero"), folder, &sparse].map(|path| path.to_str().unwrap().to_owned())
}

#[test]
fn what_is_no_regular_file_or_too_long_is_refused_wherever_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let replay = format!("replay {} --target {}", tape.display(), target.url());
    let flat = "--rate=1 --duration=1s";
    let new = folder.path().join("new.tape");
    for file in unfit(folder.path()) {
        for line in [
            format!("{replay} --profile-csv {file}"),
            format!("schedule --profile-csv {file}"),
            format!("{replay} {flat} --slo=p99<=baseline*1.1 --baseline {file}"),
            format!("{replay} {flat} --auth-mode=local --auth-key {file}"),
            format!(
                "replay {} --target https://127.0.0.1:1 {flat} --ca {file}",
                tape.display()
            ),
            format!(
                "generate --service=rule-engine --count=1 -o {} --world {file}",
                new.display()
            ),
            format!("stand-in rule-engine --ruleset {file}"),
        ] {
            let outcome = run(line.split(' '));
            assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
            let kinds = [
                "it is a pipe",
                "it is a device",
                "it is a folder",
                "it has more than",
            ];
            let told = kinds.iter().any(|kind| outcome.stderr.contains(kind));
            assert!(told, "{line}: {outcome:?}");
        }
        for line in [
            format!("inspect {file}"),
            format!("verify {file}"),
            format!("fidelity {file}"),
            format!("replay {file} --target {} {flat}", target.url()),
        ] {
            let outcome = run(line.split(' '));
            // A regular file of any length may be a tape or an export, until its first bytes say otherwise.
            let expected = if file.ends_with("sparse") { 4 } else { 2 };
            assert_eq!(outcome.code, Some(expected), "{line}: {outcome:?}");
        }
    }
    target.stop().unwrap();
}

#[test]
fn a_definition_is_a_regular_file_and_read_as_any_editor_saves_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    mknodat(CWD, path("pipe.toml"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let outcome = run(["services", "check", &path("pipe.toml")]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("it is a pipe"), "{outcome:?}");

    let source = include_str!("../../services/builtin/rule-engine.toml");
    let edited = format!("\u{feff}{}", source.replace('\n', "\r\n"));
    fs::write(path("edited.toml"), edited).unwrap();
    run(["services", "check", &path("edited.toml")]).good();
}

#[test]
fn a_plan_that_cannot_be_carried_out_is_refused_before_the_target_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let closed = "http://127.0.0.1:1";
    for (flags, expected) in [
        (
            "--rate=0.01 --duration=1s",
            "plan no request in the measure phase of 1s (0.01/1s)",
        ),
        (
            "--rate=1/10s,0/10s,0.0001/1s --warm-up=0s --arrivals=constant --lanes=300",
            "--lanes: must lie in 1 to ",
        ),
        (
            "--rate=1 --duration=10s --max-in-flight=100000000",
            "--max-in-flight: lets 100000000 requests wait",
        ),
        (
            "--arrivals=recorded --speed=1e15 --duration=10s",
            "--speed: is 1000000000000000, at which",
        ),
        (
            "--rate=10000000 --duration=365d",
            "would start over more often than 4,294,967,295 times",
        ),
    ] {
        let line = format!("replay {} --target {closed} {flags}", tape.display());
        let outcome = run(line.split(' '));
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(expected), "{line}: {outcome:?}");
    }
}
