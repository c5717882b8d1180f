//! Counters of how often a value was seen: per device, per card, per anything.
//!
//! A counter belongs to `dimension:value` alone, so every rule of every ruleset on that dimension shares it. Its window is
//! fixed: it starts with the first hit, which also decides its length, and afterwards the counter starts anew. Counters
//! are shared by all threads behind a few locks; an uncontended lock costs about 15 ns, and only a rule that matched pays it.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::field::FieldValue;
use crate::stand_in::sharded::Sharded;
use crate::units::nanoseconds;

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

const VALUE_CHARS: usize = 64;
/// The longest name of a dimension.
pub(super) const DIMENSION_BYTES: usize = 31;

impl VelocityCounters {
    /// Counts one hit and tells the new count; `window` matters to the first hit of a window only.
    pub(super) fn hit(&self, key: Key, window: Duration, now_ns: u64) -> Count {
        self.shards.with(key, |counters| {
            counters.drop_expired(now_ns);
            let counter = counters.map.entry(key).or_insert(Counter {
                count: 0,
                ends_ns: 0,
            });
            if counter.ends_ns <= now_ns {
                *counter = Counter {
                    count: 0,
                    ends_ns: now_ns.saturating_add(nanoseconds(window)),
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
pub(super) struct Key {
    bytes: [u8; DIMENSION_BYTES + 1 + VALUE_CHARS],
    length: u8,
}

impl Key {
    pub(super) fn new(dimension: &str, value: Option<FieldValue<'_>>) -> Self {
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

    use super::super::field::FieldValue;
    use super::{Count, Key, VelocityCounters};

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn what_is_left_of_the_window_is_told() {
        let counters = VelocityCounters::default();
        let key = Key::new("device_id", None);
        counters.hit(key, Duration::from_mins(1), 5 * SECOND);
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
}
