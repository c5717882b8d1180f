//! Rulesets: one for each scope, made of versions of rules, and put in force.

use serde_json::{Value, json};

use super::people::two_people;
use super::{Client, RULES, UNKNOWN, book, book_with, get, post, rule, text};
use crate::stand_in::RateLimits;

const RULESETS: &str = "/api/v1/rulesets";

fn ruleset(country: &str) -> Value {
    json!({"environment": "test", "region": "APAC", "country": country, "rule_type": "AUTH"})
}

fn with(member: &str, value: Value) -> Value {
    let mut ruleset = ruleset("IN");
    ruleset[member] = value;
    ruleset
}

fn id_of_some_version(client: &mut Client) -> Value {
    let (_, created) = post(client, RULES, &rule("AUTH"));
    let versions = format!("{RULES}/{}/versions", text(&created["rule_id"]));
    get(client, &versions).1[0]["rule_version_id"].clone()
}

#[test]
fn a_scope_has_one_ruleset() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let (status, created) = post(&mut client, RULESETS, &with("name", json!("n")));
    assert_eq!(status, 201, "{created}");
    for (member, value) in [
        ("environment", json!("test")),
        ("region", json!("APAC")),
        ("country", json!("IN")),
        ("rule_type", json!("AUTH")),
        ("name", json!("n")),
        ("description", json!(null)),
        ("created_by", json!("local-dev-user")),
    ] {
        assert_eq!(created[member], value, "{member}");
    }
    let path = format!("{RULESETS}/{}", text(&created["ruleset_id"]));
    assert_eq!(get(&mut client, &path), (200, created.clone()));

    let (status, taken) = post(&mut client, RULESETS, &with("name", json!("another")));
    assert_eq!((status, &taken["error"]), (409, &json!("ConflictError")));
    let existing = json!({"existing_ruleset_id": created["ruleset_id"]});
    assert_eq!(taken["details"], existing);
    for (member, value) in [
        ("environment", "prod"),
        ("region", "EMEA"),
        ("country", "US"),
        ("rule_type", "MONITORING"),
    ] {
        let other = with(member, json!(value));
        assert_eq!(post(&mut client, RULESETS, &other).0, 201, "{other}");
    }
}

#[test]
fn rulesets_without_a_scope_do_not_fit_and_unknown_ones_are_not_found() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for member in ["environment", "region", "country", "rule_type"] {
        for value in [json!(null), json!(""), json!(7)] {
            let (status, answer) = post(&mut client, RULESETS, &with(member, value));
            let place = json!(["body", member]);
            assert_eq!((status, &answer["detail"][0]["loc"]), (422, &place));
        }
    }
    for (id, expected) in [(UNKNOWN, 404), ("7", 500)] {
        for path in [
            format!("{RULESETS}/{id}"),
            format!("{RULESETS}/{id}/versions"),
            format!("/api/v1/ruleset-versions/{id}"),
        ] {
            assert_eq!(get(&mut client, &path).0, expected, "{path}");
        }
        let activate = format!("/api/v1/ruleset-versions/{id}/activate");
        assert_eq!(post(&mut client, &activate, &json!({})).0, expected);
    }
}

#[test]
fn rulesets_are_listed_by_where_they_hold() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for country in ["IN", "US", "DE"] {
        for rule_type in ["AUTH", "MONITORING"] {
            let mut ruleset = ruleset(country);
            ruleset["rule_type"] = json!(rule_type);
            assert_eq!(post(&mut client, RULESETS, &ruleset).0, 201);
        }
    }
    let listed = |client: &mut Client, query: &str| {
        let (status, page) = get(client, &format!("{RULESETS}?{query}"));
        assert_eq!(status, 200, "{query}");
        page
    };
    for (query, expected) in [
        ("", &["DE", "DE", "US", "US", "IN", "IN"][..]),
        ("rule_type=AUTH", &["DE", "US", "IN"]),
        ("country=US", &["US", "US"]),
        ("country=US&rule_type=AUTH&region=APAC", &["US"]),
        ("environment=prod", &[]),
        ("region=EMEA", &[]),
    ] {
        let page = listed(&mut client, query);
        let items = page["items"].as_array().unwrap().iter();
        let found: Vec<&str> = items.map(|item| text(&item["country"])).collect();
        assert_eq!(found, expected, "{query}");
    }
    let first = listed(&mut client, "limit=2&rule_type=AUTH");
    let cursor = text(&first["next_cursor"]);
    let last = listed(
        &mut client,
        &format!("limit=2&rule_type=AUTH&cursor={cursor}"),
    );
    assert_eq!(last["items"][0]["country"], "IN");
    assert_eq!(
        (&last["has_next"], &last["has_prev"]),
        (&json!(false), &json!(true))
    );
    let cursor = text(&last["prev_cursor"]);
    let back = format!("limit=2&rule_type=AUTH&direction=prev&cursor={cursor}");
    assert_eq!(listed(&mut client, &back), first);
    assert_eq!(
        get(&mut client, &format!("{RULESETS}?rule_type=PREAUTH")).0,
        422
    );
}

