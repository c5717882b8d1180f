//! The object store that a rule engine reads its rulesets from: reached by S3's own protocol, or carried along.
//!
//! Owns everything about that store: settings ([`StoreConfig`]), a client ([`Store`]), an embedded server ([`Embedded`]),
//! where rulesets and their manifests lie and what is in them ([`layout`]), publishing them for a run ([`seed`]) and taking
//! them back ([`teardown`]). Must not know tapes, replays, services or the clock: whoever publishes says when it is.
//!
//! The invariant: before a run writes to a key that others read, a copy of what is there and a journal that names it lie under
//! `loadtest/{run_id}/`. Whatever dies after that, a teardown from any process puts the store back as it was.
//!
//! Inside, everything is asynchronous, on a runtime of its own; the interface blocks. It must not be called from within
//! another runtime's task.

mod cleanup;
mod config;
mod embedded;
mod error;
mod journal;
mod key;
pub mod layout;
mod manifest;
mod run_id;
mod seed;
mod settle;
mod store;
mod teardown;

#[cfg(test)]
mod tests;

pub use self::cleanup::{LeftBehind, Which, left_behind};
pub use self::config::StoreConfig;
pub use self::embedded::Embedded;
pub use self::error::{Error, ErrorKind};
pub use self::journal::Journal;
pub use self::run_id::RunId;
pub use self::seed::{RulesetArtifact, Seeded, SeededObject, Seeding, seed};
pub use self::settle::Fate;
pub use self::store::{Listed, Store};
pub use self::teardown::{Settled, TornDown, rehearse_teardown, teardown};
