//! Transaction management: what it records, lists and refuses, and what its audit tells.

mod refusals;

use serde_json::{Value, json};

use super::Client;
use crate::stand_in::{Faults, Role, StandIn, StandInConfig};

const INGEST: &str = "/api/v1/decision-events";
const LIST: &str = "/api/v1/transactions";
const ID: &str = "3f0c9a51-7be2-8d44-a1c6-5e2b80f7d913";

fn desk() -> StandIn {
    desk_with(Faults::default())
}

fn desk_with(faults: Faults) -> StandIn {
    let config = StandInConfig {
        role: Role::TransactionManagement,
        faults,
        ..StandInConfig::default()
    };
    StandIn::start(config).unwrap()
}

/// An event that fits, of a transaction and an instant.
fn event(id: &str, second: u32) -> Value {
    let at = format!("2026-01-02T03:04:{second:02}.678Z");
    json!({
        "transaction_id": id, "evaluation_type": "AUTH", "occurred_at": at, "produced_at": at,
        "decision": "APPROVE", "decision_reason": "DEFAULT_ALLOW", "risk_level": "LOW",
        "transaction": {
            "card_id": "tok_1", "card_network": "VISA", "amount": 12.5, "currency": "USD",
            "country": "US", "merchant_id": "M1", "mcc": "5411", "ip_address": "198.18.7.42",
        },
        "transaction_context": {"device_id": "dev_1"},
    })
}

/// An id that no other number has.
fn id(number: u32) -> String {
    format!("3f0c9a51-7be2-8d44-a1c6-{number:012x}")
}

/// Lays members of an event over those it has; those of its transaction by a path.
fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value;
    event
}

fn post(client: &mut Client, event: &Value) -> (u16, Value) {
    let answer = client.post(INGEST, &event.to_string()).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn get(client: &mut Client, path: &str) -> (u16, Value) {
    let answer = client.get(path).unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[test]
fn an_event_is_recorded_and_read_back() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    let (status, body) = post(&mut client, &event(ID, 5));
    assert_eq!(status, 202, "{body}");
    assert_eq!(
        (&body["status"], &body["transaction_id"]),
        (&json!("accepted"), &json!(ID))
    );
    assert_eq!(body["ingestion_source"], "HTTP");
    assert!(!body["ingested_at"].as_str().unwrap().ends_with('Z'));

    let (status, item) = get(&mut client, &format!("{LIST}/{ID}?include_rules=true"));
    assert_eq!(status, 200);
    for (member, expected) in [
        ("transaction_id", json!(ID)),
        ("amount", json!("12.50")),
        ("decision", json!("APPROVE")),
        ("transaction_timestamp", json!("2026-01-02T03:04:05.678Z")),
        (
            "transaction_context",
            json!({"device_id": "dev_1", "ip_address": "198.18.7.42"}),
        ),
        ("matched_rules", json!([])),
        ("review_status", json!(null)),
    ] {
        assert_eq!(item[member], expected, "{member}");
    }
    let (_, combined) = get(&mut client, &format!("{LIST}/{ID}/combined"));
    assert_eq!(
        (&combined["auth"]["id"], &combined["monitoring"]),
        (&item["id"], &json!(null))
    );
    let (_, overview) = get(&mut client, &format!("{LIST}/{ID}/overview"));
    assert_eq!(overview["transaction"]["id"], item["id"]);
    assert_eq!(overview["review"]["status"], "PENDING");
    let (_, metrics) = get(&mut client, "/api/v1/metrics?time_range=1h");
    let counts = (
        &metrics["total_transactions"],
        &metrics["approved_count"],
        &metrics["auth_count"],
    );
    assert_eq!(counts, (&json!(1), &json!(1), &json!(1)));

    for unknown in [id(7), "t0123456789abcdef".to_owned()] {
        let (status, body) = get(&mut client, &format!("{LIST}/{unknown}"));
        let detail = json!({"error": "Transaction not found", "transaction_id": unknown});
        assert_eq!((status, &body["detail"]), (404, &detail));
    }
    for path in [
        "/api/v1/health",
        "/api/v1/health/ready",
        "/api/v1/health/live",
    ] {
        assert_eq!(get(&mut client, path).0, 200, "{path}");
    }
}

#[test]
fn ids_that_are_none_are_replaced_without_a_word() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    let (status, body) = post(&mut client, &event("txn_0123456789abcdef", 5));
    assert_eq!(status, 202);
    let told = body["transaction_id"].as_str().unwrap();
    assert_eq!((told.len(), &told[14..15]), (36, "7"), "{told}");
    assert_eq!(get(&mut client, &format!("{LIST}/{told}")).0, 200);
    assert_eq!(stand_in.audit().transactions.unwrap().ids_replaced, 1);
}

