//! Sessions on a tape: whole, in order, and written as their templates say.

use std::collections::BTreeMap;

use tapdeck_corpora::{Error, SLOT_CAPTURED, SlotPart, Tape};
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::ServiceDefinition;

use crate::each_record;

const SERVICE: &str = r#"
name = "desk"
title = "Ticket desk"
slos = []
[target]
base_url = "http://localhost:8080"
[[endpoints]]
name = "ask"
method = "GET"
path = "/ask"
event = "authorization"
weight = 5
[[sessions]]
name = "handle"
weight = 5
[[sessions.steps]]
name = "open"
method = "POST"
path = "/tickets"
headers = { content-type = "application/json" }
body = '{"about": ${card.token}, "session": ${session.number}}'
captures = { own = { pointer = "/id" }, n = { pointer = "/n", kind = "number" } }
[[sessions.steps]]
name = "read"
method = "GET"
path = "/tickets/${captured.own}/of/${card.token}"
[[sessions.steps]]
name = "close"
method = "POST"
path = "/close"
headers = { content-type = "application/json" }
body = '{"id": ${captured.own}, "n": ${captured.n}, "at": ${fire.sent_at}}'
"#;

fn taped(count: u64, threads: usize) -> (tempfile::TempDir, Tape) {
    let service = ServiceDefinition::parse(SERVICE, "desk.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.tape");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let options = GenerateOptions::new(11, count);
    let generated = pool
        .unwrap()
        .install(|| generate(&service, &options, Outputs::tape(&path), &Unwatched));
    generated.unwrap();
    let tape = Tape::open(&path).unwrap();
    (folder, tape)
}

#[test]
fn a_tape_ends_with_a_whole_session() {
    for count in [3, 4, 5, 6, 7, 100, 4_097, 20_001] {
        let (_folder, tape) = taped(count, 1);
        let records = tape.record_count();
        assert!(
            records <= count && count - records < 3,
            "{records} of {count}"
        );
        let (mut steps, mut sessions) = ([0; 4], 0);
        each_record(&tape, |record| {
            steps[record.endpoint()] += 1;
            match record.endpoint() {
                0 => assert_eq!(record.session(), (0, 0)),
                endpoint => {
                    sessions += u64::from(endpoint == 1);
                    let (session, step) = record.session();
                    assert_eq!((session, usize::from(step)), (sessions, endpoint - 1));
                }
            }
        });
        assert_eq!(steps[1..], [sessions, sessions, sessions]);
        assert!(steps[0].abs_diff(sessions) <= 1, "{steps:?}");
    }
}

#[test]
fn captured_values_are_slots_where_they_belong() {
    let (_folder, tape) = taped(1_000, 2);
    let mut cards = BTreeMap::new();
    each_record(&tape, |record| {
        let slots = record.slots();
        let slots: Vec<_> = slots
            .map(|it| (it.part, it.kind, it.offset, it.width))
            .collect();
        let (path, body) = (text(record.path()), text(record.body()));
        match record.endpoint() {
            1 => {
                let (session, _) = record.session();
                let rest = body.strip_prefix("{\"about\":\"").unwrap();
                let card = rest.strip_suffix(&format!("\",\"session\":{session}}}"));
                cards.insert(session, card.unwrap().to_owned());
                assert!(slots.is_empty());
            }
            2 => {
                assert_eq!(path, format!("/tickets//of/{}", cards[&record.session().0]));
                assert_eq!(slots, [(SlotPart::Path, SLOT_CAPTURED, 9, 0)]);
            }
            3 => {
                assert!(body.starts_with(r#"{"id":"","n":,"at":"2025-"#), "{body}");
                let own = (SlotPart::Body, SLOT_CAPTURED, 7, 0);
                let number = (SlotPart::Body, SLOT_CAPTURED + 1, 13, 0);
                assert_eq!(slots, [own, number, (SlotPart::Body, 2, 20, 24)]);
            }
            _ => assert!(slots.is_empty()),
        }
    });
    assert!(cards.len() > 200);
}

#[test]
fn threads_leave_no_trace_on_a_tape_of_sessions() {
    let digest = |threads| taped(30_000, threads).1.digest();
    assert_eq!(digest(1), digest(3));
}

#[test]
fn a_tape_with_room_for_no_session_is_refused() {
    let service = ServiceDefinition::parse(SERVICE, "desk.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.tape");
    let options = GenerateOptions::new(11, 2);
    let refused = generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap_err();
    let expected = "count is 2, expected at least 3, the steps of the longest session";
    assert_eq!(refused.to_string(), expected);
    assert!(matches!(Tape::open(&path), Err(Error::Io { .. })));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
