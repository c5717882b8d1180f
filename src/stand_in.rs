//! Embedded targets for the demo, the tests and calibration: a rule engine that answers as the real one does, evaluates a
//! real ruleset, and misbehaves when told to; the services around it, which keep what they are sent; and a target that does
//! nothing, very fast. Each can be asked what it was sent.
//!
//! A stand-in serves HTTP/1.1 and HTTP/2 on threads of its own, plain or in TLS, listens wherever it is told, and must never be the thing under test:
//! what it adds to a request should vanish beside what is measured. It knows nothing of tapes, schedules or reports.
//! `docs/stand-in.md` says what it does, what it can be told, and where it stops resembling the engine.

mod alarm;
mod answer;
mod approvals;
mod arrival_times;
mod audit;
mod authorization;
mod back_end;
mod body;
mod config;
mod connection;
mod engine;
mod error;
mod evaluate;
mod fastapi;
mod faults;
mod gate;
mod ids;
mod management;
mod monitoring;
mod null;
mod outcome;
mod registry;
mod reply;
mod routes;
mod rule_book;
mod rules;
mod seen;
mod server;
mod sharded;
mod storage;
mod stream;
mod throttle;
mod tls;
mod transactions;
mod uuid;
mod visit;
mod worker;

#[cfg(test)]
mod loopback;

pub use self::approvals::{ApprovalsAudit, Crossing};
pub use self::audit::{Audit, RouteCount};
pub use self::config::{ArrivalWatch, IdWatch, RateLimits, Role, StandInConfig, Waiting};
pub use self::error::{Error, ErrorKind};
pub use self::faults::{DelayLaw, Faults, Share, Shed, Stall};
pub use self::gate::TokenRules;
pub use self::rule_book::RuleBookAudit;
pub use self::rules::{Decision, Ruleset};
pub use self::seen::Seen;
pub use self::server::StandIn;
pub use self::storage::{RulesetSource, StoredRulesets};
pub use self::tls::Tls;
pub use self::transactions::TransactionsAudit;
