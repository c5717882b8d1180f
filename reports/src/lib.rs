//! From what a run measured to what people and machines read: summary, verdict, charts and files.
//!
//! Owns the published figures and their meaning. It is pure: [`Measurements`] in, [`Summary`] out, bytes out of the
//! [`RENDERERS`]. It must know neither sockets nor tapes nor clocks, and it writes no file itself.
//!
//! In reading order: [`measurements`] and [`histogram`] come in, [`summary`] computes, [`verdict`] judges, also against a [`baseline`],
//! [`chart`] draws, [`render`] writes; [`run_summary`] is a run in short;
//! [`joined`] and [`run_page`] are about services side by side, [`combined`] about runs. [`calibration`] is a result of its own, and so is
//! [`capacity`], a search over many runs. [`printable`] is what everything foreign passes through.

pub mod measurements;

pub mod histogram;

pub mod summary;

pub mod verdict;

pub mod baseline;

pub mod chart;

pub mod render;

pub mod joined;
pub mod run_page;
pub mod run_summary;

pub mod calibration;
pub mod capacity;
pub mod combined;

pub mod error;
pub mod printable;

mod format;
mod ranked;

#[cfg(test)]
mod consumers;
#[cfg(test)]
mod fixture;

pub use baseline::{Baseline, BaselineError, MissingFigure};
pub use error::{Error, ErrorKind};
pub use format::counted;
pub use histogram::Histogram;
pub use joined::{Part, join};
pub use measurements::Measurements;
pub use render::{RENDERERS, Renderer};
pub use run_summary::{RunIdentity, RunSummary};
pub use summary::Summary;
pub use verdict::{Verdict, VerdictReport};
