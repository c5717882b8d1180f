//! Values that sessions take out of answers: how often they were looked for, and found, arrives in the measurements.

use std::sync::Arc;

use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_reports::measurements::CaptureMeasurements;
use tapdeck_services::ServiceDefinition;

use crate::common::Run;
use crate::raw::{Answer, RawServer};

/// A session of two steps; `right` stands where it is looked for, the others do not.
const SERVICE: &str = r#"
    name = "visits"
    title = "Visits"
    [target]
    base_url = "http://localhost:1"
    [[sessions]]
    name = "visit"
    [[sessions.steps]]
    name = "begin"
    method = "GET"
    path = "/begin"
    [sessions.steps.captures]
    right = { pointer = "/id" }
    misspelt = { pointer = "/ident" }
    mark = { header = "x-mark" }
    lost = { header = "x-lost" }
    [[sessions.steps]]
    name = "go-on"
    method = "GET"
    path = "/go-on/${captured.misspelt}"
    [[sessions.steps]]
    name = "end"
    method = "GET"
    path = "/end/${captured.right}/${captured.mark}"
"#;

fn tape() -> Arc<Tape> {
    let service = ServiceDefinition::parse(SERVICE, "a test").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("visits.tape");
    let options = GenerateOptions::new(5, 300);
    generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    // The map outlives the file's name.
    Arc::new(Tape::open(&path).unwrap())
}

#[test]
fn captures_that_never_match_are_counted_with_an_answer_that_lacks_them() {
    let server = RawServer::answering(|_| {
        let body = r#"{"id":"abc","pan":"4111111111111111"}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\nx-mark: 7\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Answer::Pieces(vec![[head.as_bytes(), body.as_bytes()].concat()])
    });
    let measured = Run::at(&server.url(), 50.0).play_tape(tape());
    let session = &measured.sessions[0];
    assert_eq!((session.tally.started, session.tally.broken), (50, 50));
    let [lost, mark, misspelt, right] = of_names(&session.captures);
    for capture in [&right, &mark, &misspelt, &lost] {
        assert_eq!((capture.looked, capture.step.as_str()), (50, "visit/begin"));
    }
    assert_eq!((right.found, mark.found), (50, 50));
    assert_eq!((right.sample, mark.sample), (None, None));
    assert_eq!((misspelt.found, lost.found), (0, 0));
    let sample = misspelt.sample.unwrap();
    assert!(sample.contains(r#""id":"abc""#), "{sample}");
    assert!(!sample.contains("4111111111111111"), "{sample}");
    let sample = lost.sample.unwrap();
    assert!(sample.contains("x-mark"), "{sample}");
    // The step without its value was never sent, although the tape holds it as often as the others.
    let sent = |name: &str| {
        let mut endpoints = measured.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.name == name).unwrap();
        (endpoint.on_tape, endpoint.ledger.sent)
    };
    assert_eq!(sent("visit/begin"), (100, 50));
    assert_eq!(sent("visit/go-on"), (100, 0));
    assert_eq!(sent("visit/end"), (100, 50));
}

/// Sorts the captures by name.
fn of_names(captures: &[CaptureMeasurements]) -> [CaptureMeasurements; 4] {
    let mut captures = captures.to_vec();
    captures.sort_by(|one, other| one.name.cmp(&other.name));
    captures.try_into().unwrap()
}
