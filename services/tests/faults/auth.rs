//! Tokens: what is read of them, and every way a definition can be wrong about them.

use serde_json::json;
use tapdeck_services::{Auth, ErrorKind, HeaderPiece, ServiceDefinition};

use crate::check_in;

/// A sound definition; each row of a test breaks it in one place.
const SOUND: &str = r#"name = "guarded"
title = "Guarded engine"
[target]
base_url = "http://localhost:8081"
[auth]
audience = "guarded"
scope = "execute:rules read:metrics"
permissions = ["rule:read", "rule:create"]
claims = { gty = "client-credentials", roles = ["A", "B"], level = 3 }
probe_path = "/metrics"
[[endpoints]]
name = "score"
method = "POST"
path = "/score"
event = "authorization"
headers = { authorization = "Bearer ${fire.token}" }
body = "${card.token}"
"#;

fn parse(source: &str) -> ServiceDefinition {
    match ServiceDefinition::parse(source, "guarded.toml") {
        Ok(service) => service,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_a_token_is_to_hold_is_read() {
    let service = parse(SOUND);
    let header = &service.endpoints[0].headers[0];
    let bearer = HeaderPiece::Text("Bearer ".to_owned());
    assert_eq!(header.value, [bearer, HeaderPiece::Token]);
    assert!(header.sends_token() && header.literal().is_none());
    let claims = json!({"gty": "client-credentials", "roles": ["A", "B"], "level": 3});
    let expected = Auth {
        audience: Some("guarded".to_owned()),
        issuer: None,
        scope: Some("execute:rules read:metrics".to_owned()),
        permissions: vec!["rule:read".to_owned(), "rule:create".to_owned()],
        claims: claims.as_object().cloned().unwrap_or_default(),
        probe_path: Some("/metrics".to_owned()),
    };
    assert_eq!(service.auth, Some(expected));
}

#[test]
fn a_service_takes_a_token_if_a_header_sends_one() {
    let (head, tail) = SOUND.split_once("[auth]").unwrap_or_default();
    let endpoints = tail.split_once("[[endpoints]]").unwrap_or_default().1;
    let without_table = format!("{head}[[endpoints]]{endpoints}");
    assert_eq!(parse(&without_table).auth, Some(Auth::default()));
    let without_token = without_table.replace("Bearer ${fire.token}", "Basic");
    assert_eq!(parse(&without_token).auth, None);
}

#[test]
fn templates_that_would_put_a_token_on_a_tape() {
    check(
        ErrorKind::Template,
        r#"
${card.token} => ${fire.token}
    17:9: "${fire.token}" is possible in header values only: whatever else a request has lies on the tape, and a tape holds no secrets
/score => /score/${fire.token}
    14:16: "${fire.token}" is possible in header values only: whatever else a request has lies on the tape, and a tape holds no secrets
Bearer ${fire.token} => Bearer ${fire.tokn}
    16:37: unknown placeholder "${fire.tokn}"; did you mean "fire.token"?
"#,
    );
}

#[test]
fn values_that_break_a_rule() {
    check(
        ErrorKind::Value,
        r#"
Bearer ${fire.token} => Bearer
    5:1: no header sends the token; put "${fire.token}" into one, such as authorization = "Bearer ${fire.token}"
execute:rules read => execute:rules  read
    7:9: "scope" must be words of visible ASCII with single spaces between them, found "execute:rules  read:metrics"
"rule:create" => "rule:read"
    8:29: permission "rule:read" stands twice; each needs its own
gty => exp
    9:12: claim "exp" is reserved: it is made with the token, or has a key of its own in [auth]
"/metrics" => "metrics"
    10:14: "probe_path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "metrics"
"guarded"\nscope => ""\nscope
    6:12: "audience" must be a word or more, found ""
"#,
    );
}

#[test]
fn shapes_that_are_not_those_of_claims() {
    check(
        ErrorKind::Shape,
        r#"
level = 3 => level = [[3]]
    9:69: "level" must be a string, a boolean or a finite number of at most 64 bits, found an array
scope = => scopes =
    7:1: unknown key "scopes" in [auth]; did you mean "scope"?
"#,
    );
}

fn check(kind: ErrorKind, table: &str) {
    check_in(SOUND, kind, table);
}
