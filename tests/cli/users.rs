//! Users who wait for answers: what contradicts them, and what is said of them.

use serde_json::Value;

use crate::replay::{replay, stand_in, tape};

#[test]
fn users_wait_for_answers_and_contradict_a_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let tape = tape(folder.path());
    let target = stand_in();
    let url = target.url();
    let users = |rest: &[&str]| {
        let mut args = vec!["--target", url.as_str()];
        args.extend(rest);
        replay(&tape, &args)
    };
    for (flags, expected) in [
        (&["--users", "5"][..], "--run-time"),
        (
            &["--users", "5", "--run-time", "2s", "--rate", "5"],
            "cannot be used with '--rate",
        ),
        (
            &["--users", "5", "--run-time", "2s", "--arrivals", "poisson"],
            "cannot be used with '--arrivals",
        ),
        (&["--think", "1s", "--rate", "5/1s"], "--users"),
        (
            &["--users", "0", "--run-time", "2s"],
            "--users: must lie in 1 to",
        ),
        (&["--users", "5", "--run-time", "2s"], "raise --spawn-rate"),
        (
            &["--users", "5", "--run-time", "2s", "--spawn-rate", "-1"],
            "--spawn-rate: is -1",
        ),
        (
            &[
                "--users",
                "5",
                "--run-time",
                "2s",
                "--spawn-rate",
                "9",
                "--ramp-down",
                "2s",
            ],
            "--ramp-down",
        ),
        (
            &[
                "--users",
                "5",
                "--run-time",
                "2s",
                "--spawn-rate",
                "9",
                "--warm-up",
                "2s",
            ],
            "--warm-up",
        ),
        (
            &["--users", "5", "--run-time", "2s", "--think", "gamma:1s"],
            "uniform",
        ),
    ] {
        let outcome = users(flags);
        assert_eq!(outcome.code, Some(2), "{flags:?}: {outcome:?}");
        assert!(outcome.stderr.contains(expected), "{flags:?}: {outcome:?}");
    }
    assert_eq!(target.seen().auth_requests, 0, "nothing was sent");
    let outcome = users(&[
        "--users",
        "5",
        "--run-time",
        "2s",
        "--spawn-rate",
        "9",
        "--think",
        "5ms",
        "--json",
    ]);
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(summary["identity"]["schedule"]["arrivals"], "users");
    assert!(summary["ledger"]["good"].as_u64() > Some(50), "{summary}");
    assert!(
        outcome.stderr.contains("5 users, 9/s, 2s, think 5ms"),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("users wait for answers"),
        "{outcome:?}"
    );
}
