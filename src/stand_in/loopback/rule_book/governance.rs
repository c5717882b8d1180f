//! Governance: versions of rules are handed in by one and decided on by another.

use serde_json::{Value, json};

use super::people::two_people;
use super::{Client, RULES, UNKNOWN, book, get, post, rule, text};

const APPROVALS: &str = "/api/v1/approvals";

/// Gives the path of the one version that a rule has.
fn only_version(client: &mut Client, rule: &Value) -> String {
    let versions = format!("{RULES}/{}/versions", text(&rule["rule_id"]));
    let (_, listed) = get(client, &versions);
    format!(
        "/api/v1/rule-versions/{}",
        text(&listed[0]["rule_version_id"])
    )
}

fn written(client: &mut Client) -> String {
    let (_, created) = post(client, RULES, &rule("AUTH"));
    only_version(client, &created)
}

#[test]
fn a_summary_tells_of_the_latest_version() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let (_, created) = post(&mut client, RULES, &rule("AUTH"));
    let path = format!("{RULES}/{}", text(&created["rule_id"]));
    let revision = json!({"condition_tree": {"a": 1}, "priority": 7, "action": "APPROVE"});
    let (_, version) = post(&mut client, &format!("{path}/versions"), &revision);
    let (status, summary) = get(&mut client, &format!("{path}/summary"));
    let expected = json!({
        "rule_id": created["rule_id"], "rule_name": "r", "rule_type": "AUTH", "status": "DRAFT",
        "latest_version": 2, "latest_version_id": version["rule_version_id"],
        "priority": 7, "action": "APPROVE",
    });
    assert_eq!((status, summary), (200, expected));
    for (id, expected) in [(UNKNOWN, 404), ("7", 500)] {
        assert_eq!(
            get(&mut client, &format!("{RULES}/{id}/summary")).0,
            expected
        );
    }
}

#[test]
fn a_version_is_submitted_once_for_every_key() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let version = written(&mut client);
    let submit = format!("{version}/submit");
    let keyed = json!({"idempotency_key": "k1", "remarks": "please"});
    let (status, submitted) = post(&mut client, &submit, &keyed);
    assert_eq!(
        (status, &submitted["status"]),
        (200, &json!("PENDING_APPROVAL"))
    );
    assert_eq!(post(&mut client, &submit, &keyed), (200, submitted.clone()));
    assert_eq!(get(&mut client, &version), (200, submitted.clone()));
    for body in [json!({}), json!({"idempotency_key": "k2"})] {
        let (status, answer) = post(&mut client, &submit, &body);
        assert_eq!((status, &answer["error"]), (409, &json!("ConflictError")));
    }
    let (status, _) = post(&mut client, &submit, &json!({"idempotency_key": 7}));
    assert_eq!(status, 422);
    let rule = format!("{RULES}/{}", text(&submitted["rule_id"]));
    assert_eq!(get(&mut client, &rule).1["status"], "PENDING_APPROVAL");
    assert_eq!(stand_in.audit().rule_book.unwrap().submitted, 1);
}

#[test]
fn without_tokens_everybody_is_the_same_and_nothing_is_ever_decided() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let version = written(&mut client);
    for decision in ["approve", "reject"] {
        let (status, answer) = post(&mut client, &format!("{version}/{decision}"), &json!({}));
        assert_eq!((status, &answer["error"]), (404, &json!("NotFoundError")));
    }
    post(&mut client, &format!("{version}/submit"), &json!({}));
    for decision in ["approve", "reject"] {
        let (status, answer) = post(&mut client, &format!("{version}/{decision}"), &json!({}));
        let expected = json!("MakerCheckerViolation");
        assert_eq!((status, &answer["error"]), (409, &expected));
    }
    let (_, told) = get(&mut client, &version);
    assert_eq!(told["status"], "PENDING_APPROVAL");
    assert_eq!(told["created_by"], "local-dev-user");
    let audit = stand_in.audit().rule_book.unwrap();
    let counted = (audit.approved, audit.rejected, audit.own_decisions_refused);
    assert_eq!(counted, (0, 0, 2));
}

#[test]
fn versions_that_are_not_there_are_neither_submitted_nor_decided_on() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for room in ["rule-versions", "ruleset-versions"] {
        for (id, expected) in [(UNKNOWN, 404), ("7", 500)] {
            for deed in ["submit", "approve", "reject"] {
                let path = format!("/api/v1/{room}/{id}/{deed}");
                assert_eq!(post(&mut client, &path, &json!({})).0, expected, "{path}");
            }
        }
    }
}

