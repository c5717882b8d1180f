//! What every built-in service must have, and what the rule engine's requests look like on the wire.

use std::collections::BTreeSet;

use serde_json::Value;
use tapdeck_services::registry::{self, BUILTIN};
use tapdeck_services::{
    CheckRule, Encoding, FireField, Method, Presence, Segment, ServiceDefinition, Template,
    ValueKind, WorldEvent, slo,
};

#[test]
fn names_are_unique_and_definitions_are_complete() {
    let names: BTreeSet<_> = BUILTIN.iter().map(|builtin| builtin.name).collect();
    assert_eq!(names.len(), BUILTIN.len());
    for service in services() {
        let name = &service.name;
        assert!(!service.target.base_url_env.is_empty(), "{name}");
        assert!(service.target.health_path.is_some(), "{name}");
        assert!(!service.slos.is_empty(), "{name} is judged by nothing");
        for endpoint in &service.endpoints {
            let name = &endpoint.name;
            let captures = endpoint.step.as_ref().map(|step| step.captures.len());
            assert!(
                !endpoint.checks.is_empty() || captures > Some(0),
                "{name} trusts the status alone"
            );
        }
    }
}

#[test]
fn bodies_are_json_with_and_without_optional_values() {
    for service in services() {
        let bodies = service
            .endpoints
            .iter()
            .filter_map(|endpoint| endpoint.body.as_ref());
        for body in bodies {
            for optional in [Optional::Present, Optional::Absent] {
                let filled = fill(body, optional);
                let parsed = serde_json::from_str::<Value>(&filled);
                assert!(parsed.is_ok_and(|body| body.is_object()), "{filled}");
            }
        }
    }
}

#[test]
fn the_rule_engine_has_both_evaluation_paths() {
    let service = rule_engine();
    assert_eq!(service.target.base_url, "http://localhost:8081");
    assert_eq!(
        Ok(service.slos),
        slo::parse_list("errors<=1%").map_err(|error| error.to_string())
    );
    let rows = [
        ("auth", "/v1/evaluate/auth", WorldEvent::Authorization, 70),
        (
            "monitoring",
            "/v1/evaluate/monitoring",
            WorldEvent::Monitoring,
            30,
        ),
    ];
    assert_eq!(service.endpoints.len(), rows.len());
    for (endpoint, (name, path, event, weight)) in service.endpoints.iter().zip(rows) {
        assert_eq!(endpoint.name, name);
        assert_eq!(endpoint.method, Method::Post);
        assert_eq!(fill(&endpoint.path, Optional::Present), path);
        assert_eq!((endpoint.event, endpoint.weight), (event, weight));
        assert_eq!(endpoint.statuses, [200]);
        let headers = endpoint.headers.iter();
        let headers: Vec<_> = headers
            .map(|header| (&*header.name, header.literal()))
            .collect();
        let json = ("content-type", Some("application/json"));
        assert_eq!(headers, [json, ("authorization", None)]);
    }
}

#[test]
fn an_authorization_has_every_field_in_its_type() {
    let expected = concat!(
        r#"{"transaction_id":"t0123456789abcdef-0C5R9TKW","card_hash":"tok_7zq4m0c2v9hx5d1ftrw8ks3j","#,
        r#""amount":42.50,"currency":"USD","merchant_id":"M00000042","merchant_name":"Velmora Grocers","#,
        r#""merchant_category":"GROCERY","merchant_category_code":"5411","card_present":true,"#,
        r#""transaction_type":"PURCHASE","entry_mode":"CONTACTLESS","country_code":"US","#,
        r#""ip_address":"198.18.7.42","device_id":"dev_5k2n8q0x","email":"q7f3@mail.example","#,
        r#""phone":"+12125550142","timestamp":"2026-01-02T03:04:05.678Z","#,
        r#""occurred_at":"2026-01-02T03:04:05.678Z","card_network":"VISA","card_bin":"411111","#,
        r#""card_logo":"VISA"}"#,
    );
    assert_eq!(body("auth", Optional::Present), expected);

    let at_a_terminal = body("auth", Optional::Absent);
    let expected = expected
        .replace("\"198.18.7.42\"", "null")
        .replace("\"dev_5k2n8q0x\"", "null");
    assert_eq!(at_a_terminal, expected);
}

