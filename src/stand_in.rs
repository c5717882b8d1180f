//! Embedded targets for the demo, the tests and calibration: a rule engine that answers as the real one does, evaluates a
//! real ruleset, and misbehaves when told to; and a target that does nothing, very fast.
//!
//! A stand-in serves HTTP/1.1 and HTTP/2 on threads of its own, plain or in TLS, listens wherever it is told, and must never be the thing under test:
//! what it adds to a request should vanish beside what is measured. It knows nothing of tapes, schedules or reports.
//! `docs/stand-in.md` says what it does, what it can be told, and where it stops resembling the engine.

mod alarm;
mod answer;
mod approvals;
mod arrival_times;
mod authorization;
mod body;
mod config;
mod connection;
mod engine;
mod error;
mod evaluate;
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
mod rules;
mod seen;
mod server;
mod sharded;
mod stream;
mod tls;
mod uuid;
mod worker;

#[cfg(test)]
mod loopback;

pub use self::approvals::{Audit, Crossing, RouteCount};
pub use self::config::{ArrivalWatch, IdWatch, Role, StandInConfig};
pub use self::error::{Error, ErrorKind};
pub use self::faults::{DelayLaw, Faults, Share, Shed, Stall};
pub use self::gate::TokenRules;
pub use self::rules::{Decision, Ruleset};
pub use self::seen::Seen;
pub use self::server::StandIn;
pub use self::tls::Tls;
