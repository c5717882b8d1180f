//! One target for each thing that is read from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod captures;
mod cookies;
mod definitions;
mod documents;
mod exports;
mod journals;
mod promises;
mod rates;
mod secrets;
mod tapes;
