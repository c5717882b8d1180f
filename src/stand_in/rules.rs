//! The rules of the stand-in rule engine: what a ruleset file means, without HTTP, sockets or clocks.
//!
//! A ruleset is compiled once, when it is loaded; testing a transaction against it afterwards allocates nothing.
//! Time enters as nanoseconds given by the caller, so velocity windows are tested without waiting.
//! Source: the public behavior of the engine under test, traps included; `docs/stand-in.md` lists what is left out.

mod condition;
mod counters;
mod decision;
mod field;
mod members;
mod operator;
mod rule;
mod ruleset;
mod scope;
mod transaction;
mod velocity;

pub use self::decision::Decision;
pub use self::ruleset::Ruleset;

pub(super) use self::counters::{Count, VelocityCounters};
pub(super) use self::field::TextField;
pub(super) use self::rule::Rule;
pub(super) use self::transaction::Transaction;
pub(super) use self::velocity::Velocity;
