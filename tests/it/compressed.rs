//! Answers that come compressed, asked for or not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tapdeck_reports::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, S, failures, tape_of};
use crate::raw::{Answer, RawServer};

const BODY: &[u8] = br#"{"ok":"yes","decision":"APPROVE"}"#;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4_096, 5, 22);
    encoder.write_all(body).unwrap();
    drop(encoder);
    out
}

/// Plays ten requests to a server that sends this body, as compressed in this way, if it is asked for what `asked` says.
fn play(headers: &str, asked: &'static str, encoding: &'static str, body: Vec<u8>) -> Measurements {
    let source = format!(
        "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
         [[endpoints]]\nname = \"auth\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"\n{headers}\n\
         checks = [{{ name = \"ok\", equals = {{ pointer = \"/ok\", value = \"yes\" }} }}]\n\
         decision = {{ pointer = \"/decision\", approve = [\"APPROVE\"] }}"
    );
    let service = ServiceDefinition::parse(&source, "a test").unwrap();
    let server = RawServer::answering(move |request| {
        assert!(request.head.contains(asked), "{}", request.head);
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n"
        );
        Answer::Pieces(vec![head.into_bytes(), body.clone()])
    });
    let run = Run {
        connections: 2,
        measure_ns: S / 5,
        ..Run::at(&server.url(), 50.0)
    };
    run.play_tape(tape_of(&service, 10))
}

#[test]
fn compressed_answers_are_looked_into_whether_asked_for_or_not() {
    let asking = "headers = { accept-encoding = \"gzip, br\" }";
    for (headers, asked) in [(asking, "accept-encoding: gzip, br\r\n"), ("", "GET ")] {
        for (encoding, body) in [("gzip", gzip(BODY)), ("br", brotli(BODY))] {
            let length = body.len() as u64;
            let measured = play(headers, asked, encoding, body);
            assert_eq!(
                measured.ledger.good, 10,
                "{encoding}: {:?}",
                measured.failures
            );
            let approved: u64 = measured
                .confusion
                .iter()
                .map(|row| row.approved.count)
                .sum();
            assert_eq!(approved, 10, "{encoding}");
            assert_eq!(
                measured.endpoints[0].answer_bytes,
                10 * length,
                "as they came"
            );
        }
    }
}

#[test]
fn what_cannot_be_decoded_fails_the_checks_and_says_why() {
    let mut damaged = gzip(BODY);
    damaged.truncate(20);
    let many = [b"{\"filler\":\"", &*vec![b'x'; 8 << 20], b"\",", &BODY[1..]].concat();
    for (name, encoding, body, expected) in [
        (
            "damaged",
            "gzip",
            damaged,
            "content-encoding gzip, which the body is not",
        ),
        (
            "not compressed",
            "br",
            BODY.to_vec(),
            "content-encoding br, which the body is not",
        ),
        (
            "unknown",
            "compress",
            BODY.to_vec(),
            "content-encoding compress, which is not decoded",
        ),
        (
            "too long",
            "gzip",
            gzip(&many),
            "of which the first 1048576 bytes are decoded",
        ),
    ] {
        let measured = play("", "GET ", encoding, body);
        assert_eq!(failures(&measured, "check:ok"), 10, "{name}");
        assert_eq!(measured.ledger.completed, 10, "{name}");
        let sample = &measured.failures[0].samples[0];
        assert!(sample.contains(expected), "{name}: {sample}");
    }
}
