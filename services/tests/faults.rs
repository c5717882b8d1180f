//! Every way a definition can be wrong, with the place and the words of its error.

#[path = "faults/auth.rs"]
mod auth;
#[path = "faults/scenarios.rs"]
mod scenarios;
#[path = "faults/sessions.rs"]
mod sessions;

use proptest::prelude::*;
use tapdeck_services::{ErrorKind, ServiceDefinition};

/// A sound definition; each row of a test breaks it in one place.
const SOUND: &str = r#"name = "card-engine"
title = "Card engine"
slos = ["p99<30ms", "errors<=1%"]
[target]
base_url = "http://localhost:8081"
base_url_env = ["CARD_ENGINE_URL"]
health_path = "/health"
[[endpoints]]
name = "score"
method = "POST"
path = "/score/${card.token}?v=1"
event = "authorization"
weight = 70
headers = { content-type = "application/json" }
body = '''
{
  "id": ${fire.id},
  "amount": ${txn.amount}
}
'''
statuses = [200, 202]
checks = [{ name = "echoed", echoes_id = "/id" }]
[endpoints.decision]
pointer = "/decision"
approve = ["APPROVE"]
decline = ["DECLINE"]
"#;

#[test]
fn text_that_is_not_toml() {
    check(
        ErrorKind::Syntax,
        r#"
weight = 70 => weight = 7_0\nweight = 1
    14:1: not valid TOML: duplicate key
title = => title
    2:7: not valid TOML: key with no value, expected `=`
"card-engine" => "card
    1:13: not valid TOML: invalid basic string, expected `"`
base_url_env = [ => base_url_env =
    6:32: not valid TOML: unexpected key or value, expected newline, `#`
"#,
    );
}

#[test]
fn misspelled_missing_and_mistyped_keys() {
    check(
        ErrorKind::Shape,
        r#"
[target] => [traget]
    4:2: unknown key "traget" in the top level; did you mean "target"?
[target]\n => target = 1\n[other]\n
    5:2: unknown key "other" in the top level; known: name, aliases, title, slos, velocity_keys, target, auth, endpoints, sessions, scenarios
{ content-type = "application/json" } => []
    14:11: "headers" must be a table, found an array
[[endpoints]]\n => endpoints = []\n[other]\n
    9:2: unknown key "other" in the top level; known: name, aliases, title, slos, velocity_keys, target, auth, endpoints, sessions, scenarios
"/health" => true
    7:15: "health_path" must be a string, found a boolean
["p99<30ms", "errors<=1%"] => "p99<30ms"
    3:8: "slos" must be an array, found a string
[200, 202] => [200.0]
    21:13: "statuses" must be a final HTTP status, 200 to 599, found a float
[200, 202] => [2024-01-01]
    21:13: "statuses" must be a final HTTP status, 200 to 599, found a date or time
weight => wieght
    13:1: unknown key "wieght" in [[endpoints]]; did you mean "weight"?
name = "score" => label = "score"
    9:1: unknown key "label" in [[endpoints]]; known: name, method, path, event, weight, headers, body, statuses, decision, checks
health_path => healthpath
    7:1: unknown key "healthpath" in [target]; did you mean "health_path"?
approve => aprove
    25:1: unknown key "aprove" in [endpoints.decision]; did you mean "approve"?
echoes_id => echo_id
    22:30: unknown key "echo_id" in [[endpoints.checks]]; did you mean "echoes_id"?
slos => slo
    3:1: unknown key "slo" in the top level; did you mean "slos"?
title = "Card engine"\n => (nothing)
    1:1: the top level lacks the key "title"
base_url = "http://localhost:8081"\n => (nothing)
    4:1: [target] lacks the key "base_url"
path = "/score/${card.token}?v=1"\n => (nothing)
    8:1: [[endpoints]] lacks the key "path"
event = "authorization"\n => (nothing)
    8:1: [[endpoints]] lacks the key "event"
pointer = "/decision"\n => (nothing)
    23:1: [endpoints.decision] lacks the key "pointer"
name = "echoed",  => (nothing)
    22:11: [[endpoints.checks]] lacks the key "name"
, echoes_id = "/id" => (nothing)
    22:11: [[endpoints.checks]] needs exactly one of echoes_id, echoes_parameter, equals, present and header_absent
echoes_id = "/id" => echoes_id = "/id", header_absent = "X"
    22:11: [[endpoints.checks]] needs exactly one of echoes_id, echoes_parameter, equals, present and header_absent
weight = 70 => weight = "70"
    13:10: "weight" must be a whole number below 2^32, found a string
weight = 70 => weight = 1.5
    13:10: "weight" must be a whole number below 2^32, found a float
[200, 202] => 200
    21:12: "statuses" must be an array, found an integer
[[endpoints]] => [endpoints]
    8:1: "endpoints" must be an array, found a table
"card-engine" => 12
    1:8: "name" must be a string, found an integer
"application/json" } => 1 }
    14:28: "content-type" must be a string, found an integer
approve = ["APPROVE"]\ndecline = ["DECLINE"]\n => (nothing)
    23:1: [endpoints.decision] needs at least one of approve, decline and review
echoes_id = "/id" => equals = { pointer = "/id", value = [1] }
    22:66: "value" must be a string, a boolean or a finite number, found an array
echoes_id = "/id" => equals = { pointer = "/id", value = nan }
    22:66: "value" must be a string, a boolean or a finite number, found a float
echoes_id = "/id" => equals = { pointer = "/id" }
    22:39: [endpoints.checks.equals] needs exactly one of value and captured
echoes_id = "/id" => equals = { pointer = "/id", value = 1, captured = "id" }
    22:39: [endpoints.checks.equals] needs exactly one of value and captured
echoes_id = "/id" => echoes_parameter = { pointer = "/id" }
    22:49: [endpoints.checks.echoes_parameter] lacks the key "parameter"
echoes_id = "/id" => present = true
    22:40: "present" must be a string, found a boolean
"#,
    );
}

