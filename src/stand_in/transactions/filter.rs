//! What a query asks for: conditions that an event must meet.

use serde_json::Value;

use super::event::{AUTH, DECISIONS, Event, RISK_LEVELS};
use crate::stand_in::fastapi::{self, Misfit, Query};
use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Visit;

const PENDING: &str = "PENDING";
const REVIEW_STATUSES: &[&str] = &[PENDING, "IN_REVIEW", "ESCALATED", "RESOLVED", "CLOSED"];

/// What a query asks for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) card: Option<String>,
    pub(super) merchant: Option<String>,
    /// The rest, all of which must be met.
    pub(super) conditions: Vec<Condition>,
}

/// One condition.
#[derive(Debug, PartialEq)]
pub(super) enum Condition {
    Decision(&'static str),
    RiskLevel(&'static str),
    Ip(String),
    Device(String),
    Fingerprint(String),
    From(i64),
    To(i64),
    Least(f64),
    Most(f64),
    Rule(Uuid),
    Ruleset(Uuid),
    /// A review waits: every authorization has one, which nobody ever works on here.
    Waiting,
    /// Cases, other reviews, and what is assigned to somebody: there are none.
    Never,
}

impl Filter {
    /// Reads the parameters. Those that the service does not know, country among them, are ignored.
    ///
    /// Errors: 422 for what does not fit; 500 for words and ids that only its database refuses.
    pub(super) fn read(visit: &Visit<'_>, query: &mut Query<'_>) -> Result<Self, Reply> {
        let mut filter = Self::read_dates(visit, query)?;
        let text = |query: &Query<'_>, name| query.get(name).map(str::to_owned);
        filter.card = text(query, "card_id");
        filter.merchant = text(query, "merchant_id");
        let least = query.read("min_amount", not_negative).map(Condition::Least);
        let most = query.read("max_amount", not_negative).map(Condition::Most);
        let mine = query.read("assigned_to_me", boolean);
        if !query.details.is_empty() {
            return Err(fastapi::unprocessable(visit, &query.details));
        }
        let word = |name, words: &'static [&'static str]| match query.get(name) {
            None => Ok(None),
            Some(found) => {
                let known = words.iter().find(|word| **word == found);
                known.copied().map(Some).ok_or(())
            }
        };
        let uuid = |name| match query.get(name) {
            None => Ok(None),
            Some(found) => Uuid::parse(found).map(Some).ok_or(()),
        };
        let refused = |()| fastapi::failure(visit);
        let decision = word("decision", DECISIONS).map_err(refused)?;
        let risk_level = word("risk_level", RISK_LEVELS).map_err(refused)?;
        let review = word("review_status", REVIEW_STATUSES).map_err(refused)?;
        let (rule, ruleset) = (uuid("rule_id"), uuid("ruleset_id"));
        let (rule, ruleset) = (rule.map_err(refused)?, ruleset.map_err(refused)?);
        let case = uuid("case_id").map_err(refused)?;
        let review = review.map(|status| match status {
            PENDING => Condition::Waiting,
            _ => Condition::Never,
        });
        filter.conditions.extend(
            [
                decision.map(Condition::Decision),
                risk_level.map(Condition::RiskLevel),
                review,
                rule.map(Condition::Rule),
                ruleset.map(Condition::Ruleset),
                case.map(|_| Condition::Never),
                mine.filter(|mine| *mine).map(|_| Condition::Never),
                text(query, "ip_address").map(Condition::Ip),
                text(query, "device_id").map(Condition::Device),
                text(query, "device_fingerprint_hash").map(Condition::Fingerprint),
                least,
                most,
            ]
            .into_iter()
            .flatten(),
        );
        Ok(filter)
    }

    /// Reads the first and the last instant.
    pub(super) fn read_dates(visit: &Visit<'_>, query: &mut Query<'_>) -> Result<Self, Reply> {
        let from = query.read("from_date", fastapi::time);
        let to = query.read("to_date", fastapi::time);
        if !query.details.is_empty() {
            return Err(fastapi::unprocessable(visit, &query.details));
        }
        let from = from.map(|from| Condition::From(from.as_microsecond()));
        let to = to.map(|to| Condition::To(to.as_microsecond()));
        Ok(Self {
            conditions: [from, to].into_iter().flatten().collect(),
            ..Self::default()
        })
    }

    /// Tells whether an event is asked for.
    pub(super) fn admits(&self, event: &Event) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        is(&self.card, Some(&event.card_id))
            && is(&self.merchant, event.merchant_id.as_deref())
            && self.conditions.iter().all(|it| it.is_met(event))
    }
}

impl Condition {
    fn is_met(&self, event: &Event) -> bool {
        let beside = &event.beside;
        match self {
            Self::Decision(word) => event.decision == *word,
            Self::RiskLevel(word) => event.risk_level == Some(word),
            Self::Ip(text) => beside.ip_address.as_deref() == Some(text),
            Self::Device(text) => beside.device_id.as_deref() == Some(text),
            Self::Fingerprint(text) => beside.fingerprint.as_deref() == Some(text),
            Self::From(at_us) => event.occurred_at.as_microsecond() >= *at_us,
            Self::To(at_us) => event.occurred_at.as_microsecond() <= *at_us,
            Self::Least(amount) => event.amount >= *amount,
            Self::Most(amount) => event.amount <= *amount,
            Self::Rule(id) => event.rule_ids.contains(id),
            Self::Ruleset(id) => event.ruleset_id == Some(*id),
            Self::Waiting => event.evaluation_type == AUTH,
            Self::Never => false,
        }
    }
}

fn not_negative(value: &Value) -> Result<f64, Misfit> {
    let amount = fastapi::amount(value)?;
    if amount >= 0.0 {
        return Ok(amount);
    }
    let message = "Input should be greater than or equal to 0";
    let misfit = Misfit::new("greater_than_equal", message);
    Err(misfit.within(serde_json::json!({"ge": 0.0})))
}

fn boolean(value: &Value) -> Result<bool, Misfit> {
    match value.as_str().unwrap_or_default().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => {
            let message = "Input should be a valid boolean, unable to interpret input";
            Err(Misfit::new("bool_parsing", message))
        }
    }
}
