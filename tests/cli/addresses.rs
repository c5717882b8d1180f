//! Load goes where it was told or nowhere: whatever is no address is refused, naming where it came from.

use crate::command::{run, tapdeck};
use crate::replay::tape;

/// What is typed as the port of this machine, and what the message says of it.
const WRONG: [(&str, &str); 9] = [
    (
        "http://127.0.0.1:80811",
        "has port \"80811\"; expected a number from 1 to 65535",
    ),
    ("http://127.0.0.1:65536", "has port \"65536\""),
    ("http://127.0.0.1:-1", "has port \"-1\""),
    ("http://127.0.0.1:abc", "has port \"abc\""),
    ("http://127.0.0.1:808O", "has port \"808O\""),
    ("http://127.0.0.1:", "ends its host with a colon"),
    ("http://127.1:8081", "write four decimal numbers"),
    ("http://localhost.:8081", "ends its host with a dot"),
    ("http://127.0.0.1:8081#x", "has a fragment"),
];

#[test]
fn a_target_is_read_exactly_wherever_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let replay = format!("replay {} --rate 1 --duration 1s", tape.display());
    let whole_run = "run --service rule-engine --skip-seed --dry-run";
    for (address, expected) in WRONG {
        for command in [replay.as_str(), whole_run] {
            let words = || command.split_whitespace();
            let typed = words().chain(["--target", address]);
            let outcome = run(typed);
            assert_eq!(outcome.code, Some(2), "{outcome:?}");
            let origin = "tapdeck: error: --target: ";
            assert!(outcome.stderr.starts_with(origin), "{outcome:?}");
            assert!(outcome.stderr.contains(expected), "{outcome:?}");

            let set = tapdeck()
                .args(words())
                .env("RULE_ENGINE_URL", address)
                .output();
            let set = set.unwrap();
            let message = String::from_utf8(set.stderr).unwrap();
            assert_eq!(set.status.code(), Some(2), "{message}");
            let origin = "tapdeck: error: $RULE_ENGINE_URL: ";
            assert!(message.starts_with(origin), "{message}");
            assert!(message.contains(expected), "{message}");
        }
    }
}

#[test]
fn stores_and_allowed_hosts_are_read_exactly() {
    for (address, expected) in WRONG {
        let mut cleanup = tapdeck();
        cleanup
            .args(["cleanup", "--run-id", "lt-1"])
            .env("S3_ENDPOINT_URL", address);
        let output = cleanup.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        let origin = "tapdeck: error: S3_ENDPOINT_URL: ";
        assert!(message.starts_with(origin), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    for host in [
        "8.8.8.8:80",
        "http://8.8.8.8",
        "8.8.8",
        "2001:db8::1",
        "a b",
        "",
    ] {
        let flags = [
            "run",
            "--service",
            "rule-engine",
            "--dry-run",
            "--allow-target",
            host,
        ];
        let outcome = run(flags);
        assert_eq!(outcome.code, Some(2), "{host}: {outcome:?}");
        assert!(outcome.stderr.contains("--allow-target"), "{outcome:?}");
    }
}

#[test]
fn a_definition_with_a_wrong_address_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("engine.toml");
    let builtin = tapdeck_services::registry::BUILTIN[0].source;
    let wrong = builtin.replace("http://localhost:8081", "http://localhost:80811");
    assert_ne!(wrong, builtin);
    std::fs::write(&file, &wrong).unwrap();
    let line = wrong
        .lines()
        .position(|line| line.contains(":80811"))
        .unwrap()
        + 1;
    let outcome = run(["services", "check", file.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let place = format!("engine.toml:{line}:");
    assert!(outcome.stderr.contains(&place), "{outcome:?}");
    assert!(outcome.stderr.contains("has port \"80811\""), "{outcome:?}");
}
