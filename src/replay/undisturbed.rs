//! The undisturbed run: when a generator without any lag would have sent each request, given the same service times.
//!
//! A lane's connections (or streams) are the servers of a queue that requests join in the order in which they are dealt
//! out. Each takes the server that comes free first, would have been sent at the later of that instant and its intended
//! time, and frees the server its service time after that. So lag is charged to us also where it reached a request
//! through the queue: a connection that came free late because an earlier request left late, or because its answer was
//! read late, is free early here.
//!
//! Service times are known when answers have arrived, so a request is accounted for once all that were dealt out before it
//! have ended. One that takes very long is set aside with its server, so that the others need not wait for it.
//!
//! Invariants: there are as many servers as connections. Therefore no request is sent later here than in the real run: if
//! all servers were busy at the moment it was dealt out, as many requests would be in flight in the real run, and no
//! connection free. Where nothing was late, none is sent earlier. Source: Kiefer and Wolfowitz 1955, the recursion of the
//! queue with several servers.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// How far the real run may be behind before the rest counts as withheld by us, nanoseconds.
const BEHIND_FORGIVEN_NS: u64 = 10_000_000;

/// The same as a share of the time since the run began: one in so many.
const BEHIND_FORGIVEN_SHARE: u64 = 100;

/// How many of the latest requests that had to wait for a connection tell whose doing that was.
const RECENT: u64 = 64;

/// Entries kept for each connection, and at least, before the oldest request is set aside.
const ENTRIES: (usize, usize) = (8, 4_096);

/// A connection that has come free; nanoseconds on the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freed {
    /// When it came free: its last answer arrived, or it was opened.
    pub at_ns: u64,
    /// When we noticed.
    pub noticed_ns: u64,
    /// Why.
    pub by: FreedBy,
}

/// Why a connection has come free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreedBy {
    /// It is a new one.
    Opening,
    /// The exchange on it has ended.
    Exchange,
}

impl Freed {
    /// A connection that has just been opened.
    pub fn opened(at_ns: u64) -> Self {
        Self::opened_before(at_ns, at_ns)
    }

    /// A connection that was opened by an instant, and is used from now on.
    pub fn opened_before(at_ns: u64, now_ns: u64) -> Self {
        Self {
            at_ns,
            noticed_ns: now_ns,
            by: FreedBy::Opening,
        }
    }
}

/// Which request of a lane it is, in the order in which they were dealt out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dealt(u64);

/// The end of a request that was dealt out; nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct End {
    /// When it was sent.
    pub sent: u64,
    /// From the instant at which it could have been sent until then: our lag.
    pub lag: u64,
    /// Whether it had to wait for a connection.
    pub waited: bool,
    /// From then until its answer arrived, or until it was given up.
    pub service: u64,
    /// What opening its connection took, where it had one of its own.
    pub opening: u64,
    /// Until when the peer did not permit it to leave; 0 if it always did.
    pub permitted: u64,
    /// What becomes of the connection.
    pub connection: Connection,
    /// Whether it is a request of the measure phase: others are of no interest.
    pub measured: bool,
    /// Whether a whole answer arrived.
    pub completed: bool,
    /// The endpoint it was for, as its place in the service.
    pub endpoint: usize,
}

/// What became of a request of the measure phase in the undisturbed run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounted {
    /// The endpoint it was for, as its place in the service.
    pub endpoint: usize,
    /// Its response time if it was completed, nanoseconds.
    pub response_ns: Option<u64>,
    /// Whether it waited for a connection in the real run only.
    pub held_up: bool,
}

/// What becomes of a connection after an exchange.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connection {
    /// It is used again.
    #[default]
    Kept,
    /// It is gone.
    Lost,
}

/// What happened, in the order of the real run.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Opened { at_ns: u64 },
    Closed,
    Request { intended_ns: u64, end: Option<End> },
}

/// A request that took too long to be waited for, with its server.
#[derive(Debug, Clone, Copy)]
struct SetAside {
    dealt: Dealt,
    intended_ns: u64,
    /// When its server was its.
    started_ns: u64,
}

/// The undisturbed run of one lane.
#[derive(Debug)]
pub struct UndisturbedRun {
    /// When each server comes free that is not set aside.
    servers: BinaryHeap<Reverse<u64>>,
    /// What is not accounted for yet.
    entries: VecDeque<Entry>,
    most_entries: usize,
    /// Number of the first of them.
    first: u64,
    set_aside: Vec<SetAside>,
    /// How much later the latest request was sent than it would have been.
    behind_ns: u64,
    /// Our lag, and the service times, of the latest requests that waited for a connection; older ones fade out.
    lag_ns: u64,
    service_ns: u64,
}

impl UndisturbedRun {
    /// Starts without a connection, with room for that many.
    pub fn new(connections: usize) -> Self {
        let (each, least) = ENTRIES;
        let most_entries = (connections * each).max(least);
        let mut entries = VecDeque::from(vec![Entry::Closed; most_entries + 1]);
        // Every page has been written once, so that no page fault waits for a burst.
        entries.clear();
        Self {
            servers: BinaryHeap::with_capacity(connections),
            entries,
            most_entries,
            first: 0,
            set_aside: Vec::with_capacity(connections),
            behind_ns: 0,
            lag_ns: 0,
            service_ns: 0,
        }
    }

