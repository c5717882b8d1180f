//! A decision event: what is sent, what can be wrong with it, and what is kept.

use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::order::Key;
use crate::stand_in::fastapi::{self, Form, Misfit};
use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Visit;

pub(super) const AUTH: &str = "AUTH";
pub(super) const MONITORING: &str = "MONITORING";
pub(super) const APPROVE: &str = "APPROVE";
pub(super) const DECISIONS: &[&str] = &[APPROVE, "DECLINE"];
pub(super) const RISK_LEVELS: &[&str] = &["LOW", "MEDIUM", "HIGH", "CRITICAL"];

const EVALUATIONS: &[&str] = &[AUTH, MONITORING];
const NETWORKS: &[&str] = &["VISA", "MASTERCARD", "AMEX", "DISCOVER", "OTHER"];
const REASONS: &[&str] = &[
    "RULE_MATCH",
    "VELOCITY_MATCH",
    "SYSTEM_DECLINE",
    "DEFAULT_ALLOW",
    "MANUAL_REVIEW",
];

/// Longest text where nothing says otherwise.
const LONG: usize = 1 << 20;

/// Most characters of a card token that the database takes. What is longer passes the checks of the body, and fails later.
const LONGEST_CARD: usize = 64;

/// An event on record.
pub(super) struct Event {
    pub(super) id: Uuid,
    pub(super) transaction_id: Uuid,
    pub(super) evaluation_type: &'static str,
    pub(super) occurred_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    pub(super) decision: &'static str,
    pub(super) decision_reason: &'static str,
    pub(super) risk_level: Option<&'static str>,
    pub(super) card_id: Box<str>,
    pub(super) card_last4: Option<Box<str>>,
    pub(super) card_network: Option<&'static str>,
    pub(super) amount: f64,
    pub(super) currency: Box<str>,
    pub(super) merchant_id: Option<Box<str>>,
    pub(super) mcc: Option<Box<str>>,
    pub(super) ruleset_key: Option<Box<str>>,
    pub(super) ruleset_id: Option<Uuid>,
    pub(super) ruleset_version: Option<i64>,
    pub(super) rule_ids: Vec<Uuid>,
    /// What a repetition of the event replaces.
    pub(super) beside: Beside,
    /// The event of the same transaction that was recorded before, as its place among all events.
    pub(super) previous: Option<u32>,
}

/// What is kept as it was sent, beside what is decided.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) trace_id: Option<Box<str>>,
    pub(super) context: Option<Box<RawValue>>,
    pub(super) ip_address: Option<Box<str>>,
    pub(super) device_id: Option<Box<str>>,
    pub(super) fingerprint: Option<Box<str>>,
    pub(super) velocity_snapshot: Option<Box<RawValue>>,
    pub(super) velocity_results: Option<Box<RawValue>>,
    pub(super) engine_metadata: Option<Box<RawValue>>,
    pub(super) matched_rules: Option<Box<RawValue>>,
}

/// An event whose body fits, before it has an id of its own.
pub(super) struct Draft<'v> {
    /// The id as it was sent.
    pub(super) given_id: &'v str,
    /// The id, if it is a UUID.
    pub(super) transaction_id: Option<Uuid>,
    event: Event,
}

impl Event {
    /// Gives its place in an order, as the event of a place among all.
    pub(super) fn key(&self, row: u32) -> Key {
        Key {
            at_us: self.occurred_at.as_microsecond(),
            row,
        }
    }

    /// Tells whether another event is the same one: its transaction is.
    pub(super) fn is_again(&self, other: &Self) -> bool {
        (self.evaluation_type, self.occurred_at) == (other.evaluation_type, other.occurred_at)
    }
}

impl<'v> Draft<'v> {
    /// Reads a body.
    ///
    /// Errors: 422 for what does not fit, 500 for what the real service only notices when it writes.
    pub(super) fn read(visit: &Visit<'_>, body: &'v Value) -> Result<Self, Reply> {
        let mut details = Vec::new();
        let draft = Form::open(body, &mut details).and_then(|mut form| Self::from_form(&mut form));
        let Some(mut draft) = draft.filter(|_| details.is_empty()) else {
            return Err(fastapi::unprocessable(visit, &details));
        };
        let trace = visit.header("x-trace-id");
        let trace = trace.or_else(|| visit.header("x-request-id"));
        draft.event.beside.trace_id = trace.map(|id| id.chars().take(64).collect());
        if draft.event.card_id.chars().count() > LONGEST_CARD || !rules_can_be_kept(body) {
            return Err(fastapi::failure(visit));
        }
        Ok(draft)
    }

