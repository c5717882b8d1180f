//! The undisturbed run: when a generator without any lag would have sent each request, given the same service times.
//!
//! A lane's connections (or streams) are the servers of a queue that requests join in the order in which they are dealt
//! out. Of each connection that is free in the real run, this file keeps the instant at which it would have come free in
//! the undisturbed one. A request takes the earliest of them and would have been sent at the later of that instant and
//! its intended time; when it has ended, its connection comes free its service time after that.
//!
//! So lag is charged to us also where it reached a request through the queue: a connection that came free late because
//! an earlier request left late, or because its answer was read late, is free early here.
//!
//! Invariants: as many instants are kept as connections are free, and, in order, none is later than the real one of the
//! same rank. Therefore no request is sent later here than in the real run, and where nothing was late, none earlier.
//! Source: Kiefer and Wolfowitz 1955, the recursion of the queue with several servers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How far the real run may be behind before the rest counts as withheld by us, nanoseconds.
const BEHIND_FORGIVEN_NS: u64 = 10_000_000;

/// The same as a share of the time since the run began: one in so many.
const BEHIND_FORGIVEN_SHARE: u64 = 100;

/// A connection that has come free; nanoseconds on the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freed {
    /// When it came free, by the arrival of the last answer.
    pub at_ns: u64,
    /// When it would have come free in the undisturbed run.
    pub undisturbed_ns: u64,
    /// When we noticed.
    pub noticed_ns: u64,
}

impl Freed {
    /// A connection that has just been opened.
    pub fn opened(at_ns: u64) -> Self {
        Self {
            at_ns,
            undisturbed_ns: at_ns,
            noticed_ns: at_ns,
        }
    }
}

/// The undisturbed run of one lane.
#[derive(Debug)]
pub struct UndisturbedRun {
    /// When each connection that is free in the real run would have come free.
    free_ns: BinaryHeap<Reverse<u64>>,
    /// How much later the latest request was dealt out than it would have been sent.
    behind_ns: u64,
}

impl UndisturbedRun {
    /// Starts without a connection, with room for that many.
    pub fn new(connections: usize) -> Self {
        Self {
            free_ns: BinaryHeap::with_capacity(connections),
            behind_ns: 0,
        }
    }

    /// Notes that a connection came free.
    #[inline]
    pub fn freed(&mut self, undisturbed_ns: u64) {
        self.free_ns.push(Reverse(undisturbed_ns));
    }

    /// Deals a request out to the connection that has been free longest; gives when it would have been sent.
    ///
    /// `ready_ns` is when it can be sent in the real run, `now_ns` when it is dealt out there.
    #[inline]
    pub fn send(&mut self, intended_ns: u64, ready_ns: u64, now_ns: u64) -> u64 {
        // One connection is free here for each in the real run, and a request is dealt out only to one of those.
        let free_ns = self
            .free_ns
            .pop()
            .map_or(ready_ns, |Reverse(free_ns)| free_ns);
        let sent_ns = intended_ns.max(free_ns);
        self.behind_ns = now_ns.saturating_sub(sent_ns);
        sent_ns
    }

    /// Takes away the connection of a rank, 0 for the one that has been free longest: in the real run it has closed.
    pub fn closed(&mut self, rank: usize) {
        let mut free_ns = std::mem::take(&mut self.free_ns).into_sorted_vec();
        if rank < free_ns.len() {
            // Sorted by what comes out last.
            free_ns.remove(free_ns.len() - 1 - rank);
        }
        self.free_ns = free_ns.into();
    }

    /// Tells whether a request that is given up unsent would have left by now in the undisturbed run.
    ///
    /// A target that holds all connections keeps both runs waiting alike. Lag adds up where every connection is always
    /// taken, so a hundredth of the run's length is forgiven.
    pub fn would_have_left(&self, intended_ns: u64, epoch_ns: u64, now_ns: u64) -> bool {
        let run_ns = now_ns.saturating_sub(epoch_ns);
        let forgiven_ns = BEHIND_FORGIVEN_NS.max(run_ns / BEHIND_FORGIVEN_SHARE);
        self.behind_ns > forgiven_ns && now_ns.saturating_sub(intended_ns) > forgiven_ns
    }
}

#[cfg(test)]
mod tests;