#[test]
fn a_version_holds_some_versions_of_rules_but_not_too_many() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let (_, created) = post(&mut client, RULESETS, &ruleset("IN"));
    let versions = format!("{RULESETS}/{}/versions", text(&created["ruleset_id"]));
    let member = id_of_some_version(&mut client);
    let (status, version) = post(
        &mut client,
        &versions,
        &json!({"rule_version_ids": [member]}),
    );
    assert_eq!(status, 201, "{version}");
    assert_eq!(version["ruleset_id"], created["ruleset_id"]);
    assert_eq!(
        (&version["version"], &version["status"]),
        (&json!(1), &json!("DRAFT"))
    );
    assert_eq!(version["rule_versions"][0]["rule_version_id"], member);
    assert_eq!(version["rule_versions"][0]["action"], "DECLINE");
    let path = format!(
        "/api/v1/ruleset-versions/{}",
        text(&version["ruleset_version_id"])
    );
    assert_eq!(get(&mut client, &path), (200, version.clone()));

    for (members, expected) in [
        (json!([]), 422),
        (json!(vec![member.clone(); 100]), 201),
        (json!(vec![member.clone(); 101]), 422),
        (json!([member, "7"]), 422),
        (json!(member), 422),
        (json!(null), 422),
        (json!([member, UNKNOWN]), 404),
    ] {
        let body = json!({"rule_version_ids": members});
        let (status, answer) = post(&mut client, &versions, &body);
        assert_eq!(status, expected, "{members} {answer}");
    }
    let (_, listed) = get(&mut client, &versions);
    let numbers = (&listed[0]["version"], &listed[1]["version"], &listed[2]);
    assert_eq!(numbers, (&json!(2), &json!(1), &json!(null)));
    let unknown = format!("{RULESETS}/{UNKNOWN}/versions");
    let body = json!({"rule_version_ids": [member]});
    assert_eq!(post(&mut client, &unknown, &body).0, 404);
}

#[test]
fn only_an_approved_version_is_activated_and_the_one_before_gives_way() {
    let (_stand_in, mut ada, mut bob) = two_people();
    let (_, created) = ada.post(RULES, &rule("AUTH"));
    let (_, listed) = ada.get(&format!("{RULES}/{}/versions", text(&created["rule_id"])));
    let members = json!({"rule_version_ids": [listed[0]["rule_version_id"]]});
    let (_, created) = ada.post(RULESETS, &ruleset("IN"));
    let versions = format!("{RULESETS}/{}/versions", text(&created["ruleset_id"]));
    for _ in 0..2 {
        let (_, version) = ada.post(&versions, &members);
        let path = format!(
            "/api/v1/ruleset-versions/{}",
            text(&version["ruleset_version_id"])
        );
        let activate = format!("{path}/activate");
        assert_eq!(ada.post(&activate, &json!({})).0, 409, "it is a draft");
        let keyed = json!({"idempotency_key": "k"});
        let (_, submitted) = ada.post(&format!("{path}/submit"), &keyed);
        assert_eq!(submitted["status"], "PENDING_APPROVAL");
        assert_eq!(
            ada.post(&format!("{path}/submit"), &keyed),
            (200, submitted)
        );
        let approve = format!("{path}/approve");
        let (status, refused) = ada.post(&approve, &json!({}));
        let expected = json!("MakerCheckerViolation");
        assert_eq!((status, &refused["error"]), (409, &expected));
        let (status, approved) = bob.post(&approve, &json!({}));
        assert_eq!((status, &approved["approved_by"]), (200, &json!("bob")));
        assert_eq!(approved["activated_at"], json!(null));
        let (status, active) = ada.post(&activate, &json!({}));
        assert_eq!((status, &active["status"]), (200, &json!("ACTIVE")));
        assert!(active["activated_at"].is_string(), "{active}");
        assert_eq!(ada.post(&activate, &json!({})).0, 409, "it is active");
    }
    for (query, count) in [("ACTIVE", 1), ("SUPERSEDED", 1), ("DRAFT", 0)] {
        let (_, listed) = ada.get(&format!("{versions}?status={query}"));
        assert_eq!(listed.as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(ada.get(&format!("{versions}?status=NEW")).0, 422);
    let (_, approvals) = ada.get("/api/v1/approvals?entity_type=RULESET_VERSION");
    let item = &approvals["items"][0];
    let owners = (&item["ruleset_id"], &item["rule_id"]);
    assert_eq!(owners, (&created["ruleset_id"], &json!(null)));
}

#[test]
fn rulesets_have_limits_of_their_own() {
    let stand_in = book_with(RateLimits::On);
    let mut client = Client::new(&stand_in);
    for number in 0..30 {
        assert_eq!(
            post(&mut client, RULESETS, &ruleset(&number.to_string())).0,
            201
        );
    }
    let (status, answer) = post(&mut client, RULESETS, &ruleset("IN"));
    assert_eq!((status, &answer["limit"]), (429, &json!(30)));
    for _ in 0..200 {
        assert_eq!(get(&mut client, RULESETS).0, 200);
    }
    let (status, answer) = get(&mut client, RULESETS);
    assert_eq!((status, &answer["limit"]), (429, &json!(200)));
}

#[test]
fn nothing_is_compiled_logged_or_registered() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for path in [
        "/api/v1/audit-log",
        "/api/v1/rule-fields",
        "/api/v1/field-registry",
        "/api/v1/test-token",
    ] {
        assert_eq!(get(&mut client, path).0, 404, "{path}");
    }
    let compile = format!("/api/v1/ruleset-versions/{UNKNOWN}/compile");
    let (status, answer) = post(&mut client, &compile, &json!({}));
    assert_eq!((status, answer), (404, json!({"detail": "Not Found"})));
}
