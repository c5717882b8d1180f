//! So many requests within a time, by whoever or whatever they are counted by.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many requests pass within any stretch of time of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) count: u32,
    pub(super) window_ns: u64,
}

/// How a request fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// It passes, and so many more may.
    Free { left: u32 },
    /// It does not; the next one will after so long.
    Barred { wait_ns: u64 },
}

/// Instants of the requests that passed lately, by key.
pub(super) struct Throttle<K> {
    passed: Mutex<HashMap<K, VecDeque<u64>>>,
    refused_count: AtomicU64,
}

impl<K> Default for Throttle<K> {
    fn default() -> Self {
        Self {
            passed: Mutex::default(),
            refused_count: AtomicU64::new(0),
        }
    }
}

impl<K: Eq + Hash> Throttle<K> {
    /// Counts the requests that did not pass.
    pub(super) fn refused_count(&self) -> u64 {
        self.refused_count.load(Ordering::Relaxed)
    }

    /// Lets a request pass, or says when the next one will.
    pub(super) fn pass(&self, key: K, limit: Limit, now_ns: u64) -> Passage {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = passed.entry(key).or_default();
        while passed
            .front()
            .is_some_and(|&at| at + limit.window_ns <= now_ns)
        {
            passed.pop_front();
        }
        let taken = u32::try_from(passed.len()).unwrap_or(u32::MAX);
        if taken < limit.count {
            passed.push_back(now_ns);
            let left = limit.count - taken - 1;
            return Passage::Free { left };
        }
        self.refused_count.fetch_add(1, Ordering::Relaxed);
        let oldest = passed.front().copied().unwrap_or(now_ns);
        let wait_ns = (oldest + limit.window_ns).saturating_sub(now_ns);
        Passage::Barred { wait_ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::NS_PER_S;

    #[test]
    fn each_has_an_allowance_for_any_hour() {
        let throttle = Throttle::default();
        let limit = Limit {
            count: 2,
            window_ns: 3_600 * NS_PER_S,
        };
        let pass = |key, seconds| throttle.pass(key, limit, seconds * NS_PER_S);
        let barred = |seconds| Passage::Barred {
            wait_ns: seconds * NS_PER_S,
        };
        assert_eq!(pass(None, 0), Passage::Free { left: 1 });
        assert_eq!(pass(None, 10), Passage::Free { left: 0 });
        assert_eq!(pass(None, 20), barred(3_580));
        assert_eq!(pass(Some(4), 20), Passage::Free { left: 1 });
        assert_eq!(pass(None, 3_599), barred(1));
        assert_eq!(pass(None, 3_600), Passage::Free { left: 0 });
        assert_eq!(pass(None, 3_601), barred(9));
        assert_eq!(throttle.refused_count(), 3);
    }
}