#[test]
fn a_repeated_event_changes_nothing_that_counts() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    post(&mut client, &event(ID, 5));
    let again = with(event(ID, 5), "/decision", json!("DECLINE"));
    let again = with(again, "/transaction_context", json!({"note": "again"}));
    assert_eq!(post(&mut client, &again).0, 202);
    let (_, item) = get(&mut client, &format!("{LIST}/{ID}"));
    assert_eq!(
        (&item["decision"], &item["transaction_context"]["note"]),
        (&json!("APPROVE"), &json!("again"))
    );
    let (_, page) = get(&mut client, LIST);
    assert_eq!(page["total"], 1);

    // Another instant or evaluation makes it another event of the same transaction.
    post(&mut client, &event(ID, 6));
    post(
        &mut client,
        &with(event(ID, 5), "/evaluation_type", json!("MONITORING")),
    );
    let (_, page) = get(&mut client, LIST);
    assert_eq!(page["total"], 3);
    let (_, newest) = get(&mut client, &format!("{LIST}/{ID}"));
    assert_eq!(newest["transaction_timestamp"], "2026-01-02T03:04:06.678Z");
    let audit = stand_in.audit();
    let recorded = audit.transactions.unwrap();
    assert_eq!((recorded.events_recorded, recorded.events_repeated), (3, 1));
    assert_eq!((audit.distinct_ids, audit.repeated_ids), (1, 3));
}

#[test]
fn pages_come_newest_first_and_follow_each_other() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    // The last ones recorded did not happen last.
    for number in (0..25).chain([55, 40]) {
        assert_eq!(post(&mut client, &event(&id(number), number)).0, 202);
    }
    let (mut path, mut seen) = (
        format!("{LIST}?page_size=10&country=US&limit=3"),
        Vec::new(),
    );
    loop {
        let (status, page) = get(&mut client, &path);
        assert_eq!(
            (status, &page["page_size"], &page["total"]),
            (200, &json!(10), &json!(27))
        );
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["transaction_id"].clone()));
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("{LIST}?page_size=10&cursor={cursor}");
    }
    let expected = [55, 40].into_iter().chain((0..25).rev());
    assert_eq!(
        seen,
        expected.map(|number| json!(id(number))).collect::<Vec<_>>()
    );
    let (status, page) = get(&mut client, &format!("{LIST}?page_size=1&cursor=nonsense"));
    assert_eq!(
        (status, &page["items"][0]["transaction_id"]),
        (200, &json!(id(55)))
    );
    for size in ["0", "501", "many"] {
        let (status, body) = get(&mut client, &format!("{LIST}?page_size={size}"));
        let place = json!(["query", "page_size"]);
        assert_eq!((status, &body["detail"][0]["loc"]), (422, &place), "{size}");
    }
}

#[test]
fn queries_find_what_they_ask_for() {
    let stand_in = desk();
    let mut client = Client::new(&stand_in);
    for number in 0..12 {
        let event = event(&id(number), number);
        let event = with(event, "/transaction/amount", json!(number + 1));
        let event = with(
            event,
            "/transaction/card_id",
            json!(format!("tok_{}", number % 3)),
        );
        let event = with(
            event,
            "/transaction/merchant_id",
            json!(format!("M{}", number % 4)),
        );
        let decision = if number < 5 { "DECLINE" } else { "APPROVE" };
        post(&mut client, &with(event, "/decision", json!(decision)));
    }
    for (query, count) in [
        ("", 12),
        ("decision=DECLINE", 5),
        ("card_id=tok_1", 4),
        ("merchant_id=M3", 3),
        ("card_id=tok_1&merchant_id=M1", 1),
        ("card_id=tok_1&decision=APPROVE", 2),
        ("min_amount=10", 3),
        ("min_amount=2.5&max_amount=4", 2),
        ("from_date=2026-01-02T03:04:10Z", 2),
        ("to_date=2026-01-02T03:04:01.678Z", 2),
        ("ip_address=198.18.7.42", 12),
        ("device_id=dev_2", 0),
        ("risk_level=LOW&decision=DECLINE", 5),
        ("review_status=PENDING", 12),
        ("review_status=CLOSED", 0),
        ("assigned_to_me=true", 0),
        ("card_id=nobody", 0),
        ("currency=EUR&country=DE", 12),
    ] {
        let (status, page) = get(&mut client, &format!("{LIST}?{query}"));
        let listed = page["items"].as_array().unwrap().len();
        assert_eq!(
            (status, listed, &page["total"]),
            (200, count, &json!(count)),
            "{query}"
        );
    }
    let (_, metrics) = get(
        &mut client,
        "/api/v1/metrics?from_date=2026-01-02T03:04:10Z",
    );
    assert_eq!(
        (&metrics["total_transactions"], &metrics["total_amount"]),
        (&json!(2), &json!(23.0))
    );
}

#[test]
fn faults_and_answers_are_counted_by_route_and_status() {
    let faults = Faults {
        shed: "100%".parse().unwrap(),
        ..Faults::default()
    };
    let stand_in = desk_with(faults);
    let mut client = Client::new(&stand_in);
    assert_eq!(post(&mut client, &event(ID, 5)).0, 503);
    assert_eq!(get(&mut client, "/api/v1/health").0, 200);
    assert_eq!(
        get(&mut client, "/health"),
        (404, json!({"detail": "Not Found"}))
    );
    let (status, audit) = get(&mut client, "/audit");
    assert_eq!(status, 200);
    assert_eq!(
        audit["routes"]["ingest"],
        json!({"requests": 1, "unanswered": 0, "statuses": {"503": 1}})
    );
    assert_eq!(audit["routes"]["unknown"]["statuses"], json!({"404": 1}));
    assert_eq!(audit["events_recorded"], 0);
    let counted = stand_in.audit();
    assert_eq!(counted.routes["health"].statuses[&200], 1);
    assert_eq!(counted.routes["audit"].requests, 1);
}