#[test]
fn values_that_break_a_rule() {
    check(
        ErrorKind::Value,
        r#"
?v=1 => #v
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "/score/${card.token}#v"
?v=1 => ?$${v}
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "/score/${card.token}?$${v}"
weight = 70 => weight = 0
    8:1: every endpoint has weight 0, so none would be called; give one a weight
weight = 70 => weight = -1
    13:10: "weight" must be a whole number below 2^32, found -1
weight = 70 => weight = 4294967296
    13:10: "weight" must be a whole number below 2^32, found 4294967296
[200, 202] => []
    21:12: "statuses" must be an array of at least one, found an empty one
[200, 202] => [200, 99]
    21:18: "statuses" must be a final HTTP status, 200 to 599, found 99
[200, 202] => [200, 600]
    21:18: "statuses" must be a final HTTP status, 200 to 599, found 600
"card-engine" => "Card Engine"
    1:8: "name" must be a name of at most 64 lowercase letters, digits and dashes that starts with a letter, found "Card Engine"
"Card engine" => ""
    2:9: "title" must be one line of text, found ""
"http://localhost:8081" => "localhost:8081"
    5:12: "base_url": "localhost:8081" must begin with http:// or https://
"http://localhost:8081" => "http://localhost:80811"
    5:12: "base_url": "http://localhost:80811" has port "80811"; expected a number from 1 to 65535
"http://localhost:8081" => "http://localhost:"
    5:12: "base_url": "http://localhost:" ends its host with a colon; write a port behind it or remove it
"http://localhost:8081" => "http://u:p@localhost"
    5:12: "base_url": credentials do not belong into an address; remove them (in a path, @ is written %40)
"http://localhost:8081" => "http://localhost/"
    5:12: "base_url" must be an address without a final slash, found "http://localhost/"
"CARD_ENGINE_URL" => "CARD-ENGINE"
    6:17: "base_url_env" must be the name of an environment variable: letters, digits and underscores, no digit first, found "CARD-ENGINE"
"/health" => "health"
    7:15: "health_path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "health"
"POST" => "post"
    10:10: unknown method "post"; did you mean "POST"?
"POST" => "TRACE"
    10:10: unknown method "TRACE"; known: GET, HEAD, POST, PUT, PATCH, DELETE
"authorization" => "authorisation"
    12:9: unknown event "authorisation"; did you mean "authorization"?
"/score/${card.token}?v=1" => "score"
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "score"
"/score/${card.token}?v=1" => "${card.token}"
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "${card.token}"
/score/${ => /sc ore/${
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "/sc ore/${card.token}?v=1"
?v=1 => ?v=%1
    11:8: "path" must be a path that starts with "/" and holds only what RFC 3986 allows there; percent-encode the rest, found "/score/${card.token}?v=%1"
{ content-type = "application/json" } => { content-type = "application/json", Content-Type = "text/plain" }
    14:48: header "Content-Type" stands twice; each needs its own
"application/json" } => "application/json", "x id" = "a" }
    14:48: "headers" must be a header name as in RFC 9110: letters, digits and any of !#$%&'*+-.^_`|~, found "x id"
echoes_id = "/id" => equals = { pointer = "/id", value = 0x100000000000000000000000000000000 }
    22:66: "value" must be at most 128 bits long, unless it is in decimal notation, found 0x100000000000000000000000000000000
"application/json" } => "application/json", Accept-Encoding = "gzip, compress" }
    14:66: "Accept-Encoding" must be a literal list of gzip, deflate, br, zstd and identity, whose answers can be decoded, found "gzip, compress"
