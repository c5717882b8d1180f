//! Runs that are killed: what they leave in an object store, `cleanup` takes back.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use secrecy::ExposeSecret;
use tapdeck::stand_in::{StandIn, StandInConfig, StoredRulesets};
use tapdeck_stores::{Embedded, Store, StoreConfig};

use crate::command::tapdeck;
use crate::files::contents;

/// The program, with the variables that lead to a store.
fn with_store(config: &StoreConfig) -> Command {
    let mut command = tapdeck();
    command
        .env("S3_ENDPOINT_URL", &config.endpoint)
        .env("S3_ACCESS_KEY_ID", config.access_key.expose_secret())
        .env("S3_SECRET_ACCESS_KEY", config.secret_key.expose_secret())
        .env("S3_BUCKET_NAME", &config.bucket);
    command
}

/// Starts a run, and kills it when it says that a phase begins.
fn kill_in(phase: &str, config: &StoreConfig, target: &StandIn, folder: &Path) {
    let folder = folder.display();
    let flags = format!(
        "run --service rule-engine --rate 100 --run-time 60 --warm-up 1s --run-id {phase} --target {} --out {folder}/out \
         --cache {folder}/cache",
        target.url()
    );
    let mut running = with_store(config)
        .args(flags.split_whitespace())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(running.stderr.take().unwrap()).lines();
    let begins = |line: String| line.contains(&format!(" s] {phase}"));
    assert!(lines.map(Result::unwrap).any(begins), "{phase}");
    running.kill().unwrap();
    assert_eq!(running.wait().unwrap().code(), None, "{phase}");
}

#[test]
fn what_a_killed_run_leaves_in_the_store_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(&folder.path().join("store")).unwrap();
    let config = embedded.config();
    let bucket = folder.path().join("store").join(StoreConfig::BUCKET);
    let theirs = bucket.join("rulesets/local/CARD_AUTH/manifest.json");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::write(theirs, "{}").unwrap();
    let before = contents(&bucket);
    let target = StandIn::start(StandInConfig {
        storage: Some(Arc::new(StoredRulesets {
            store: Store::connect(config).unwrap(),
            environment: "local".to_owned(),
        })),
        ..StandInConfig::default()
    })
    .unwrap();
    // Seeding may not have written anything yet; afterwards it has.
    for (phase, is_seeded) in [
        ("seed", None),
        ("warm-up", Some(true)),
        ("measure", Some(true)),
    ] {
        kill_in(phase, config, &target, folder.path());
        let left = contents(&bucket) != before;
        assert_eq!(left, is_seeded.unwrap_or(left), "{phase}");
        assert!(
            !folder
                .path()
                .join(format!("out/run-summary-{phase}.json"))
                .exists()
        );
        let output = with_store(config)
            .args(["cleanup", "--run-id", phase])
            .output()
            .unwrap();
        assert!(output.status.success(), "{phase}: {output:?}");
        assert_eq!(contents(&bucket), before, "{phase}");
    }
}
