//! Sessions: what is read of them, and every way their steps can fail to fit together.

use std::time::Duration;

use tapdeck_services::{
    Capture, CaptureSource, Encoding, ErrorKind, HeaderPiece, Iteration, JsonPointer,
    ServiceDefinition, Take, Template, Think, ValueKind,
};

use crate::check_in;

/// A sound definition; each row of a test breaks it in one place.
pub(crate) const SOUND: &str = r#"name = "desk"
title = "Ticket desk"
[target]
base_url = "http://localhost:8081"
[[sessions]]
name = "handle"
weight = 3
[[sessions.steps]]
name = "login"
method = "POST"
path = "/login"
once = true
captures = { csrf = { cookie = "token" }, at = { header = "Location" } }
[[sessions.steps]]
name = "list"
method = "GET"
path = "/tickets"
think = "uniform:1s..3s"
captures = { open = { pointer = "/all/*/id" }, own = { pointer = "/own", kind = "number" } }
[[sessions.steps]]
name = "close"
method = "POST"
path = "/tickets/${captured.open}/close"
over = "open"
at_most = 5
headers = { content-type = "application/json", x-csrf = "t ${captured.csrf}" }
body = '{"own": ${captured.own}, "at": ${captured.at}}'
[[endpoints]]
name = "look"
method = "GET"
path = "/"
event = "authorization"
"#;

