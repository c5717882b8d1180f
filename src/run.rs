//! A whole run: from what was asked for to a judged result on disk, with everything put back as it was found.
//!
//! Owns names of services, scenarios, the environment's say, the plan with the origin of every value, the cache of tapes, the
//! ladder of phases, and the files a run leaves. Knows nothing of flags: the command line hands in a [`Wish`] and stands by as
//! [`Host`]. How requests are sent and measured is the harness's business.
//!
//! Reading order: [`wish`] and [`environment`] say what is wanted, [`scenario`] and [`load`] what its name means, [`outline`] joins
//! them, [`ladder`] carries it out in [`phases`], [`seeding`] gives rule engines their rulesets.

pub mod artifacts;
pub mod catalog;
pub mod counters;
pub mod environment;
pub mod host;
pub mod ladder;
pub mod load;
pub mod member;
pub mod metadata;
pub mod outline;
pub mod phases;
pub mod preflight;
mod report;
pub mod rows;
pub mod rulesets;
pub mod scenario;
pub mod seeding;
pub mod setting;
pub mod side_by_side;
pub mod stand_ins;
pub mod tapes;
pub mod tokens;
pub mod wish;

pub use self::environment::Environment;
pub use self::host::{Host, Seeder};
pub use self::ladder::carry_out;
pub use self::outline::Outline;
pub use self::wish::Wish;
