//! Heads of answers that other clients read, in sizes and shapes that few expect.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tapdeck::harness::target;
use tapdeck::patience::{Patience, Stop};
use tapdeck_reports::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, S, failures, tape_of};
use crate::raw::{Answer, RawServer};

/// A service whose answers must not have a header, `x-last`.
fn service() -> ServiceDefinition {
    let source = "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
         [[endpoints]]\nname = \"thing\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"\n\
         checks = [{ name = \"ok\", equals = { pointer = \"/ok\", value = \"yes\" } }, { name = \"last\", header_absent = \"x-last\" }]";
    ServiceDefinition::parse(source, "a test").unwrap()
}

/// Plays 20 requests over two connections to a server that sends these bytes before the head's own lines.
fn play(before: &str, lines: &str) -> Measurements {
    const BODY: &str = r#"{"ok":"yes"}"#;
    let length = BODY.len();
    let answer =
        format!("{before}HTTP/1.1 200 OK\r\n{lines}content-length: {length}\r\n\r\n{BODY}");
    let server = RawServer::answering(move |_| Answer::Pieces(vec![answer.clone().into_bytes()]));
    let run = Run {
        connections: 2,
        timeout_ns: 60 * S,
        measure_ns: S / 5,
        ..Run::at(&server.url(), 100.0)
    };
    run.play_tape(tape_of(&service(), 20))
}

/// Every answer was read on the connections that were opened at first, and seen to its last line.
fn check(name: &str, before: &str, lines: &str) {
    let measured = play(before, lines);
    assert_eq!(measured.ledger.good, 20, "{name}: {:?}", measured.failures);
    assert_eq!(measured.transport.opened, 2, "{name}");
    let measured = play(before, &format!("{lines}x-last: 1\r\n"));
    assert_eq!(failures(&measured, "check:last"), 20, "{name}");
    assert_eq!(measured.ledger.completed, 20, "{name}");
}

#[test]
fn heads_of_any_length_are_read() {
    for count in [97, 98, 99, 150, 500, 3_000] {
        let cookies: Vec<String> = (0..count)
            .map(|idx| format!("set-cookie: c{idx}={idx}; Path=/\r\n"))
            .collect();
        check(&format!("{count} cookies"), "", &cookies.concat());
    }
    let large = format!("x-large: {}\r\n", "a".repeat(64 << 10));
    check("a large line", "", &large);
}

#[test]
fn heads_of_any_shape_are_read() {
    for (name, lines) in [
        (
            "over several lines",
            "x-policy: default-src 'self';\r\n  img-src *;\r\n\tframe-src *\r\n",
        ),
        ("a blank before the colon", "x-policy : self\r\n"),
        ("a line without a value", "x-policy:\r\n"),
        ("lines that end in half", "x-policy: self\n"),
        ("bytes beyond ASCII", "x-policy: \u{e9}\u{fc}\r\n"),
    ] {
        check(name, "", lines);
        check(name, "", &lines.repeat(130));
    }
}

#[test]
fn interim_answers_are_passed_over() {
    let links = "link: </a.css>; rel=preload\r\n".repeat(150);
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
    for (name, before) in [
        ("one", "HTTP/1.1 100 Continue\r\n\r\n".to_owned()),
        ("many", hint.repeat(500)),
        (
            "a long one",
            format!("HTTP/1.1 103 Early Hints\r\n{links}\r\n"),
        ),
        ("of no known kind", "HTTP/1.1 199 Wait\r\n\r\n".repeat(3)),
    ] {
        check(name, &before, "");
    }
}

/// A request outside of any run, as for a token, reads what the runs read.
#[test]
fn single_requests_read_them_too() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
    let lines = "x-policy : a;\r\n  b\r\n".repeat(500);
    let answer = format!("{hint}HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\nok");
    let server = RawServer::answering(move |_| Answer::Pieces(vec![answer.clone().into_bytes()]));
    let target = target::find(&server.url(), &target::Access::default()).unwrap();
    let request = Request::get("/").body(Bytes::new()).unwrap();
    let patience = Patience::begin(Duration::from_mins(1), &Stop::default());
    let answer = target::errand::ask(&target, &request, &patience).unwrap();
    let answer = answer.unwrap();
    assert_eq!(answer.body, "ok");
    assert_eq!(answer.headers.get_all("x-policy").iter().count(), 500);
}
