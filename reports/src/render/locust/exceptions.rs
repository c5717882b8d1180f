//! `exceptions.csv`: Locust lists here what its users' Python code raised.
//!
//! A tape has no code that could raise, so the table is always empty; whatever goes wrong with a request is in
//! `failures.csv`.

use crate::render::Renderer;
use crate::render::csv::line;
use crate::{Error, Measurements, Summary};

/// Writes the header of a table without rows.
#[derive(Debug, Clone, Copy)]
pub struct LocustExceptions;

impl Renderer for LocustExceptions {
    fn name(&self) -> &'static str {
        "locust-exceptions"
    }

    fn file_name(&self) -> &'static str {
        "exceptions.csv"
    }

    fn help(&self) -> &'static str {
        "always empty, for scripts that expect Locust's table of exceptions"
    }

    fn render(&self, _: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        Ok(line(["Count", "Message", "Traceback", "Nodes"]).into_bytes())
    }
}
