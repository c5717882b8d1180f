//! The one error of this crate: a report could not be drawn or written down.

use std::error::Error as StdError;

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The drawing library refused a chart.
    #[error("chart \"{chart}\" cannot be drawn")]
    Chart {
        /// Title of the chart.
        chart: &'static str,
        /// What the drawing library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A value has no JSON form.
    #[error("summary cannot be written as JSON")]
    Json {
        /// What the serializer said.
        source: serde_json::Error,
    },
    /// A histogram has no log form.
    #[error("histogram {tag} cannot be written to the latency log")]
    Log {
        /// Tag of the histogram.
        tag: String,
        /// What the serializer said.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A chart.
    Chart,
    /// The JSON summary.
    Json,
    /// The latency log.
    Log,
}

impl Error {
    /// Gives the kind, for callers that decide by it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Chart { .. } => ErrorKind::Chart,
            Self::Json { .. } => ErrorKind::Json,
            Self::Log { .. } => ErrorKind::Log,
        }
    }
}