fn sound() -> ServiceDefinition {
    match ServiceDefinition::parse(SOUND, "desk.toml") {
        Ok(service) => service,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn steps_stand_behind_the_endpoints() {
    let service = sound();
    let names: Vec<_> = service
        .endpoints
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["look", "handle/login", "handle/list", "handle/close"]
    );
    let weights: Vec<_> = service.endpoints.iter().map(|it| it.weight).collect();
    assert_eq!(weights, [1, 0, 0, 0]);
    let session = &service.sessions[0];
    assert_eq!(
        (session.name.as_str(), session.weight, session.steps.clone()),
        ("handle", 3, 1..4)
    );
    assert_eq!(service.endpoints[0].step, None);
    for (number, endpoint) in (0..).zip(&service.endpoints[session.steps.clone()]) {
        let step = endpoint
            .step
            .as_ref()
            .map(|step| (step.session, step.number));
        assert_eq!(step, Some((0, number)));
    }
}

#[test]
fn steps_say_what_they_capture_and_need() {
    let service = sound();
    let variables = service.sessions[0].variables.iter();
    let variables: Vec<_> = variables
        .map(|it| (it.name.as_str(), it.kind, it.take))
        .collect();
    let text = |name| (name, ValueKind::Text, Take::First);
    let own = ("own", ValueKind::Number, Take::First);
    assert_eq!(variables, [text("csrf"), text("at"), text("open"), own]);

    let steps: Vec<_> = service
        .endpoints
        .iter()
        .filter_map(|it| it.step.as_ref())
        .collect();
    let [login, list, close] = steps[..] else {
        panic!("there are three steps");
    };
    assert_eq!((login.once, list.once, close.once), (true, false, false));
    let (from, to) = (Duration::from_secs(1), Duration::from_secs(3));
    assert_eq!(
        (login.think, list.think),
        (Think::NONE, Think::Uniform { from, to })
    );
    let capture = |variable, source| Capture { variable, source };
    assert_eq!(
        login.captures,
        [
            capture(0, CaptureSource::Cookie("token".to_owned())),
            capture(1, CaptureSource::Header("Location".to_owned())),
        ]
    );
    let pointer = |at, each| CaptureSource::Pointer {
        at: parsed(at),
        each: Option::map(each, parsed),
    };
    assert_eq!(
        list.captures,
        [
            capture(2, pointer("/all", Some("/id"))),
            capture(3, pointer("/own", None)),
        ]
    );
    assert_eq!(
        (&*login.needs, &*list.needs, &*close.needs),
        (&[][..], &[][..], &[0, 1, 2, 3][..])
    );
    let over = Iteration {
        variable: 2,
        at_most: 5,
    };
    assert_eq!((login.over, close.over), (None, Some(over)));

    let close = &service.endpoints[3];
    let path: Vec<_> = close.path.captured().collect();
    assert_eq!(path, [(2, Encoding::PathSegment)]);
    let body: Vec<_> = close.body.iter().flat_map(Template::captured).collect();
    assert_eq!(body, [(3, Encoding::JsonValue), (1, Encoding::JsonText)]);
    let value = [HeaderPiece::Text("t ".to_owned()), HeaderPiece::Captured(0)];
    assert_eq!(close.headers[1].value, value);
}

#[test]
fn every_item_that_can_be_taken_is_understood() {
    for (word, take) in [
        ("\"first\"", Take::First),
        ("\"last\"", Take::Last),
        ("\"spread\"", Take::Spread),
        ("2", Take::Nth(2)),
    ] {
        let source = SOUND.replace("/all/*/id\"", &format!("/all/*/id\", take = {word}"));
        let source = source.replace("over = \"open\"\nat_most = 5\n", "");
        let service = ServiceDefinition::parse(&source, "desk.toml");
        let taken = service.map(|service| service.sessions[0].variables[2].take);
        assert_eq!(taken.ok(), Some(take), "{word}");
    }
}

#[test]
fn sessions_can_do_without_endpoints_of_their_own() {
    let (alone, _) = SOUND.split_at(SOUND.find("[[endpoints]]").unwrap_or_default());
    let service = ServiceDefinition::parse(alone, "desk.toml");
    assert_eq!(service.map(|service| service.endpoints.len()).ok(), Some(3));
}

#[test]
fn steps_that_do_not_fit_together() {
    check_in(
        SOUND,
        ErrorKind::Session,
        r#"
${captured.csrf} => ${captured.crsf}
    26:60: no step of this session captures "crsf"; did you mean "csrf"?
${captured.csrf} => ${captured.nothing}
    26:60: no step of this session captures "nothing"; known: csrf, at, open, own
"/tickets" => "/tickets/${captured.csrf}/${captured.own}"
    17:35: "own" is not captured before step "list" was answered; only later steps can use it
"/login" => "/login?${captured.open}"
    11:16: "open" is not captured before step "list" was answered; only later steps can use it
over = "open"\nat_most = 5\n => (nothing)
    23:18: "open" is a list and this step does not go over it; say which item is meant, such as take = "first" where it is captured, or let the step go over = "open"
over = "open" => over = "own"
    24:8: "own" is one value; a step goes over a list, which a pointer with a "*" captures
over = "open" => over = "opened"
    24:8: no step of this session captures "opened"; known: csrf, at, open, own
think = "uniform:1s..3s" => over = "open"
    18:8: "open" is not captured before step "list" was answered; only later steps can use it
path = "/" => path = "/${captured.csrf}"
    31:10: a captured value exists only in the steps of a session
own = { pointer => csrf = { pointer
    19:48: an earlier step captures "csrf" with another "*", kind or take; all must agree, or be named differently
at_most = 5 => at_most = 5\nchecks = [{ name = "own", equals = { pointer = "/id", captured = "won" } }]
    26:66: no step of this session captures "won"; did you mean "own"?
at_most = 5 => at_most = 5\ncaptures = { own = { pointer = "/id", kind = "number" } }\nchecks = [{ name = "own", equals = { pointer = "/id", captured = "own" } }]
    27:66: this step captures "own" itself, so the comparison would prove nothing; compare with what an earlier step captured under another name
path = "/tickets" => path = "/tickets"\nchecks = [{ name = "own", equals = { pointer = "/id", captured = "own" } }]
    18:66: "own" is not captured before step "list" was answered; only later steps can use it
path = "/" => path = "/"\nchecks = [{ name = "own", equals = { pointer = "/id", captured = "own" } }]
    32:66: a captured value exists only in the steps of a session
uniform:1s..3s => uniform:1s..
    18:22: expected a duration in us, ms or s, such as "30ms"
uniform:1s..3s => uniform:3s..1s
    18:22: a think time must be no shorter than where the range begins
"#,
    );
}

#[test]
fn values_that_break_a_rule() {
    check_in(
        SOUND,
        ErrorKind::Value,
        r#"
/close" => /close?of=${captured.own}"\nchecks = [{ name = "own", echoes_parameter = { pointer = "/of", parameter = "of" } }]
    24:77: no answer can repeat "of": the query of the path has no such parameter, or it holds a captured value, which captured = compares
uniform:1s..3s => unifom:1s..3s
    18:10: unknown law of think times "unifom"; did you mean "uniform"?
over = "open" => once = true\nover = "open"
    24:8: "once" needs every step before it to be once, too
over = "open"\nat_most = 5 => at_most = 5
    24:11: "at_most" needs over, the list whose items it limits
at_most = 5 => at_most = 0
    25:11: "at_most" must be a whole number from 1 and below 2^32, found 0
"handle" => "Handle"
    6:8: "name" must be a name of at most 64 lowercase letters, digits and dashes that starts with a letter, found "Handle"
name = "login" => name = "log/in"
    9:8: "name" must be a name of at most 64 lowercase letters, digits and dashes that starts with a letter, found "log/in"
name = "list" => name = "login"
    15:8: step "login" stands twice; each needs its own
weight = 3 => weight = -1
    7:10: "weight" must be a whole number below 2^32, found -1
csrf = { cookie => Csrf = { cookie
    13:14: "captures" must be a name of at most 64 lowercase letters, digits, dashes and underscores that starts with a letter, found "Csrf"
cookie = "token" => cookie = "to ken"
    13:32: "cookie" must be a cookie name as in RFC 6265: letters, digits and any of !#$%&'*+-.^_`|~, found "to ken"
header = "Location" => header = "Loc ation"
    13:59: "header" must be a header name as in RFC 9110: letters, digits and any of !#$%&'*+-.^_`|~, found "Loc ation"
header = "Location" => header = "Location", kind = "number"
    13:78: "kind" needs a pointer; headers and cookies are text
header = "Location" => header = "Location", take = "last"
    13:78: "take" needs a pointer with a "*", which captures a list
"/own", kind => "/own", take = "last", kind
    19:81: "take" needs a pointer with a "*", which captures a list
"/all/*/id" => "/all/*/id", take = "middle"
    19:53: unknown item "middle"; known: first, last, spread
"/own", kind = "number" => "/own", kind = "numeric"
    19:81: unknown kind "numeric"; known: text, number, boolean
"/all/*/id" => "/all/*/id", take = -1
    19:53: "take" must be first, last, spread or the number of an item, from 0, found -1
"#,
    );
}

#[test]
fn misspelled_missing_and_mistyped_keys() {
    check_in(
        SOUND,
        ErrorKind::Shape,
        r#"
once = true => twice = true
    12:1: unknown key "twice" in [[sessions.steps]]; known: name, method, path, headers, body, statuses, decision, checks, captures, think, once, over, at_most
once = true => once = "yes"
    12:8: "once" must be true or false, found a string
name = "handle" => title = "handle"
    6:1: unknown key "title" in [[sessions]]; known: name, weight, steps
name = "handle"\n => (nothing)
    5:1: [[sessions]] lacks the key "name"
name = "list"\n => (nothing)
    14:1: [[sessions.steps]] lacks the key "name"
method = "GET"\npath = "/tickets" => method = "GET"
    14:1: [[sessions.steps]] lacks the key "path"
over = "open" => over = 1
    24:8: "over" must be a string, found an integer
at_most = 5 => at_most = "5"
    25:11: "at_most" must be a whole number from 1 and below 2^32, found a string
cookie = "token" => cookies = "token"
    13:23: unknown key "cookies" in [sessions.steps.captures.NAME]; did you mean "cookie"?
cookie = "token" => cookie = "token", header = "x"
    13:21: [sessions.steps.captures.NAME] needs exactly one of pointer, header and cookie
{ cookie = "token" } => {}
    13:21: [sessions.steps.captures.NAME] needs exactly one of pointer, header and cookie
{ cookie = "token" } => "token"
    13:21: "csrf" must be a table, found a string
"/all/*/id" => "/all/*/id", take = true
    19:53: "take" must be first, last, spread or the number of an item, from 0, found a boolean
uniform:1s..3s" => uniform:1s..3s"\nevent = "authorization"
    19:1: unknown key "event" in [[sessions.steps]]; known: name, method, path, headers, body, statuses, decision, checks, captures, think, once, over, at_most
"#,
    );
}

#[test]
fn pointers_that_do_not_parse() {
    check_in(
        SOUND,
        ErrorKind::Pointer,
        r#"
/all/*/id => /all/*/ids/*
    19:45: a pointer can hold one "*"; lists of lists cannot be captured
/all/*/id => all/*/id
    19:34: a JSON pointer is empty or starts with "/"
/own => /o~wn
    19:69: in a JSON pointer "~" must be followed by 0 (for "~") or 1 (for "/")
"#,
    );
}

#[test]
fn a_session_has_room_for_64_names() {
    let with = |count: usize| {
        let names = (0..count).map(|idx| format!("v{idx} = {{ header = \"h{idx}\" }}"));
        let names: Vec<_> = names.collect();
        let captures = format!("captures = {{ {} }}\n[[sessions.steps]]", names.join(", "));
        let source = SOUND.replace(
            "captures = { open = { pointer = \"/all/*/id\" }, own = { pointer = \"/own\", kind = \"number\" } }\n[[sessions.steps]]",
            &captures,
        );
        // What the last step used is gone with the captures.
        let (kept, rest) = source.split_at(source.rfind("[[sessions.steps]]").unwrap_or_default());
        let plain = rest.find("[[endpoints]]").unwrap_or_default();
        let source = format!("{kept}{}", &rest[plain..]);
        ServiceDefinition::parse(&source, "desk.toml").map_err(|error| error.to_string())
    };
    let service = with(62);
    assert_eq!(
        service.map(|service| service.sessions[0].variables.len()),
        Ok(64)
    );
    let refused = with(63).err().unwrap_or_default();
    assert!(
        refused.ends_with("at most 64 captured names of a session are possible"),
        "{refused}"
    );
}

fn parsed(pointer: &str) -> JsonPointer {
    match JsonPointer::parse(pointer) {
        Ok(pointer) => pointer,
        Err(error) => panic!("{error}"),
    }
}
