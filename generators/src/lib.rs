//! Synthetic card traffic: a world of cardholders and merchants, the fraud in it, and its rendering into tapes.
//!
//! Pure functions of (seed, options): no clock, environment, network, locale or thread leaves a trace in a byte.
//!
//! ```text
//! tables + seed -> world -> lives, card by card -> sorted runs -.
//!                    '----> fraud campaigns ------> sorted runs -+-> merge, amended -> requests -> templates -> tape
//! ```
//!
//! Modules in reading order: `seed` and `dist` (randomness), `tables` (constants as data), `population` and `world`
//! (who exists where), `fields` (what values look like), `behavior` (how a card lives), `fraud` (labelled campaigns),
//! `emit`, `slice`, `spill`, `merge` (time order in bounded memory), `truth` (what is known of each transaction, and its
//! export), `requests` and `render` (what a service gets), `corpus` and `generate`, `fixtures`.

mod behavior;
mod corpus;
mod disk_need;
pub mod dist;
mod emit;
mod error;
mod event_time;
mod fields;
pub mod fixtures;
mod fraud;
mod generate;
mod index;
mod merge;
mod numeric;
mod options;
mod population;
mod progress;
mod render;
mod requests;
pub mod seed;
mod shelf;
mod slice;
mod spill;
pub mod tables;
mod text;
mod transaction;
mod truth;
mod world;

pub use corpus::Corpus;
pub use disk_need::DiskNeed;
pub use error::{Error, ErrorKind};
pub use event_time::{EventTime, ParseEventTimeError};
pub use fields::address::{DeviceId, IpAddress};
pub use fields::dialect::Dialect;
pub use fields::entry_mode::EntryMode;
pub use fields::geo::Point;
pub use fraud::{ParseTypologySharesError, TypologyInfo, TypologyShares, label_at_ms, typologies};
pub use generate::{Generated, Outputs, generate};
pub use index::{CardIdx, CityIdx, CountryIdx, CurrencyIdx, IinIdx, MccIdx, MerchantIdx};
pub use options::GenerateOptions;
pub use population::city::City;
pub use population::merchant::Merchant;
pub use population::repute::{Repute, RiskTier};
pub use progress::{Progress, Stage, Unwatched};
pub use slice::Slice;
pub use transaction::{AnswerCode, Label, Transaction, TransactionType};
pub use truth::export::ExportSummary;
pub use world::{Setting, Span, World};