    /// Reads every member, so that everything that does not fit is told at once.
    fn from_form(form: &mut Form<'v, '_>) -> Option<Self> {
        let given_id = form.required("transaction_id", |value| fastapi::text(value, (0, LONG)));
        let evaluation_type =
            form.required("evaluation_type", |value| fastapi::word(value, EVALUATIONS));
        let occurred_at = form.required("occurred_at", fastapi::time);
        let produced_at = form.required("produced_at", fastapi::time);
        let decision = form.required("decision", |value| fastapi::word(value, DECISIONS));
        let decision_reason =
            form.required("decision_reason", |value| fastapi::word(value, REASONS));
        let risk_level = form.optional("risk_level", |value| fastapi::word(value, RISK_LEVELS));
        form.optional("event_version", |value| fastapi::text(value, (0, LONG)));
        let ruleset_key = form.optional("ruleset_key", |value| fastapi::text(value, (0, LONG)));
        let ruleset_id = form.optional("ruleset_id", fastapi::uuid);
        let ruleset_version = form.optional("ruleset_version", |value| fastapi::whole(value, None));
        let mut rule_ids = Vec::new();
        form.each("matched_rules", |rule| {
            // What is no UUID passes here, and fails when it is written.
            rule_ids
                .extend(rule.required("rule_id", |value| Ok(value.as_str().and_then(Uuid::parse))));
            rule.optional("rule_version", |value| fastapi::whole(value, Some(1)));
            rule.optional("priority", |value| fastapi::whole(value, Some(0)));
        });
        let purchase = form
            .inner("transaction")
            .and_then(|mut form| purchase(&mut form));
        let address = purchase.as_ref().and_then(|it| it.ip_address);
        let beside = beside(form, address);
        let purchase = purchase?;
        produced_at?;
        let given_id = given_id?;
        Some(Self {
            given_id,
            transaction_id: Uuid::parse(given_id),
            event: Event {
                id: Uuid::from_random(0),
                transaction_id: Uuid::from_random(0),
                evaluation_type: evaluation_type?,
                occurred_at: occurred_at?,
                recorded_at: Timestamp::UNIX_EPOCH,
                decision: decision?,
                decision_reason: decision_reason?,
                risk_level,
                card_id: purchase.card_id.into(),
                card_last4: purchase.card_last4.map(Into::into),
                card_network: purchase.card_network,
                amount: purchase.amount,
                currency: purchase.currency.into(),
                merchant_id: purchase.merchant_id.map(Into::into),
                mcc: purchase.mcc.map(Into::into),
                ruleset_key: ruleset_key.map(Into::into),
                ruleset_id,
                ruleset_version,
                rule_ids: rule_ids.into_iter().flatten().collect(),
                beside,
                previous: None,
            },
        })
    }

    /// Makes the event, under the id it is to have.
    pub(super) fn event(self, transaction_id: Uuid, now: Timestamp, random: u128) -> Event {
        Event {
            id: Uuid::from_time(now, random),
            transaction_id,
            recorded_at: now,
            ..self.event
        }
    }
}

/// The card, the money and the merchant.
struct Purchase<'v> {
    card_id: &'v str,
    card_last4: Option<&'v str>,
    card_network: Option<&'static str>,
    amount: f64,
    currency: &'v str,
    merchant_id: Option<&'v str>,
    mcc: Option<&'v str>,
    ip_address: Option<&'v str>,
}

fn purchase<'v>(form: &mut Form<'v, '_>) -> Option<Purchase<'v>> {
    let card_id = form.required("card_id", card);
    let card_last4 = form.optional("card_last4", |value| fastapi::text(value, (0, 4)));
    let card_network = form.optional("card_network", |value| fastapi::word(value, NETWORKS));
    let amount = form.required("amount", positive);
    let currency = form.required("currency", |value| fastapi::text(value, (3, 3)));
    let country = form.required("country", |value| fastapi::text(value, (2, 2)));
    let merchant_id = form.optional("merchant_id", |value| fastapi::text(value, (0, 64)));
    let mcc = form.optional("mcc", |value| fastapi::text(value, (0, 8)));
    let ip_address = form.optional("ip_address", |value| fastapi::text(value, (0, LONG)));
    // Checked and not kept, as in the real service.
    country?;
    Some(Purchase {
        card_id: card_id?,
        card_last4,
        card_network,
        amount: amount?,
        currency: currency?,
        merchant_id,
        mcc,
        ip_address,
    })
}

fn card(value: &Value) -> Result<&str, Misfit> {
    let text = fastapi::text(value, (0, LONG))?;
    if text.starts_with("tok_") || text.starts_with("pan_") {
        return Ok(text);
    }
    let message = "Value error, card_id must be tokenized (start with 'tok_' or 'pan_')";
    Err(Misfit::new("value_error", message))
}

fn positive(value: &Value) -> Result<f64, Misfit> {
    let amount = fastapi::amount(value)?;
    if amount > 0.0 {
        return Ok(amount);
    }
    let misfit = Misfit::new("greater_than", "Input should be greater than 0");
    Err(misfit.within(json!({"gt": 0.0})))
}

/// Reads what is kept as it is. The address goes into the context, where queries look for it.
fn beside(form: &mut Form<'_, '_>, address: Option<&str>) -> Beside {
    let context = form.optional("transaction_context", fastapi::object);
    let mut context = context.cloned();
    if let Some(address) = address {
        context.get_or_insert(json!({}))["ip_address"] = address.into();
    }
    let context = context.as_ref();
    let member = |name: &str| {
        let text = context.and_then(|context| context[name].as_str());
        text.map(Into::into)
    };
    form.optional("raw_payload", fastapi::object);
    Beside {
        trace_id: None,
        ip_address: member("ip_address"),
        device_id: member("device_id"),
        fingerprint: member("device_fingerprint_hash"),
        context: kept(context),
        velocity_snapshot: kept(form.optional("velocity_snapshot", fastapi::object)),
        velocity_results: kept(form.optional("velocity_results", fastapi::object)),
        engine_metadata: kept(form.optional("engine_metadata", fastapi::object)),
        matched_rules: kept(
            form.optional("matched_rules", |value| fastapi::list(value).map(|_| value)),
        ),
    }
}

fn kept(value: Option<&Value>) -> Option<Box<RawValue>> {
    // Whatever was read as JSON can be written again.
    to_raw_value(value?).ok()
}

/// Tells whether the database would take the matched rules: each needs a UUID and a name, and what was compared cannot be
/// written at all.
fn rules_can_be_kept(body: &Value) -> bool {
    let rules = body["matched_rules"].as_array();
    rules.into_iter().flatten().all(|rule| {
        rule["rule_id"].as_str().and_then(Uuid::parse).is_some()
            && rule["rule_name"].is_string()
            && rule["conditions_met"].is_null()
            && rule["condition_values"].is_null()
    })
}
