//! What a stand-in was asked and how it answered, so that a run can be audited from the other side.
//!
//! Every thread counts into rows of its own that no other thread writes; a reader adds them up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use serde::Serialize;

use super::approvals::ApprovalsAudit;
use super::rule_book::RuleBookAudit;
use super::transactions::TransactionsAudit;

/// What a stand-in was asked so far, and how it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Audit {
    /// Requests by route, of those routes that were asked for.
    pub routes: BTreeMap<&'static str, RouteCount>,
    /// Ids seen for the first time on their route; zero where ids are not watched.
    pub distinct_ids: u64,
    /// Requests whose id their route had seen before; zero where ids are not watched.
    pub repeated_ids: u64,
    /// Who touched what, if the stand-in plays the approvals back end.
    #[serde(flatten)]
    pub approvals: Option<ApprovalsAudit>,
    /// What was put on record, if it plays transaction management.
    #[serde(flatten)]
    pub transactions: Option<TransactionsAudit>,
    /// What was written, if it plays rule management.
    #[serde(flatten)]
    pub rule_book: Option<RuleBookAudit>,
}

/// Requests to one route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RouteCount {
    /// All of them.
    pub requests: u64,
    /// Those without an answer: in the works, hanging, or cut by either side.
    pub unanswered: u64,
    /// The others, by the status of the answer.
    pub statuses: BTreeMap<u16, u64>,
}

/// The route of whatever has none.
pub(super) const UNKNOWN: &str = "unknown";

const LOWEST_STATUS: u16 = 200;
const STATUSES: usize = 400;

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct RouteTally(Box<[Row]>);

/// The counters of one route; the last one is that of unknown ones.
#[derive(Debug)]
struct Row {
    requests: AtomicU64,
    statuses: [AtomicU64; STATUSES],
}

impl RouteTally {
    /// Makes room for so many routes.
    pub(super) fn new(routes: usize) -> Self {
        let row = |_| Row {
            requests: AtomicU64::new(0),
            statuses: [const { AtomicU64::new(0) }; STATUSES],
        };
        Self((0..=routes).map(row).collect())
    }

    /// Counts a request to the route of a number, or to none that is known; only the thread that owns the tally may do so.
    pub(super) fn arrived(&self, route: Option<usize>) {
        add(&self.row(route).requests);
    }

    /// Counts an answer; only the thread that owns the tally may do so.
    pub(super) fn answered(&self, route: Option<usize>, status: StatusCode) {
        let place = usize::from(status.as_u16().saturating_sub(LOWEST_STATUS));
        if let Some(counter) = self.row(route).statuses.get(place) {
            add(counter);
        }
    }

    fn row(&self, route: Option<usize>) -> &Row {
        let last = self.0.len() - 1;
        &self.0[route.unwrap_or(last).min(last)]
    }

    /// Adds up the tallies of all threads, by the names of the routes.
    pub(super) fn sum(
        tallies: &[Self],
        names: &[&'static str],
    ) -> BTreeMap<&'static str, RouteCount> {
        let names = names.iter().copied().chain([UNKNOWN]).enumerate();
        let counts = names.map(|(route, name)| {
            let mut count = RouteCount::default();
            for tally in tallies {
                count.add(&tally.0[route]);
            }
            (name, count)
        });
        counts.filter(|(_, count)| count.requests > 0).collect()
    }
}

impl RouteCount {
    fn add(&mut self, row: &Row) {
        let mut answered = 0;
        for (status, counter) in (LOWEST_STATUS..).zip(&row.statuses) {
            let count = counter.load(Ordering::Relaxed);
            if count > 0 {
                *self.statuses.entry(status).or_default() += count;
                answered += count;
            }
        }
        // An answer is counted after its request, and a reader may come in between.
        let requests = row.requests.load(Ordering::Relaxed).max(answered);
        self.requests += requests;
        self.unanswered += requests - answered;
    }

    /// Counts the answers with a status of 400 or above.
    pub fn refused(&self) -> u64 {
        self.statuses.range(400..).map(|(_, count)| count).sum()
    }
}

fn add(counter: &AtomicU64) {
    // With one writer, a load and a store count as well as a locked add, at a tenth of its price.
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_route_by_route_and_status_by_status() {
        let tallies = [RouteTally::new(2), RouteTally::new(2)];
        for (tally, route, status) in [
            (0, Some(0), Some(StatusCode::OK)),
            (1, Some(0), Some(StatusCode::OK)),
            (1, Some(0), Some(StatusCode::CONFLICT)),
            (1, Some(0), None),
            (0, None, Some(StatusCode::NOT_FOUND)),
        ] {
            let tally: &RouteTally = &tallies[tally];
            tally.arrived(route);
            if let Some(status) = status {
                tally.answered(route, status);
            }
        }
        let routes = RouteTally::sum(&tallies, &["first", "second"]);
        let names: Vec<_> = routes.keys().copied().collect();
        assert_eq!(names, ["first", UNKNOWN]);
        let first = &routes["first"];
        assert_eq!(
            (first.requests, first.unanswered, first.refused()),
            (4, 1, 1)
        );
        assert_eq!(first.statuses, BTreeMap::from([(200, 2), (409, 1)]));
        assert_eq!(routes[UNKNOWN].statuses, BTreeMap::from([(404, 1)]));
    }
}
