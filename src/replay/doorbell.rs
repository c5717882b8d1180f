//! A waker that holds its tongue while its own task is at work.
//!
//! Polling a body makes hyper wake the task that polls the connection, which is the very task that is polling. Passed
//! on, such a wake-up puts the task into the run queue once more for nothing; held back, it only says that the
//! connection wants another look, which the task takes at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// Wakes a task, unless it is at work already.
#[derive(Debug)]
pub(super) struct Doorbell {
    task: Waker,
    at_work: AtomicBool,
    rang: AtomicBool,
}

impl Doorbell {
    /// Makes a bell for a task.
    pub(super) fn new(task: &Waker) -> Arc<Self> {
        Arc::new(Self {
            task: task.clone(),
            at_work: AtomicBool::new(false),
            rang: AtomicBool::new(false),
        })
    }

    /// Notes that the task is at work: from now on ringing is only remembered.
    pub(super) fn begin_work(&self) {
        self.at_work.store(true, Ordering::Relaxed);
    }

    /// Notes that the task rests: from now on ringing wakes it.
    pub(super) fn end_work(&self) {
        self.at_work.store(false, Ordering::Relaxed);
    }

    /// Tells whether the bell rang since it was last asked.
    pub(super) fn take_ring(&self) -> bool {
        // All of this happens on one thread; the flags are atomic only because wakers must be `Sync`.
        let rang = self.rang.load(Ordering::Relaxed);
        self.rang.store(false, Ordering::Relaxed);
        rang
    }
}

impl Wake for Doorbell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.at_work.load(Ordering::Relaxed) {
            self.rang.store(true, Ordering::Relaxed);
        } else {
            self.task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Debug, Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_ring_wakes_the_resting_and_is_remembered_for_the_busy() {
        let counter = Arc::new(Counter::default());
        let bell = Doorbell::new(&Waker::from(Arc::clone(&counter)));
        let waker = Waker::from(Arc::clone(&bell));
        waker.wake_by_ref();
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
        assert!(!bell.take_ring());
        bell.begin_work();
        waker.wake_by_ref();
        assert_eq!(counter.0.load(Ordering::Relaxed), 1);
        assert!(bell.take_ring());
        assert!(!bell.take_ring());
        bell.end_work();
        waker.wake();
        assert_eq!(counter.0.load(Ordering::Relaxed), 2);
    }
}
