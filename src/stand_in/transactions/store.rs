//! The events on record, found by id and listed newest first, at a cost that does not grow with their number.
//!
//! There is an order of all events, one for each card and one for each merchant. A query goes through the narrowest that
//! fits, and looks at so many of its newest events at most: what lies further back is neither listed nor counted. The real
//! service counts all of them, and takes ever longer.

use std::collections::HashMap;

use serde::Serialize;

use super::event::{APPROVE, AUTH, Beside, Event};
use super::filter::{Condition, Filter};
use super::order::{Key, Order};
use crate::stand_in::uuid::Uuid;

/// Most events that a query looks at.
const HORIZON: usize = 4_096;

/// All events.
#[derive(Default)]
pub(super) struct Store {
    events: Vec<Event>,
    /// The latest recorded event of each transaction, from which its others are reached.
    latest: HashMap<Uuid, u32>,
    newest: Order,
    by_card: HashMap<Box<str>, Order>,
    by_merchant: HashMap<Box<str>, Order>,
    metrics: Metrics,
}

/// Whether an event was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    Now,
    Before,
}

/// A page of events, the newest first.
pub(super) struct Found<'s> {
    pub(super) events: Vec<&'s Event>,
    /// How many there are, or how many of those looked at.
    pub(super) total: usize,
    /// Where the next page begins, if there is one.
    pub(super) next: Option<Key>,
}

/// Sums over events.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Metrics {
    total_transactions: usize,
    approved_count: usize,
    declined_count: usize,
    auth_count: usize,
    monitoring_count: usize,
    total_amount: f64,
    avg_amount: f64,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// Puts an event on record, unless it is there: then only what stands beside the decision is replaced.
    pub(super) fn record(&mut self, event: Event) -> Recorded {
        let latest = self.latest.get(&event.transaction_id).copied();
        let again = self
            .rows_of(latest)
            .find(|&row| self.event(row).is_again(&event));
        if let Some(row) = again {
            let known = &mut self.events[row as usize].beside;
            *known = renewed(std::mem::take(known), event.beside);
            return Recorded::Before;
        }
        let row = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        let key = event.key(row);
        self.latest.insert(event.transaction_id, row);
        self.newest.insert(key);
        order_of(&mut self.by_card, &event.card_id).insert(key);
        if let Some(merchant) = &event.merchant_id {
            order_of(&mut self.by_merchant, merchant).insert(key);
        }
        self.metrics.add(&event);
        self.events.push(Event {
            previous: latest,
            ..event
        });
        Recorded::Now
    }

    /// Gives the newest event of a transaction, of those that are wanted.
    pub(super) fn newest_of(&self, id: Uuid, is_wanted: impl Fn(&Event) -> bool) -> Option<&Event> {
        let rows = self.rows_of(self.latest.get(&id).copied());
        let wanted = rows.filter(|&row| is_wanted(self.event(row)));
        let newest = wanted.max_by_key(|&row| self.event(row).key(row))?;
        Some(self.event(newest))
    }

    /// Gives a page of what a filter admits.
    pub(super) fn page(&self, filter: &Filter, size: usize, cursor: Option<Key>) -> Found<'_> {
        let order = self.order(filter);
        let admitted = |cursor| {
            let keys = order
                .into_iter()
                .flat_map(move |order| order.before(cursor));
            keys.take(HORIZON)
                .filter(|key| filter.admits(self.event(key.row)))
        };
        let keys: Vec<Key> = admitted(cursor).take(size + 1).collect();
        let page = &keys[..keys.len().min(size)];
        let total = self
            .known_total(filter)
            .unwrap_or_else(|| admitted(None).count());
        Found {
            events: page.iter().map(|key| self.event(key.row)).collect(),
            total,
            next: (keys.len() > size).then(|| page.last().copied()).flatten(),
        }
    }

    /// Sums up what a filter admits.
    pub(super) fn metrics(&self, filter: &Filter) -> Metrics {
        if filter.conditions.is_empty() {
            return self.metrics;
        }
        let mut metrics = Metrics::default();
        for key in self.newest.before(None).take(HORIZON) {
            let event = self.event(key.row);
            if filter.admits(event) {
                metrics.add(event);
            }
        }
        metrics
    }

    /// Gives the narrowest order that holds all that a filter admits; none if there is nothing.
    fn order(&self, filter: &Filter) -> Option<&Order> {
        match (&filter.card, &filter.merchant) {
            (Some(card), _) => self.by_card.get(card.as_str()),
            (None, Some(merchant)) => self.by_merchant.get(merchant.as_str()),
            (None, None) => Some(&self.newest),
        }
    }

    /// Gives how many a filter admits, where that is kept.
    fn known_total(&self, filter: &Filter) -> Option<usize> {
        match (&filter.card, &filter.merchant, &filter.conditions[..]) {
            (Some(_), Some(_), _) => None,
            (_, _, []) => Some(self.order(filter).map_or(0, Order::len)),
            (None, None, [Condition::Decision(APPROVE)]) => Some(self.metrics.approved_count),
            (None, None, [Condition::Decision(_)]) => Some(self.metrics.declined_count),
            _ => None,
        }
    }

    /// Gives the events of a transaction, the latest recorded first.
    fn rows_of(&self, latest: Option<u32>) -> impl Iterator<Item = u32> {
        std::iter::successors(latest, |&row| self.event(row).previous)
    }

    fn event(&self, row: u32) -> &Event {
        &self.events[row as usize]
    }
}

