//! Fixtures: small sets of data for tests of other programs, from the same world as the tapes.
//!
//! Owns what a user, a rule and a ruleset of a fixture are, and how large the amounts of its transactions are; the rest
//! is the world's. Knows no files and no flags. Every fixture is a function of its seed and its options.

mod rules;
mod transactions;
mod users;

pub use rules::{Comparison, Operand, Rule, RuleType, choose, rule};
pub use transactions::{ParseRiskMixError, RiskMix, each_transaction};
pub use users::{User, Users};

/// Most items of one fixture; what is meant to be larger is a tape.
pub const MAX_ITEMS: u64 = 1_000_000;
