//! Servers that do what HTTP allows and few expect, and some that do what it does not.

use tapdeck_reports::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, S, failures, tape_of};
use crate::raw::{Answer, RawServer};

/// A service of one endpoint.
pub(crate) fn service(method: &str, rest: &str) -> ServiceDefinition {
    let source = format!(
        "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
         [[endpoints]]\nname = \"thing\"\nmethod = \"{method}\"\npath = \"/thing\"\nevent = \"authorization\"\n{rest}\n"
    );
    ServiceDefinition::parse(&source, "a test").unwrap()
}

/// Answers are good if their body says so.
const SAYS_OK: &str = r#"checks = [{ name = "ok", equals = { pointer = "/ok", value = "yes" } }]"#;

const OK: &str = r#"{"ok":"yes"}"#;

/// Plays 40 requests in a second over four connections.
fn play(server: &RawServer, service: &ServiceDefinition) -> Measurements {
    let run = Run {
        connections: 4,
        ..Run::at(&server.url(), 40.0)
    };
    run.play_tape(tape_of(service, 40))
}

fn pieces(parts: &[&str]) -> Answer {
    Answer::Pieces(parts.iter().map(|part| part.as_bytes().to_vec()).collect())
}

#[test]
fn answers_come_in_every_wrapping() {
    let length = OK.len();
    let plain = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{OK}");
    let (first, second) = OK.split_at(5);
    let chunked = [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
        format!("5;note=none\r\n{first}\r\n"),
        format!("{:x}\r\n{second}\r\n0\r\nchecksum: 1\r\n\r\n", length - 5),
    ];
    let informed = [
        "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
        "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n".to_owned(),
        plain.clone(),
    ];
    let until_the_end = format!("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{OK}");
    for (name, parts, is_last) in [
        ("chunks and a trailer", chunked.to_vec(), false),
        ("informational answers before it", informed.to_vec(), false),
        (
            "no length but the connection's end",
            vec![until_the_end],
            true,
        ),
    ] {
        let server = RawServer::answering(move |_| {
            let parts: Vec<Vec<u8>> = parts.iter().map(|part| part.clone().into_bytes()).collect();
            if is_last {
                Answer::Last(parts.concat())
            } else {
                Answer::Pieces(parts)
            }
        });
        let measured = play(&server, &service("GET", SAYS_OK));
        assert_eq!(measured.ledger.good, 40, "{name}: {:?}", measured.failures);
        let lost = if is_last { 40 } else { 0 };
        assert_eq!(measured.transport.lost, lost, "{name}");
    }
}

#[test]
fn answers_without_a_body_leave_the_connection_usable() {
    for (method, status, head) in [
        ("GET", 204, "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "GET",
            304,
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 5000\r\n\r\n",
        ),
        (
            "HEAD",
            200,
            "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n",
        ),
        (
            "HEAD",
            200,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ),
    ] {
        let server = RawServer::answering(move |asked| {
            assert!(asked.head.starts_with(method), "{}", asked.head);
            pieces(&[head])
        });
        let measured = play(&server, &service(method, &format!("statuses = [{status}]")));
        assert_eq!(measured.ledger.good, 40, "{head}: {:?}", measured.failures);
        assert_eq!(measured.transport.opened, 4, "{head}");
        assert_eq!(server.connections(), 5, "{head}");
    }
}

#[test]
fn a_large_body_is_read_to_its_end_and_not_kept() {
    // The check would hold, but it lies behind what is kept of a body.
    const LARGE: usize = 48 << 20;
    let server = RawServer::answering(|_| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{{\"filler\":\"",
            LARGE + OK.len() + 12
        );
        let tail = format!("\",{}", OK.trim_start_matches('{'));
        Answer::Pieces(vec![
            head.into_bytes(),
            vec![b'x'; LARGE],
            tail.into_bytes(),
        ])
    });
    let run = Run {
        connections: 1,
        timeout_ns: 60 * S,
        ..Run::at(&server.url(), 3.0)
    };
    let measured = run.play_tape(tape_of(&service("GET", SAYS_OK), 3));
    assert_eq!(measured.ledger.completed, 3, "{:?}", measured.failures);
    assert_eq!(
        failures(&measured, "check:ok"),
        3,
        "{:?}",
        measured.failures
    );
    assert_eq!(measured.transport.opened, 1);
}

#[test]
fn a_redirect_is_a_failure_that_says_where_to_and_is_not_followed() {
    let elsewhere =
        RawServer::answering(|_| pieces(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]));
    let url = elsewhere.url();
    let server = RawServer::answering(move |_| {
        let head =
            format!("HTTP/1.1 302 Found\r\nlocation: {url}/login\r\ncontent-length: 0\r\n\r\n");
        pieces(&[&head])
    });
    let measured = play(&server, &service("GET", ""));
    assert_eq!(failures(&measured, "status"), 40);
    assert_eq!(measured.endpoints[0].statuses, [(302, 40)]);
    let sample = &measured.failures[0].samples[0];
    let expected = format!(
        "status 302, a redirect to {}/login that was not followed",
        elsewhere.url()
    );
    assert!(sample.contains(&expected), "{sample}");
    assert_eq!((elsewhere.connections(), elsewhere.requests()), (0, 0));
}

#[test]
fn a_connection_closed_while_idle_costs_no_request() {
    let server = RawServer::answering(|_| {
        // Nothing in it says that it is the last.
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{OK}",
            OK.len()
        );
        Answer::Last(answer.into_bytes())
    });
    // A quarter of a second apart, so that the end of one connection is known long before the next request.
    let run = Run {
        connections: 2,
        measure_ns: 2 * S,
        ..Run::at(&server.url(), 4.0)
    };
    let measured = run.play_tape(tape_of(&service("GET", SAYS_OK), 8));
    assert_eq!(measured.ledger.good, 8, "{:?}", measured.failures);
    // The end of the last one may come after that of the run.
    assert!(measured.transport.lost >= 7, "{}", measured.transport.lost);
    assert_eq!(server.requests(), 8);
}

#[test]
fn a_connection_closed_on_a_request_fails_it_once_and_it_is_not_sent_again() {
    let server = RawServer::answering(|asked| {
        if asked.number == 2 {
            return Answer::Last(Vec::new());
        }
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{OK}",
            OK.len()
        );
        pieces(&[&answer])
    });
    let measured = play(&server, &service("GET", SAYS_OK));
    let reset = failures(&measured, "reset");
    assert!(reset >= 40 / 3 - 4, "{:?}", measured.failures);
    assert_eq!(measured.ledger.good + reset, 40);
    assert_eq!(server.requests(), 40);
}
