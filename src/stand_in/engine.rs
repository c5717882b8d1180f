//! What all threads of one stand-in share: rulesets, counters, settings, tallies.
//!
//! Nothing here is written on the way of a request except what the settings ask for: velocity counters, remembered ids,
//! arrival times, the number of requests in the works (only under a limit), when servers come free (only with a fixed number
//! of them), the first request's instant (only under a stall).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use jiff::Timestamp;

use super::approvals::Approvals;
use super::arrival_times::ArrivalTimes;
use super::audit::{Audit, RouteTally};
use super::config::{IdWatch, Role, StandInConfig, Waiting};
use super::error::Error;
use super::evaluate::Evaluation;
use super::faults::{Ladder, Servers, Shed, Stall};
use super::gate::Gate;
use super::ids::SeenIds;
use super::registry::Registry;
use super::rule_book::RuleBook;
use super::rules::{Ruleset, VelocityCounters};
use super::seen::{Seen, Tally};
use super::transactions::Transactions;
use crate::clock::{Clock, MonotonicClock, wall_now_ns};

/// What a role keeps.
pub(super) enum Office {
    Approvals(Box<Approvals>),
    Transactions(Box<Transactions>),
    RuleBook(Box<RuleBook>),
    /// Nothing but what every role has.
    None,
}

/// What all threads of one stand-in share.
pub(super) struct Engine {
    pub(super) role: Role,
    pub(super) waiting: Waiting,
    pub(super) seed: u64,
    pub(super) ladder: Ladder,
    pub(super) counters: VelocityCounters,
    pub(super) ids: SeenIds,
    pub(super) arrival_times: ArrivalTimes,
    pub(super) registry: Registry,
    pub(super) tallies: Box<[Tally]>,
    pub(super) routes: Box<[RouteTally]>,
    pub(super) office: Office,
    /// Who is let in, where that is asked.
    gate: Option<Gate>,
    works_limit: Option<usize>,
    works_count: AtomicUsize,
    servers: Option<Servers>,
    stall: Option<Stall>,
    first_request_ns: AtomicU64,
    connection_count: AtomicU64,
    started_ns: u64,
    /// The wall clock at that instant, since the Unix epoch.
    started_wall_ns: u64,
}

impl Engine {
    /// Sets the engine up.
    ///
    /// Errors: `Shares`, `RulesetKey`.
    pub(super) fn new(config: StandInConfig) -> Result<Self, Error> {
        check_key(config.ruleset_auth.as_deref(), Evaluation::Auth)?;
        check_key(config.ruleset_monitoring.as_deref(), Evaluation::Monitoring)?;
        let started_wall_ns = wall_now_ns();
        let office = Office::new(&config, started_wall_ns);
        Ok(Self {
            role: config.role,
            waiting: config.waiting,
            seed: config.seed,
            ladder: Ladder::new(&config.faults)?,
            counters: VelocityCounters::default(),
            ids: SeenIds::new(match config.role {
                Role::TransactionManagement | Role::RuleManagement => IdWatch::On,
                _ => config.id_watch,
            }),
            arrival_times: ArrivalTimes::new(config.arrival_watch, config.threads),
            registry: Registry::new(
                [config.ruleset_auth, config.ruleset_monitoring],
                config.storage,
            ),
            tallies: (0..config.threads).map(|_| Tally::default()).collect(),
            routes: (0..config.threads)
                .map(|_| RouteTally::new(config.role.routes().len()))
                .collect(),
            office,
            gate: config.tokens.map(|rules| Gate::new(config.role, rules)),
            works_limit: match config.faults.shed {
                Shed::Above(limit) => Some(limit),
                Shed::Share(_) => None,
            },
            works_count: AtomicUsize::new(0),
            servers: config.faults.servers.map(Servers::new),
            stall: config.faults.stall,
            first_request_ns: AtomicU64::new(u64::MAX),
            connection_count: AtomicU64::new(0),
            started_ns: MonotonicClock.now_ns(),
            started_wall_ns,
        })
    }

