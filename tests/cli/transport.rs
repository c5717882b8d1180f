//! The ways to a target, as people take them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use tapdeck::stand_in::{StandIn, StandInConfig, Tls};

use crate::command::{interrupt, tapdeck};
use crate::replay::{replay, tape};

#[test]
fn a_target_that_speaks_tls_is_recognized_when_nothing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = StandIn::start(StandInConfig {
        tls: Some(Tls::self_signed().unwrap().0),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap();
    let url = target.url().replace("https://", "http://");
    let flags = ["--rate", "20", "--duration", "1s", "--warm-up", "0s"];
    let outcome = replay(&tape, &[&["--target", &url], &flags[..]].concat());
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    let advice = "it speaks TLS; write https:// in --target";
    assert!(outcome.stderr.contains(advice), "{outcome:?}");

    // Whoever does not mind may go on, but never unnoticed.
    let target_flags = ["--target", &target.url(), "--insecure"];
    let outcome = replay(&tape, &[&target_flags, &flags[..]].concat());
    // On a busy machine the run may be invalid.
    assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
    let warning = "the target's certificate was not checked (--insecure)";
    assert!(outcome.stderr.contains(warning), "{outcome:?}");
    assert!(
        outcome.stdout.contains("certificate NOT CHECKED"),
        "{outcome:?}"
    );
}

#[test]
fn a_stand_in_is_reached_by_tls_and_by_its_socket() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let (ca, socket) = (
        folder.path().join("ca.pem"),
        folder.path().join("engine.sock"),
    );
    let (ca, socket) = (ca.to_str().unwrap(), socket.to_str().unwrap());
    let mut process = tapdeck()
        .args(["stand-in", "rule-engine", "--tls", "--tls-write-ca", ca])
        .args(["--unix", socket])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let url = line.rsplit(' ').next().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"), "{line}");
    let flags = ["--rate", "50", "--duration", "1s", "--warm-up", "0s"];
    for way in [
        &["--target", url, "--ca", ca][..],
        &[
            "--target",
            url,
            "--ca",
            ca,
            "--http",
            "1.1",
            "--no-keep-alive",
        ],
        &["--target", &format!("unix:{socket}"), "--http2"],
    ] {
        let outcome = replay(&tape, &[way, &flags].concat());
        // On a busy machine the run may be invalid.
        assert!(matches!(outcome.code, Some(0 | 5)), "{way:?}: {outcome:?}");
        assert!(outcome.stdout.contains("good"), "{outcome:?}");
        assert!(!outcome.stdout.contains("Failures"), "{outcome:?}");
    }
    interrupt(&process);
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert!(!Path::new(socket).exists());
}
