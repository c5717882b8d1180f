//! The transaction ids a stand-in remembers when asked to.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use super::config::IdWatch;
use super::sharded::Sharded;

/// Remembers 64-bit hashes of ids, per path; two different ids are taken for one about once in 10^19 pairs.
#[derive(Debug)]
pub(super) struct SeenIds {
    watch: IdWatch,
    hasher: RandomState,
    hashes: Sharded<HashSet<u64>>,
    distinct_count: AtomicU64,
    repeated_count: AtomicU64,
}

impl SeenIds {
    pub(super) fn new(watch: IdWatch) -> Self {
        Self {
            watch,
            hasher: RandomState::new(),
            hashes: Sharded::default(),
            distinct_count: AtomicU64::new(0),
            repeated_count: AtomicU64::new(0),
        }
    }

    /// Takes note of an id met on a path.
    pub(super) fn note(&self, path: &str, id: &str) {
        if self.watch == IdWatch::Off {
            return;
        }
        let hash = self.hasher.hash_one((path, id));
        let is_new = self.hashes.with(hash, |hashes| hashes.insert(hash));
        let counter = if is_new {
            &self.distinct_count
        } else {
            &self.repeated_count
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn distinct_count(&self) -> u64 {
        self.distinct_count.load(Ordering::Relaxed)
    }

    pub(super) fn repeated_count(&self) -> u64 {
        self.repeated_count.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{IdWatch, SeenIds};

    #[test]
    fn ids_repeat_within_a_path_only() {
        let ids = SeenIds::new(IdWatch::On);
        for (path, id) in [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("a", "1")] {
            ids.note(path, id);
        }
        assert_eq!((ids.distinct_count(), ids.repeated_count()), (3, 2));
    }

    #[test]
    fn nothing_is_noted_unless_asked() {
        let ids = SeenIds::new(IdWatch::Off);
        ids.note("a", "1");
        assert_eq!((ids.distinct_count(), ids.repeated_count()), (0, 0));
    }
}
