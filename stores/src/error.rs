//! What can go wrong with an object store, each with what to do about it.
//!
//! Secrets never stand in a message: what the server says is quoted, what we sent it is not.

use std::io;
use std::path::PathBuf;

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting makes no sense.
    #[error("{name}: {detail}")]
    Setting {
        /// The setting, or the environment variable it came from.
        name: &'static str,
        /// What is wrong and what to do.
        detail: String,
    },
    /// A name cannot be part of a key.
    #[error(
        "{what} {found:?} cannot be part of an object's key: write letters, digits, dashes, underscores and dots, at most {most}"
    )]
    Name {
        /// What the name is for.
        what: &'static str,
        /// The name as given.
        found: String,
        /// How many characters it may have.
        most: usize,
    },
    /// Nobody answers.
    #[error(
        "the object store {endpoint} does not answer: {detail}; start it, or set S3_ENDPOINT_URL"
    )]
    Unreachable {
        /// Where it should be.
        endpoint: String,
        /// What failed.
        detail: String,
    },
    /// There is no whole answer in time.
    #[error(
        "the object store {endpoint} gives no whole answer within {seconds} s ({action}); does it hang, or is something else listening there?"
    )]
    Slow {
        /// Which store.
        endpoint: String,
        /// What was tried, and on which key.
        action: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The user called it off.
    #[error("interrupted while waiting for the object store {endpoint}")]
    Interrupted {
        /// Which store.
        endpoint: String,
    },
    /// This machine lacks what a client needs.
    #[error(
        "a client of the object store cannot be set up; raise the limits of open files and threads (`ulimit -n`, `ulimit -u`)"
    )]
    NoRuntime(#[source] io::Error),
    /// The store answers and has no such bucket.
    #[error("the object store {endpoint} has no bucket {bucket}; create it, or set S3_BUCKET_NAME")]
    BucketMissing {
        /// Which store.
        endpoint: String,
        /// Which bucket.
        bucket: String,
    },
    /// The store does not know us.
    #[error(
        "the object store {endpoint} does not accept our credentials ({code}); check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_REGION"
    )]
    Credentials {
        /// Which store.
        endpoint: String,
        /// The store's word for it.
        code: String,
    },
    /// The store knows us and does not let us.
    #[error(
        "the object store {endpoint} does not allow us to {action}; give these credentials the right to list, read, write and delete in the bucket {bucket}"
    )]
    Denied {
        /// Which store.
        endpoint: String,
        /// Which bucket.
        bucket: String,
        /// What was tried, and on which key.
        action: String,
    },
    /// The store answers something else.
    #[error("the object store {endpoint} could not {action}: {detail}")]
    Answer {
        /// Which store.
        endpoint: String,
        /// What was tried, and on which key.
        action: String,
        /// Status, code and message.
        detail: String,
    },
    /// An object is not what was just written.
    #[error("the object {key} is not what was written: {detail}; does something else write there?")]
    Unverified {
        /// Which object.
        key: String,
        /// What differs.
        detail: String,
    },
    /// Another process seeds under the same id.
    #[error("a run {run_id} is being seeded by somebody else right now; choose another --run-id")]
    Taken {
        /// The id.
        run_id: String,
    },
    /// A journal cannot be understood.
    #[error(
        "the journal {key} cannot be read ({detail}); nothing of this run was touched. Written by a newer tapdeck? Then clean up with that one"
    )]
    Journal {
        /// Its key.
        key: String,
        /// What is wrong.
        detail: String,
    },
    /// What a run overwrote cannot be put back.
    #[error(
        "{key} holds what run {run_id} wrote, and the copy of what was there before is gone ({copy}); put {key} right by hand, then delete loadtest/{run_id}/journal.json"
    )]
    CopyMissing {
        /// The key that should be restored.
        key: String,
        /// The run that overwrote it.
        run_id: String,
        /// Where the copy should be.
        copy: String,
    },
    /// The embedded store cannot run.
    #[error("the embedded store in {} cannot {action}", folder.display())]
    Embedded {
        /// Its folder.
        folder: PathBuf,
        /// What failed.
        action: &'static str,
        /// The reason.
        source: io::Error,
    },
    /// A bug of ours.
    #[error("internal error: {0}; please report it")]
    Bug(String),
}

/// What kind of thing went wrong, for the choice of an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting or a name.
    Usage,
    /// The store is not there, or does not let us, or answers something else.
    Store,
    /// The user.
    Interrupted,
    /// This program.
    Bug,
}

impl Error {
    /// Gives the kind, for callers that decide by it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Setting { .. }
            | Self::Name { .. }
            | Self::Embedded { .. }
            | Self::NoRuntime(_) => ErrorKind::Usage,
            Self::Interrupted { .. } => ErrorKind::Interrupted,
            Self::Bug(_) => ErrorKind::Bug,
            _ => ErrorKind::Store,
        }
    }
}