"application/json" } => "application/json", accept-encoding = "*" }
    14:66: "accept-encoding" must be a literal list of gzip, deflate, br, zstd and identity, whose answers can be decoded, found "*"
"application/json" } => "application/json", accept-encoding = "gzip;q=1, compress;q=0.5" }
    14:66: "accept-encoding" must be a literal list of gzip, deflate, br, zstd and identity, whose answers can be decoded, found "gzip;q=1, compress;q=0.5"
"application/json" } => "application/json", te = "gzip" }
    14:53: "te" must be trailers and nothing else; ask for compressed answers by accept-encoding, found "gzip"
"application/json" } => "application/json", x = "é" }
    14:52: "x" must be visible ASCII with spaces and tabs only in between, found "é"
"application/json" } => "application/json", content-length = "1" }
    14:48: header "content-length" is reserved: it is set on every request as it is sent
${fire.id} => ${card.token}
    22:11: no answer can echo an id that the body does not carry; put "${fire.id}" or "${fire.uuid}" into the body
echoes_id = "/id" => echoes_parameter = { pointer = "/v", parameter = "w" }
    22:79: no answer can repeat "w": the query of the path has no such parameter, or it holds a captured value, which captured = compares
["APPROVE"] => ["DECLINE"]
    26:12: decision "DECLINE" stands twice; each needs its own
["APPROVE"] => [""]
    25:12: "approve" must be a word or more, found ""
"echoed" => "status"
    22:20: check "status" is reserved: every endpoint checks its statuses under this name
echoes_id = "/id" => header_absent = "a b"
    22:46: "header_absent" must be a header name as in RFC 9110: letters, digits and any of !#$%&'*+-.^_`|~, found "a b"
[endpoints.decision] => [[endpoints]]\nname = "score"\n[endpoints.decision]
    24:8: endpoint "score" stands twice; each needs its own
title = "Card engine" => title = "Card engine"\naliases = ["cards", "cards"]
    3:21: name "cards" stands twice; each needs its own
title = "Card engine" => title = "Card engine"\naliases = ["card-engine"]
    3:12: name "card-engine" stands twice; each needs its own
