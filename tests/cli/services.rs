//! What is told about services.

use std::fs;

use tapdeck_services::TOKEN_FIELD;

use crate::command::run;

#[test]
fn built_in_services_are_listed_and_shown() {
    let listed = run(["services"]).good();
    assert_eq!(listed, run(["services", "list"]).good());
    for line in listed.lines() {
        let name = line.split_whitespace().next().unwrap();
        let shown = run(["services", "show", name]).good();
        for expected in ["target", "promises", "check          status: "] {
            assert!(shown.contains(expected), "{name} lacks {expected}: {shown}");
        }
    }
    let shown = run(["services", "show", "rule-engine"]).good();
    assert!(shown.contains("auth: POST /v1/evaluate/auth"), "{shown}");
    assert!(
        shown.contains("when sent      fire.id fire.sent_at"),
        "{shown}"
    );
    assert!(shown.contains("decision at    /decision"), "{shown}");
    assert!(
        shown.contains("authorization events, 70.00 % of all requests"),
        "{shown}"
    );
}

#[test]
fn sessions_are_shown_step_by_step() {
    let shown = run(["services", "show", "approvals"]).good();
    for expected in [
        "session approval: 5 steps, 33.33 % of all arrivals",
        "approval/approve: POST /api/v1/cab/${captured.item}/approve/",
        "pause before   uniform:1s..3s",
        "taken          in a user's first session only",
        "taken          for every item of planes, at most 5",
        "header         X-CSRFToken: ${captured.csrf}",
        "captures       csrf: cookie csrftoken",
        "captures       item: what stands at /id",
        "captures       planes: the list at /connectors/*/type; elsewhere the first item",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let text = run(["services", "check", "approvals"]).good();
    let expected = "approvals is good: service approvals with 5 sessions of 18 steps";
    assert_eq!(text.trim_end(), expected);
}

#[test]
fn placeholders_are_explained() {
    let text = run(["services", "placeholders"]).good();
    let world = tapdeck_services::WORLD_FIELDS.iter();
    let drawn = tapdeck_services::DRAWS.iter();
    let rows = world
        .map(|info| (info.name, info.help))
        .chain(drawn.map(|info| (info.usage, info.help)));
    for (name, help) in rows.chain(
        tapdeck_services::FIRE_FIELDS
            .iter()
            .map(|info| (info.name, info.help))
            .chain([(TOKEN_FIELD.name, TOKEN_FIELD.help)]),
    ) {
        assert!(
            text.contains(&format!("${{{name}}}")) && text.contains(help),
            "{name}: {text}"
        );
    }
}

#[test]
fn a_definition_is_checked_with_the_place_of_its_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let source = tapdeck_services::registry::BUILTIN[0].source;
    fs::write(&path, source).unwrap();
    let text = run(["services", "check", path.to_str().unwrap()]).good();
    assert!(
        text.contains("is good: service rule-engine with 2 endpoints"),
        "{text}"
    );

    fs::write(&path, source.replace("weight = 70", "wieght = 70")).unwrap();
    let outcome = run(["services", "check", path.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2));
    let line = source
        .lines()
        .position(|line| line == "weight = 70")
        .unwrap()
        + 1;
    assert!(
        outcome.stderr.contains(&format!("mine.toml:{line}:1: ")),
        "{outcome:?}"
    );
    assert!(outcome.stderr.contains("weight"), "{outcome:?}");
}
