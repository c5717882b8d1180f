//! Which requests a service gets of each transaction, and when.
//!
//! The weights of the endpoints say how often each event is asked for in relation to the others: every transaction
//! yields the most frequent event, and every so many of them yield each other one. So requests about one transaction
//! speak of the same card, merchant and amount. Invariant: after any number of transactions the requests of every
//! endpoint are as many as its weight asks for, to within a few.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::Range;

use tapdeck_services::{ServiceDefinition, WorldEvent};

use crate::error::Error;
use crate::numeric::{high_half, index_u32, mix64};
use crate::transaction::Transaction;
use crate::truth::TruthRow;

/// When an event follows its transaction, in milliseconds: the least, and how much later it may be. The decision is
/// told as soon as it is made, the outcome a little later.
const DECISION_AFTER_MS: u64 = 20;
const DECISION_WITHIN_MS: u64 = 180;
const MONITORING_AFTER_MS: u64 = 200;
const MONITORING_WITHIN_MS: u64 = 1_801;

/// The longest that a request comes after its transaction, in milliseconds.
pub(crate) const LATEST_REQUEST_MS: u64 = MONITORING_AFTER_MS + MONITORING_WITHIN_MS;
/// How transactions turn into requests to one service.
#[derive(Debug, Clone)]
pub(crate) struct RequestMix {
    outlets: Vec<Outlet>,
    /// Weight of the most frequent event.
    largest: u64,
}

/// The endpoints that carry one event.
#[derive(Debug, Clone)]
struct Outlet {
    event: WorldEvent,
    /// Weight of all of them.
    weight: u64,
    /// Endpoints by the sum of the weights up to and including each.
    endpoints: Vec<(u64, u16)>,
    /// Has no factor in common with the weight, so that its multiples visit every place below the weight.
    stride: u64,
}

impl RequestMix {
    /// Reads the mix off a service's endpoints.
    ///
    /// Errors: `Service` if no endpoint has a weight.
    pub(crate) fn new(service: &ServiceDefinition) -> Result<Self, Error> {
        let outlets: Vec<Outlet> = WorldEvent::ALL
            .iter()
            .filter_map(|&event| Outlet::new(service, event))
            .collect();
        let Some(largest) = outlets.iter().map(|outlet| outlet.weight).max() else {
            return Err(Error::Service {
                service: service.name.clone(),
                detail: "no endpoint has a weight above 0".to_owned(),
            });
        };
        Ok(Self { outlets, largest })
    }

    /// Gives the mean number of requests per transaction.
    pub(crate) fn requests_per_transaction(&self) -> f64 {
        let weights = self.outlets.iter().map(|outlet| outlet.weight);
        weights.sum::<u64>() as f64 / self.largest as f64
    }

    /// Counts the requests that so many transactions yield.
    pub(crate) fn requests(&self, transactions: u64) -> u64 {
        let yields = self.outlets.iter();
        yields.map(|outlet| self.dealt(outlet, transactions)).sum()
    }

    /// Counts the requests that an outlet gets of the first so many transactions.
    fn dealt(&self, outlet: &Outlet, transactions: u64) -> u64 {
        let dealt = u128::from(transactions) * u128::from(outlet.weight) / u128::from(self.largest);
        // No more than one of each transaction, since no weight exceeds the largest.
        u64::try_from(dealt).unwrap_or(transactions)
    }

    /// Gives the number of the request that an outlet gets of a transaction, if it gets one.
    fn deal(&self, outlet: &Outlet, ordinal: u64) -> Option<u64> {
        if outlet.weight == self.largest {
            return Some(ordinal);
        }
        let before = self.dealt(outlet, ordinal);
        (self.dealt(outlet, ordinal + 1) > before).then_some(before)
    }
}

impl Outlet {
    /// Gathers the endpoints of an event; nothing if the service has none with a weight.
    fn new(service: &ServiceDefinition, event: WorldEvent) -> Option<Self> {
        let mut weight = 0;
        let mut endpoints = Vec::new();
        for (number, endpoint) in (0..=u16::MAX).zip(&service.endpoints) {
            if endpoint.event == event && endpoint.weight > 0 {
                weight += u64::from(endpoint.weight);
                endpoints.push((weight, number));
            }
        }
        (weight > 0).then(|| Self {
            event,
            weight,
            endpoints,
            stride: stride(weight),
        })
    }

    /// Gives the endpoint that carries the request of a number: within any run of as many requests as the weight, each
    /// endpoint has its own weight of them.
    fn endpoint(&self, number: u64) -> u16 {
        if let [(_, only)] = self.endpoints[..] {
            return only;
        }
        let steps = u128::from(number % self.weight) * u128::from(self.stride);
        let place = steps % u128::from(self.weight);
        let found = self
            .endpoints
            .partition_point(|&(below, _)| u128::from(below) <= place);
        self.endpoints[found].1
    }

    fn delay_ms(&self, dice: u64) -> u64 {
        let (after, within) = match self.event {
            WorldEvent::Authorization => return 0,
            WorldEvent::Monitoring => (MONITORING_AFTER_MS, MONITORING_WITHIN_MS),
            WorldEvent::DecisionEvent => (DECISION_AFTER_MS, DECISION_WITHIN_MS),
        };
        after + scale(throw(dice, self.event as u64), within)
    }
}

/// Gives a step that jumps about: near the golden section of the weight, without a factor in common with it.
fn stride(weight: u64) -> u64 {
    const GOLDEN_PERMILLE: u64 = 618;
    let share_no_factor = |step: &u64| {
        let (mut a, mut b) = (weight, *step);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    let start = (weight * GOLDEN_PERMILLE / 1_000).max(1);
    (start..=weight).find(share_no_factor).unwrap_or(1)
}

/// Throws a transaction's dice anew for each event.
const fn throw(dice: u64, event: u64) -> u64 {
    mix64(dice ^ event.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Scales a uniform word to an integer below a bound.
fn scale(word: u64, bound: u64) -> u64 {
    (u64::from(high_half(word)) * bound) >> 32
}

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
    outlet: u32,
}

impl Request {
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
}

impl<'a> Timeline<'a> {
    pub(crate) fn new(mix: &'a RequestMix, window: Range<u64>) -> Self {
        Self {
            mix,
            window,
            pending: BinaryHeap::new(),
        }
    }

    /// Takes the next transaction, and appends the requests that nothing can come before any more.
    pub(crate) fn admit(&mut self, row: &TruthRow, due: &mut Vec<Request>) {
        let transaction = &row.transaction;
        let now = (transaction.at_ms, transaction.card.0, transaction.seq, 0);
        while let Some(Reverse(request)) = self.pending.peek()
            && request.order_key() < now
        {
            due.extend(self.pending.pop().map(|Reverse(request)| request));
        }
        let mut next_is_due = true;
        for (outlet_idx, outlet) in self.mix.outlets.iter().enumerate() {
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
                outlet: index_u32(outlet_idx),
            };
            if next_is_due && delay_ms == 0 {
                due.push(request);
                next_is_due = false;
            } else {
                self.pending.push(Reverse(request));
            }
        }
    }

    /// Appends what is left once no transaction comes any more.
    pub(crate) fn finish(&mut self, due: &mut Vec<Request>) {
        while let Some(Reverse(request)) = self.pending.pop() {
            due.push(request);
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use self::tests::requests_of;
