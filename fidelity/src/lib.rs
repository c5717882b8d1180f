//! Whether an exported corpus behaves like card traffic: about a hundred metrics, each with the interval it has to lie in.
//!
//! Owns the reading of exports, the definition of every metric and the page that shows them. It takes nothing from the
//! generator but its tables, so it judges any export, whoever made it. It must not know how a corpus is generated.
//!
//! In reading order: [`export`] comes in, `facts` says what rows are, `measure` computes with `statistics`, [`catalog`]
//! holds what is expected, [`judgment`] compares.

pub mod catalog;
pub mod error;
pub mod export;
pub mod judgment;
pub mod page;

mod facts;
mod groups;
mod measure;
mod statistics;
mod tsv;

pub use error::{Error, ErrorKind};
pub use export::Export;
pub use judgment::Judgment;
