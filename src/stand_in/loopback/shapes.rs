//! What answers look like, byte by byte.

use regex::Regex;
use serde_json::json;

use super::super::{Faults, Share, Shed, StandIn, StandInConfig};
use super::{AUTH, Answer, Client, MONITORING, demo, demo_with};

fn check_auth(stand_in: &StandIn, rows: &[(&str, &str)]) {
    let mut client = Client::new(stand_in);
    for (request, expected) in rows {
        let answer = client.post(AUTH, request).unwrap();
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, *expected),
            "{request}"
        );
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            expected.len()
        );
        assert_eq!(answer.head, head);
    }
}

#[test]
fn authorizations_are_answered_with_four_members() {
    check_auth(
        &demo(),
        &[
            (
                r#"{"transaction_id":"t-1","amount":10,"currency":"EUR"}"#,
                r#"{"transaction_id":"t-1","decision":"APPROVE","engine_mode":"NORMAL","engine_error_code":null}"#,
            ),
            (
                r#"{"transaction_id":"t-2","entry_mode":"MAGSTRIPE","country_code":"DE"}"#,
                r#"{"transaction_id":"t-2","decision":"DECLINE","engine_mode":"NORMAL","engine_error_code":null}"#,
            ),
            (
                r#"{"transaction_id":"t-3","merchant_category_code":"7995","currency":"USD","amount":1000}"#,
                r#"{"transaction_id":"t-3","decision":"REVIEW","engine_mode":"NORMAL","engine_error_code":null}"#,
            ),
            (
                r#"{"transaction_id":"\u00e9\"\n"}"#,
                r#"{"transaction_id":"é\"\n","decision":"APPROVE","engine_mode":"NORMAL","engine_error_code":null}"#,
            ),
            (
                "{}",
                r#"{"transaction_id":null,"decision":"APPROVE","engine_mode":"NORMAL","engine_error_code":null}"#,
            ),
            (
                "",
                r#"{"transaction_id":null,"decision":"APPROVE","engine_mode":"FAIL_OPEN","engine_error_code":"INTERNAL_ERROR"}"#,
            ),
        ],
    );
}

#[test]
fn without_a_ruleset_authorizations_fail_open_with_status_200() {
    let stand_in = StandIn::start(StandInConfig::default()).unwrap();
    check_auth(
        &stand_in,
        &[(
            r#"{"transaction_id":"t-1","entry_mode":"MAGSTRIPE","country_code":"DE"}"#,
            r#"{"transaction_id":"t-1","decision":"APPROVE","engine_mode":"FAIL_OPEN","engine_error_code":"INTERNAL_ERROR"}"#,
        )],
    );
    assert_eq!(stand_in.stop().unwrap().fail_open, 1);
}

