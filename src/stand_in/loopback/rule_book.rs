//! Rule management: what it takes and refuses, its pages and its limits.

mod governance;
mod people;
mod rulesets;

use serde_json::{Value, json};

use super::{Answer, Client};
use crate::stand_in::{Faults, RateLimits, Role, StandIn, StandInConfig};

const RULES: &str = "/api/v1/rules";
const UNKNOWN: &str = "3f0c9a51-7be2-4d44-a1c6-5e2b80f7d913";

fn book() -> StandIn {
    book_with(RateLimits::Off)
}

fn book_with(rate_limits: RateLimits) -> StandIn {
    let config = StandInConfig {
        role: Role::RuleManagement,
        rate_limits,
        ..StandInConfig::default()
    };
    StandIn::start(config).unwrap()
}

fn rule(rule_type: &str) -> Value {
    json!({
        "rule_name": "r", "rule_type": rule_type,
        "condition_tree": {"field": "amount", "op": "GT", "value": 5},
    })
}

fn post(client: &mut Client, path: &str, body: &Value) -> (u16, Value) {
    let answer = client.post(path, &body.to_string()).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn get(client: &mut Client, path: &str) -> (u16, Value) {
    let answer = client.get(path).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn a_rule_is_created_read_and_revised() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let (status, created) = post(&mut client, RULES, &rule("AUTH"));
    assert_eq!(status, 201, "{created}");
    let expected = [
        ("rule_name", json!("r")),
        ("rule_type", json!("AUTH")),
        ("current_version", json!(1)),
        ("version", json!(1)),
        ("status", json!("DRAFT")),
        ("description", json!(null)),
    ];
    for (member, value) in expected {
        assert_eq!(created[member], value, "{member}");
    }
    let path = format!("{RULES}/{}", created["rule_id"].as_str().unwrap());
    assert_eq!(get(&mut client, &path), (200, created.clone()));

    let revision = json!({"condition_tree": {"a": 1}, "expected_rule_version": 1});
    let versions = format!("{path}/versions");
    let (status, version) = post(&mut client, &versions, &revision);
    assert_eq!((status, &version["version"]), (201, &json!(2)));
    assert_eq!(version["rule_id"], created["rule_id"]);
    let inherited = (&version["priority"], &version["action"], &version["scope"]);
    assert_eq!(inherited, (&json!(100), &json!("DECLINE"), &json!({})));
    let version_path = format!(
        "/api/v1/rule-versions/{}",
        version["rule_version_id"].as_str().unwrap()
    );
    assert_eq!(get(&mut client, &version_path), (200, version));

    let (status, conflict) = post(&mut client, &versions, &revision);
    assert_eq!((status, &conflict["error"]), (409, &json!("ConflictError")));
    assert_eq!(conflict["details"], json!({}));
    let (_, listed) = get(&mut client, &versions);
    assert_eq!(
        (&listed[0]["version"], &listed[1]["version"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(get(&mut client, &path).1["current_version"], 2);
    let (status, nothing) = post(&mut client, &format!("{RULES}/simulate"), &json!({}));
    assert_eq!((status, &nothing["match_count"]), (200, &json!(0)));

    let audit = stand_in.audit();
    let written = audit.rule_book.unwrap();
    assert_eq!(
        (
            written.rules_created,
            written.versions_added,
            written.conflicts
        ),
        (1, 1, 1)
    );
    assert_eq!(audit.routes["revise"].statuses, [(201, 1), (409, 1)].into());
    assert_eq!((audit.distinct_ids, audit.repeated_ids), (1, 0));
}

#[test]
fn types_have_their_actions_and_nothing_else_fits() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let with = |member: &str, value: Value| {
        let mut rule = rule("AUTH");
        rule[member] = value;
        rule
    };
    for (body, expected) in [
        (rule("ALLOWLIST"), 201),
        (rule("BLOCKLIST"), 201),
        (rule("MONITORING"), 201),
        (with("action", json!("APPROVE")), 201),
        (with("action", json!("REVIEW")), 422),
        (with("action", json!("ALLOW")), 422),
        (rule("PREAUTH"), 422),
        (with("rule_name", json!(null)), 422),
        (with("rule_name", json!("")), 422),
        (with("condition_tree", json!({})), 422),
        (with("condition_tree", json!([])), 422),
        (with("priority", json!("high")), 422),
        (json!({}), 422),
    ] {
        let (status, answer) = post(&mut client, RULES, &body);
        assert_eq!(status, expected, "{body} {answer}");
        assert_eq!(answer["detail"].is_array(), expected == 422, "{answer}");
    }
    let versions = format!("{RULES}/{UNKNOWN}/versions");
    let (status, answer) = post(&mut client, &versions, &json!({"priority": 1}));
    let place = json!(["body", "condition_tree"]);
    assert_eq!((status, &answer["detail"][0]["loc"]), (422, &place));
}

#[test]
fn ids_are_unknown_or_none_at_all() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    let body = json!({"condition_tree": {"a": 1}});
    for (id, expected, error) in [
        (UNKNOWN, 404, "NotFoundError"),
        ("7", 500, "InternalServerError"),
    ] {
        for path in [
            format!("{RULES}/{id}"),
            format!("{RULES}/{id}/versions"),
            format!("/api/v1/rule-versions/{id}"),
        ] {
            let (status, answer) = get(&mut client, &path);
            assert_eq!(
                (status, &answer["error"]),
                (expected, &json!(error)),
                "{path}"
            );
        }
        let (status, _) = post(&mut client, &format!("{RULES}/{id}/versions"), &body);
        assert_eq!(status, expected);
    }
}

#[test]
fn pages_are_wrapped_and_lead_to_each_other() {
    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for _ in 0..5 {
        post(&mut client, RULES, &rule("AUTH"));
    }
    let (status, first) = get(&mut client, &format!("{RULES}?limit=10&rule_type=AUTH"));
    assert_eq!(status, 200);
    let flags = |page: &Value| {
        (
            page["has_next"].clone(),
            page["has_prev"].clone(),
            page["limit"].clone(),
        )
    };
    assert_eq!(flags(&first), (json!(true), json!(false), json!(10)));
    assert_eq!(first["items"][0]["rule_name"], "r", "the newest come first");
    let page = |client: &mut Client, cursor: &Value, direction: &str| {
        let cursor = cursor.as_str().unwrap();
        get(
            client,
            &format!("{RULES}?limit=10&cursor={cursor}&direction={direction}"),
        )
        .1
    };
    let second = page(&mut client, &first["next_cursor"], "next");
    let third = page(&mut client, &second["next_cursor"], "next");
    assert_eq!(flags(&third), (json!(false), json!(true), json!(10)));
    let count = |page: &Value| page["items"].as_array().unwrap().len();
    assert_eq!((count(&second), count(&third)), (10, 5));
    assert_eq!(page(&mut client, &third["prev_cursor"], "prev"), second);
    for query in ["limit=0", "limit=101", "direction=up"] {
        assert_eq!(
            get(&mut client, &format!("{RULES}?{query}")).0,
            422,
            "{query}"
        );
    }
    assert_eq!(get(&mut client, &format!("{RULES}?cursor=x")).0, 400);
}

#[test]
fn callers_are_limited_by_path_unless_the_limits_are_off() {
    let stand_in = book_with(RateLimits::On);
    let mut client = Client::new(&stand_in);
    for _ in 0..60 {
        assert_eq!(post(&mut client, RULES, &rule("AUTH")).0, 201);
    }
    let Answer { status, head, body } = client.post(RULES, &rule("AUTH").to_string()).unwrap();
    assert_eq!(status, 429);
    let body: Value = serde_json::from_str(&body).unwrap();
    let told = (&body["error"], &body["limit"], &body["window"]);
    assert_eq!(told, (&json!("RateLimitExceeded"), &json!(60), &json!(60)));
    assert!(
        head.contains("x-ratelimit-limit: 60\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: "),
        "{head}"
    );
    for _ in 0..200 {
        assert_eq!(
            get(&mut client, RULES).0,
            200,
            "another method has a limit of its own"
        );
    }
    assert_eq!(get(&mut client, RULES).0, 429);
    assert_eq!(
        get(&mut client, "/api/v1/health"),
        (200, json!({"ok": true}))
    );
    assert_eq!(stand_in.audit().rule_book.unwrap().throttled, 2);

    let stand_in = book();
    let mut client = Client::new(&stand_in);
    for _ in 0..61 {
        assert_eq!(post(&mut client, RULES, &rule("AUTH")).0, 201);
    }
}

#[test]
fn wrong_ids_are_told_for_rules_that_are_there() {
    let config = StandInConfig {
        role: Role::RuleManagement,
        faults: Faults {
            wrong_id: "100%".parse().unwrap(),
            ..Faults::default()
        },
        ..StandInConfig::default()
    };
    let stand_in = StandIn::start(config).unwrap();
    let mut client = Client::new(&stand_in);
    let (_, created) = post(&mut client, RULES, &rule("AUTH"));
    let path = format!("{RULES}/{}", created["rule_id"].as_str().unwrap());
    assert_eq!(get(&mut client, &path).0, 404, "nothing has that id");
}
