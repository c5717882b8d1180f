//! The files of a report: one renderer each, listed in [`RENDERERS`].
//!
//! A renderer turns a summary into bytes and writes nothing itself. A new format is a file here and a line in the list.
//! The table a terminal shows at the end of a run is not a file and stands beside them in [`terminal`].

pub mod csv;
pub mod hlog;
pub mod html;
pub mod json;
pub mod junit;
pub mod locust;
pub mod markdown;
pub mod terminal;

use crate::{Error, Measurements, Summary};

/// Writes one file of a report.
pub trait Renderer: Sync {
    /// Gives the name the renderer is asked for by.
    fn name(&self) -> &'static str;

    /// Gives the name of the file in the report's folder.
    fn file_name(&self) -> &'static str;

    /// Says in one line what the file is for.
    fn help(&self) -> &'static str;

    /// Gives the bytes of the file.
    ///
    /// Errors: [`Error`] when a part cannot be drawn or serialized. `summary` must have been computed from
    /// `measurements`.
    fn render(&self, summary: &Summary, measurements: &Measurements) -> Result<Vec<u8>, Error>;
}

/// Every renderer, in the order in which a reader looks at the files.
pub static RENDERERS: &[&dyn Renderer] = &[
    &html::Html,
    &markdown::Markdown,
    &json::Json,
    &csv::Csv,
    &hlog::Hlog,
    &locust::LocustStats,
    &locust::LocustHistory,
    &locust::LocustFailures,
    &locust::LocustExceptions,
    &junit::Junit,
];

#[cfg(test)]
mod tests;
