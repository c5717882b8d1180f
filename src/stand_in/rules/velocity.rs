//! The velocity part of a rule: what it counts by, for how long, and what it decides once a count is reached.

use std::time::Duration;

use serde_json::Value;

use super::counters::{Count, DIMENSION_BYTES, Key, VelocityCounters};
use super::decision::Decision;
use super::field::{Field, FieldValue};
use super::members::{Members, Problem};
use super::transaction::Transaction;

/// The velocity part of a rule.
#[derive(Debug)]
pub(in crate::stand_in) struct Velocity {
    pub(in crate::stand_in) dimension: Box<str>,
    pub(in crate::stand_in) threshold: u64,
    pub(in crate::stand_in) window_seconds: u64,
    /// What the rule decides once the threshold is reached.
    pub(in crate::stand_in) action: Decision,
    field: Field,
}

const MEMBERS: [&str; 4] = ["dimension", "window_seconds", "threshold", "action"];

impl Velocity {
    /// Compiles a rule's `velocity`; `rule_action` is what it does where it does not say otherwise.
    pub(super) fn compile(velocity: &Value, rule_action: Decision) -> Result<Self, Problem> {
        let velocity = Members::of(velocity)?;
        if let Some(unknown) = velocity.keys().find(|key| !MEMBERS.contains(key)) {
            let message = format!("unknown member, expected one of {}", MEMBERS.join(", "));
            return Err(Problem::new(unknown, message));
        }
        let dimension = velocity
            .text(&["dimension"])?
            .ok_or_else(|| Problem::new("dimension", "found nothing, expected a field name"))?;
        if dimension.len() > DIMENSION_BYTES {
            let message = format!("the name is longer than {DIMENSION_BYTES} bytes");
            return Err(Problem::new("dimension", message));
        }
        Ok(Self {
            dimension: dimension.into(),
            field: Field::from_dimension(dimension),
            window_seconds: velocity.count(&["window_seconds"])?.unwrap_or(3600),
            threshold: velocity.count(&["threshold"])?.unwrap_or(10),
            action: velocity
                .text(&["action"])?
                .map_or(rule_action, Decision::from_action),
        })
    }

    /// Counts the transaction and tells the new count.
    pub(in crate::stand_in) fn hit(
        &self,
        counters: &VelocityCounters,
        transaction: &Transaction<'_>,
        now_ns: u64,
    ) -> Count {
        let key = Key::new(&self.dimension, transaction.value(self.field));
        counters.hit(key, Duration::from_secs(self.window_seconds), now_ns)
    }

    /// Tells whether a count has reached the threshold.
    pub(in crate::stand_in) fn is_exceeded_by(&self, count: Count) -> bool {
        count.count >= self.threshold
    }

    /// Gives the transaction's value of the dimension, as text.
    pub(in crate::stand_in) fn value_text(&self, transaction: &Transaction<'_>) -> Option<String> {
        transaction.value(self.field).map(|value| match value {
            FieldValue::Text(text) => text.to_owned(),
            FieldValue::Number(number) => number.to_string(),
            FieldValue::Flag(flag) => flag.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::counters::{Count, VelocityCounters};
    use super::super::decision::Decision;
    use super::super::transaction::Transaction;
    use super::Velocity;

    const SECOND: u64 = 1_000_000_000;

    fn compile(velocity: &Value) -> Velocity {
        Velocity::compile(velocity, Decision::Approve).unwrap()
    }

    fn counts(
        velocity: &Velocity,
        counters: &VelocityCounters,
        body: &str,
        at: &[u64],
    ) -> Vec<u64> {
        let transaction = Transaction::parse(body).unwrap();
        at.iter()
            .map(|now| velocity.hit(counters, &transaction, now * SECOND).count)
            .collect()
    }

    #[test]
    fn a_window_is_fixed_from_its_first_hit() {
        let counters = VelocityCounters::default();
        let velocity = compile(&json!({"dimension": "device_id", "window_seconds": 10}));
        let seen = counts(
            &velocity,
            &counters,
            r#"{"device_id":"d"}"#,
            &[100, 109, 109, 110, 115, 120],
        );
        assert_eq!(seen, [1, 2, 3, 1, 2, 1]);
    }

    #[test]
    fn rules_on_one_dimension_share_a_counter_and_the_first_hit_sets_its_window() {
        let counters = VelocityCounters::default();
        let short = compile(&json!({"dimension": "card_hash", "window_seconds": 10}));
        let long = compile(&json!({"dimension": "card_hash", "window_seconds": 1000}));
        let body = r#"{"card_hash":"c"}"#;
        assert_eq!(counts(&short, &counters, body, &[0]), [1]);
        assert_eq!(counts(&long, &counters, body, &[9, 10, 500]), [2, 1, 2]);
        assert_eq!(counts(&short, &counters, body, &[511]), [3]);
        assert_eq!(
            counts(&short, &counters, r#"{"card_hash":"other"}"#, &[511]),
            [1]
        );
    }

    #[test]
    fn the_threshold_fires_on_the_hit_that_reaches_it() {
        let velocity = compile(&json!({"dimension": "card_hash", "threshold": 3}));
        let count = |count| Count {
            count,
            window_left: Duration::ZERO,
        };
        assert!(!velocity.is_exceeded_by(count(2)));
        assert!(velocity.is_exceeded_by(count(3)));
    }

    #[test]
    fn defaults_and_refusals() {
        let velocity = compile(&json!({"dimension": "loyalty_tier"}));
        assert_eq!((velocity.window_seconds, velocity.threshold), (3600, 10));
        assert_eq!(velocity.action, Decision::Approve);
        for (velocity, place) in [
            (
                json!({"dimension": "card_hash", "comparison": "GTE"}),
                "comparison",
            ),
            (json!({"threshold": 3}), "dimension"),
            (
                json!({"dimension": "card_hash", "threshold": -1}),
                "threshold",
            ),
            (
                json!({"dimension": "a-name-that-no-engine-could-possibly-use"}),
                "dimension",
            ),
        ] {
            let problem = Velocity::compile(&velocity, Decision::Approve).unwrap_err();
            assert_eq!(problem.place, place);
        }
    }
}
