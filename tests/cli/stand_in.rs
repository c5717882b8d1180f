//! A stand-in from its first line to its last.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::command::{interrupt, tapdeck};

/// Starts a stand-in, sends it one request, interrupts it; gives the answer and what it printed after its first line.
fn serve(role: &str, flags: &[&str], path: &str) -> (String, String) {
    let mut process = tapdeck()
        .args(["stand-in", role])
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().rsplit("http://").next().unwrap();
    assert!(
        line.starts_with(&format!("stand-in {role} listens on http://127.0.0.1:")),
        "{line}"
    );

    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();

    interrupt(&process);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
    (answer, rest)
}

#[test]
fn a_null_target_answers_and_counts() {
    let (answer, rest) = serve("null", &["--port", "0"], "/whatever");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(
        rest,
        "\nit has seen\n  connections    1\n  other          1\n\nby route\n  any                1, answered 1 with 200\n"
    );
}

#[test]
fn a_null_target_says_when_requests_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arrivals.txt");
    let flags = ["--spin", "--arrivals", path.to_str().unwrap()];
    let (answer, _) = serve("null", &flags, "/");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let instants = std::fs::read_to_string(path).unwrap();
    let instants: Vec<u64> = instants.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(instants.len(), 1);
}

#[test]
fn an_approvals_back_end_is_healthy_and_tells_its_audit() {
    let flags = ["--hourly-limit", "0", "--shed", "100%"];
    let (answer, rest) = serve("approvals", &flags, "/health/ready");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(rest.contains("connections    1"), "{rest}");
    assert!(rest.contains("its audit\n  sessions       0\n"), "{rest}");
}

#[test]
fn the_desks_are_healthy_and_tell_their_audits() {
    let shed = ["--shed", "100%"];
    let unlimited = ["--no-rate-limits", "--shed", "100%"];
    for (role, flags, first) in [
        ("transaction-management", &shed[..], "recorded       0"),
        ("rule-management", &unlimited[..], "created        0"),
    ] {
        let (answer, rest) = serve(role, flags, "/api/v1/health");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let expected = "by route\n  health             1, answered 1 with 200\n";
        assert!(rest.contains(expected), "{rest}");
        assert!(rest.contains(&format!("its audit\n  {first}\n")), "{rest}");
    }
}

#[test]
fn every_stand_in_can_be_asked_what_it_was_sent() {
    for role in [
        "rule-engine",
        "transaction-management",
        "rule-management",
        "approvals",
    ] {
        let (answer, _) = serve(role, &[], "/audit");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let audit: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(audit["routes"]["audit"]["requests"], 1, "{role}: {audit}");
    }
}

#[test]
fn a_rule_engine_is_healthy_and_takes_every_fault() {
    let faults = [
        "--delay",
        "lognormal:1ms,0.5",
        "--stall",
        "5s+2s",
        "--shed",
        "100",
        "--fail-open",
        "1%",
        "--reset",
        "2%",
        "--garbage",
        "3%",
        "--wrong-id",
        "4%",
        "--hang",
        "5%",
        "--threads",
        "2",
        "--watch-ids",
    ];
    let (answer, rest) = serve("rule-engine", &faults, "/v1/evaluate/health");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(rest.contains("connections    1"), "{rest}");
}

/// Starts a stand-in in an environment; gives it with its URL.
fn begin(flags: &[&str], variables: &[(&str, &str)]) -> (Child, String) {
    let mut process = tapdeck()
        .arg("stand-in")
        .args(flags)
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = process.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let words = line.split([' ', ',']);
    let url = words.map(str::trim).find(|word| word.starts_with("http"));
    let url = url.unwrap().to_owned();
    (process, url)
}

#[test]
fn a_store_an_engine_and_a_run_find_each_other_by_variables() {
    let folder = tempfile::tempdir().unwrap();
    let objects = folder.path().join("store/of-tests");
    let store_folder = folder.path().join("store");
    let keys = [
        ("S3_BUCKET_NAME", "of-tests"),
        ("S3_ACCESS_KEY_ID", "planted-id"),
        ("S3_SECRET_ACCESS_KEY", "planted-secret"),
    ];
    let store_flags = ["object-store", "--folder", store_folder.to_str().unwrap()];
    let (mut store, endpoint) = begin(&store_flags, &keys);
    let variables = [keys[0], keys[1], keys[2], ("S3_ENDPOINT_URL", &*endpoint)];
    let (mut engine, url) = begin(&["rule-engine", "--store"], &variables);
    let folder = folder.path().display();
    let flags = format!(
        "run --service rule-engine --rate 60 --run-time 1 --warm-up 0s --run-id together --target {url} --out {folder}/out --cache {folder}/cache"
    );
    let output = tapdeck()
        .args(flags.split_whitespace())
        .envs(variables)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    // A busy machine may spoil the run, and nothing else.
    assert!(matches!(output.status.code(), Some(0 | 1 | 5)), "{told}");
    let metadata = std::fs::read_to_string(format!("{folder}/out/run-metadata-together.json"));
    let metadata = metadata.unwrap();
    assert!(metadata.contains("\"bucket\": \"of-tests\""), "{metadata}");
    assert!(
        metadata.contains("rulesets/local/CARD_AUTH/v1/ruleset.json"),
        "{metadata}"
    );
    assert!(!told.contains("planted") && !metadata.contains("planted"));
    assert_eq!(std::fs::read_dir(objects).unwrap().count(), 0, "taken back");
    for process in [&mut store, &mut engine] {
        interrupt(process);
        assert_eq!(process.wait().unwrap().code(), Some(0));
    }
}
