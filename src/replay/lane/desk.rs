//! Where a lane and one of its connections leave things for each other, and who is in flight.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

use crate::replay::arrivals::Arrival;
use crate::replay::undisturbed::Dealt;

/// One connection's desk.
#[derive(Debug, Default)]
pub struct Desk {
    job: Cell<Option<Arrival>>,
    waker: RefCell<Option<Waker>>,
    /// When the connection last came free, nanoseconds on the monotonic clock.
    pub free_at_ns: Cell<u64>,
    /// Whether it has had a connection before.
    pub was_up: Cell<bool>,
    /// The request that it was dealt last, as the undisturbed run knows it.
    pub dealt: Cell<Dealt>,
    /// What opening a connection for that request took, nanoseconds, if it has one of its own.
    pub opening_ns: Cell<u64>,
    /// When to ring the bell; 0 for never.
    alarm_ns: Cell<u64>,
    rang: Cell<bool>,
}

impl Desk {
    /// Puts an arrival on the desk of an idle connection and wakes it.
    pub fn assign(&self, arrival: Arrival) {
        self.job.set(Some(arrival));
        self.wake();
    }

    /// Takes the arrival from the desk.
    pub fn take_job(&self) -> Option<Arrival> {
        self.job.take()
    }

    /// Tells whether an arrival lies on the desk.
    pub fn has_job(&self) -> bool {
        let job = self.job.take();
        self.job.set(job);
        job.is_some()
    }

    /// Remembers whom to wake.
    pub fn register(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if !waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            *waker = Some(cx.waker().clone());
        }
    }

    /// Sets the alarm, silencing an earlier one.
    pub fn set_alarm(&self, at_ns: u64) {
        self.rang.set(false);
        self.alarm_ns.set(at_ns);
    }

    /// Tells whether the alarm has gone off.
    pub fn has_rung(&self) -> bool {
        self.rang.get()
    }

    /// Rings if the alarm is due.
    pub fn ring_if_due(&self, now_ns: u64) {
        let alarm_ns = self.alarm_ns.get();
        if alarm_ns != 0 && alarm_ns <= now_ns {
            self.alarm_ns.set(0);
            self.rang.set(true);
            self.wake();
        }
    }

    /// Wakes whoever attends to the desk.
    pub fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

/// Buckets of the card filter; a power of two well above the connections of a lane.
const BUCKETS: usize = 4096;

/// The requests in flight, by card: how many, and whether a card has more than one.
#[derive(Debug)]
pub struct InFlight {
    count: Cell<usize>,
    /// Requests in flight by the low bits of their affinity. Two cards of one bucket would be taken for one; with tens
    /// in flight that inflates the overlap share by about a hundredth of itself, which is the price of no lookup.
    buckets: RefCell<Box<[u16]>>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self {
            count: Cell::new(0),
            buckets: RefCell::new(vec![0; BUCKETS].into()),
        }
    }
}

impl InFlight {
    /// Gives the number of requests in flight.
    pub fn count(&self) -> usize {
        self.count.get()
    }

    /// Adds a request and tells whether its card already had one in flight.
    pub fn enter(&self, affinity: u64) -> bool {
        self.count.set(self.count.get() + 1);
        let bucket = &mut self.buckets.borrow_mut()[bucket(affinity)];
        *bucket += 1;
        *bucket > 1
    }

    /// Removes a request.
    pub fn leave(&self, affinity: u64) {
        self.count.set(self.count.get() - 1);
        self.buckets.borrow_mut()[bucket(affinity)] -= 1;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only the low bits are wanted"
)]
fn bucket(affinity: u64) -> usize {
    affinity as usize % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_with_two_in_flight_overlaps() {
        let in_flight = InFlight::default();
        assert!(!in_flight.enter(7));
        assert!(!in_flight.enter(8));
        assert!(in_flight.enter(7));
        in_flight.leave(7);
        in_flight.leave(7);
        assert!(!in_flight.enter(7));
        assert_eq!(in_flight.count(), 2);
    }

    #[test]
    fn an_alarm_rings_once_and_only_when_due() {
        let desk = Desk::default();
        desk.set_alarm(10);
        desk.ring_if_due(9);
        assert!(!desk.has_rung());
        desk.ring_if_due(10);
        assert!(desk.has_rung());
        desk.set_alarm(0);
        desk.ring_if_due(100);
        assert!(!desk.has_rung());
    }
}
