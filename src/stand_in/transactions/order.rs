//! Events in the order of their instants, of which pages are made newest first.

/// Where an event stands in an order: by its instant, then by when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Microseconds since the Unix epoch.
    pub(super) at_us: i64,
    /// Place among all events.
    pub(super) row: u32,
}

/// Keys, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Order(Vec<Key>);

impl Key {
    /// Reads a cursor.
    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let (at_us, row) = cursor.split_once('-')?;
        Some(Self {
            at_us: u64::from_str_radix(at_us, 16).ok()?.cast_signed(),
            row: u32::from_str_radix(row, 16).ok()?,
        })
    }

    /// Writes it as a cursor.
    pub(super) fn cursor(self) -> String {
        format!("{:x}-{:x}", self.at_us, self.row)
    }
}

impl Order {
    /// Adds a key. Events come about in order, so what moves for one that does not is little.
    pub(super) fn insert(&mut self, key: Key) {
        let is_newest = self.0.last().is_none_or(|last| *last < key);
        let place = if is_newest {
            self.0.len()
        } else {
            self.0.partition_point(|other| *other < key)
        };
        self.0.insert(place, key);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives the keys before a cursor, or all of them, the newest first.
    pub(super) fn before(&self, cursor: Option<Key>) -> impl Iterator<Item = Key> {
        let end = cursor.map_or(self.0.len(), |cursor| {
            self.0.partition_point(|key| *key < cursor)
        });
        self.0[..end].iter().rev().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever order they come in, keys are given newest first, and from a cursor on those before it.
        #[test]
        fn keys_are_given_newest_first(instants in prop::collection::vec(-50_i64..50, 0..40), cut in 0..40_usize) {
            let mut order = Order::default();
            let mut keys: Vec<Key> = (0..).zip(instants).map(|(row, at_us)| Key { at_us, row }).collect();
            for key in &keys {
                order.insert(*key);
            }
            keys.sort();
            keys.reverse();
            prop_assert_eq!(order.before(None).collect::<Vec<_>>(), keys.clone());
            if let Some(cursor) = keys.get(cut) {
                let cursor = Key::parse(&cursor.cursor());
                prop_assert_eq!(order.before(cursor).collect::<Vec<_>>(), &keys[cut + 1..]);
            }
        }

        #[test]
        fn no_text_makes_the_reader_of_cursors_panic(text: String) {
            Key::parse(&text);
        }
    }
}
