//! The JSON shapes of answers, member by member in the service's order.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::event::{AUTH, Event};
use super::store::Found;
use crate::stand_in::uuid::Uuid;

/// What an event is answered with.
#[derive(Serialize)]
pub(super) struct Accepted {
    status: &'static str,
    transaction_id: Uuid,
    ingestion_source: &'static str,
    /// Without an offset, as the service tells it.
    #[serde(serialize_with = "as_text")]
    ingested_at: DateTime,
}

/// A page of events.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    items: Vec<Item<'a>>,
    total: usize,
    #[serde(rename = "page_size")]
    size: i64,
    has_more: bool,
    next_cursor: Option<String>,
}

/// An event.
#[derive(Serialize)]
pub(super) struct Item<'a> {
    id: Uuid,
    pub(super) transaction_id: Uuid,
    evaluation_type: &'static str,
    card_id: &'a str,
    card_last4: Option<&'a str>,
    card_network: Option<&'static str>,
    /// A number in quotes, with two decimals.
    amount: String,
    currency: &'a str,
    merchant_id: Option<&'a str>,
    mcc: Option<&'a str>,
    decision: &'static str,
    decision_reason: &'static str,
    decision_score: Option<f64>,
    risk_level: Option<&'static str>,
    ruleset_key: Option<&'a str>,
    ruleset_id: Option<Uuid>,
    ruleset_version: Option<i64>,
    transaction_context: Option<&'a RawValue>,
    velocity_snapshot: Option<&'a RawValue>,
    velocity_results: Option<&'a RawValue>,
    engine_metadata: Option<&'a RawValue>,
    #[serde(serialize_with = "as_text")]
    transaction_timestamp: Timestamp,
    #[serde(serialize_with = "as_text")]
    ingestion_timestamp: Timestamp,
    trace_id: Option<&'a str>,
    request_id: Option<&'a str>,
    session_id: Option<&'a str>,
    ingestion_source: &'static str,
    #[serde(serialize_with = "as_text")]
    created_at: Timestamp,
    #[serde(serialize_with = "as_text")]
    updated_at: Timestamp,
    matched_rules: Rules<'a>,
    review_status: Option<&'a str>,
    review_priority: Option<&'a str>,
    review_assigned_analyst_id: Option<&'a str>,
    review_case_id: Option<&'a str>,
}

/// The newest event of each evaluation.
#[derive(Serialize)]
pub(super) struct Combined<'a> {
    pub(super) transaction_id: Uuid,
    pub(super) auth: Option<Item<'a>>,
    pub(super) monitoring: Option<Item<'a>>,
}

/// A transaction and what people did about it, which is nothing.
#[derive(Serialize)]
pub(super) struct Overview<'a> {
    transaction: Item<'a>,
    review: Option<Review>,
    notes: [(); 0],
    case: Option<()>,
    matched_rules: Rules<'a>,
    #[serde(serialize_with = "as_text")]
    last_activity_at: Timestamp,
}

/// The review that every authorization waits for.
#[derive(Serialize)]
struct Review {
    transaction_id: Uuid,
    status: &'static str,
    priority: u8,
    assigned_analyst_id: Option<()>,
    case_id: Option<()>,
}

/// That nothing has an id.
#[derive(Serialize)]
pub(super) struct UnknownTransaction<'a> {
    pub(super) error: &'static str,
    pub(super) transaction_id: &'a str,
}

/// Rules as they were sent, or an empty list.
struct Rules<'a>(Option<&'a RawValue>);

impl Accepted {
    pub(super) fn new(transaction_id: Uuid, now: Timestamp) -> Self {
        Self {
            status: "accepted",
            transaction_id,
            ingestion_source: "HTTP",
            ingested_at: now.to_zoned(TimeZone::UTC).datetime(),
        }
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(found: &Found<'a>, size: i64) -> Self {
        let events = found.events.iter();
        Self {
            items: events.map(|event| Item::new(event, true)).collect(),
            total: found.total,
            size,
            has_more: found.next.is_some(),
            next_cursor: found.next.map(super::Key::cursor),
        }
    }
}

impl<'a> Item<'a> {
    pub(super) fn new(event: &'a Event, with_rules: bool) -> Self {
        let beside = &event.beside;
        let rules = beside.matched_rules.as_deref().filter(|_| with_rules);
        Self {
            id: event.id,
            transaction_id: event.transaction_id,
            evaluation_type: event.evaluation_type,
            card_id: &event.card_id,
            card_last4: event.card_last4.as_deref(),
            card_network: event.card_network,
            amount: format!("{:.2}", event.amount),
            currency: &event.currency,
            merchant_id: event.merchant_id.as_deref(),
            mcc: event.mcc.as_deref(),
            decision: event.decision,
            decision_reason: event.decision_reason,
            decision_score: None,
            risk_level: event.risk_level,
            ruleset_key: event.ruleset_key.as_deref(),
            ruleset_id: event.ruleset_id,
            ruleset_version: event.ruleset_version,
            transaction_context: beside.context.as_deref(),
            velocity_snapshot: beside.velocity_snapshot.as_deref(),
            velocity_results: beside.velocity_results.as_deref(),
            engine_metadata: beside.engine_metadata.as_deref(),
            transaction_timestamp: event.occurred_at,
            ingestion_timestamp: event.recorded_at,
            trace_id: beside.trace_id.as_deref(),
            request_id: None,
            session_id: None,
            ingestion_source: "HTTP",
            created_at: event.recorded_at,
            updated_at: event.recorded_at,
            matched_rules: Rules(rules),
            review_status: None,
            review_priority: None,
            review_assigned_analyst_id: None,
            review_case_id: None,
        }
    }
}

impl<'a> Overview<'a> {
    pub(super) fn new(event: &'a Event, with_rules: bool) -> Self {
        let review = Review {
            transaction_id: event.transaction_id,
            status: "PENDING",
            priority: 3,
            assigned_analyst_id: None,
            case_id: None,
        };
        let rules = event.beside.matched_rules.as_deref();
        Self {
            transaction: Item::new(event, with_rules),
            review: (event.evaluation_type == AUTH).then_some(review),
            notes: [],
            case: None,
            matched_rules: Rules(rules.filter(|_| with_rules)),
            last_activity_at: event.recorded_at,
        }
    }
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(rules) => rules.serialize(serializer),
            None => [(); 0].serialize(serializer),
        }
    }
}

fn as_text<S: Serializer>(
    value: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
