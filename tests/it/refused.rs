//! Answers that cannot be read, and what their failure is called: `protocol` for what breaks the rules of HTTP, `reset`
//! for what broke off.

use tapdeck_reports::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, S, failures, tape_of};
use crate::raw::{Answer, RawServer};

/// Plays 10 requests to a server that sends these bytes for each, and hangs up.
fn play(answer: &'static str) -> Measurements {
    let source = "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
         [[endpoints]]\nname = \"thing\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"";
    let service = ServiceDefinition::parse(source, "a test").unwrap();
    let server = RawServer::answering(move |_| Answer::Last(answer.as_bytes().to_vec()));
    let run = Run {
        connections: 4,
        measure_ns: S / 5,
        ..Run::at(&server.url(), 50.0)
    };
    run.play_tape(tape_of(&service, 10))
}

fn check(kind: &str, rows: &[(&str, &'static str)]) {
    for (name, answer) in rows {
        let measured = play(answer);
        assert_eq!(
            failures(&measured, kind),
            10,
            "{name}: {:?}",
            measured.failures
        );
        let failure = &measured.failures[0];
        assert!(!failure.samples.is_empty(), "{name} has no sample");
    }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

#[test]
fn what_breaks_the_rules_is_protocol() {
    check(
        "protocol",
        &[
            ("no HTTP", "garbage\r\n\r\n"),
            ("no HTTP and no line", "garbage"),
            ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
            ("a version to come", "HTTP/3.0 200 OK\r\n\r\n"),
            ("no status", "HTTP/1.1 abc OK\r\n\r\n"),
            ("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"),
            (
                "a line without a colon",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            ),
            ("a name with a blank", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n"),
            ("a control character", "HTTP/1.1 200 OK\r\na: \u{1}\r\n\r\n"),
            (
                "a length that is none",
                "HTTP/1.1 200 OK\r\ncontent-length: some\r\n\r\n",
            ),
            (
                "a negative length",
                "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            ),
            (
                "two lengths",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
            ),
            (
                "chunks in HTTP/1.0",
                "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            ),
        ],
    );
}

#[test]
fn chunks_that_break_the_rules_are_protocol() {
    for (name, chunks) in [
        ("no size", "\r\nabc\r\n0\r\n\r\n"),
        ("a size that is none", "xyz\r\nabc\r\n0\r\n\r\n"),
        ("a negative size", "-3\r\nabc\r\n0\r\n\r\n"),
        ("a size beyond 64 bits", "fffffffffffffffff\r\nabc"),
        ("no end of line behind the data", "3\r\nabcd\r\n0\r\n\r\n"),
        ("half an end of line behind it", "3\r\nabc\rd0\r\n\r\n"),
        (
            "half an end of line in an extension",
            "3;a\nabc\r\n0\r\n\r\n",
        ),
        ("a trailer that is none", "0\r\nno colon\r\n\r\n"),
        ("a trailer without a name", "0\r\n: x\r\n\r\n"),
        ("a blank in a size", "3 3\r\nabc\r\n0\r\n\r\n"),
        ("no end of line behind the last chunk", "0\rx"),
        (
            "an extension without an end",
            &format!("3;{}", "a".repeat(20_000)),
        ),
        (
            "many extensions without an end",
            &"1;aaaaaaa\r\nx\r\n".repeat(4_000),
        ),
        (
            "a trailer too large",
            &format!("0\r\nx: {}\r\n\r\n", "a".repeat(20_000)),
        ),
        (
            "a trailer without an end",
            &format!("0\r\nx: {}", "a".repeat(20_000)),
        ),
        (
            "too many trailers",
            &format!("0\r\n{}\r\n", "x: y\r\n".repeat(2_000)),
        ),
    ] {
        let answer: &'static str = Box::leak(format!("{CHUNKED}{chunks}").into_boxed_str());
        check("protocol", &[(name, answer)]);
    }
}

#[test]
fn what_breaks_off_is_reset() {
    check(
        "reset",
        &[
            ("nothing", ""),
            ("half of a first line", "HTTP/1.1 20"),
            ("half of a head", "HTTP/1.1 200 OK\r\ncontent-le"),
            ("no body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
            (
                "half of a body",
                "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
            ),
            (
                "an interim answer and no other",
                "HTTP/1.1 100 Continue\r\n\r\n",
            ),
        ],
    );
    for (name, chunks) in [
        ("no chunk", ""),
        ("half of a size", "1"),
        ("half of a chunk", "9\r\nabc"),
        ("no last chunk", "3\r\nabc\r\n"),
        ("half of the end", "0\r\n"),
        ("half of a trailer's name", "0\r\nx"),
        ("half of a trailer", "0\r\nchecksum: 1"),
    ] {
        let answer: &'static str = Box::leak(format!("{CHUNKED}{chunks}").into_boxed_str());
        check("reset", &[(name, answer)]);
    }
}