#[test]
fn what_one_submits_another_approves_and_the_version_before_gives_way() {
    let (stand_in, mut ada, mut bob) = two_people();
    let (_, created) = ada.post(RULES, &rule("AUTH"));
    assert_eq!(created["created_by"], "ada");
    let rule = format!("{RULES}/{}", text(&created["rule_id"]));
    let versions = format!("{rule}/versions");
    ada.post(&versions, &json!({"condition_tree": {"a": 1}}));
    let (_, listed) = ada.get(&versions);
    for place in [1, 0] {
        let version = format!(
            "/api/v1/rule-versions/{}",
            text(&listed[place]["rule_version_id"])
        );
        assert_eq!(ada.post(&format!("{version}/submit"), &json!({})).0, 200);
        let approve = format!("{version}/approve");
        assert_eq!(ada.post(&approve, &json!({})).0, 409);
        let (status, approved) = bob.post(&approve, &json!({"remarks": "fine"}));
        assert_eq!((status, &approved["status"]), (200, &json!("APPROVED")));
        assert_eq!(approved["approved_by"], "bob");
        assert!(approved["approved_at"].is_string(), "{approved}");
        assert_eq!(
            bob.post(&approve, &json!({})).0,
            404,
            "nothing is pending any more"
        );
        assert_eq!(ada.post(&format!("{version}/submit"), &json!({})).0, 409);
    }
    let (_, listed) = ada.get(&versions);
    let statuses = (&listed[0]["status"], &listed[1]["status"]);
    assert_eq!(statuses, (&json!("APPROVED"), &json!("SUPERSEDED")));
    assert_eq!(ada.get(&rule).1["status"], "APPROVED");
    let audit = stand_in.audit().rule_book.unwrap();
    let counted = (audit.submitted, audit.approved, audit.own_decisions_refused);
    assert_eq!(counted, (2, 2, 2));
}

#[test]
fn what_is_rejected_may_be_submitted_again() {
    let (stand_in, mut ada, mut bob) = two_people();
    let (_, created) = ada.post(RULES, &rule("AUTH"));
    let (_, listed) = ada.get(&format!("{RULES}/{}/versions", text(&created["rule_id"])));
    let version = format!(
        "/api/v1/rule-versions/{}",
        text(&listed[0]["rule_version_id"])
    );
    let submit = format!("{version}/submit");
    ada.post(&submit, &json!({"idempotency_key": "k1"}));
    let (status, rejected) = bob.post(&format!("{version}/reject"), &json!({}));
    assert_eq!((status, &rejected["status"]), (200, &json!("REJECTED")));
    assert_eq!(rejected["approved_by"], json!(null));
    let (status, told) = ada.post(&submit, &json!({"idempotency_key": "k1"}));
    assert_eq!(
        (status, told),
        (200, rejected),
        "the old key submits nothing"
    );
    let (_, again) = bob.post(&submit, &json!({"idempotency_key": "k2"}));
    assert_eq!(again["status"], "PENDING_APPROVAL");
    let (status, _) = ada.post(&format!("{version}/approve"), &json!({}));
    assert_eq!(status, 200, "the maker is who submits, not who writes");
    assert_eq!(stand_in.audit().rule_book.unwrap().rejected, 1);
}

#[test]
fn approvals_tell_who_did_what_page_by_page() {
    let (_stand_in, mut ada, mut bob) = two_people();
    let mut versions = Vec::new();
    for _ in 0..3 {
        let (_, created) = ada.post(RULES, &rule("AUTH"));
        let (_, listed) = ada.get(&format!("{RULES}/{}/versions", text(&created["rule_id"])));
        let version = format!(
            "/api/v1/rule-versions/{}",
            text(&listed[0]["rule_version_id"])
        );
        let body = json!({"remarks": "please", "idempotency_key": "same for all"});
        assert_eq!(ada.post(&format!("{version}/submit"), &body).0, 200);
        versions.push((version, listed[0].clone()));
    }
    bob.post(
        &format!("{}/approve", versions[0].0),
        &json!({"remarks": "fine"}),
    );
    let (status, approved) = ada.get(&format!("{APPROVALS}?status=APPROVED"));
    assert_eq!(status, 200);
    let item = &approved["items"][0];
    let version = &versions[0].1;
    for (member, value) in [
        ("entity_type", json!("RULE_VERSION")),
        ("entity_id", version["rule_version_id"].clone()),
        ("rule_id", version["rule_id"].clone()),
        ("ruleset_id", json!(null)),
        ("action", json!("SUBMIT")),
        ("maker", json!("ada")),
        ("checker", json!("bob")),
        ("status", json!("APPROVED")),
        ("remarks", json!("fine")),
        ("idempotency_key", json!("same for all")),
    ] {
        assert_eq!(item[member], value, "{member}");
    }
    assert!(item["decided_at"].is_string(), "{item}");

    let (_, newest) = ada.get(&format!("{APPROVALS}?limit=1&status=PENDING"));
    assert_eq!(
        newest["items"][0]["entity_id"],
        versions[2].1["rule_version_id"]
    );
    assert_eq!(newest["items"][0]["checker"], json!(null));
    let cursor = text(&newest["next_cursor"]);
    let next = format!("{APPROVALS}?limit=1&status=PENDING&cursor={cursor}");
    let (_, next) = ada.get(&next);
    assert_eq!(
        next["items"][0]["entity_id"],
        versions[1].1["rule_version_id"]
    );
    assert_eq!(next["has_next"], json!(false));
    let (_, none) = ada.get(&format!("{APPROVALS}?entity_type=RULESET_VERSION"));
    assert_eq!(none["items"], json!([]));
    for query in [
        "status=DRAFT",
        "entity_type=RULE",
        "limit=0",
        "direction=up",
    ] {
        assert_eq!(ada.get(&format!("{APPROVALS}?{query}")).0, 422, "{query}");
    }
    assert_eq!(ada.get(&format!("{APPROVALS}?cursor=x")).0, 400);
}
