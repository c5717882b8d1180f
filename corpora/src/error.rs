//! What can go wrong with a tape, always with the file and the place in it.

use std::io;
use std::path::{Path, PathBuf};

/// A tape could not be written, opened or trusted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file has no bytes.
    #[error("{path} is empty, so it is not a tape (was its generation cut short by other means?)", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file does not begin like a tape.
    #[error("{path} is not a tape: it begins with {found:02x?}, a tape begins with {expected:02x?}", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        found: Vec<u8>,
        /// The magic of a tape.
        expected: Vec<u8>,
    },
    /// The file was written by a newer tapdeck.
    #[error("{path} is a tape of format {found}, this tapdeck reads up to format {supported}; use a newer tapdeck", path = path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Format in the header.
        found: u32,
        /// Newest format this code reads.
        supported: u32,
    },
    /// The file begins like a tape but does not end like one.
    #[error("{path} is truncated: its {bytes} bytes do not end with a tape's trailer; copy or generate it again", path = path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A part other than a block is damaged.
    #[error("the {part} of {path} is damaged: {detail}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Header, directory, manifest or trailer.
        part: &'static str,
        /// What does not fit.
        detail: String,
    },
    /// A block does not have the bytes the directory promised.
    #[error("block {block_idx} of {path} is damaged (bytes {from} to {to}): {detail}", path = path.display())]
    DamagedBlock {
        /// The file.
        path: PathBuf,
        /// The block.
        block_idx: usize,
        /// Its first byte in the file.
        from: u64,
        /// One past its last byte.
        to: u64,
        /// What does not fit.
        detail: String,
    },
    /// The file is not what it was when it was opened.
    #[error("{path} is being written to or cut short by another process, in the middle of its use; replace a tape with mv, never in place", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A record cannot be stored.
    #[error("record {record_idx} of the block cannot be stored: {detail}")]
    Unstorable {
        /// Index within the block.
        record_idx: usize,
        /// Which limit it breaks.
        detail: String,
    },
    /// Blocks were handed over out of event order.
    #[error(
        "block {block_idx} begins at event time {found_ns} ns, before its predecessor's end at {expected_ns} ns"
    )]
    OutOfOrder {
        /// The offending block.
        block_idx: usize,
        /// Where it begins.
        found_ns: u64,
        /// Where it may begin at the earliest.
        expected_ns: u64,
    },
    /// Blocks were handed over that tear a session apart.
    #[error("block {block_idx} does not go on with the sessions before: its first record {detail}")]
    BrokenSession {
        /// The offending block.
        block_idx: usize,
        /// What is wrong.
        detail: &'static str,
    },
}

/// Coarse reason of an [`Error`], for choosing an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file system said no.
    Io,
    /// The file is no tape, or none this code can read.
    Unreadable,
    /// The file is a tape whose bytes have changed since it was written.
    Damaged,
    /// The caller handed over something a tape cannot hold.
    Caller,
}

impl Error {
    /// Gives the coarse reason.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { .. } => ErrorKind::Io,
            Self::Empty { .. } | Self::Foreign { .. } | Self::NewerFormat { .. } => {
                ErrorKind::Unreadable
            }
            Self::Truncated { .. }
            | Self::Damaged { .. }
            | Self::DamagedBlock { .. }
            | Self::Changed { .. } => ErrorKind::Damaged,
            Self::Unstorable { .. } | Self::OutOfOrder { .. } | Self::BrokenSession { .. } => {
                ErrorKind::Caller
            }
        }
    }

    /// Wraps an IO error with what was tried on which file.
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
