//! The one error of this crate: an export that cannot be read, or a page that cannot be made.

use std::path::{Path, PathBuf};

/// Why an export could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused to open or read the file.
    #[error("cannot read {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A value is not what its column holds.
    #[error("{path}, {place}, column {column}: found {found}, expected {expected}", path = path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// Name of the column.
        column: &'static str,
        /// What stands there, shortened.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// The file as a whole, or a line of it, has another form than an export.
    #[error("{path}, {place}: found {found}, expected {expected}", path = path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What stands there, shortened.
        found: String,
        /// What should.
        expected: String,
    },
    /// The Parquet library cannot make sense of the file.
    #[error("{path}, {place}: it is damaged, or no Parquet file that can be read", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: String,
        /// What the library said.
        source: parquet::errors::ParquetError,
    },
    /// A table of the judge is not what it should be.
    #[error("table {table}, line {line}: {detail}")]
    Table {
        /// File name of the table.
        table: &'static str,
        /// Line, counted from 1.
        line: usize,
        /// What was found and what was expected.
        detail: String,
    },
    /// A table of the world is not what it should be.
    #[error(transparent)]
    World(#[from] tapdeck_generators::Error),
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] tapdeck_reports::Error),
}

/// A place in a file of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The columns' names.
    Header,
    /// Line of a text, counted from 1 with the header as the first.
    Line(usize),
    /// Row of a table, counted from 1.
    Row(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => write!(out, "header"),
            Self::Line(line) => write!(out, "line {line}"),
            Self::Row(row) => write!(out, "row {row}"),
        }
    }
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The system refused.
    Io,
    /// The file is no export, or a damaged one.
    Unreadable,
    /// A bug of ours.
    Internal,
}

impl Error {
    /// Gives the kind, for callers that decide by it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { .. } => ErrorKind::Io,
            Self::Value { .. } | Self::Form { .. } | Self::Parquet { .. } => ErrorKind::Unreadable,
            Self::Table { .. } | Self::World(_) | Self::Chart(_) => ErrorKind::Internal,
        }
    }

    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
