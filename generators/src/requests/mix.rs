//! How transactions turn into arrivals at a service: requests of its endpoints, or sessions.
//!
//! The weights say how often each event and the sessions are asked for in relation to each other: every transaction yields
//! the most frequent of them, and every so many yield each other one. Invariant: after any number of transactions the
//! arrivals of every endpoint and session are as many as its weight asks for, to within a few.

use tapdeck_services::{ServiceDefinition, WorldEvent};

use crate::error::Error;
use crate::numeric::{high_half, index_u32, low_quarter, mix64};

/// When an event follows its transaction, in milliseconds: the least, and how much later it may be. The decision is
/// told as soon as it is made, the outcome a little later.
const DECISION_AFTER_MS: u64 = 20;
const DECISION_WITHIN_MS: u64 = 180;
const MONITORING_AFTER_MS: u64 = 200;
const MONITORING_WITHIN_MS: u64 = 1_801;

/// The longest that an arrival comes after its transaction, in milliseconds.
pub(super) const LATEST_DELAY_MS: u64 = MONITORING_AFTER_MS + MONITORING_WITHIN_MS;

/// How transactions turn into requests to one service.
#[derive(Debug, Clone)]
pub(crate) struct RequestMix {
    outlets: Vec<Outlet>,
    /// Weight of the most frequent one.
    largest: u64,
    /// Steps of the session that begins with an endpoint, 0 where none does.
    steps: Vec<u16>,
}

/// What a transaction can lead to: a request at one of the endpoints that carry an event, or one of the sessions.
#[derive(Debug, Clone)]
pub(super) struct Outlet {
    feed: Feed,
    /// Weight of all of them.
    weight: u64,
    /// Endpoints by the sum of the weights up to and including each; a session is known by its first step.
    endpoints: Vec<(u64, u16)>,
    /// Has no factor in common with the weight, so that its multiples visit every place below the weight.
    stride: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    Event(WorldEvent),
    Sessions,
}

impl RequestMix {
    /// Reads the mix off a service's endpoints and sessions.
    ///
    /// Errors: `Service` if none of them has a weight.
    pub(crate) fn new(service: &ServiceDefinition) -> Result<Self, Error> {
        let events = WorldEvent::ALL.iter();
        let outlets: Vec<Outlet> = events
            .filter_map(|&event| Outlet::of_event(service, event))
            .chain(Outlet::of_sessions(service))
            .collect();
        let Some(largest) = outlets.iter().map(|outlet| outlet.weight).max() else {
            return Err(Error::Service {
                service: service.name.clone(),
                detail: "no endpoint or session has a weight above 0".to_owned(),
            });
        };
        let mut steps = vec![0; service.endpoints.len()];
        for session in &service.sessions {
            steps[session.steps.start] = low_quarter(index_u32(session.steps.len()));
        }
        Ok(Self {
            outlets,
            largest,
            steps,
        })
    }

    /// Gives what a transaction can lead to.
    pub(super) fn outlets(&self) -> &[Outlet] {
        &self.outlets
    }

    /// Gives the steps of the session that begins with an endpoint, 0 if none does.
    pub(super) fn steps(&self, endpoint: u16) -> u16 {
        self.steps[usize::from(endpoint)]
    }

    /// Gives the most requests that one arrival leads to.
    pub(crate) fn longest_arrival(&self) -> u64 {
        let outlets = self.outlets.iter();
        let endpoints = outlets.flat_map(|outlet| &outlet.endpoints);
        let lengths = endpoints.map(|&(_, endpoint)| self.requests_at(endpoint));
        lengths.max().unwrap_or(1)
    }

    /// Gives the mean number of requests per transaction.
    pub(crate) fn requests_per_transaction(&self) -> f64 {
        let yields = self
            .outlets
            .iter()
            .map(|outlet| self.requests_per_round(outlet));
        yields.sum::<u64>() as f64 / self.largest as f64
    }