    /// Tells what the stand-in was asked so far.
    pub(super) fn audit(&self) -> Audit {
        let mut audit = Audit {
            routes: RouteTally::sum(&self.routes, self.role.routes()),
            distinct_ids: self.ids.distinct_count(),
            repeated_ids: self.ids.repeated_count(),
            ..Audit::default()
        };
        match &self.office {
            Office::Approvals(office) => audit.approvals = Some(office.audit()),
            Office::Transactions(office) => audit.transactions = Some(office.audit()),
            Office::RuleBook(office) => audit.rule_book = Some(office.audit()),
            Office::None => {}
        }
        audit
    }

    pub(super) fn gate(&self) -> Option<&Gate> {
        self.gate.as_ref()
    }

    /// Numbers a connection in the order of acceptance.
    pub(super) fn next_connection_idx(&self) -> u64 {
        self.connection_count.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes a request into the works; `None` if the limit is reached.
    pub(super) fn admit(&self) -> Option<Admission<'_>> {
        let Some(limit) = self.works_limit else {
            return Some(Admission(None));
        };
        let admission = Admission(Some(&self.works_count));
        (self.works_count.fetch_add(1, Ordering::Relaxed) < limit).then_some(admission)
    }

    /// Gives the instant at which an answer that takes so long is due, the servers considered.
    pub(super) fn due_ns(&self, arrived_ns: u64, delay_ns: u64) -> u64 {
        match &self.servers {
            Some(servers) => servers.serve(arrived_ns, delay_ns),
            None => arrived_ns.saturating_add(delay_ns),
        }
    }

    /// Gives the instant at which an answer that is due may leave, the stall window considered.
    pub(super) fn release_ns(&self, arrived_ns: u64, due_ns: u64) -> u64 {
        let Some(stall) = self.stall else {
            return due_ns;
        };
        let earlier_ns = self
            .first_request_ns
            .fetch_min(arrived_ns, Ordering::Relaxed);
        stall.release_ns(earlier_ns.min(arrived_ns), due_ns)
    }

    /// Gives the wall-clock time of an instant of the clock.
    pub(super) fn wall_time(&self, now_ns: u64) -> Timestamp {
        timestamp(self.started_wall_ns + (now_ns - self.started_ns))
    }

    pub(super) fn uptime_ms(&self) -> u64 {
        (MonotonicClock.now_ns() - self.started_ns) / 1_000_000
    }

    pub(super) fn seen(&self) -> Seen {
        Seen {
            distinct_ids: self.ids.distinct_count(),
            repeated_ids: self.ids.repeated_count(),
            ..Seen::sum(&self.tallies)
        }
    }
}

impl Office {
    fn new(config: &StandInConfig, now_wall_ns: u64) -> Self {
        match config.role {
            Role::Approvals => {
                let approvals = Approvals::new(config.hourly_limit);
                Self::Approvals(Box::new(approvals))
            }
            Role::TransactionManagement => Self::Transactions(Box::default()),
            Role::RuleManagement => {
                let now = timestamp(now_wall_ns);
                Self::RuleBook(Box::new(RuleBook::new(config.rate_limits, now)))
            }
            Role::RuleEngine | Role::Null => Self::None,
        }
    }
}

fn timestamp(wall_ns: u64) -> Timestamp {
    Timestamp::from_nanosecond(wall_ns.into()).unwrap_or_default()
}

fn check_key(ruleset: Option<&Ruleset>, evaluation: Evaluation) -> Result<(), Error> {
    match ruleset {
        Some(ruleset) if ruleset.key() != evaluation.ruleset_key() => Err(Error::RulesetKey {
            expected: evaluation.ruleset_key(),
            found: ruleset.key().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The place a request takes in the works, given back when it is dropped.
pub(super) struct Admission<'a>(Option<&'a AtomicUsize>);

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if let Some(works_count) = self.0 {
            works_count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
