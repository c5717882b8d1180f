//! Whole runs over loopback: the engine against stand-ins whose behavior is known, judged by arithmetic.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arrivals;
mod audit;
mod awkward;
mod certificates;
mod common;
mod connections;
#[path = "../support/files.rs"]
mod files;
mod http2;
mod ledger;
mod raw;
mod run;
mod samples;
mod sessions;
mod tls;
mod tokens;
mod truth;
mod users;
mod verdict;
mod ways;
