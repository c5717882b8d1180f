//! Cleaning up after runs that died.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tapdeck::stand_in::{StandIn, StandInConfig, Tls};
use tapdeck_stores::{Embedded, RulesetArtifact, Seeding, Store, StoreConfig, seed};

use crate::command::{Outcome, run, tapdeck};

/// Publishes a ruleset as a run does that dies behind it.
pub(crate) fn die_after_seeding(store: &Store, run_id: &str, at: Timestamp) {
    let rulesets = [RulesetArtifact {
        key: "CARD_AUTH".to_owned(),
        version: 1,
        bytes: b"{}".to_vec(),
    }];
    let seeding = Seeding {
        run_id: &run_id.parse().unwrap(),
        environment: "local",
        country: "US",
        region: "AMERICAS",
        rulesets: &rulesets,
        at,
    };
    seed(store, &seeding).unwrap();
}

/// Cleans up in the store of these variables.
fn cleanup(config: &StoreConfig, flags: &[&str]) -> Outcome {
    let output = tapdeck()
        .arg("cleanup")
        .args(flags)
        .env("S3_ENDPOINT_URL", &config.endpoint)
        .env("MINIO_ACCESS_KEY", config.access_key.expose_secret())
        .env("S3_SECRET_ACCESS_KEY", config.secret_key.expose_secret())
        .env("S3_BUCKET_NAME", &config.bucket)
        .env_remove("S3_ACCESS_KEY_ID")
        .output()
        .unwrap();
    let outcome = Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    for secret in [&config.access_key, &config.secret_key] {
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!told.contains(secret.expose_secret()), "{told}");
    }
    outcome
}

fn is_empty(folder: &Path) -> bool {
    let bucket = folder.join(StoreConfig::BUCKET);
    std::fs::read_dir(bucket).unwrap().next().is_none()
}

#[test]
fn a_run_that_died_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(folder.path()).unwrap();
    let config = embedded.config();
    let store = Store::connect(config).unwrap();
    die_after_seeding(&store, "lt-1", "2026-01-02T03:04:05Z".parse().unwrap());
    let place = format!("fraud-gov-artifacts at {}", config.endpoint);

    let rehearsed = cleanup(config, &["--run-id", "lt-1", "--dry-run"]).good();
    assert!(
        rehearsed.ends_with(&format!("nothing was changed in {place}\n")),
        "{rehearsed}"
    );
    assert!(!is_empty(folder.path()));

    let told = cleanup(config, &["--run-id", "lt-1"]).good();
    let steps = |text: &str| text.lines().count() - 1;
    let same = told
        .lines()
        .zip(rehearsed.lines())
        .take_while(|(one, other)| one == other);
    assert_eq!((same.count(), steps(&told)), (steps(&rehearsed), 6));
    let expected = format!(
        "run lt-1, begun 2026-01-02T03:04:05Z
  removed   rulesets/local/CARD_AUTH/manifest.json
  removed   rulesets/local/CARD_AUTH/v1/ruleset.json
  removed   rulesets/local/US/CARD_AUTH/manifest.json
  removed   rulesets/local/US/CARD_AUTH/v1/ruleset.json
  deleted   loadtest/lt-1/ (1)
1 run taken back in {place}
"
    );
    assert_eq!(told, expected);
    assert!(is_empty(folder.path()));
    let again = cleanup(config, &["--run-id", "lt-1"]).good();
    assert_eq!(again, format!("nothing to clean up in {place}\n"));
}

#[test]
fn runs_of_long_ago_are_taken_back_from_the_folder_of_an_embedded_store() {
    let folder = tempfile::tempdir().unwrap();
    {
        let embedded = Embedded::start(folder.path()).unwrap();
        let store = Store::connect(embedded.config()).unwrap();
        let two_hours_ago = Timestamp::now() - Duration::from_hours(2);
        die_after_seeding(&store, "first", two_hours_ago);
        die_after_seeding(&store, "second", two_hours_ago);
    }
    let path = folder.path().to_str().unwrap();
    let kept = run(["cleanup", "--older-than", "1d", "--folder", path]).good();
    assert!(kept.starts_with("nothing to clean up in"), "{kept}");
    let told = run(["cleanup", "--older-than", "1h", "--folder", path]).good();
    assert!(told.contains("2 runs taken back"), "{told}");
    assert!(is_empty(folder.path()));
}

#[test]
fn a_store_that_cannot_be_used_ends_with_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(folder.path()).unwrap();
    let config = embedded.config().clone();
    let wrong_secret = StoreConfig {
        secret_key: "planted-secret".into(),
        ..config.clone()
    };
    let no_bucket = StoreConfig {
        bucket: "other-bucket".to_owned(),
        ..config.clone()
    };
    for (config, expected) in [
        (&wrong_secret, "does not accept our credentials"),
        (&no_bucket, "has no bucket other-bucket"),
    ] {
        let outcome = cleanup(config, &["--older-than", "7d"]);
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.contains(expected), "{outcome:?}");
    }
    drop(embedded);
    let outcome = cleanup(&config, &["--older-than", "7d"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("does not answer"), "{outcome:?}");
}

#[test]
fn an_encrypted_store_is_believed_if_its_authority_is_trusted() {
    let (tls, its_own) = Tls::self_signed().unwrap();
    let (_, of_another) = Tls::self_signed().unwrap();
    let target = StandIn::start(StandInConfig {
        tls: Some(tls),
        ..StandInConfig::default()
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    // What answers is no store, and is told apart from one that cannot be trusted.
    for (certificate, expected) in [
        (its_own, "not as S3 does"),
        (of_another, "invalid peer certificate"),
    ] {
        std::fs::write(&trusted, certificate).unwrap();
        let output = tapdeck()
            .args(["cleanup", "--older-than", "7d"])
            .env("S3_ENDPOINT_URL", target.url())
            .env("SSL_CERT_FILE", &trusted)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for (flags, expected) in [
        (&["cleanup"][..], "--run-id"),
        (
            &["cleanup", "--run-id", "../x"],
            "cannot be part of an object's key",
        ),
        (
            &["cleanup", "--run-id", "a", "--older-than", "7d"],
            "cannot be used with",
        ),
        (&["cleanup", "--older-than", "7 weeks"], "as in 30s"),
    ] {
        let outcome = run(flags);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(expected), "{outcome:?}");
    }
}
