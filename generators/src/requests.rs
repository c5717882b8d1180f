//! Which requests a service gets of each transaction, and when.
//!
//! Requests about one transaction speak of the same card, merchant and amount. A session is one arrival: its steps follow
//! each other at the time of their transaction, and sessions are numbered in the order in which they begin.

mod mix;

pub(crate) use self::mix::RequestMix;

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::Range;

use self::mix::LATEST_DELAY_MS;
use crate::numeric::index_u32;
use crate::transaction::Transaction;
use crate::truth::TruthRow;

/// The longest that a request comes after its transaction, in milliseconds.
pub(crate) const LATEST_REQUEST_MS: u64 = LATEST_DELAY_MS;

/// One request to a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) transaction: Transaction,
    /// Number of the transaction.
    pub(crate) ordinal: u64,
    /// Id of the transaction.
    pub(crate) id: u64,
    /// Event time, milliseconds since the start of the span.
    pub(crate) at_ms: u64,
    pub(crate) endpoint: u16,
    /// Number of the session it belongs to, from 1; 0 for none.
    pub(crate) session: u64,
    /// Place among the steps of the session.
    pub(crate) step: u16,
    outlet: u32,
}

impl Request {
    /// Orders arrivals; the steps of a session have the key of their arrival.
    fn order_key(&self) -> (u64, u32, u32, u32) {
        let transaction = &self.transaction;
        (self.at_ms, transaction.card.0, transaction.seq, self.outlet)
    }
}

impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        self.order_key() == other.order_key()
    }
}

impl Eq for Request {}

impl PartialOrd for Request {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Request {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order_key().cmp(&other.order_key())
    }
}

/// Puts the requests of transactions, which come in their order, into the order of their own event times.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    mix: &'a RequestMix,
    /// Requests outside are left out, milliseconds from the start of the span.
    window: Range<u64>,
    /// Requests that follow transactions already passed.
    pending: BinaryHeap<Reverse<Request>>,
    /// Sessions that have begun.
    sessions: u64,
}

impl<'a> Timeline<'a> {
    pub(crate) fn new(mix: &'a RequestMix, window: Range<u64>) -> Self {
        Self {
            mix,
            window,
            pending: BinaryHeap::new(),
            sessions: 0,
        }
    }

    /// Takes the next transaction, and appends the requests that nothing can come before any more.
    pub(crate) fn admit(&mut self, row: &TruthRow, due: &mut Vec<Request>) {
        let transaction = &row.transaction;
        let now = (transaction.at_ms, transaction.card.0, transaction.seq, 0);
        while let Some(Reverse(request)) = self.pending.peek()
            && request.order_key() < now
        {
            let request = *request;
            self.pending.pop();
            self.hand_out(request, due);
        }
        let mut next_is_due = true;
        for (outlet_idx, outlet) in self.mix.outlets().iter().enumerate() {
            let Some(number) = self.mix.deal(outlet, row.ordinal) else {
                continue;
            };
            let delay_ms = outlet.delay_ms(transaction.dice);
            let at_ms = transaction.at_ms + delay_ms;
            if !self.window.contains(&at_ms) {
                continue;
            }
            let request = Request {
                transaction: *transaction,
                ordinal: row.ordinal,
                id: row.id,
                at_ms,
                endpoint: outlet.endpoint(number),
                session: 0,
                step: 0,
                outlet: index_u32(outlet_idx),
            };
            if next_is_due && delay_ms == 0 {
                self.hand_out(request, due);
                next_is_due = false;
            } else {
                self.pending.push(Reverse(request));
            }
        }
    }

    /// Appends what is left once no transaction comes any more.
    pub(crate) fn finish(&mut self, due: &mut Vec<Request>) {
        while let Some(Reverse(request)) = self.pending.pop() {
            self.hand_out(request, due);
        }
    }

    /// Appends the request of an arrival, or those of all steps where a session begins with it.
    fn hand_out(&mut self, request: Request, due: &mut Vec<Request>) {
        let steps = self.mix.steps(request.endpoint);
        if steps == 0 {
            due.push(request);
            return;
        }
        self.sessions += 1;
        let session = self.sessions;
        due.extend((0..steps).map(|step| Request {
            endpoint: request.endpoint + step,
            session,
            step,
            ..request
        }));
    }
}

/// Gives how many of the first `wanted` requests are those of whole sessions, and of arrivals that are none.
pub(crate) fn whole_arrivals(requests: &[Request], wanted: usize) -> usize {
    let is_between = |end: &usize| requests.get(*end).is_none_or(|next| next.step == 0);
    let mut ends = (0..=wanted.min(requests.len())).rev();
    ends.find(is_between).unwrap_or(0)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use self::tests::requests_of;