#[test]
fn monitoring_adds_the_decision_and_nothing_else() {
    let auth = body("auth", Optional::Present);
    let expected = auth.replace('}', r#","decision":"APPROVE"}"#);
    assert_eq!(body("monitoring", Optional::Present), expected);
}

#[test]
fn an_answer_of_the_rule_engine_is_not_believed_on_its_status() {
    for endpoint in rule_engine().endpoints {
        let rules: Vec<_> = endpoint
            .checks
            .iter()
            .map(|check| format!("{} {}", check.name, demand(&check.rule)))
            .collect();
        let expected = [
            "echoed-id /transaction_id repeats the id",
            "engine-mode /engine_mode is \"NORMAL\"",
            "load-shed without X-Load-Shed",
        ];
        assert_eq!(rules, expected);
        assert!(endpoint.body.is_some_and(|body| body.stamps(FireField::Id)));

        let decision = endpoint
            .decision
            .map(|rule| (rule.pointer.to_string(), rule.approve));
        // Monitoring only repeats what the issuer decided.
        let is_judged = endpoint.event == WorldEvent::Authorization;
        let approve = ["APPROVE", "APPROVED", "ALLOW"].map(str::to_owned).to_vec();
        assert_eq!(
            decision,
            is_judged.then(|| ("/decision".to_owned(), approve))
        );
    }
}

#[test]
fn the_approvals_back_end_works_in_sessions() {
    let service = builtin("approvals");
    let sessions = service.sessions.iter().map(|session| {
        let steps = &service.endpoints[session.steps.clone()];
        let names = steps.iter().map(|step| step.name.as_str());
        (session.weight, names.collect::<Vec<_>>().join(" "))
    });
    let expected = [
        (
            3,
            "deployment/login deployment/create deployment/list deployment/detail",
        ),
        (
            3,
            "approval/login approval/submit approval/pending approval/approve approval/approve-again",
        ),
        (1, "rejection/login rejection/submit rejection/reject"),
        (
            2,
            "publishing/login publishing/connectors publishing/deploy publishing/health",
        ),
        (0, "burst/login burst/create"),
    ];
    let expected = expected.map(|(weight, steps)| (weight, steps.to_owned()));
    assert_eq!(sessions.collect::<Vec<_>>(), expected);
    for endpoint in &service.endpoints {
        let name = &endpoint.name;
        let header = endpoint.headers.iter().find(|it| it.name == "X-CSRFToken");
        let is_guarded = endpoint.method == Method::Post && !name.ends_with("/login");
        assert_eq!(header.is_some(), is_guarded, "{name}");
        let once = endpoint.step.as_ref().map(|step| step.once);
        assert_eq!(once, Some(name.ends_with("/login")), "{name}");
    }
}

fn services() -> impl Iterator<Item = ServiceDefinition> {
    BUILTIN
        .iter()
        .map(|builtin| match registry::find(builtin.name) {
            Ok(service) => service,
            Err(error) => panic!("{error}"),
        })
}

fn builtin(name: &str) -> ServiceDefinition {
    match registry::find(name) {
        Ok(service) => service,
        Err(error) => panic!("{error}"),
    }
}

fn rule_engine() -> ServiceDefinition {
    builtin("rule-engine")
}

/// Words what a check asks for.
fn demand(rule: &CheckRule) -> String {
    match rule {
        CheckRule::EchoesId { pointer } => format!("{pointer} repeats the id"),
        CheckRule::EchoesParameter { pointer, parameter } => {
            format!("{pointer} repeats {parameter}")
        }
        CheckRule::Equals { pointer, value } => format!("{pointer} is {value}"),
        CheckRule::EqualsCaptured { pointer, variable } => {
            format!("{pointer} is variable {variable}")
        }
        CheckRule::Present { pointer } => format!("{pointer} is there"),
        CheckRule::HeaderAbsent { header } => format!("without {header}"),
    }
}

/// Words what is sent how often, with the demands on its answers.
fn plan(service: &ServiceDefinition) -> Vec<String> {
    let line = |endpoint: &tapdeck_services::Endpoint| {
        let weight = match &endpoint.step {
            None => endpoint.weight,
            Some(step) => service.sessions[step.session].weight,
        };
        let checks = endpoint.checks.iter().map(|check| demand(&check.rule));
        let checks: Vec<_> = checks.collect();
        format!("{weight} {}: {}", endpoint.name, checks.join(", "))
    };
    service.endpoints.iter().map(line).collect()
}

#[test]
fn transaction_management_records_lists_and_reads_back() {
    let service = builtin("trans-mgmt");
    assert_eq!(service.name, "transaction-management");
    let recorded = "/status is \"accepted\", /transaction_id repeats the id";
    let expected = [
        format!("20 ingest: {recorded}"),
        "40 list: /items is there, /page_size repeats page_size".to_owned(),
        format!("20 read-back/ingest: {recorded}"),
        "20 read-back/detail: /transaction_id is variable 0, /ingestion_source is \"HTTP\""
            .to_owned(),
    ];
    assert_eq!(plan(&service), expected);
    let [ingest, _, again, _] = &service.endpoints[..] else {
        panic!("there are four kinds of request");
    };
    let body = ingest.body.as_ref();
    assert_eq!(body, again.body.as_ref(), "both record alike");
    assert!(body.is_some_and(|body| body.stamps(FireField::Uuid)));
    assert_eq!(
        body.map(|body| fill(body, Optional::Absent)).as_deref(),
        Some(concat!(
            r#"{"event_version":"1.0","transaction_id":"3f0c9a51-7be2-8d44-a1c6-5e2b80f7d913","#,
            r#""evaluation_type":"redis","occurred_at":"2026-01-02T03:04:05.678Z","#,
            r#""produced_at":"2026-01-02T03:04:05.678Z","decision":"APPROVE","#,
            r#""decision_reason":"DEFAULT_ALLOW","risk_level":"redis","transaction":{"#,
            r#""card_id":"tok_7zq4m0c2v9hx5d1ftrw8ks3j","card_network":"VISA","amount":42.50,"#,
            r#""currency":"USD","country":"US","merchant_id":"M00000042","mcc":"5411","#,
            r#""ip_address":null},"transaction_context":{"device_id":null,"#,
            r#""entry_mode":"CONTACTLESS","card_present":true}}"#,
        ))
    );
}

#[test]
fn rule_management_lists_reads_creates_and_revises() {
    let service = builtin("rule-mgmt");
    assert_eq!(service.name, "rule-management");
    let expected = [
        "20 list: /items is there, /limit repeats limit",
        "30 browse/list: /items is there, /limit is 50",
        "30 browse/get: /rule_id is variable 0",
        "10 author/create: /rule_name repeats the id, /current_version is 1",
        "10 author/version: /rule_id is variable 0, /version is 2",
    ];
    assert_eq!(plan(&service), expected);
}

#[test]
fn no_two_services_answer_to_one_name() {
    let mut seen = BTreeSet::new();
    for service in services() {
        for name in service.aliases.iter().chain([&service.name]) {
            assert!(seen.insert(name.clone()), "{name}");
            assert_eq!(builtin(name).name, service.name);
        }
    }
}

fn body(endpoint: &str, optional: Optional) -> String {
    let endpoints = rule_engine().endpoints;
    let found = endpoints.iter().find(|found| found.name == endpoint);
    match found.and_then(|endpoint| endpoint.body.as_ref()) {
        Some(body) => fill(body, optional),
        None => panic!("there is no body at {endpoint}"),
    }
}

/// Whether values that may be absent are there.
#[derive(Clone, Copy, PartialEq)]
enum Optional {
    Present,
    Absent,
}

/// Fills a template with the registry's examples, which need no escaping.
fn fill(template: &Template, optional: Optional) -> String {
    let fill = |segment: &Segment| match segment {
        Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Segment::Fire { field } => field.info().example.to_owned(),
        Segment::Drawn { draw, encoding } => match (encoding, draw.info().kind) {
            (Encoding::JsonValue, ValueKind::Text) => format!("\"{}\"", draw.info().example),
            _ => draw.info().example.to_owned(),
        },
        Segment::Captured { encoding, .. } => match encoding {
            Encoding::JsonValue => "7".to_owned(),
            _ => "c0ffee".to_owned(),
        },
        Segment::World { field, encoding } => {
            let info = field.info();
            let is_absent = optional == Optional::Absent && info.presence == Presence::Optional;
            match (encoding, info.kind) {
                (Encoding::JsonValue, _) if is_absent => "null".to_owned(),
                (Encoding::JsonValue, ValueKind::Text) => format!("\"{}\"", info.example),
                _ => info.example.to_owned(),
            }
        }
    };
    template.segments().iter().map(fill).collect()
}
