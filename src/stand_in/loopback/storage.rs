//! A rule engine that reads its rulesets from storage: nothing until it is told to, and then what lies there.

use std::collections::BTreeMap;
use std::sync::Arc;

use tapdeck_stores::{Embedded, RulesetArtifact, Seeding, Store, seed};

use super::super::{RulesetSource, StandIn, StandInConfig, StoredRulesets};
use super::{AUTH, Client, MONITORING};

const LOAD: &str = "/v1/evaluate/rulesets/load";
const BULK_LOAD: &str = "/v1/evaluate/rulesets/bulk-load";
const HOT_SWAP: &str = "/v1/evaluate/rulesets/hotswap";

/// Storage in memory; one that cannot be read from, if it is `None`.
#[derive(Debug)]
struct Artifacts(Option<BTreeMap<(&'static str, u64), String>>);

impl RulesetSource for Artifacts {
    fn read(&self, key: &str, version: u64) -> Result<String, String> {
        let artifacts = self.0.as_ref().ok_or("storage is down")?;
        let found = artifacts.get(&(key, version)).cloned();
        found.ok_or_else(|| format!("there is no {key} v{version}"))
    }

    fn is_accessible(&self) -> bool {
        self.0.is_some()
    }
}

fn engine(source: impl RulesetSource + 'static) -> StandIn {
    StandIn::start(StandInConfig {
        storage: Some(Arc::new(source)),
        ..StandInConfig::default()
    })
    .unwrap()
}

fn with(artifacts: impl IntoIterator<Item = (&'static str, u64, String)>) -> StandIn {
    let artifacts = artifacts.into_iter();
    engine(Artifacts(Some(
        artifacts
            .map(|(key, version, text)| ((key, version), text))
            .collect(),
    )))
}

/// A ruleset with one rule that does the same to everybody.
fn ruleset(key: &str, version: u64, action: &str) -> String {
    let rule = format!(r#"{{"rule_id":"r","action":"{action}"}}"#);
    format!(r#"{{"ruleset_key":"{key}","ruleset_version":{version},"rules":[{rule}]}}"#)
}

/// Asks in turn; each row is a path, a body (none means GET), and what the answer must contain.
#[track_caller]
fn check(stand_in: &StandIn, rows: &[(&str, &str, u16, &str)]) {
    let mut client = Client::new(stand_in);
    for (path, body, status, expected) in rows {
        let path = path.replace("..", "/v1/evaluate/rulesets");
        let answer = match *body {
            "" => client.get(&path),
            body => client.post(&path, body),
        };
        let answer = answer.unwrap();
        assert_eq!(answer.status, *status, "{path} {body}: {}", answer.body);
        assert!(
            answer.body.contains(expected),
            "{path} {body}: {}",
            answer.body
        );
    }
}

#[test]
fn nothing_is_evaluated_until_it_is_loaded() {
    let stand_in = with([
        ("CARD_AUTH", 1, ruleset("CARD_AUTH", 1, "DECLINE")),
        (
            "CARD_MONITORING",
            1,
            ruleset("CARD_MONITORING", 1, "REVIEW"),
        ),
    ]);
    let monitored = r#"{"transaction_id":"t","decision":"APPROVE"}"#;
    check(
        &stand_in,
        &[
            (
                "../registry/status",
                "",
                200,
                r#""totalRulesets":0,"countries":0,"#,
            ),
            ("../registry/global", "", 200, r#""rulesetKeys":[]"#),
            (
                AUTH,
                "{}",
                200,
                r#""decision":"APPROVE","engine_mode":"FAIL_OPEN""#,
            ),
            (MONITORING, monitored, 200, r#""engine_mode":"DEGRADED""#),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":1}"#,
                200,
                r#""success":true"#,
            ),
            (
                AUTH,
                "{}",
                200,
                r#""decision":"DECLINE","engine_mode":"NORMAL""#,
            ),
            (MONITORING, monitored, 200, r#""engine_mode":"DEGRADED""#),
            (
                BULK_LOAD,
                r#"{"rulesets":[{"key":"CARD_MONITORING","version":1},{"key":"CARD_MONITORING","version":2}]}"#,
                200,
                r#"{"loaded":1,"total":2}"#,
            ),
            (MONITORING, monitored, 200, r#""ruleset_version":1"#),
            (
                "../registry/status",
                "",
                200,
                r#""totalRulesets":2,"countries":1,"#,
            ),
            (
                "../registry/global",
                "",
                200,
                r#""rulesetKeys":["CARD_AUTH","CARD_MONITORING"]"#,
            ),
        ],
    );
}

#[test]
fn a_country_is_evaluated_by_its_own_ruleset() {
    let stand_in = with([
        ("CARD_AUTH", 1, ruleset("CARD_AUTH", 1, "DECLINE")),
        ("CARD_AUTH", 2, ruleset("CARD_AUTH", 2, "REVIEW")),
    ]);
    let us = r#"{"country_code":"us"}"#;
    let sg = r#"{"country_code":"SG"}"#;
    check(
        &stand_in,
        &[
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":2,"country":"US"}"#,
                200,
                r#""country":"US""#,
            ),
            (AUTH, us, 200, r#""decision":"REVIEW""#),
            (AUTH, sg, 200, r#""engine_mode":"FAIL_OPEN""#),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":1}"#,
                200,
                r#""country":"global""#,
            ),
            (AUTH, us, 200, r#""decision":"REVIEW""#),
            (AUTH, sg, 200, r#""decision":"DECLINE""#),
            // A country in small letters is registered, and never looked up.
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":2,"country":"sg"}"#,
                200,
                r#""country":"sg""#,
            ),
            (AUTH, sg, 200, r#""decision":"DECLINE""#),
            (
                "../registry/status",
                "",
                200,
                r#""totalRulesets":3,"countries":3,"#,
            ),
        ],
    );
}

#[test]
fn what_cannot_be_used_is_not_loaded_and_the_reason_is_told() {
    let stand_in = with([
        ("CARD_AUTH", 1, "no json".to_owned()),
        ("CARD_AUTH", 2, ruleset("CARD_MONITORING", 2, "DECLINE")),
        ("CARD_AUTH", 3, ruleset("CARD_AUTH", 4, "DECLINE")),
        (
            "CARD_AUTH",
            5,
            r#"{"ruleset_key":"CARD_AUTH","rules":[{"rule_id":"r","velocity":{"dimension":"ip_address","comparison":"GT"}}]}"#
                .to_owned(),
        ),
    ]);
    let failed = r#""code":"LOAD_FAILED""#;
    check(
        &stand_in,
        &[
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":1}"#,
                400,
                "is not JSON",
            ),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":2}"#,
                400,
                "CARD_MONITORING version 2",
            ),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":3}"#,
                400,
                "CARD_AUTH version 4",
            ),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":5}"#,
                400,
                "velocity.comparison",
            ),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":6}"#,
                400,
                "there is no CARD_AUTH v6",
            ),
            (LOAD, r#"{"key":"CARD_AUTH","version":6}"#, 400, failed),
            ("../registry/status", "", 200, r#""totalRulesets":0,"#),
        ],
    );
}

#[test]
fn hot_swaps_tell_what_was_there_and_refuse_rulesets_without_rules() {
    let empty = r#"{"ruleset_key":"CARD_AUTH","ruleset_version":3,"rules":[]}"#;
    let stand_in = with([
        ("CARD_AUTH", 1, ruleset("CARD_AUTH", 1, "DECLINE")),
        ("CARD_AUTH", 2, ruleset("CARD_AUTH", 2, "REVIEW")),
        ("CARD_AUTH", 3, empty.to_owned()),
    ]);
    check(
        &stand_in,
        &[
            (
                HOT_SWAP,
                r#"{"key":"CARD_AUTH","version":1}"#,
                200,
                r#""oldVersion":-1,"newVersion":1"#,
            ),
            (AUTH, "{}", 200, r#""decision":"DECLINE""#),
            (
                HOT_SWAP,
                r#"{"key":"CARD_AUTH","version":2}"#,
                200,
                r#""oldVersion":1,"newVersion":2"#,
            ),
            (AUTH, "{}", 200, r#""decision":"REVIEW""#),
            (
                HOT_SWAP,
                r#"{"key":"CARD_AUTH","version":3}"#,
                400,
                r#""status":"VALIDATION_FAILED""#,
            ),
            (
                HOT_SWAP,
                r#"{"key":"CARD_AUTH","version":9}"#,
                400,
                r#""status":"LOAD_FAILED""#,
            ),
            (AUTH, "{}", 200, r#""decision":"REVIEW""#),
        ],
    );
}

#[test]
fn storage_that_is_down_shows() {
    let stand_in = engine(Artifacts(None));
    let down = r#""storageAccessible":false"#;
    check(
        &stand_in,
        &[
            ("/v1/evaluate/health", "", 200, down),
            ("../registry/status", "", 200, down),
            ("/v1/manage/metrics", "", 200, down),
            (
                LOAD,
                r#"{"key":"CARD_AUTH","version":1}"#,
                400,
                "storage is down",
            ),
        ],
    );
}

#[test]
fn what_a_run_publishes_is_what_the_engine_loads() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(folder.path()).unwrap();
    let store = Store::connect(embedded.config()).unwrap();
    let rulesets = [RulesetArtifact {
        key: "CARD_AUTH".to_owned(),
        version: 4,
        bytes: ruleset("CARD_AUTH", 4, "DECLINE").into_bytes(),
    }];
    let seeding = Seeding {
        run_id: &"lt-1".parse().unwrap(),
        environment: "local",
        country: "US",
        region: "AMERICAS",
        rulesets: &rulesets,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let stand_in = engine(StoredRulesets {
        store: Store::connect(embedded.config()).unwrap(),
        environment: "local".to_owned(),
    });
    let missing = "there is no rulesets/local/CARD_AUTH/v4/ruleset.json";
    let wanted = r#"{"key":"CARD_AUTH","version":4}"#;
    check(
        &stand_in,
        &[
            (
                "/v1/evaluate/health",
                "",
                200,
                r#""storageAccessible":true"#,
            ),
            (LOAD, wanted, 400, missing),
        ],
    );
    seed(&store, &seeding).unwrap();
    check(
        &stand_in,
        &[
            (LOAD, wanted, 200, r#""success":true"#),
            (
                AUTH,
                "{}",
                200,
                r#""decision":"DECLINE","engine_mode":"NORMAL""#,
            ),
        ],
    );
}
