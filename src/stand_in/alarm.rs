//! Waiting for an instant more exactly than the runtime can: answers kept back must leave when the delay law says.
//!
//! The runtime's own timer ticks once a millisecond. Here each thread keeps its waiting answers in a heap, has one kernel
//! timer wake it shortly before the earliest, and from then on looks at the clock, between serving its connections. An answer
//! never leaves early; how late it leaves, `docs/stand-in.md` tells.

use std::cell::RefCell;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::io;
use std::task::{Poll, Waker};

use tokio::task::yield_now;

use crate::clock::{Clock, MonotonicClock};
use crate::timer::Timer;

/// How long before an instant the thread stops sleeping: longer than an idle core takes to wake up.
const AWAKE_NS: u64 = 60_000;

/// The alarm clock of one thread.
pub(super) struct Alarms {
    timer: RefCell<Timer>,
    waiting: RefCell<BinaryHeap<Reverse<Waiting>>>,
}

/// Someone to be woken at an instant.
struct Waiting {
    due_ns: u64,
    waker: Waker,
}

impl Alarms {
    /// Sets the alarm clock up; must be called inside the thread's runtime.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            timer: RefCell::new(Timer::new()?),
            waiting: RefCell::default(),
        })
    }

    /// Waits for an instant of the monotonic clock; returns at once if it has passed.
    pub(super) async fn wait_until(&self, due_ns: u64) {
        let mut registered: Option<Waker> = None;
        poll_fn(|context| {
            if MonotonicClock.now_ns() >= due_ns {
                return Poll::Ready(());
            }
            let waker = context.waker();
            if !registered
                .as_ref()
                .is_some_and(|known| known.will_wake(waker))
            {
                registered = Some(waker.clone());
                self.register(Waiting {
                    due_ns,
                    waker: waker.clone(),
                });
            }
            Poll::Pending
        })
        .await;
    }

    /// Wakes whoever is due, for as long as it is polled; each thread runs this once.
    ///
    /// Errors: what the kernel's timer reports, which it does not for a timer that could be made.
    pub(super) async fn run(&self) -> io::Result<()> {
        loop {
            poll_fn(|context| self.timer.borrow_mut().poll_expired(context)).await?;
            while let Some(next_due_ns) = self.wake_due(MonotonicClock.now_ns()) {
                if next_due_ns > MonotonicClock.now_ns() + AWAKE_NS {
                    self.arm(next_due_ns)?;
                    break;
                }
                // The thread serves its connections between two looks at the clock.
                yield_now().await;
            }
        }
    }

    /// Wakes those whose instant has come and gives the next one.
    fn wake_due(&self, now_ns: u64) -> Option<u64> {
        let mut waiting = self.waiting.borrow_mut();
        while let Some(Reverse(first)) = waiting.peek() {
            if first.due_ns > now_ns {
                return Some(first.due_ns);
            }
            if let Some(Reverse(due)) = waiting.pop() {
                due.waker.wake();
            }
        }
        None
    }

    fn register(&self, newcomer: Waiting) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting
            .peek()
            .is_none_or(|Reverse(first)| newcomer.due_ns < first.due_ns)
        {
            // A timer that could be made can be set.
            let _ = self.arm(newcomer.due_ns);
        }
        waiting.push(Reverse(newcomer));
    }

    /// Sets the timer to a little before an instant.
    fn arm(&self, due_ns: u64) -> io::Result<()> {
        self.timer.borrow_mut().arm(due_ns.saturating_sub(AWAKE_NS))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.due_ns.cmp(&other.due_ns)
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.due_ns == other.due_ns
    }
}

impl Eq for Waiting {}