    /// Notes that a connection was opened.
    pub fn opened(&mut self, at_ns: u64, record: impl FnMut(Accounted)) {
        self.add(Entry::Opened { at_ns }, record);
    }

    /// Notes that a free connection has closed, or takes no more requests.
    pub fn closed(&mut self, record: impl FnMut(Accounted)) {
        self.add(Entry::Closed, record);
    }

    /// Deals a request out to a free connection.
    #[inline]
    pub fn deal(&mut self, intended_ns: u64, record: impl FnMut(Accounted)) -> Dealt {
        let dealt = Dealt(self.first + self.entries.len() as u64);
        let end = None;
        self.add(Entry::Request { intended_ns, end }, record);
        dealt
    }

    /// Notes how a request ended; `record` is given what is known of requests by that.
    #[inline]
    pub fn ended(&mut self, dealt: Dealt, end: End, mut record: impl FnMut(Accounted)) {
        if end.waited {
            self.lag_ns = self.lag_ns - self.lag_ns / RECENT + end.lag;
            self.service_ns = self.service_ns - self.service_ns / RECENT + end.service;
        }
        match self.entry(dealt) {
            Some(Entry::Request { end: it, .. }) => *it = Some(end),
            _ => self.end_set_aside(dealt, end, &mut record),
        }
        self.advance(record);
    }

    /// Takes back a request whose connection closed before anything of it was written.
    pub fn taken_back(&mut self, dealt: Dealt, record: impl FnMut(Accounted)) {
        if let Some(entry) = self.entry(dealt) {
            *entry = Entry::Closed;
        } else {
            self.set_aside.retain(|it| it.dealt != dealt);
        }
        self.advance(record);
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

    /// Tells whether connections that were waited for have lately been kept busy by our lag more than by the target. What is
    /// dropped then because too much waits is dropped by our doing.
    pub fn is_the_bottleneck_ours(&self) -> bool {
        self.lag_ns > self.service_ns
    }

    fn entry(&mut self, dealt: Dealt) -> Option<&mut Entry> {
        let idx = dealt.0.checked_sub(self.first)?;
        self.entries.get_mut(usize::try_from(idx).ok()?)
    }

    fn add(&mut self, entry: Entry, record: impl FnMut(Accounted)) {
        if self.entries.len() == self.most_entries {
            self.set_first_aside();
        }
        self.entries.push_back(entry);
        self.advance(record);
    }

    /// Accounts for everything up to the first request that has not ended.
    #[inline]
    fn advance(&mut self, mut record: impl FnMut(Accounted)) {
        while let Some(&entry) = self.entries.front() {
            match entry {
                Entry::Opened { at_ns } => self.servers.push(Reverse(at_ns)),
                // Any server that is free will do: those that are free are all alike to the requests that follow.
                Entry::Closed => drop(self.servers.pop()),
                Entry::Request { end: None, .. } => return,
                Entry::Request {
                    intended_ns,
                    end: Some(end),
                } => {
                    let started_ns = self.start(intended_ns);
                    self.account(intended_ns, started_ns, end, &mut record);
                }
            }
            self.entries.pop_front();
            self.first += 1;
        }
    }

    /// Gives when a request has its server, the one that comes free first.
    fn start(&mut self, intended_ns: u64) -> u64 {
        let free_ns = self.servers.pop().map_or(0, |Reverse(free_ns)| free_ns);
        intended_ns.max(free_ns)
    }

    /// Accounts for a request that had its server from an instant on.
    fn account(
        &mut self,
        intended_ns: u64,
        started_ns: u64,
        end: End,
        record: &mut impl FnMut(Accounted),
    ) {
        let sent_ns = (started_ns + end.opening).max(end.permitted);
        let done_ns = sent_ns + end.service;
        self.behind_ns = end.sent.saturating_sub(sent_ns);
        if end.connection == Connection::Kept {
            self.servers.push(Reverse(done_ns));
        }
        if end.measured {
            record(Accounted {
                endpoint: end.endpoint,
                response_ns: end.completed.then_some(done_ns - intended_ns),
                held_up: end.waited && sent_ns <= intended_ns,
            });
        }
    }

    /// Takes the oldest request that has not ended out of the way of the others.
    fn set_first_aside(&mut self) {
        let Some(Entry::Request { intended_ns, .. }) = self.entries.pop_front() else {
            return;
        };
        let started_ns = self.start(intended_ns);
        self.set_aside.push(SetAside {
            dealt: Dealt(self.first),
            intended_ns,
            started_ns,
        });
        self.first += 1;
    }

    fn end_set_aside(&mut self, dealt: Dealt, end: End, record: &mut impl FnMut(Accounted)) {
        let place = self.set_aside.iter().position(|it| it.dealt == dealt);
        if let Some(place) = place {
            let it = self.set_aside.swap_remove(place);
            self.account(it.intended_ns, it.started_ns, end, record);
        }
    }
}

#[cfg(test)]
mod tests;
