//! When requests came, for judging a client's timing by what its target sees.
//!
//! Each thread notes into a list of its own; the lock of a list is only ever contended by whoever reads them at the end.

use std::sync::{Mutex, PoisonError};

use super::config::ArrivalWatch;
use crate::clock::{Clock, MonotonicClock};

/// Instants for which there is room from the beginning: some minutes at high rates.
const ROOM: usize = 4 << 20;

/// The instants at which requests were read, a list per thread; none unless they are watched.
#[derive(Debug, Default)]
pub(super) struct ArrivalTimes {
    lists: Box<[Mutex<Vec<u64>>]>,
}

impl ArrivalTimes {
    pub(super) fn new(watch: ArrivalWatch, threads: usize) -> Self {
        match watch {
            ArrivalWatch::Off => Self::default(),
            ArrivalWatch::On => Self {
                lists: (0..threads)
                    .map(|_| Mutex::new(Vec::with_capacity(ROOM)))
                    .collect(),
            },
        }
    }

    /// Notes that a thread has just read a request.
    pub(super) fn note(&self, worker_idx: usize) {
        if let Some(list) = self.lists.get(worker_idx) {
            let now_ns = MonotonicClock.now_ns();
            list.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(now_ns);
        }
    }

    /// Gives all instants, ascending, in nanoseconds on the monotonic clock.
    pub(super) fn sorted(&self) -> Vec<u64> {
        let mut all = Vec::new();
        for list in &self.lists {
            all.extend_from_slice(&list.lock().unwrap_or_else(PoisonError::into_inner));
        }
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_all_threads_come_in_order() {
        let times = ArrivalTimes::new(ArrivalWatch::On, 2);
        for worker_idx in [1, 0, 1] {
            times.note(worker_idx);
        }
        let all = times.sorted();
        assert_eq!(all.len(), 3);
        assert!(all.is_sorted());
    }

    #[test]
    fn nothing_is_noted_unless_asked_for() {
        let times = ArrivalTimes::new(ArrivalWatch::Off, 2);
        times.note(0);
        assert_eq!(times.sorted(), [] as [u64; 0]);
    }
}
