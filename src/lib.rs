//! Tapdeck: records card-fraud traffic on a tape and replays it against a target, exactly on schedule.
//!
//! This crate is the only one that knows sockets, threads, time and the command line. Reading order: [`schedule`] says
//! when requests leave, [`replay`] sends them and measures, [`run`] makes a whole run of it.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod error;
pub mod events;
pub mod exit;
pub mod harness;
pub mod live;
pub mod mask;
pub mod patience;
pub mod pem;
pub mod pool;
pub mod replay;
pub mod run;
pub mod schedule;
pub mod scratch;
pub mod stand_in;
pub mod think;
pub mod timer;
pub mod units;

pub use error::Error;
pub use exit::Exit;
