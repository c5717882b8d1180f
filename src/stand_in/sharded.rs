//! A value split over a few locks, so that threads rarely meet at one of them.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

/// Parts of one table; each key always finds the same part.
#[derive(Debug)]
pub(super) struct Sharded<T> {
    hasher: RandomState,
    shards: [Mutex<T>; SHARD_COUNT],
}

const SHARD_COUNT: usize = 32;

impl<T> Sharded<T> {
    /// Works on the part that `key` belongs to.
    pub(super) fn with<R>(&self, key: impl Hash, work: impl FnOnce(&mut T) -> R) -> R {
        let shard_idx = self.hasher.hash_one(key) % SHARD_COUNT as u64;
        let shard = &self.shards[usize::try_from(shard_idx).unwrap_or(0)];
        work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

#[cfg(test)]
impl<T> Sharded<T> {
    /// Looks at every part in turn.
    pub(super) fn map<R>(&self, look: impl Fn(&T) -> R) -> impl Iterator<Item = R> {
        self.shards
            .iter()
            .map(move |shard| look(&shard.lock().unwrap()))
    }
}
