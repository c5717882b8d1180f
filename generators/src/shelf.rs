//! Things that are made once and used over and over by whichever thread needs one next.
//!
//! Invariant: a thing on the shelf holds memory and nothing that could reach a byte, so it does not matter who gets it.

use std::sync::{Mutex, PoisonError};

/// A place for things that nobody uses just now.
#[derive(Debug, Default)]
pub(crate) struct Shelf<T>(Mutex<Vec<T>>);

impl<T: Default> Shelf<T> {
    /// Gives one that was put back, or a new one.
    pub(crate) fn take(&self) -> T {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop().unwrap_or_default()
    }

    /// Puts one back.
    pub(crate) fn put(&self, thing: T) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(thing);
    }
}