impl Metrics {
    fn add(&mut self, event: &Event) {
        let count = |counter: &mut usize, counts: bool| *counter += usize::from(counts);
        let is_approved = event.decision == APPROVE;
        let is_auth = event.evaluation_type == AUTH;
        self.total_transactions += 1;
        count(&mut self.approved_count, is_approved);
        count(&mut self.declined_count, !is_approved);
        count(&mut self.auth_count, is_auth);
        count(&mut self.monitoring_count, !is_auth);
        self.total_amount += event.amount;
        self.avg_amount = self.total_amount / self.total_transactions as f64;
    }
}

fn order_of<'o>(orders: &'o mut HashMap<Box<str>, Order>, name: &str) -> &'o mut Order {
    orders.entry(name.into()).or_default()
}

/// Lays what was sent again over what is known; what was not sent stays.
fn renewed(known: Beside, again: Beside) -> Beside {
    Beside {
        trace_id: again.trace_id.or(known.trace_id),
        context: again.context.or(known.context),
        ip_address: again.ip_address.or(known.ip_address),
        device_id: again.device_id.or(known.device_id),
        fingerprint: again.fingerprint.or(known.fingerprint),
        velocity_snapshot: again.velocity_snapshot.or(known.velocity_snapshot),
        velocity_results: again.velocity_results.or(known.velocity_results),
        engine_metadata: again.engine_metadata.or(known.engine_metadata),
        matched_rules: known.matched_rules,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn store(events: usize) -> Store {
        let mut store = Store::default();
        for number in 0..events {
            let at = i64::try_from(number).unwrap();
            let event = Event {
                id: Uuid::from_random(number as u128),
                transaction_id: Uuid::from_random((number as u128) << 80),
                evaluation_type: AUTH,
                occurred_at: Timestamp::from_millisecond(at).unwrap(),
                recorded_at: Timestamp::UNIX_EPOCH,
                decision: if number % 4 == 0 { "DECLINE" } else { APPROVE },
                decision_reason: "DEFAULT_ALLOW",
                risk_level: None,
                card_id: format!("tok_{}", number % 10).into(),
                card_last4: None,
                card_network: None,
                amount: 1.0,
                currency: "USD".into(),
                merchant_id: None,
                mcc: None,
                ruleset_key: None,
                ruleset_id: None,
                ruleset_version: None,
                rule_ids: Vec::new(),
                beside: Beside::default(),
                previous: None,
            };
            assert_eq!(store.record(event), Recorded::Now);
        }
        store
    }

    #[test]
    fn totals_are_exact_where_they_are_kept_and_end_at_the_horizon_elsewhere() {
        let store = store(8_000);
        let filter = |card: Option<&str>, conditions| Filter {
            card: card.map(str::to_owned),
            merchant: None,
            conditions,
        };
        for (filter, total) in [
            (filter(None, vec![]), 8_000),
            (filter(None, vec![Condition::Decision("DECLINE")]), 2_000),
            (filter(Some("tok_3"), vec![]), 800),
            (filter(Some("tok_3"), vec![Condition::Least(0.5)]), 800),
            (filter(None, vec![Condition::Least(0.5)]), HORIZON),
            (filter(None, vec![Condition::To(0)]), 0),
            (filter(Some("nobody"), vec![]), 0),
        ] {
            let found = store.page(&filter, 10, None);
            assert_eq!(found.total, total, "{filter:?}");
            assert_eq!(found.events.len(), total.min(10), "{filter:?}");
            assert_eq!(found.next.is_some(), total > 10, "{filter:?}");
        }
    }
}
