//! The JSON shapes of evaluation answers, member by member in the engine's order.
//!
//! The authorization path answers with four members, nulls written; the monitoring path, and both when they shed load, with
//! a long object whose absent members are left out.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::rules::{TextField, Transaction};
use super::uuid::Uuid;

/// What the authorization path answers with.
#[derive(Serialize)]
pub(super) struct SlimAnswer<'a> {
    pub(super) transaction_id: Option<&'a str>,
    pub(super) decision: &'static str,
    pub(super) engine_mode: &'static str,
    pub(super) engine_error_code: Option<&'static str>,
}

/// What the monitoring path answers with.
#[derive(Serialize)]
pub(super) struct FullAnswer<'a> {
    pub(super) decision_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction_id: Option<&'a str>,
    pub(super) evaluation_type: &'static str,
    pub(super) decision: &'static str,
    pub(super) engine_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) engine_error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) engine_error_message: Option<&'static str>,
    pub(super) ruleset_key: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ruleset_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ruleset_id: Option<&'a str>,
    #[serde(serialize_with = "as_text")]
    pub(super) timestamp: Timestamp,
    pub(super) processing_time_ms: u64,
    pub(super) matched_rules: Vec<MatchedRule<'a>>,
    pub(super) velocity_results: BTreeMap<&'a str, VelocityResult<'a>>,
    pub(super) transaction_context: Echo<'a>,
    pub(super) engine_metadata: EngineMetadata,
    pub(super) timing_breakdown: TimingBreakdown,
}

/// A rule that matched.
#[derive(Serialize)]
pub(super) struct MatchedRule<'a> {
    pub(super) rule_id: &'a str,
    pub(super) rule_name: &'a str,
    pub(super) action: &'static str,
    pub(super) priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_version_id: Option<&'a str>,
    pub(super) matched: bool,
}

/// What a velocity rule counted.
#[derive(Serialize)]
pub(super) struct VelocityResult<'a> {
    pub(super) dimension: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dimension_value: Option<String>,
    pub(super) count: u64,
    pub(super) threshold: u64,
    pub(super) window_seconds: u64,
    pub(super) exceeded: bool,
    pub(super) ttl_remaining: u64,
}

/// How the engine fared.
#[derive(Serialize)]
pub(super) struct EngineMetadata {
    pub(super) engine_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_message: Option<&'static str>,
    pub(super) processing_time_ms: u64,
    pub(super) rule_engine_version: &'static str,
}

/// Where the time went, in milliseconds.
#[derive(Default, Serialize)]
pub(super) struct TimingBreakdown {
    pub(super) total_processing_time_ms: f64,
    pub(super) ruleset_lookup_time_ms: f64,
    pub(super) rule_evaluation_time_ms: f64,
    pub(super) velocity_check_count: u64,
    pub(super) scope_traversal_time_ms: f64,
    pub(super) context_creation_time_ms: f64,
    pub(super) dispatch_evaluation_time_ms: f64,
    pub(super) decision_finalization_time_ms: f64,
}

fn as_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The transaction as it was understood, flat.
pub(super) struct Echo<'a>(pub(super) &'a Transaction<'a>);

impl Serialize for Echo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        for &field in TextField::ALL {
            if let Some(text) = self.0.text(field) {
                members.serialize_entry(field.name(), text)?;
            }
        }
        if let Some(amount) = self.0.amount() {
            members.serialize_entry("amount", &amount)?;
        }
        if let Some(card_present) = self.0.card_present() {
            members.serialize_entry("card_present", &card_present)?;
        }
        if let Some(decision) = self.0.decision() {
            members.serialize_entry("decision", decision)?;
        }
        members.end()
    }
}

#[cfg(test)]
mod tests {
    use super::{Echo, SlimAnswer, Transaction};

    #[test]
    fn slim_answers_have_four_members_with_nulls_written() {
        let answer = SlimAnswer {
            transaction_id: Some("a\"b"),
            decision: "APPROVE",
            engine_mode: "NORMAL",
            engine_error_code: None,
        };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"transaction_id":"a\"b","decision":"APPROVE","engine_mode":"NORMAL","engine_error_code":null}"#
        );
    }

    #[test]
    fn the_echo_holds_what_was_read_and_nothing_else() {
        let body = r#"{"amount":12.5,"currency":"EUR","x":1,"card_present":true,"decision":"ALLOW","email":null}"#;
        let transaction = Transaction::parse(body).unwrap();
        assert_eq!(
            serde_json::to_string(&Echo(&transaction)).unwrap(),
            r#"{"currency":"EUR","amount":12.5,"card_present":true,"decision":"ALLOW"}"#
        );
    }
}