/// Replaces what no test can know beforehand: the decision's id, the instant, the durations.
fn masked(answer: &Answer) -> String {
    let mut body = answer.body.clone();
    for (pattern, replacement) in [
        (
            r#""decision_id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}""#,
            r#""decision_id":ID"#,
        ),
        (
            r#""timestamp":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z""#,
            r#""timestamp":AT"#,
        ),
        (r#"_time_ms":-?[0-9.e-]+"#, r#"_time_ms":MS"#),
        (r#""ttl_remaining":(59|60)"#, r#""ttl_remaining":60"#),
    ] {
        body = Regex::new(pattern)
            .unwrap()
            .replace_all(&body, replacement)
            .into_owned();
    }
    body
}

const TIMES_BEFORE: &str = r#""timing_breakdown":{"total_processing_time_ms":MS,"ruleset_lookup_time_ms":MS,"rule_evaluation_time_ms":MS"#;
const TIMES_AFTER: &str = r#""scope_traversal_time_ms":MS,"context_creation_time_ms":MS,"dispatch_evaluation_time_ms":MS,"decision_finalization_time_ms":MS}"#;

#[test]
fn monitoring_events_are_answered_at_length() {
    let request = json!({
        "transaction_id": "t-1", "amount": 2.5, "currency": "EUR", "card_present": false,
        "ip_address": "203.0.113.9", "decision": "declined"
    });
    let answer = Client::new(&demo())
        .post(MONITORING, &request.to_string())
        .unwrap();
    let expected = [
        r#"{"decision_id":ID,"transaction_id":"t-1","evaluation_type":"MONITORING","decision":"DECLINE","engine_mode":"NORMAL","#,
        r#""ruleset_key":"CARD_MONITORING","ruleset_version":1,"ruleset_id":"tapdeck-demo-monitoring-1","#,
        r#""timestamp":AT,"processing_time_ms":MS,"matched_rules":["#,
        r#"{"rule_id":"hosting-network-seen","rule_name":"hosting-network-seen","action":"REVIEW","priority":60,"rule_version":1,"matched":true},"#,
        r#"{"rule_id":"address-trying-tiny-amounts","rule_name":"address-trying-tiny-amounts","action":"APPROVE","priority":40,"rule_version":1,"matched":true}],"#,
        r#""velocity_results":{"address-trying-tiny-amounts":{"dimension":"ip_address","dimension_value":"203.0.113.9","count":1,"threshold":5,"window_seconds":60,"exceeded":false,"ttl_remaining":60}},"#,
        r#""transaction_context":{"transaction_id":"t-1","currency":"EUR","ip_address":"203.0.113.9","amount":2.5,"card_present":false,"decision":"declined"},"#,
        r#""engine_metadata":{"engine_mode":"NORMAL","processing_time_ms":MS,"rule_engine_version":"stand-in-0.1.0"},"#,
        TIMES_BEFORE,
        r#","velocity_check_count":1,"#,
        TIMES_AFTER,
        "}",
    ];
    assert_eq!(answer.status, 200);
    assert_eq!(masked(&answer), expected.concat());
}

#[test]
fn without_a_ruleset_monitoring_is_degraded_with_status_200() {
    let stand_in = StandIn::start(StandInConfig::default()).unwrap();
    let answer = Client::new(&stand_in)
        .post(MONITORING, r#"{"decision":"APPROVE"}"#)
        .unwrap();
    let expected = [
        r#"{"decision_id":ID,"evaluation_type":"MONITORING","decision":"APPROVE","engine_mode":"DEGRADED","#,
        r#""engine_error_code":"INTERNAL_ERROR","engine_error_message":"Ruleset not loaded","ruleset_key":"CARD_MONITORING","#,
        r#""timestamp":AT,"processing_time_ms":MS,"matched_rules":[],"velocity_results":{},"transaction_context":{"decision":"APPROVE"},"#,
        r#""engine_metadata":{"engine_mode":"DEGRADED","error_code":"INTERNAL_ERROR","error_message":"Ruleset not loaded","processing_time_ms":MS,"rule_engine_version":"stand-in-0.1.0"},"#,
        TIMES_BEFORE,
        r#","velocity_check_count":0,"#,
        TIMES_AFTER,
        "}",
    ];
    assert_eq!((answer.status, masked(&answer)), (200, expected.concat()));
}

#[test]
fn shed_requests_get_the_long_answer_and_a_header() {
    let stand_in = demo_with(Faults {
        shed: Shed::Share(Share::ALL),
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    for (path, kind, request, decision) in [
        (
            AUTH,
            "AUTH",
            r#"{"transaction_id":"t-1","entry_mode":"MAGSTRIPE","country_code":"DE"}"#,
            "APPROVE",
        ),
        (
            MONITORING,
            "MONITORING",
            r#"{"transaction_id":"t-1","decision":"BLOCK"}"#,
            "DECLINE",
        ),
    ] {
        let answer = client.post(path, request).unwrap();
        assert_eq!(answer.status, 200);
        assert!(
            answer.head.contains("\r\nx-load-shed: true\r\n"),
            "{}",
            answer.head
        );
        let start = format!(
            r#"{{"decision_id":ID,"transaction_id":"t-1","evaluation_type":"{kind}","decision":"{decision}","engine_mode":"DEGRADED","engine_error_code":"LOAD_SHEDDING","#
        );
        assert!(masked(&answer).starts_with(&start), "{}", masked(&answer));
    }
    assert_eq!(client.post(MONITORING, "{}").unwrap().status, 400);
    assert_eq!(stand_in.stop().unwrap().shed, 2);
}

/// Each row: a method, a path, a content type and a body; all are refused alike.
fn check_refused(rows: &[(&str, &str, &str, &str)], status: u16, code: &str, message: &str) {
    let stand_in = demo();
    for (method, path, content_type, body) in rows {
        let mut client = Client::new(&stand_in);
        // A server that has refused a large body need not read it to its end.
        let _ = client.send(method, path, content_type, body);
        let answer = client.receive().unwrap();
        let expected = json!({"code": code, "message": message}).to_string();
        assert_eq!((answer.status, answer.body), (status, expected));
        assert_eq!(answer.head.contains("\r\nallow: POST\r\n"), status == 405);
    }
    assert_eq!(stand_in.stop().unwrap().refused, rows.len() as u64);
}

const JSON: &str = "application/json";

#[test]
fn monitoring_events_without_a_decision_are_refused() {
    let rows = ["", "{}", r#"{"decision":null}"#, r#"{"decision":"REVIEW"}"#]
        .map(|body| ("POST", MONITORING, JSON, body));
    check_refused(
        &rows,
        400,
        "INVALID_REQUEST",
        "decision must be APPROVE or DECLINE",
    );
}

#[test]
fn bodies_that_are_no_transaction_are_refused() {
    for (body, reason) in [
        (
            r#"{"amount":1"#,
            "EOF while parsing an object at line 1 column 11",
        ),
        (
            r#"{"amount":"1"}"#,
            "invalid type: string \"1\", expected f64 at line 1 column 13",
        ),
        (
            "[]",
            "invalid type: sequence, expected a transaction object at line 1 column 0",
        ),
    ] {
        let message = format!("the body is not a transaction: {reason}");
        check_refused(
            &[("POST", AUTH, JSON, body)],
            400,
            "INVALID_REQUEST",
            &message,
        );
    }
}

#[test]
fn other_requests_are_refused_as_http_says() {
    let path = "/v1/evaluate/preauth";
    check_refused(
        &[("POST", path, JSON, "{}")],
        404,
        "NOT_FOUND",
        "no such path",
    );

    let methods = ["GET", "PUT", "DELETE"].map(|method| (method, AUTH, JSON, ""));
    check_refused(
        &methods,
        405,
        "METHOD_NOT_ALLOWED",
        "this path takes another method",
    );

    let types = ["", "text/plain"].map(|content_type| ("POST", AUTH, content_type, "{}"));
    let message = "the content type must be application/json";
    check_refused(&types, 415, "UNSUPPORTED_MEDIA_TYPE", message);

    let large = format!(r#"{{"email":"{}"}}"#, "x".repeat(1024 * 1024));
    let message = "a body has at most 1 MiB";
    check_refused(
        &[("POST", AUTH, JSON, &large)],
        413,
        "PAYLOAD_TOO_LARGE",
        message,
    );
}

#[test]
fn velocity_declines_from_the_threshold_on_and_is_shared_by_all_threads() {
    let config = StandInConfig {
        threads: 3,
        ..StandInConfig::demo().unwrap()
    };
    let stand_in = StandIn::start(config).unwrap();
    let request = r#"{"device_id":"d-1","amount":0.99,"currency":"USD","card_present":false}"#;
    let declined: Vec<bool> = (0..6)
        .map(|_| {
            Client::new(&stand_in)
                .post(AUTH, request)
                .unwrap()
                .body
                .contains("DECLINE")
        })
        .collect();
    assert_eq!(declined, [false, false, true, true, true, true]);
    let seen = stand_in.stop().unwrap();
    assert_eq!((seen.connections, seen.approved, seen.declined), (6, 2, 4));
}
