//! Full answers: those of the monitoring path, and those of either path without an evaluation.

use std::collections::BTreeMap;

use super::answer::{
    Echo, EngineMetadata, FullAnswer, MatchedRule, TimingBreakdown, VelocityResult,
};
use super::connection::Connection;
use super::evaluate::{Arrival, Evaluation};
use super::reply::Reply;
use super::rules::{Count, Rule, Ruleset, TextField, Velocity};
use super::seen::Event;
use super::uuid::Uuid;
use crate::clock::{Clock, MonotonicClock};

/// A request to be answered at length.
pub(super) struct FullEvaluation<'a> {
    pub(super) connection: &'a Connection,
    pub(super) evaluation: Evaluation,
    pub(super) arrival: &'a Arrival<'a>,
}

/// Why there is no evaluation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    LoadShed,
    NoRuleset,
    /// A failure played on purpose.
    Failure,
}

impl Trouble {
    fn code(self) -> &'static str {
        match self {
            Self::LoadShed => "LOAD_SHEDDING",
            Self::NoRuleset | Self::Failure => "INTERNAL_ERROR",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::LoadShed => "Request shed due to high load",
            Self::NoRuleset => "Ruleset not loaded",
            Self::Failure => "Evaluation failed",
        }
    }
}

/// Instants between the steps of an evaluation.
#[derive(Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "raw integers carry their unit")]
struct Steps {
    begun_ns: u64,
    found_ns: u64,
    evaluated_ns: u64,
}

/// What the matching rules add to an answer.
#[derive(Default)]
struct Findings<'a> {
    matched: Vec<MatchedRule<'a>>,
    velocity: BTreeMap<&'a str, VelocityResult<'a>>,
}

impl FullEvaluation<'_> {
    /// Reports every rule that matches; the decision stays the caller's.
    pub(super) fn with_rules(&self) -> Reply {
        let begun_ns = MonotonicClock.now_ns();
        let registered = self.connection.engine().registry.registered();
        let country_code = self.arrival.transaction.text(TextField::CountryCode);
        let Some(ruleset) = registered.find(self.evaluation.ruleset_key(), country_code) else {
            return self.without_rules(Trouble::NoRuleset);
        };
        let found_ns = MonotonicClock.now_ns();
        let mut findings = Findings::default();
        for rule in ruleset.matching(self.arrival.transaction) {
            findings
                .matched
                .push(self.report(rule, &mut findings.velocity));
        }
        let steps = Steps {
            begun_ns,
            found_ns,
            evaluated_ns: MonotonicClock.now_ns(),
        };
        self.connection.count_decision(self.arrival.decision);
        self.reply(Some(ruleset), findings, None, steps)
    }

    /// Tells why no rule was looked at.
    pub(super) fn without_rules(&self, trouble: Trouble) -> Reply {
        if trouble != Trouble::LoadShed {
            self.connection.count(Event::Degraded);
        }
        let now_ns = MonotonicClock.now_ns();
        let steps = Steps {
            begun_ns: now_ns,
            found_ns: now_ns,
            evaluated_ns: now_ns,
        };
        self.reply(None, Findings::default(), Some(trouble), steps)
    }

    /// Reports one matching rule, counting it where it asks to be counted.
    fn report<'r>(
        &'r self,
        rule: &'r Rule,
        velocity_results: &mut BTreeMap<&'r str, VelocityResult<'r>>,
    ) -> MatchedRule<'r> {
        let mut action = rule.action;
        if let Some(velocity) = &rule.velocity {
            let counters = &self.connection.engine().counters;
            let count = velocity.hit(counters, self.arrival.transaction, self.arrival.arrived_ns);
            if velocity.is_exceeded_by(count) {
                action = velocity.action;
            }
            velocity_results.insert(&rule.id, self.velocity_result(velocity, count));
        }
        MatchedRule {
            rule_id: &rule.id,
            rule_name: &rule.id,
            action: action.as_str(),
            priority: rule.priority,
            rule_version: rule.version,
            rule_version_id: rule.version_id.as_deref(),
            matched: true,
        }
    }

    fn velocity_result<'r>(&'r self, velocity: &'r Velocity, count: Count) -> VelocityResult<'r> {
        VelocityResult {
            dimension: &velocity.dimension,
            dimension_value: velocity.value_text(self.arrival.transaction),
            count: count.count,
            threshold: velocity.threshold,
            window_seconds: velocity.window_seconds,
            exceeded: velocity.is_exceeded_by(count),
            ttl_remaining: count.window_left.as_secs(),
        }
    }

    fn reply<'r>(
        &'r self,
        ruleset: Option<&'r Ruleset>,
        findings: Findings<'r>,
        trouble: Option<Trouble>,
        steps: Steps,
    ) -> Reply {
        let engine_mode = if trouble.is_some() {
            "DEGRADED"
        } else {
            "NORMAL"
        };
        let error_code = trouble.map(Trouble::code);
        let error_message = trouble.map(Trouble::message);
        let processing_time_ms = (steps.evaluated_ns - self.arrival.arrived_ns) / 1_000_000;
        let velocity_check_count = findings.velocity.len() as u64;
        Reply::ok(self.connection.writer().json(&FullAnswer {
            decision_id: Uuid::from_random(self.connection.next_id()),
            transaction_id: self.arrival.answered_id,
            evaluation_type: self.evaluation.as_str(),
            decision: self.arrival.decision.as_str(),
            engine_mode,
            engine_error_code: error_code,
            engine_error_message: error_message,
            ruleset_key: self.evaluation.ruleset_key(),
            ruleset_version: ruleset.and_then(|ruleset| ruleset.version),
            ruleset_id: ruleset.and_then(|ruleset| ruleset.id.as_deref()),
            timestamp: self.connection.engine().wall_time(self.arrival.arrived_ns),
            processing_time_ms,
            matched_rules: findings.matched,
            velocity_results: findings.velocity,
            transaction_context: Echo(self.arrival.transaction),
            engine_metadata: EngineMetadata {
                engine_mode,
                error_code,
                error_message,
                processing_time_ms,
                rule_engine_version: concat!("stand-in-", env!("CARGO_PKG_VERSION")),
            },
            timing_breakdown: self.timing(steps, velocity_check_count),
        }))
    }

    /// Breaks the time down as the engine does, quirk included: its rule evaluation time is whole milliseconds minus a
    /// fraction, and therefore usually negative.
    fn timing(&self, steps: Steps, velocity_check_count: u64) -> TimingBreakdown {
        let between = |from_ns: u64, to_ns: u64| (to_ns - from_ns) as f64 / 1e6;
        let total_processing_time_ms = between(self.arrival.arrived_ns, steps.evaluated_ns);
        let ruleset_lookup_time_ms = between(steps.begun_ns, steps.found_ns);
        TimingBreakdown {
            total_processing_time_ms,
            ruleset_lookup_time_ms,
            rule_evaluation_time_ms: total_processing_time_ms.trunc() - ruleset_lookup_time_ms,
            velocity_check_count,
            context_creation_time_ms: between(self.arrival.arrived_ns, steps.begun_ns),
            dispatch_evaluation_time_ms: between(steps.found_ns, steps.evaluated_ns),
            ..TimingBreakdown::default()
        }
    }
}
