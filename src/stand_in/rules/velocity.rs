//! Counters of how often a value was seen: per device, per card, per anything.
//!
//! A counter belongs to `dimension:value` alone, so every rule of every ruleset on that dimension shares it. Its window is
//! fixed: it starts with the first hit, which also decides its length, and afterwards the counter starts anew. Counters
//! are shared by all threads behind a few locks; an uncontended lock costs about 15 ns, and only a rule that matched pays it.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::decision::Decision;
use super::field::{Field, FieldValue};
use super::members::{Members, Problem};
use super::transaction::Transaction;
use crate::stand_in::sharded::Sharded;

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

/// What a counter says right after a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) struct Count {
    pub(in crate::stand_in) count: u64,
    pub(in crate::stand_in) window_left: Duration,
}

/// All counters of one engine.
#[derive(Debug, Default)]
pub(in crate::stand_in) struct VelocityCounters {
    shards: Sharded<Counters>,
}

const MEMBERS: [&str; 4] = ["dimension", "window_seconds", "threshold", "action"];
const VALUE_CHARS: usize = 64;
const DIMENSION_BYTES: usize = 31;

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

impl VelocityCounters {
    fn hit(&self, key: Key, window: Duration, now_ns: u64) -> Count {
        self.shards.with(key, |counters| {
            counters.drop_expired(now_ns);
            let counter = counters.map.entry(key).or_insert(Counter {
                count: 0,
                ends_ns: 0,
            });
            if counter.ends_ns <= now_ns {
                let window_ns = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX);
                *counter = Counter {
                    count: 0,
                    ends_ns: now_ns.saturating_add(window_ns),
                };
            }
            counter.count += 1;
            Count {
                count: counter.count,
                window_left: Duration::from_nanos(counter.ends_ns - now_ns),
            }
        })
    }
}

/// The counters behind one lock.
#[derive(Debug, Default)]
struct Counters {
    map: HashMap<Key, Counter>,
    /// The size at which dead counters are looked for next.
    sweep_at: usize,
}

#[derive(Debug)]
struct Counter {
    count: u64,
    ends_ns: u64,
}

impl Counters {
    /// Keeps memory to about twice the living counters, at a constant price per hit on average.
    fn drop_expired(&mut self, now_ns: u64) {
        const FLOOR: usize = 1024;
        if self.map.len() >= self.sweep_at.max(FLOOR) {
            self.map.retain(|_, counter| counter.ends_ns > now_ns);
            self.sweep_at = 2 * self.map.len();
        }
    }
}

/// The text `dimension:value` with every character of the value outside `[a-zA-Z0-9._-]` made `_`, held in place.
#[derive(Clone, Copy, Debug)]
struct Key {
    bytes: [u8; DIMENSION_BYTES + 1 + VALUE_CHARS],
    length: u8,
}

impl Key {
    fn new(dimension: &str, value: Option<FieldValue<'_>>) -> Self {
        let mut key = Self {
            bytes: [0; DIMENSION_BYTES + 1 + VALUE_CHARS],
            length: 0,
        };
        dimension
            .bytes()
            .chain([b':'])
            .for_each(|byte| key.push(byte));
        match value {
            None => key.push_value("unknown"),
            Some(FieldValue::Text("")) => key.push_value("empty"),
            Some(FieldValue::Text(text)) => key.push_value(text),
            Some(FieldValue::Flag(flag)) => key.push_value(if flag { "true" } else { "false" }),
            Some(FieldValue::Number(number)) => {
                // Pushing into the key reports no error: what does not fit is cut.
                let _ = write!(key, "{number}");
            }
        }
        key
    }

    fn push_value(&mut self, value: &str) {
        for char in value.chars().take(VALUE_CHARS) {
            let kept = char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
            self.push(if kept { char as u8 } else { b'_' });
        }
    }

    fn push(&mut self, byte: u8) {
        if let Some(free) = self.bytes.get_mut(usize::from(self.length)) {
            *free = byte;
            self.length += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Write for Key {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_value(text);
        Ok(())
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::decision::Decision;
    use super::super::field::FieldValue;
    use super::super::transaction::Transaction;
    use super::{Count, Key, Velocity, VelocityCounters};

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
    fn what_is_left_of_the_window_is_told() {
        let counters = VelocityCounters::default();
        let key = Key::new("device_id", None);
        counters.hit(key, Duration::from_secs(60), 5 * SECOND);
        let count = counters.hit(key, Duration::from_secs(1), 7 * SECOND);
        assert_eq!(
            count,
            Count {
                count: 2,
                window_left: Duration::from_secs(58)
            }
        );
    }

    #[test]
    fn expired_counters_are_forgotten() {
        let counters = VelocityCounters::default();
        for idx in 0..200_000_u64 {
            let key = Key::new("device_id", Some(FieldValue::Number(idx as f64)));
            counters.hit(key, Duration::from_secs(1), idx * SECOND);
        }
        let kept: usize = counters.shards.map(|shard| shard.map.len()).sum();
        assert!(kept < 50_000, "{kept} counters are kept though one lives");
    }

    #[test]
    fn keys_are_cleaned_and_cut() {
        let long = "x".repeat(100);
        for (value, expected) in [
            (None, "d:unknown".to_owned()),
            (Some(FieldValue::Text("")), "d:empty".to_owned()),
            (
                Some(FieldValue::Text("2001:db8::1 é")),
                "d:2001_db8__1__".to_owned(),
            ),
            (Some(FieldValue::Number(12.5)), "d:12.5".to_owned()),
            (Some(FieldValue::Flag(true)), "d:true".to_owned()),
            (Some(FieldValue::Text(&long)), format!("d:{}", &long[..64])),
        ] {
            assert_eq!(Key::new("d", value).as_bytes(), expected.as_bytes());
        }
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
