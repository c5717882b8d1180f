//! Whole runs over loopback: the engine against stand-ins whose behavior is known, judged by arithmetic.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arrivals;
mod audit;
mod awkward;
mod broken_http2;
mod capture_counts;
mod captures;
mod certificates;
mod common;
mod compressed;
mod connections;
#[path = "../support/files.rs"]
mod files;
mod heads;
mod http2;
mod ledger;
mod own_limits;
mod raw;
mod raw_http2;
mod reconnecting;
mod refused;
mod run;
mod samples;
mod sessions;
mod stream_limits;
mod tls;
mod tokens;
mod truth;
mod users;
mod verdict;
mod ways;
