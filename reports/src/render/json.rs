//! `summary.json`: the summary as it is, for programs.

use super::Renderer;
use crate::{Error, Measurements, Summary};

/// Writes the summary as indented JSON; its schema is [`crate::summary::JSON_SCHEMA`].
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn file_name(&self) -> &'static str {
        "summary.json"
    }

    fn help(&self) -> &'static str {
        "every published figure for programs, with a versioned schema"
    }

    fn render(&self, summary: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        let mut bytes =
            serde_json::to_vec_pretty(summary).map_err(|source| Error::Json { source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
