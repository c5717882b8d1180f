//! Which requests a service gets of each transaction, and when.
//!
//! The weights of the endpoints say how often each event is asked for in relation to the others: every transaction
//! yields the most frequent event, and a share of them, chosen by the transaction's own dice, yields each other one.
//! So requests about one transaction speak of the same card, merchant and amount.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tapdeck_services::{ServiceDefinition, WorldEvent};

use crate::error::Error;
use crate::fields::transaction_id::TransactionIds;
use crate::merge::Merge;
use crate::numeric::{high_half, index_u32, mix64};
use crate::seed::Seed;
use crate::transaction::Transaction;

/// When the outcome of a transaction is reported after it, in milliseconds: the least, and how much later it may be.
const MONITORING_AFTER_MS: u64 = 200;
const MONITORING_WITHIN_MS: u64 = 1_801;

/// One of 2^32 is the unit of shares, so that dice compare as integers.
const WHOLE: u64 = 1 << 32;

/// How transactions turn into requests to one service.
#[derive(Debug, Clone)]
pub(crate) struct RequestMix {
    outlets: Vec<Outlet>,
}

/// The endpoints that carry one event.
#[derive(Debug, Clone)]
struct Outlet {
    event: WorldEvent,
    /// Share of transactions that yield the event, of 2^32.
    share: u64,
    /// Endpoints by the sum of the weights up to and including each.
    endpoints: Vec<(u64, u16)>,
}

impl RequestMix {
    /// Reads the mix off a service's endpoints.
    ///
    /// Errors: `Service` if no endpoint has a weight.
    pub(crate) fn new(service: &ServiceDefinition) -> Result<Self, Error> {
        let outlet = |&event: &WorldEvent| {
            let mut sum = 0;
            let mut endpoints = Vec::new();
            for (number, endpoint) in (0..=u16::MAX).zip(&service.endpoints) {
                if endpoint.event == event && endpoint.weight > 0 {
                    sum += u64::from(endpoint.weight);
                    endpoints.push((sum, number));
                }
            }
            (sum > 0).then_some((event, sum, endpoints))
        };
        let events: Vec<_> = WorldEvent::ALL.iter().filter_map(outlet).collect();
        let largest = events.iter().map(|&(_, sum, _)| sum).max();
        let Some(largest) = largest else {
            return Err(Error::Service {
                service: service.name.clone(),
                detail: "no endpoint has a weight above 0".to_owned(),
            });
        };
        let outlets = events.into_iter().map(|(event, sum, endpoints)| Outlet {
            event,
            share: (sum * WHOLE + largest / 2) / largest,
            endpoints,
        });
        Ok(Self {
            outlets: outlets.collect(),
        })
    }

    /// Gives the mean number of requests per transaction.
    pub(crate) fn requests_per_transaction(&self) -> f64 {
        let shares = self.outlets.iter().map(|outlet| outlet.share);
        shares.sum::<u64>() as f64 / WHOLE as f64
    }

    /// Counts the requests that a transaction yields.
    pub(crate) fn count(&self, dice: u64) -> u64 {
        let numbered = (0..).zip(&self.outlets);
        let yielding = numbered.filter(|(number, outlet)| outlet.takes(throw(dice, *number)));
        yielding.count() as u64
    }
}

impl Outlet {
    fn takes(&self, thrown: u64) -> bool {
        u64::from(high_half(thrown)) < self.share
    }

    fn endpoint(&self, thrown: u64) -> u16 {
        let [.., (total, last)] = self.endpoints[..] else {
            return 0;
        };
        let place = scale(mix64(thrown), total);
        let found = self.endpoints.iter().find(|&&(below, _)| place < below);
        found.map_or(last, |&(_, endpoint)| endpoint)
    }

    fn delay_ms(&self, thrown: u64) -> u64 {
        match self.event {
            WorldEvent::Authorization => 0,
            WorldEvent::Monitoring => {
                MONITORING_AFTER_MS + scale(mix64(!thrown), MONITORING_WITHIN_MS)
            }
        }
    }
}

/// Throws a transaction's dice anew for each outlet.
const fn throw(dice: u64, outlet: u64) -> u64 {
    mix64(dice ^ outlet.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Scales a uniform word to an integer below a bound.
fn scale(word: u64, bound: u64) -> u64 {
    (u64::from(high_half(word)) * bound) >> 32
}

/// One request to a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) transaction: Transaction,
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

/// All requests of a world in the order of their event times.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    merge: Merge<'a>,
    mix: &'a RequestMix,
    ids: TransactionIds,
    upcoming: Option<Transaction>,
    /// Requests that follow transactions already passed.
    pending: BinaryHeap<Reverse<Request>>,
}

impl<'a> Timeline<'a> {
    pub(crate) fn new(
        seed: Seed,
        mut merge: Merge<'a>,
        mix: &'a RequestMix,
    ) -> Result<Self, Error> {
        Ok(Self {
            upcoming: merge.next()?,
            merge,
            mix,
            ids: TransactionIds::new(seed),
            pending: BinaryHeap::new(),
        })
    }

    /// Gives the next request, until there is none.
    pub(crate) fn next(&mut self) -> Result<Option<Request>, Error> {
        loop {
            let Some(transaction) = self.upcoming else {
                return Ok(self.pending.pop().map(|Reverse(request)| request));
            };
            let transaction_key = (transaction.at_ms, transaction.card.0, transaction.seq, 0);
            if let Some(Reverse(request)) = self.pending.peek()
                && request.order_key() < transaction_key
            {
                return Ok(self.pending.pop().map(|Reverse(request)| request));
            }
            self.upcoming = self.merge.next()?;
            if let Some(immediate) = self.fan_out(transaction) {
                return Ok(Some(immediate));
            }
        }
    }

    /// Keeps the requests of a transaction for later, except the first one that is due at once.
    fn fan_out(&mut self, transaction: Transaction) -> Option<Request> {
        let id = self.ids.next_id();
        let mut immediate = None;
        for (outlet_idx, outlet) in self.mix.outlets.iter().enumerate() {
            let thrown = throw(transaction.dice, outlet_idx as u64);
            if !outlet.takes(thrown) {
                continue;
            }
            let request = Request {
                id,
                at_ms: transaction.at_ms + outlet.delay_ms(thrown),
                endpoint: outlet.endpoint(thrown),
                outlet: index_u32(outlet_idx),
                transaction,
            };
            if immediate.is_none() && request.at_ms == transaction.at_ms {
                immediate = Some(request);
            } else {
                self.pending.push(Reverse(request));
            }
        }
        immediate
    }
}

#[cfg(test)]
mod tests;
