//! Answers, good and bad, and what is made of them.

use tapdeck_corpora::{NewSlot, Record, SLOT_ID, SlotPart};

use super::*;
use crate::replay::fixture::{PLACE, STAMPS, lane_tape};
use crate::replay::payload::record_at;

/// Bit of the status, and of the built-in authorization's checks in the order of its definition.
const STATUS: u32 = 1;
const ECHOED_ID: u32 = 2;
const ENGINE_MODE: u32 = 4;
const LOAD_SHED: u32 = 8;

fn judgment(status: u16, headers: &[&'static str], answer: &str) -> Judgment {
    let service = tapdeck_services::registry::find("rule-engine").unwrap();
    let judge = Judge::compile(&service.endpoints[0]).unwrap();
    let slot = NewSlot {
        part: SlotPart::Body,
        kind: SLOT_ID,
        offset: 7,
        width: 26,
    };
    let tape = lane_tape(br#"{"id":"t0123456789abcdef-00000000"}"#, &[slot]);
    let record = record_at(&tape, PLACE).unwrap();
    let mut map = HeaderMap::new();
    for name in headers {
        map.insert(*name, http::HeaderValue::from_static("true"));
    }
    let head = judge.head(status, &map);
    judge.body(head, answer.as_bytes(), &sent(&record), |_| None)
}

fn sent<'a>(record: &'a Record<'a>) -> Sent<'a> {
    let stamps = &STAMPS;
    Sent { record, stamps }
}

#[test]
fn values_are_compared_with_what_was_captured() {
    let judge = compiled(r#"equals = { pointer = "/a", captured = "id" }"#);
    let tape = lane_tape(b"", &[]);
    let record = record_at(&tape, PLACE).unwrap();
    for (captured, answer, expected) in [
        (Some("x"), r#"{"a":"x"}"#, true),
        (Some("x"), r#"{"a":"xy"}"#, false),
        (Some("7"), r#"{"a":7}"#, true),
        (Some("7"), r#"{"a":"7"}"#, true),
        (Some("7"), r#"{"a":7.5}"#, false),
        (Some("seven"), r#"{"a":7}"#, false),
        (Some("true"), r#"{"a":true}"#, true),
        (Some("true"), r#"{"a":false}"#, false),
        (Some(""), r#"{"a":null}"#, false),
        (Some(""), "{}", false),
        (None, r#"{"a":"x"}"#, false),
    ] {
        let judged = judge.body(
            HeadJudgment::default(),
            answer.as_bytes(),
            &sent(&record),
            |variable| captured.filter(|_| variable == 0),
        );
        assert_eq!(judged.is_good(), expected, "{captured:?} {answer}");
    }
}

#[test]
fn expected_values_are_compared_by_value_within_their_type() {
    let tape = lane_tape(b"", &[]);
    let record = record_at(&tape, PLACE).unwrap();
    for (expected, answer, passes) in [
        ("9007199254740993", "9007199254740993", true),
        ("9007199254740993", "9007199254740992", false),
        ("42.5", "4250e-2", true),
        ("0.1", "0.1000000000000000001", false),
        ("12345678901234567890123", "12345678901234567890123", true),
        ("12345678901234567890123", "12345678901234567890124", false),
        ("0x10", "16", true),
        ("+1_000.0", "1000", true),
        ("7", "\"7\"", false),
        ("\"7\"", "\"7\"", true),
        ("\"7\"", "7", false),
        ("true", "true", true),
        ("true", "\"true\"", false),
    ] {
        let judge = compiled(&format!(
            r#"equals = {{ pointer = "/a", value = {expected} }}"#
        ));
        let answer = format!("{{\"a\": {answer} }}");
        let head = HeadJudgment::default();
        let judged = judge.body(head, answer.as_bytes(), &sent(&record), |_| None);
        assert_eq!(judged.is_good(), passes, "{expected} {answer}");
    }
}

#[test]
fn a_decision_may_be_a_number_or_a_boolean() {
    let rule = DecisionRule {
        pointer: tapdeck_services::JsonPointer::parse("/d").unwrap(),
        approve: vec!["true".into(), "1".into()],
        decline: vec!["false".into(), "-1".into()],
        review: vec!["0".into()],
    };
    for (found, expected) in [
        (Found::Boolean(true), Some(Decision::Approve)),
        (Found::Boolean(false), Some(Decision::Decline)),
        (Found::Number("1.0"), Some(Decision::Approve)),
        (Found::Number("-1"), Some(Decision::Decline)),
        (Found::Number("0e3"), Some(Decision::Review)),
        (Found::Number("2"), None),
        (Found::Text("1.0".into()), None),
        (Found::Null, None),
    ] {
        assert_eq!(decision_named(&rule, &found), expected, "{found:?}");
    }
}

#[test]
fn something_must_be_there_and_null_is_nothing() {
    let judge = compiled(r#"present = "/a""#);
    let tape = lane_tape(b"", &[]);
    let record = record_at(&tape, PLACE).unwrap();
    for (answer, expected) in [
        (r#"{"a":[]}"#, true),
        (r#"{"a":{}}"#, true),
        (r#"{"a":0}"#, true),
        (r#"{"a":null}"#, false),
        (r#"{"b":1}"#, false),
        ("", false),
    ] {
        let head = HeadJudgment::default();
        let judged = judge.body(head, answer.as_bytes(), &sent(&record), |_| None);
        assert_eq!(judged.is_good(), expected, "{answer}");
    }
}

/// Compiles the judge of a step with one check.
fn compiled(check: &str) -> Judge {
    let source = format!(
        r#"
        name = "s"
        title = "S"
        [target]
        base_url = "http://localhost:1"
        [[sessions]]
        name = "visit"
        [[sessions.steps]]
        name = "first"
        method = "GET"
        path = "/"
        captures = {{ id = {{ pointer = "/id" }} }}
        [[sessions.steps]]
        name = "second"
        method = "GET"
        path = "/"
        checks = [{{ name = "c", {check} }}]
        "#
    );
    let service = tapdeck_services::ServiceDefinition::parse(&source, "s.toml").unwrap();
    Judge::compile(&service.endpoints[1]).unwrap()
}

#[test]
fn only_an_answer_that_passes_everything_is_good() {
    let id = "t0123456789abcdef-SALTSALT";
    let answer = |id: &str, mode: &str| {
        format!(
            r#"{{"transaction_id":"{id}","decision":"DECLINE","engine_mode":"{mode}","engine_error_code":null}}"#
        )
    };
    let good = answer(id, "NORMAL");
    let stale = answer("t0123456789abcdef-00000000", "NORMAL");
    let rows: [(u16, &[&'static str], &str, u32); 8] = [
        (200, &[], &good, 0),
        (200, &["x-other"], &good, 0),
        (500, &[], &good, STATUS),
        (200, &["x-load-shed"], &good, LOAD_SHED),
        (200, &[], &answer(id, "FAIL_OPEN"), ENGINE_MODE),
        (200, &[], &stale, ECHOED_ID),
        (200, &[], "<html>not found</html>", ECHOED_ID | ENGINE_MODE),
        (404, &[], "", STATUS | ECHOED_ID | ENGINE_MODE),
    ];
    for (status, headers, body, failed) in rows {
        let judged = judgment(status, headers, body);
        assert_eq!(judged.failed_checks, failed, "{status} {body}");
        assert_eq!(judged.is_good(), failed == 0);
    }
}

#[test]
fn decisions_are_read_as_the_definition_names_them() {
    for (word, decision) in [
        ("APPROVE", Some(Decision::Approve)),
        ("DECLINE", Some(Decision::Decline)),
        ("REVIEW", Some(Decision::Review)),
        ("MAYBE", None),
    ] {
        let answer = format!(r#"{{"decision":"{word}"}}"#);
        assert_eq!(judgment(200, &[], &answer).decision, decision, "{word}");
    }
}

#[test]
fn a_definition_that_looks_everywhere_is_refused() {
    let mut service = tapdeck_services::registry::find("rule-engine").unwrap();
    let endpoint = &mut service.endpoints[0];
    endpoint.checks = (0..=MOST_PICKS)
        .map(|idx| tapdeck_services::Check {
            name: format!("check-{idx}"),
            rule: CheckRule::Equals {
                pointer: tapdeck_services::JsonPointer::parse(&format!("/field{idx}")).unwrap(),
                value: Scalar::Boolean(true),
            },
        })
        .collect();
    assert!(
        Judge::compile(endpoint)
            .unwrap_err()
            .contains("more than 8 places")
    );
}