    /// Counts the requests that so many transactions yield.
    pub(crate) fn requests(&self, transactions: u64) -> u64 {
        let yields = self.outlets.iter().map(|outlet| {
            let dealt = self.dealt(outlet, transactions);
            match outlet.feed {
                Feed::Event(_) => dealt,
                Feed::Sessions => {
                    let rounds = dealt / outlet.weight * self.requests_per_round(outlet);
                    let rest = (0..dealt % outlet.weight).map(|number| outlet.endpoint(number));
                    rounds + rest.map(|endpoint| self.requests_at(endpoint)).sum::<u64>()
                }
            }
        });
        yields.sum()
    }

    /// Counts the requests of as many arrivals as an outlet weighs.
    fn requests_per_round(&self, outlet: &Outlet) -> u64 {
        let mut below = 0;
        let mut requests = 0;
        for &(end, endpoint) in &outlet.endpoints {
            requests += (end - below) * self.requests_at(endpoint);
            below = end;
        }
        requests
    }

    /// Counts the requests of an arrival at an endpoint.
    fn requests_at(&self, endpoint: u16) -> u64 {
        u64::from(self.steps(endpoint).max(1))
    }

    /// Counts the arrivals that an outlet gets of the first so many transactions.
    fn dealt(&self, outlet: &Outlet, transactions: u64) -> u64 {
        let dealt = u128::from(transactions) * u128::from(outlet.weight) / u128::from(self.largest);
        // No more than one of each transaction, since no weight exceeds the largest.
        u64::try_from(dealt).unwrap_or(transactions)
    }

    /// Gives the number of the arrival that an outlet gets of a transaction, if it gets one.
    pub(super) fn deal(&self, outlet: &Outlet, ordinal: u64) -> Option<u64> {
        if outlet.weight == self.largest {
            return Some(ordinal);
        }
        let before = self.dealt(outlet, ordinal);
        (self.dealt(outlet, ordinal + 1) > before).then_some(before)
    }
}

impl Outlet {
    /// Gathers the endpoints of an event; nothing if the service has none with a weight.
    fn of_event(service: &ServiceDefinition, event: WorldEvent) -> Option<Self> {
        let endpoints = (0..=u16::MAX).zip(&service.endpoints);
        let carries = endpoints.filter(|(_, endpoint)| endpoint.event == event);
        let weights = carries.map(|(number, endpoint)| (number, endpoint.weight));
        Self::new(Feed::Event(event), weights)
    }

    /// Gathers the sessions; nothing if the service has none with a weight.
    fn of_sessions(service: &ServiceDefinition) -> Option<Self> {
        let sessions = service.sessions.iter();
        let weights =
            sessions.map(|session| (low_quarter(index_u32(session.steps.start)), session.weight));
        Self::new(Feed::Sessions, weights)
    }

    fn new(feed: Feed, weights: impl Iterator<Item = (u16, u32)>) -> Option<Self> {
        let mut weight = 0;
        let mut endpoints = Vec::new();
        for (number, share) in weights.filter(|&(_, share)| share > 0) {
            weight += u64::from(share);
            endpoints.push((weight, number));
        }
        (weight > 0).then(|| Self {
            feed,
            weight,
            endpoints,
            stride: stride(weight),
        })
    }

    /// Gives the endpoint of the arrival of a number: within any run of as many arrivals as the weight, each endpoint has
    /// its own weight of them.
    pub(super) fn endpoint(&self, number: u64) -> u16 {
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

    /// Gives how long after a transaction its arrival comes.
    pub(super) fn delay_ms(&self, dice: u64) -> u64 {
        let (event, after, within) = match self.feed {
            Feed::Event(WorldEvent::Authorization) | Feed::Sessions => return 0,
            Feed::Event(event @ WorldEvent::Monitoring) => {
                (event, MONITORING_AFTER_MS, MONITORING_WITHIN_MS)
            }
            Feed::Event(event @ WorldEvent::DecisionEvent) => {
                (event, DECISION_AFTER_MS, DECISION_WITHIN_MS)
            }
        };
        after + scale(throw(dice, event as u64), within)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn strides_visit_every_place() {
        for weight in (1..200).chain([1_000, 4_096, 99_991]) {
            let step = stride(weight);
            let places: BTreeSet<u64> = (0..weight).map(|number| number * step % weight).collect();
            assert_eq!(places.len() as u64, weight);
        }
    }
}
