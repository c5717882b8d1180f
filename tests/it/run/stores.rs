//! Runs and the object store: it is left as it was found, and a run ends before the load where it cannot be used.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tapdeck::exit::Exit;
use tapdeck::run::Environment;
use tapdeck::run::phases::Phase;
use tapdeck::stand_in::{StandIn, StandInConfig, StoredRulesets};
use tapdeck_stores::{Embedded, Store, StoreConfig};

use super::{Meddling, Ran, check_exit, run_in};
use crate::files::contents;

/// A rule engine that loads the rulesets of an environment from a store, and has none until it is told to.
fn engine(config: &StoreConfig, environment: &str) -> StandIn {
    StandIn::start(StandInConfig {
        storage: Some(Arc::new(StoredRulesets {
            store: Store::connect(config).unwrap(),
            environment: environment.to_owned(),
        })),
        ..StandInConfig::default()
    })
    .unwrap()
}

/// The variables that lead to a store; some are replaced.
fn variables(config: &StoreConfig, replaced: &[(&str, &str)]) -> Environment {
    let usual = [
        ("S3_ENDPOINT_URL", &*config.endpoint),
        ("S3_ACCESS_KEY_ID", config.access_key.expose_secret()),
        ("S3_SECRET_ACCESS_KEY", config.secret_key.expose_secret()),
        ("S3_BUCKET_NAME", &*config.bucket),
    ];
    Environment::of(usual.into_iter().chain(replaced.iter().copied()))
}

fn run_against(target: &StandIn, environment: &Environment, folder: &Path, flags: &str) -> Ran {
    let flags = format!(
        "--service rule-engine --rate 60 --run-time 200ms --warm-up 0s --target {} {flags}",
        target.url()
    );
    run_in(environment, folder, &flags, Meddling::default())
}

#[test]
fn ten_runs_of_one_id_leave_the_store_as_they_found_it() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(bucket.path()).unwrap();
    let objects = bucket.path().join(StoreConfig::BUCKET);
    let theirs = [
        ("rulesets/local/CARD_AUTH/manifest.json", "{\"theirs\": 1}"),
        (
            "rulesets/local/CARD_AUTH/v1/ruleset.json",
            "{\"theirs\": 2}",
        ),
        ("rulesets/prod/CARD_AUTH/manifest.json", "{}"),
    ];
    for (key, text) in theirs {
        let path = objects.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let before = contents(&objects);
    assert_eq!(before.len(), theirs.len());
    let target = engine(embedded.config(), "local");
    let environment = variables(embedded.config(), &[]);
    for turn in 0..10 {
        let ran = run_against(&target, &environment, folder.path(), "--run-id same");
        check_exit(ran.outcome.exit, "baseline");
        assert!(
            ran.outcome.error.is_none(),
            "{turn}: {:?}",
            ran.outcome.error
        );
        assert!(ran.requests() > 0, "{turn}");
        let replaced = ran.metadata["seeded_artifacts"].as_array().unwrap().iter();
        assert_eq!(
            replaced.filter(|it| it["replaced"] == true).count(),
            2,
            "{turn}"
        );
        assert_eq!(contents(&objects), before, "{turn}");
    }
}

#[test]
fn a_store_or_an_engine_that_does_not_play_along_ends_the_run_before_the_load() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(bucket.path()).unwrap();
    let config = embedded.config();
    let objects = bucket.path().join(StoreConfig::BUCKET);
    let before = contents(&objects);
    for (replaced, expected) in [
        (("S3_ENDPOINT_URL", "http://127.0.0.1:1"), "does not answer"),
        (
            ("S3_BUCKET_NAME", "other-bucket"),
            "has no bucket other-bucket",
        ),
        (
            ("S3_SECRET_ACCESS_KEY", "planted-secret"),
            "does not accept our credentials",
        ),
        // Published for one environment, where the engine looks in another.
        (
            ("RULESET_ENVIRONMENT", "elsewhere"),
            "does the engine read that bucket and that environment",
        ),
    ] {
        let target = engine(config, "local");
        let environment = variables(config, &[replaced]);
        let ran = run_against(&target, &environment, folder.path(), "");
        assert_eq!(ran.outcome.exit, Exit::TargetUnreachable, "{expected}");
        let error = ran.outcome.error.as_ref().unwrap().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(ran.phases().contains(&Phase::Seed) && !ran.phases().contains(&Phase::Measure));
        assert_eq!(ran.metadata["exit_code"], 3, "{expected}");
        assert!(!ran.metadata.to_string().contains("planted-secret"));
        let seen = target.stop().unwrap();
        assert_eq!(
            seen.auth_requests + seen.monitoring_requests,
            0,
            "{expected}"
        );
        assert_eq!(contents(&objects), before, "{expected}");
    }
}

#[test]
fn the_guard_looks_at_the_store_too() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(bucket.path()).unwrap();
    let target = engine(embedded.config(), "local");
    for (replaced, expected) in [
        (
            ("S3_ENDPOINT_URL", "http://198.51.100.7:9000"),
            "--allow-target 198.51.100.7",
        ),
        (("S3_BUCKET_NAME", "prod-artifacts"), "\"prod\" in its name"),
        (("RULESET_ENVIRONMENT", "prod"), "\"prod\" in its name"),
    ] {
        let environment = variables(embedded.config(), &[replaced]);
        let ran = run_against(&target, &environment, folder.path(), "");
        assert_eq!(ran.outcome.exit, Exit::Usage, "{expected}");
        let error = ran.outcome.error.as_ref().unwrap().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert_eq!(ran.phases(), [Phase::Guard, Phase::Report], "{expected}");
    }
}
