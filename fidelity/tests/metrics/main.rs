//! Every metric on exports small enough to work its value out by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod behavior;
mod faults;
mod fixture;
mod fraud;
mod integrity;
mod page;
mod parquet;
