//! What the streams of an HTTP/2 connection share: which of them take arrivals, and which are at rest.
//!
//! A peer says at any time how many streams it permits (RFC 9113, section 6.5.2). Streams past that number must take no
//! arrivals: one that did would wait inside the protocol, while a stream of another connection might be free.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use crate::replay::arrivals::Arrival;
use crate::replay::lane::Lane;
use crate::replay::transport::frames::Tap;
use crate::replay::undisturbed::{Freed, FreedBy};

/// What the streams of a connection share.
#[derive(Debug)]
pub(super) struct Link {
    /// The connection takes no more requests; those under way go on.
    pub(super) is_retired: Cell<bool>,
    /// An exchange on it has come to its end.
    pub(super) is_answered: Cell<bool>,
    /// Streams that have not left yet.
    pub(super) streams: Cell<usize>,
    /// Streams that carry an exchange, or are listed as idle.
    active: Cell<usize>,
    /// Desks of streams at rest.
    resting: RefCell<Vec<usize>>,
    desks: Range<usize>,
    tap: Rc<RefCell<Tap>>,
}

impl Link {
    /// Begins with streams that have these desks and take no arrivals yet.
    pub(super) fn new(tap: &Rc<RefCell<Tap>>, desks: Range<usize>) -> Self {
        Self {
            is_retired: Cell::new(false),
            is_answered: Cell::new(false),
            streams: Cell::new(desks.len()),
            active: Cell::new(0),
            resting: RefCell::new(Vec::with_capacity(desks.len())),
            desks,
            tap: Rc::clone(tap),
        }
    }

    /// Lets a stream begin to take arrivals: gives its first, or `None` while there is none or it may not.
    pub(super) fn enter(&self, lane: &Lane, desk_idx: usize) -> Option<Arrival> {
        self.begin(lane, desk_idx, lane.came_up(desk_idx))
    }

    /// Gives a stream that has come free its next arrival; `None` while there is none or it may not take one.
    pub(super) fn next_job(&self, lane: &Lane, desk_idx: usize, freed: Freed) -> Option<Arrival> {
        self.active.set(self.active.get() - 1);
        self.begin(lane, desk_idx, freed)
    }

    fn begin(&self, lane: &Lane, desk_idx: usize, freed: Freed) -> Option<Arrival> {
        if self.active.get() < self.limit().0 {
            self.active.set(self.active.get() + 1);
            lane.next_job(desk_idx, freed)
        } else {
            if freed.by == FreedBy::Exchange {
                lane.let_go();
            }
            self.resting.borrow_mut().push(desk_idx);
            None
        }
    }

    /// Has as many streams take arrivals as the peer permits now, idle ones rest first. Those that carry an exchange rest
    /// once it is over.
    pub(super) fn adjust(&self, lane: &Lane) {
        let (limit, since_ns) = self.limit();
        if self.active.get() > limit {
            for desk_idx in self
                .desks
                .clone()
                .filter(|&desk_idx| lane.is_idle(desk_idx))
            {
                if self.active.get() <= limit {
                    break;
                }
                lane.retire(&(desk_idx..desk_idx + 1));
                self.active.set(self.active.get() - 1);
                self.resting.borrow_mut().push(desk_idx);
            }
        }
        while self.active.get() < limit {
            let Some(desk_idx) = self.resting.borrow_mut().pop() else {
                break;
            };
            self.active.set(self.active.get() + 1);
            // Until the peer permitted more, the stream was the peer's to keep.
            if let Some(arrival) = lane.next_job(desk_idx, Freed::opened(since_ns)) {
                lane.desks[desk_idx].assign(arrival);
            }
        }
    }

    fn limit(&self) -> (usize, u64) {
        self.tap.borrow().limit()
    }
}
