//! What does not fit, and what only a database would notice.

use serde_json::{Value, json};

use super::{ID, INGEST, LIST, desk, event, get, post, with};
use crate::stand_in::loopback::Client;

#[test]
fn what_does_not_fit_is_told_member_by_member() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    let missing = |name: &str| {
        let mut event = event(ID, 5);
        event.as_object_mut().unwrap().remove(name);
        event
    };
    for (event, kind, place) in [
        (
            with(event(ID, 5), "/transaction/card_network", json!("RUPAY")),
            "enum",
            json!(["body", "transaction", "card_network"]),
        ),
        (
            with(event(ID, 5), "/decision", json!("REVIEW")),
            "enum",
            json!(["body", "decision"]),
        ),
        (
            with(event(ID, 5), "/transaction/amount", json!(0)),
            "greater_than",
            json!(["body", "transaction", "amount"]),
        ),
        (
            with(event(ID, 5), "/transaction/amount", json!("x")),
            "float_parsing",
            json!(["body", "transaction", "amount"]),
        ),
        (
            with(event(ID, 5), "/transaction/currency", json!("US")),
            "string_too_short",
            json!(["body", "transaction", "currency"]),
        ),
        (
            with(event(ID, 5), "/transaction/card_id", json!("4111")),
            "value_error",
            json!(["body", "transaction", "card_id"]),
        ),
        (
            with(event(ID, 5), "/occurred_at", json!("then")),
            "datetime_from_date_parsing",
            json!(["body", "occurred_at"]),
        ),
        (
            with(event(ID, 5), "/ruleset_id", json!("7")),
            "uuid_parsing",
            json!(["body", "ruleset_id"]),
        ),
        (
            with(event(ID, 5), "/matched_rules", json!([{"rule_name": "r"}])),
            "missing",
            json!(["body", "matched_rules", 0, "rule_id"]),
        ),
        (
            missing("produced_at"),
            "missing",
            json!(["body", "produced_at"]),
        ),
        (
            missing("transaction"),
            "missing",
            json!(["body", "transaction"]),
        ),
        (json!([]), "model_attributes_type", json!(["body"])),
    ] {
        let (status, body) = post(&mut client, &event);
        let detail = &body["detail"][0];
        assert_eq!(
            (status, &detail["type"], &detail["loc"]),
            (422, &json!(kind), &place),
            "{body}"
        );
    }
    let enumerated = post(
        &mut client,
        &with(event(ID, 5), "/decision", json!("REVIEW")),
    )
    .1;
    let expected = json!({"detail": [{
        "type": "enum", "loc": ["body", "decision"], "msg": "Input should be 'APPROVE' or 'DECLINE'",
        "input": "REVIEW", "ctx": {"expected": "'APPROVE' or 'DECLINE'"},
    }]});
    assert_eq!(enumerated, expected);
    let answer = client.post(INGEST, "{").unwrap();
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("json_invalid"), "{}", answer.body);
    client.send("POST", INGEST, "text/plain", "{}").unwrap();
    assert_eq!(client.receive().unwrap().status, 422);
    let (status, page) = get(&mut client, LIST);
    assert_eq!(
        (status, &page["total"]),
        (200, &json!(0)),
        "nothing was recorded"
    );
}

#[test]
fn what_only_the_database_refuses_ends_in_a_failure() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    let rule = |rule: Value| with(event(ID, 5), "/matched_rules", json!([rule]));
    for event in [
        with(
            event(ID, 5),
            "/transaction/card_id",
            json!(format!("tok_{}", "x".repeat(61))),
        ),
        rule(json!({"rule_id": "r7", "rule_name": "r"})),
        rule(json!({"rule_id": ID})),
        rule(json!({"rule_id": ID, "rule_name": "r", "conditions_met": ["a"]})),
    ] {
        let (status, body) = post(&mut client, &event);
        assert_eq!(
            (status, body),
            (500, json!({"detail": "Internal server error"}))
        );
    }
    assert_eq!(
        post(&mut client, &rule(json!({"rule_id": ID, "rule_name": "r"}))).0,
        202
    );
    for query in [
        "decision=REVIEW",
        "review_status=OPEN",
        "risk_level=low",
        "rule_id=7",
        "case_id=x",
    ] {
        let (status, _) = get(&mut client, &format!("{LIST}?{query}"));
        assert_eq!(status, 500, "{query}");
    }
}
