//! How often each key came up in windows of event time that end at the present: exact, in one pass.
//!
//! Every event enters its key's tally once and leaves each window once, so the cost per event does not depend on how
//! busy a key is, and memory holds no more than the events of the longest window. The table of keys is only ever
//! looked up, never walked, so no order of it can reach a byte.

use std::collections::VecDeque;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::numeric::mix64;

/// Counts events by key in `W` windows.
#[derive(Debug)]
pub(super) struct Sliding<const W: usize> {
    /// Lengths in milliseconds, the longest last.
    windows_ms: [u64; W],
    /// Events of the longest window, oldest first.
    events: VecDeque<Event>,
    /// Events at the front that have left each window.
    left: [usize; W],
    tallies: HashTable<Tally<W>>,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    at_ms: u64,
    key: u64,
}

#[derive(Debug, Clone, Copy)]
struct Tally<const W: usize> {
    key: u64,
    counts: [u32; W],
}

impl<const W: usize> Sliding<W> {
    pub(super) fn new(windows_ms: [u64; W]) -> Self {
        debug_assert!(windows_ms.is_sorted());
        Self {
            windows_ms,
            events: VecDeque::new(),
            left: [0; W],
            tallies: HashTable::new(),
        }
    }

    /// Lets an event pass, and gives the number of events of its key in each window, itself among them.
    ///
    /// Shape: instants never decrease. A window of length L that ends at t holds the events in (t - L, t].
    pub(super) fn pass(&mut self, at_ms: u64, key: u64) -> [u32; W] {
        self.expire(at_ms);
        self.events.push_back(Event { at_ms, key });
        let is_key = |tally: &Tally<W>| tally.key == key;
        let hash_of = |tally: &Tally<W>| mix64(tally.key);
        match self.tallies.entry(mix64(key), is_key, hash_of) {
            Entry::Occupied(mut held) => {
                let counts = &mut held.get_mut().counts;
                for count in counts.iter_mut() {
                    *count += 1;
                }
                *counts
            }
            Entry::Vacant(place) => {
                let counts = [1; W];
                place.insert(Tally { key, counts });
                counts
            }
        }
    }

    /// Takes what is too old out of every window.
    fn expire(&mut self, now_ms: u64) {
        for window in 0..W {
            while let Some(&event) = self.events.get(self.left[window])
                && event.at_ms + self.windows_ms[window] <= now_ms
            {
                self.left[window] += 1;
                self.take_out(event.key, window);
            }
        }
        let gone = self.left[W - 1];
        self.events.drain(..gone);
        for left in &mut self.left {
            *left -= gone;
        }
    }

    fn take_out(&mut self, key: u64, window: usize) {
        let found = self
            .tallies
            .find_entry(mix64(key), |tally| tally.key == key);
        if let Ok(mut held) = found {
            held.get_mut().counts[window] -= 1;
            // The longest window is the last to let go of an event.
            if held.get().counts[W - 1] == 0 {
                held.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOWS_MS: [u64; 3] = [5, 20, 100];

    /// Counts by looking at every earlier event.
    fn by_hand(events: &[(u64, u64)], last: usize) -> [u32; 3] {
        let (now, key) = events[last];
        WINDOWS_MS.map(|window| {
            let inside = events[..=last]
                .iter()
                .filter(|(at, other)| *other == key && *at + window > now);
            u32::try_from(inside.count()).unwrap()
        })
    }

    proptest! {
        /// Whatever the gaps and keys, the counts are those of the definition.
        #[test]
        fn counts_are_those_of_the_definition(steps in prop::collection::vec((0..30_u64, 0..4_u64), 1..300)) {
            let mut at_ms = 0;
            let events: Vec<(u64, u64)> = steps
                .into_iter()
                .map(|(gap, key)| {
                    at_ms += gap;
                    (at_ms, key)
                })
                .collect();
            let mut sliding = Sliding::new(WINDOWS_MS);
            for (idx, &(at_ms, key)) in events.iter().enumerate() {
                prop_assert_eq!(sliding.pass(at_ms, key), by_hand(&events, idx));
            }
        }
    }

    #[test]
    fn memory_holds_the_longest_window_and_no_more() {
        let mut sliding = Sliding::new(WINDOWS_MS);
        for at_ms in 0..10_000 {
            sliding.pass(at_ms, at_ms);
        }
        assert_eq!(sliding.events.len(), 100);
        assert_eq!(sliding.tallies.len(), 100);
    }
}