title = "Card engine" => title = "Card engine"\naliases = ["Cards"]
    3:12: "aliases" must be a name of at most 64 lowercase letters, digits and dashes that starts with a letter, found "Cards"
{ name = "echoed" => { name = "echoed", header_absent = "x" }, { name = "echoed"
    22:62: check "echoed" stands twice; each needs its own
'''\n{\n  "id": ${fire.id},\n  "amount": ${txn.amount}\n}\n''' => ""
    15:8: "body" must be some text; leave the key out where there is no body, found ""
"#,
    );
}

#[test]
fn templates_that_do_not_compile() {
    check(
        ErrorKind::Template,
        r#"
${card.token} => ${fire.id}
    11:16: "${fire.id}" is not possible in a path yet, only in a body
${card.token} => ${ip.address}
    11:16: "${ip.address}" is absent from some transactions and only a whole JSON value can say so as null; write it bare, without quotes, in a JSON body
${card.token} => ${card.tokn}
    11:16: unknown placeholder "${card.tokn}"; did you mean "card.token"?
${card.token} => \u00e9${card.tokn}
    11:22: unknown placeholder "${card.tokn}"; did you mean "card.token"?
${card.token} => ${card.token
    11:16: this "${" is never closed by "}"; for the two characters themselves write "$${"
"application/json" } => "application/json", x-id = "a-${fire.id}" }
    14:58: "${fire.id}": placeholders in a header value are not possible yet, but "${fire.token}" and captured values
${fire.id} => ${fire.ident}
    17:9: unknown placeholder "${fire.ident}"; known: fire.id, fire.uuid, fire.sent_at, fire.token
${fire.id} => ${nonsense.of.mine}
    17:9: unknown placeholder "${nonsense.of.mine}"; known: txn.id, txn.uuid, txn.amount, txn.currency, txn.type, txn.entry_mode, txn.pos_entry_mode, txn.processing_code, txn.card_present, txn.decision, txn.decision_reason, txn.at, card.token, card.network, card.major_network, card.bin, card.logo, card.country, merchant.id, merchant.name, merchant.category, merchant.mcc, merchant.country, terminal.id, device.id, ip.address, holder.email, holder.phone, fire.id, fire.uuid, fire.sent_at, fire.token, any.word, any.number, any.hex, any.uuid, session.number
${txn.amount} => ${any.number(5)}
    18:26: "${any.number}" takes two whole numbers of at most 12 digits, the lowest and the highest, such as "${any.number(50, 500)}"
${txn.amount} => ${any.numbr(5, 6)}
    18:13: unknown placeholder "${any.numbr(5, 6)}"; did you mean "any.number"?
${fire.id} => ${fire.id
    17:9: this "${" is never closed by "}"; for the two characters themselves write "$${"
${fire.id}, => ${fire.id}
    18:3: with its placeholders filled this body is not JSON: expected `,` or `}`
${fire.id} => "${device.id}"
    17:10: "${device.id}" is absent from some transactions and only a whole JSON value can say so as null; write it bare, without quotes, in a JSON body
${txn.amount} => -${txn.amount}
    18:14: with its placeholders filled this body is not JSON: invalid number
${txn.amount} => ${txn.amount}${txn.amount}
    18:26: with its placeholders filled this body is not JSON: expected `,` or `}`
${txn.amount} => 01
    18:14: with its placeholders filled this body is not JSON: invalid number
${txn.amount}\n} => ${txn.amount}\n
    19:1: with its placeholders filled this body is not JSON: EOF while parsing an object
"amount": ${txn.amount} => "amount": "\${txn.amount}"
    18:15: with its placeholders filled this body is not JSON: invalid escape
"#,
    );
}

