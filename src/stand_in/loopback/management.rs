//! The paths beside evaluation.

use super::super::{StandIn, StandInConfig};
use super::{AUTH, Client, demo};

/// Each row: a path, a body (none means GET), the status and the body of the answer. Order matters: what is loaded shows up
/// in the registry afterwards.
fn check(rows: &[(&str, &str, u16, &str)]) {
    let stand_in = demo();
    let mut client = Client::new(&stand_in);
    for (path, body, status, expected) in rows {
        let path = path.replace("..", "/v1/evaluate/rulesets");
        let answer = match *body {
            "" => client.get(&path),
            body => client.post(&path, body),
        };
        let answer = answer.unwrap();
        let found = (answer.status, answer.body.as_str());
        assert_eq!(found, (*status, *expected), "{path} {body}");
    }
    let seen = stand_in.stop().unwrap();
    assert_eq!(seen.other_requests, rows.len() as u64);
}

#[test]
fn health_is_up() {
    let up = r#"{"status":"UP","checks":[]}"#;
    let engine = r#"{"status":"UP","storageAccessible":true}"#;
    check(&[
        ("/health", "", 200, up),
        ("/health/live", "", 200, up),
        ("/health/ready", "", 200, up),
        ("/v1/evaluate/health", "", 200, engine),
    ]);
}

#[test]
fn rulesets_are_loaded_for_a_country_or_for_all() {
    let both = r#"{"country":"global","rulesetKeys":["CARD_AUTH","CARD_MONITORING"]}"#;
    let us = r#"{"key":"CARD_AUTH","version":1,"country":"US"}"#;
    let us_loaded = r#"{"success":true,"message":"Ruleset loaded","rulesetKey":"CARD_AUTH","version":1,"country":"US"}"#;
    let all = r#"{"key":"CARD_MONITORING","version":1}"#;
    let all_loaded = r#"{"success":true,"message":"Ruleset loaded","rulesetKey":"CARD_MONITORING","version":1,"country":"global"}"#;
    let two = r#"{"totalRulesets":2,"countries":1,"storageAccessible":true}"#;
    let three = r#"{"totalRulesets":3,"countries":2,"storageAccessible":true}"#;
    check(&[
        ("../registry/status", "", 200, two),
        ("../registry/global", "", 200, both),
        (
            "../registry/US",
            "",
            200,
            r#"{"country":"US","rulesetKeys":[]}"#,
        ),
        ("../load", us, 200, us_loaded),
        ("../load", all, 200, all_loaded),
        (
            "../registry/US",
            "",
            200,
            r#"{"country":"US","rulesetKeys":["CARD_AUTH"]}"#,
        ),
        ("../registry/status", "", 200, three),
    ]);
}

#[test]
fn what_storage_does_not_have_is_not_loaded() {
    let other_version =
        r#"{"code":"LOAD_FAILED","message":"Failed to load ruleset CARD_AUTH version 9"}"#;
    let other_key = r#"{"code":"LOAD_FAILED","message":"Failed to load ruleset OTHER version 1"}"#;
    let incomplete =
        r#"{"code":"INVALID_REQUEST","message":"key and a version above 0 are required"}"#;
    check(&[
        (
            "../load",
            r#"{"key":"CARD_AUTH","version":9}"#,
            400,
            other_version,
        ),
        ("../load", r#"{"key":"OTHER","version":1}"#, 400, other_key),
        (
            "../load",
            r#"{"key":"CARD_AUTH","version":0}"#,
            400,
            incomplete,
        ),
        ("../load", r#"{"version":1}"#, 400, incomplete),
    ]);
}

#[test]
fn bulk_loads_succeed_even_when_nothing_is_loaded() {
    let one = r#"{"rulesets":[{"key":"CARD_AUTH","version":1},{"key":"OTHER","version":1}]}"#;
    let none = r#"{"rulesets":[{"key":"OTHER","version":1}]}"#;
    let empty = r#"{"code":"INVALID_REQUEST","message":"rulesets must not be empty"}"#;
    check(&[
        ("../bulk-load", one, 200, r#"{"loaded":1,"total":2}"#),
        ("../bulk-load", none, 200, r#"{"loaded":0,"total":1}"#),
        ("../bulk-load", r#"{"rulesets":[]}"#, 400, empty),
    ]);
}

#[test]
fn hot_swaps_tell_both_versions() {
    let known = r#"{"success":true,"status":"SUCCESS","message":"Ruleset swapped","oldVersion":1,"newVersion":1}"#;
    let unknown = r#"{"success":false,"status":"LOAD_FAILED","message":"Failed to load ruleset OTHER version 3","oldVersion":-1,"newVersion":3}"#;
    check(&[
        (
            "../hotswap",
            r#"{"key":"CARD_AUTH","version":1}"#,
            200,
            known,
        ),
        ("../hotswap", r#"{"key":"OTHER","version":3}"#, 400, unknown),
    ]);
}

#[test]
fn metrics_count_what_failed_open() {
    let stand_in = StandIn::start(StandInConfig::default()).unwrap();
    let mut client = Client::new(&stand_in);
    client.post(AUTH, "{}").unwrap();
    let metrics = client.get("/v1/manage/metrics").unwrap();
    let uptime = metrics
        .body
        .split(r#""jvmUptime":"#)
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    let expected = [
        r#"{"rulesetCacheSize":0,"storageAccessible":true,"jvmUptime":"#,
        uptime,
        r#","fieldCount":26,"startupHealthy":true,"engineCounters":{"fail_open_total":1,"#,
        r#""degraded_response_total":0,"auth_async_enqueue_dropped_total":0}}"#,
    ];
    assert_eq!(metrics.body, expected.concat());
}
