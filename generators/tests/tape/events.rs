//! The three events of a transaction on one tape.

use std::collections::BTreeMap;

use serde_json::Value;
use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::ServiceDefinition;

use crate::each_record;

/// Asks for decisions, puts them on record where a UUID is wanted, and reports outcomes.
const SERVICE: &str = r#"
name = "three"
title = "All three events"
slos = []

[target]
base_url = "http://localhost:1"

[[endpoints]]
name = "ask"
method = "POST"
path = "/ask"
event = "authorization"
weight = 50
headers = { content-type = "application/json" }
body = '''{"transaction_id": ${txn.uuid}, "transaction": {
  "card_id": ${card.token}, "merchant_id": ${merchant.id}, "amount": ${txn.amount}, "card_network": ${card.network}
}}'''

[[endpoints]]
name = "tell"
method = "POST"
path = "/tell"
event = "monitoring"
weight = 20
headers = { content-type = "application/json" }
body = '''{"transaction_id": ${txn.uuid}, "decision": ${txn.decision}, "transaction": {
  "card_id": ${card.token}, "merchant_id": ${merchant.id}, "amount": ${txn.amount}
}}'''

[[endpoints]]
name = "record"
method = "POST"
path = "/api/v1/decision-events"
event = "decision_event"
weight = 30
statuses = [202]
headers = { content-type = "application/json" }
body = '''{
  "transaction_id": ${txn.uuid},
  "evaluation_type": "AUTH",
  "event_version": "1.0",
  "occurred_at": ${fire.sent_at},
  "produced_at": ${fire.sent_at},
  "decision": ${txn.decision},
  "decision_reason": ${txn.decision_reason},
  "transaction": {
    "card_id": ${card.token},
    "card_network": ${card.major_network},
    "amount": ${txn.amount},
    "currency": ${txn.currency},
    "country": ${merchant.country},
    "merchant_id": ${merchant.id},
    "mcc": ${merchant.mcc},
    "ip_address": ${ip.address}
  }
}'''
"#;

const ASK: usize = 0;
const TELL: usize = 1;
const RECORD: usize = 2;

/// What is known of a transaction so far.
struct Known {
    asked: Value,
    asked_at_ns: u64,
    recorded: Option<Value>,
}

fn taped(count: u64) -> (tempfile::TempDir, Tape) {
    let service = ServiceDefinition::parse(SERVICE, "three.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.tape");
    let options = GenerateOptions::new(9, count);
    generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    let tape = Tape::open(&path).unwrap();
    (folder, tape)
}

#[test]
fn three_events_speak_of_one_transaction_in_their_order() {
    const COUNT: u64 = 20_000;
    let (_folder, tape) = taped(COUNT);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut counts = [0u64; 3];
    let (mut others, mut all_three) = (0, 0);
    let mut last_ns = 0;
    each_record(&tape, |record| {
        assert!(last_ns <= record.event_offset_ns());
        last_ns = record.event_offset_ns();
        counts[record.endpoint()] += 1;
        let body: Value = serde_json::from_slice(record.body()).unwrap();
        let id = body["transaction_id"].as_str().unwrap().to_owned();
        if record.endpoint() == ASK {
            let first = Known {
                asked: body,
                asked_at_ns: record.event_offset_ns(),
                recorded: None,
            };
            assert!(known.insert(id, first).is_none());
            return;
        }
        let before = known.get_mut(&id).unwrap();
        for field in ["card_id", "merchant_id", "amount"] {
            let (said, asked) = (
                &body["transaction"][field],
                &before.asked["transaction"][field],
            );
            assert_eq!(said, asked, "{field}");
        }
        let delay_ms = (record.event_offset_ns() - before.asked_at_ns) / 1_000_000;
        if record.endpoint() == RECORD {
            assert!((20..200).contains(&delay_ms), "{delay_ms}");
            let expected = match before.asked["transaction"]["card_network"].as_str() {
                Some("JCB") => "OTHER",
                Some(name) => name,
                None => panic!("a card has no network"),
            };
            assert_eq!(body["transaction"]["card_network"], expected);
            others += u32::from(expected == "OTHER");
            let reason = if body["decision"] == "APPROVE" {
                "DEFAULT_ALLOW"
            } else {
                "SYSTEM_DECLINE"
            };
            assert_eq!(body["decision_reason"], reason);
            before.recorded = Some(body);
        } else {
            assert_eq!(record.endpoint(), TELL);
            assert!((200..=2_000).contains(&delay_ms), "{delay_ms}");
            if let Some(recorded) = &before.recorded {
                assert_eq!(recorded["decision"], body["decision"]);
                all_three += 1;
            }
        }
    });
    for (found, weight) in counts.into_iter().zip([50, 20, 30]) {
        assert!(found.abs_diff(COUNT * weight / 100) <= 3, "{counts:?}");
    }
    assert!(others > 50 && all_three > 500, "{others} {all_three}");
}