#[test]
fn pointers_that_do_not_parse() {
    check(
        ErrorKind::Pointer,
        r#"
"/id" => "id"
    22:43: a JSON pointer is empty or starts with "/"
"/id" => "/id~"
    22:46: in a JSON pointer "~" must be followed by 0 (for "~") or 1 (for "/")
"/decision" => "/a~2b"
    24:14: in a JSON pointer "~" must be followed by 0 (for "~") or 1 (for "/")
"#,
    );
}

#[test]
fn slos_that_do_not_parse() {
    check(
        ErrorKind::Slo,
        r#"
"errors<=1%" => "errors<=1"
    3:30: expected a percentage, such as "0.5%"
"errors<=1%" => "p99 <= 20ms"
    3:21: "p99<=20ms" promises something about a subject that has an SLO already; keep one of the two
"errors<=1%" => "p99.9 < 20 m"
    3:33: expected a duration in us, ms or s, such as "30ms"
"#,
    );
}

#[test]
fn encodings_that_can_be_decoded_may_be_asked_for() {
    for value in [
        "",
        "gzip",
        "gzip, deflate, br, zstd",
        "GZIP;q=1.0 , br ; q=0.5, *;q=0",
        "identity;q=0.000, compress;q=0, x-gzip",
    ] {
        let header = format!(r#""application/json", accept-encoding = "{value}" }}"#);
        let asking = SOUND.replacen(r#""application/json" }"#, &header, 1);
        assert_ne!(asking, SOUND);
        let service = ServiceDefinition::parse(&asking, "card-engine.toml");
        assert!(service.is_ok(), "{value}: {service:?}");
    }
}

#[test]
fn the_unbroken_definition_is_sound() {
    let service = ServiceDefinition::parse(SOUND, "card-engine.toml");
    assert_eq!(
        service.map(|service| service.source).ok().as_deref(),
        Some(SOUND)
    );
}

fn check(kind: ErrorKind, table: &str) {
    check_in(SOUND, kind, table);
}

/// Takes a line "FROM => TO" and an indented one with the error that this change of a sound definition must lead to, any
/// number of times.
fn check_in(sound: &str, kind: ErrorKind, table: &str) {
    let mut lines = table.lines().filter(|line| !line.is_empty());
    let mut row_count = 0;
    while let (Some(change), Some(expected)) = (lines.next(), lines.next()) {
        let change = change.replace("\\n", "\n");
        let Some((from, to)) = change.split_once(" => ") else {
            panic!("{change:?} is not a change");
        };
        assert!(sound.contains(from), "{from:?} is not in the definition");
        let to = if to == "(nothing)" { "" } else { to };
        let broken = sound.replacen(from, to, 1);
        let Err(error) = ServiceDefinition::parse(&broken, "card-engine.toml") else {
            panic!("{change:?} went unnoticed");
        };
        let expected = format!("card-engine.toml:{}", expected.trim_start());
        assert_eq!(error.to_string(), expected, "after {change:?}");
        assert_eq!(error.kind(), kind, "after {change:?}");
        row_count += 1;
    }
    assert!(row_count > 0, "the table is empty");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(.|\n)*") {
        let _ = ServiceDefinition::parse(&text, "any.toml");
    }

    #[test]
    fn a_fault_lies_inside_the_text(
        sound in prop::sample::select(vec![SOUND, sessions::SOUND]),
        start in any::<prop::sample::Index>(),
        length in 0..8usize,
        patch in "[${}'\"\\\\\n=.,~/ a-zé0-9\\[\\]]{0,6}",
    ) {
        let start = start.index(sound.len());
        let end = sound.len().min(start + length);
        let broken = format!("{}{patch}{}", &sound[..start], &sound[end..]);
        if let Err(error) = ServiceDefinition::parse(&broken, "broken.toml") {
            let place = error.place().map(|place| (place.line, place.column));
            let is_inside = place.is_some_and(|(line, column)| {
                let text = broken.split('\n').nth(line - 1);
                text.is_some_and(|text| column <= text.chars().count() + 1)
            });
            prop_assert!(is_inside, "{error}");
        }
    }
}
