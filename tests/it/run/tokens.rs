//! Runs with tokens: embedded targets check them, and so does whoever would be fooled otherwise.

use std::sync::Arc;

use tapdeck::auth::AuthSettings;
use tapdeck::exit::Exit;
use tapdeck::run::Environment;
use tapdeck::run::phases::Phase;
use tapdeck::stand_in::{StandIn, StandInConfig, TokenRules};

use super::{Meddling, check_exit, run, run_in};

#[test]
fn embedded_targets_check_tokens_of_every_mode_and_the_seeding_sends_them() {
    let folder = tempfile::tempdir().unwrap();
    for mode in ["local", "auth0"] {
        let flags = format!(
            "--service all --stand-ins --auth-mode {mode} --run-time 1 --users 6 --spawn-rate 100 --run-id {mode}"
        );
        let ran = run(folder.path(), &flags, Meddling::default());
        check_exit(ran.outcome.exit, mode);
        assert!(ran.outcome.error.is_none(), "{:?}", ran.outcome.error);
        assert_eq!(ran.outcome.results.len(), 3);
        assert!(ran.requests() > 0);
        let seeded = ran.metadata["seeded_artifacts"].as_array().unwrap();
        assert!(seeded.len() >= 2, "{mode}: {seeded:?}");
        // The engine tells its counters to whoever may read metrics, and to nobody else.
        let counters = &ran.metadata["services"][0]["counters"]["growth"]["fail_open_total"];
        assert_eq!(counters, 0, "{mode}: {}", ran.metadata);
    }
}

/// A rule engine that takes tokens of one key.
fn guarded(key: &'static str) -> StandIn {
    let settings = AuthSettings {
        signing_key: Some(key.into()),
        ..AuthSettings::default()
    };
    StandIn::start(StandInConfig {
        tokens: Some(Arc::new(TokenRules::of_settings(&settings).unwrap())),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}

#[test]
fn a_token_that_is_refused_or_not_looked_at_ends_the_run_before_a_tape_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let open = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let environment = Environment::of([("LOCAL_SIGNING_KEY", "a secret of ours")]);
    for (target, expected) in [
        (
            guarded("a secret of theirs"),
            "the target refuses the token",
        ),
        (open, "takes a token with a broken signature"),
    ] {
        let flags = format!(
            "--service rule-engine --auth-mode local --skip-seed --run-time 1 --target {}",
            target.url()
        );
        let ran = run_in(&environment, folder.path(), &flags, Meddling::default());
        assert_eq!(ran.outcome.exit, Exit::TargetUnreachable);
        let error = ran.outcome.error.as_ref().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(
            ran.phases(),
            [
                Phase::Guard,
                Phase::Preflight,
                Phase::Preflight,
                Phase::Report
            ]
        );
        assert!(!folder.path().join("cache/tapes").exists());
        assert!(!ran.metadata.to_string().contains("a secret of"));
        let seen = target.stop().unwrap();
        assert_eq!(seen.auth_requests + seen.monitoring_requests, 0);
    }
}
