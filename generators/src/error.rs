//! What can go wrong while a corpus is made.

use std::io;
use std::path::PathBuf;

/// Why no corpus came out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option lies outside what it may be.
    #[error("{option} is {found}, expected {expected}")]
    Option {
        /// The option's name, as users know it.
        option: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// The service definition cannot be fed from this world.
    #[error("service {service} cannot be generated for: {detail}")]
    Service {
        /// Its name.
        service: String,
        /// What stands in the way.
        detail: String,
    },
    /// A typology needs more victims than the world has.
    #[error(
        "{typology} found a victim for only {laid} of its {budget} fraud transactions; \
         lower the fraud rate, shorten the span or raise the count"
    )]
    VictimsExhausted {
        /// The typology.
        typology: &'static str,
        /// Transactions it laid.
        laid: u64,
        /// Transactions it was to lay.
        budget: u64,
    },
    /// A table of the world is not what it should be.
    #[error("{origin}, line {line}: {detail}")]
    Table {
        /// The file it was written in.
        origin: String,
        /// Line in the file, counted from 1.
        line: usize,
        /// What was found and what was expected.
        detail: String,
    },
    /// A world file cannot be read, or says something that means nothing.
    #[error("{origin}, line {line}: {detail}")]
    WorldFile {
        /// The file.
        origin: String,
        /// Line in it, counted from 1.
        line: usize,
        /// What was found and what was expected.
        detail: String,
        /// The system's answer, if it was asked.
        source: Option<io::Error>,
    },
    /// The temporary file of sorted runs failed.
    #[error("{action} the spill file in {} failed", folder.display())]
    Spill {
        /// What was tried: `creating`, `writing`, `reading`.
        action: &'static str,
        /// The folder it lies in.
        folder: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The tape could not be written.
    #[error("writing the tape failed")]
    Tape(#[source] tapdeck_corpora::Error),
    /// The truth could not be written.
    #[error("writing the truth failed")]
    Truth(#[source] tapdeck_corpora::Error),
    /// The truth could not be encoded.
    #[error("the truth cannot be encoded")]
    Parquet(#[source] parquet::errors::ParquetError),
    /// The caller asked to stop.
    #[error("generation was cancelled")]
    Cancelled,
}

/// Classes of [`Error`], for exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller asked for something that cannot be.
    Config,
    /// A file could not be read or written.
    Io,
    /// The caller asked to stop.
    Cancelled,
    /// A mistake of ours.
    Internal,
}

impl Error {
    /// Gives the class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Option { .. }
            | Self::Service { .. }
            | Self::VictimsExhausted { .. }
            | Self::Table { .. }
            | Self::WorldFile { .. } => ErrorKind::Config,
            Self::Spill { .. } => ErrorKind::Io,
            Self::Tape(error) | Self::Truth(error)
                if error.kind() == tapdeck_corpora::ErrorKind::Io =>
            {
                ErrorKind::Io
            }
            Self::Tape(_) | Self::Truth(_) | Self::Parquet(_) => ErrorKind::Internal,
            Self::Cancelled => ErrorKind::Cancelled,
        }
    }
}
