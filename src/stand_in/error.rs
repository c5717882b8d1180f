//! What can go wrong before a stand-in serves: settings, rulesets, sockets, threads.
//!
//! Once it serves, nothing here occurs any more: a bad request gets an HTTP answer, a broken connection ends that connection.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::pem::PemError;

/// Why a stand-in could not be configured, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting's text does not parse.
    #[error("`{found}` is not {what}: expected {expected}")]
    Setting {
        /// What the text was meant to be.
        what: &'static str,
        /// The text as given.
        found: String,
        /// The forms that would have been understood.
        expected: &'static str,
    },
    /// The shares of the faults do not fit into one whole.
    #[error("the fault shares add up to {percent:.1} %: at most 100 % of the requests can be hit")]
    Shares {
        /// The sum, in percent.
        percent: f64,
    },
    /// A configuration asks for zero threads.
    #[error("a stand-in needs at least one thread, the configuration asks for none")]
    NoThreads,
    /// A ruleset file cannot be read.
    #[error("cannot read the ruleset {}", path.display())]
    ReadRuleset {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A ruleset is not JSON.
    #[error("the ruleset {origin} is not JSON")]
    RulesetSyntax {
        /// Where the text came from.
        origin: String,
        /// The parser's reason, with line and column.
        source: serde_json::Error,
    },
    /// A ruleset says something that cannot be compiled.
    #[error("the ruleset {origin}, {place}: {message}")]
    RulesetContent {
        /// Where the text came from.
        origin: String,
        /// The rule and the member in it, such as ``rule `r`, condition.args[1].value``.
        place: String,
        /// What was found and what would be accepted.
        message: String,
    },
    /// A ruleset was given to the path of another evaluation.
    #[error(
        "this evaluation path needs a ruleset with the key {expected}, the one given has {found}"
    )]
    RulesetKey {
        /// The key the path asks for.
        expected: &'static str,
        /// The key in the file.
        found: String,
    },
    /// A certificate or key cannot be read.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// Certificate, key and authorities make no TLS.
    #[error("{what}: {detail}")]
    Tls {
        /// What cannot be done.
        what: &'static str,
        /// The reason of rustls or rcgen.
        detail: String,
    },
    /// The socket cannot be listened on.
    #[error("cannot listen on {}; an old file of that name must go first", path.display())]
    ListenUnix {
        /// The socket asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The system refuses a thread, or what a thread needs to wait.
    #[error("cannot start thread {worker_idx} of the stand-in")]
    Thread {
        /// Which of the threads.
        worker_idx: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// A thread of the stand-in ended by a panic.
    #[error("thread {worker_idx} of the stand-in panicked")]
    Panicked {
        /// Which of the threads.
        worker_idx: usize,
    },
}

/// Whose fault an [`Error`] is, for the choice of an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A flag or a configuration value.
    Usage,
    /// A ruleset file.
    Ruleset,
    /// The machine: addresses, files, threads.
    System,
    /// This program.
    Bug,
}

impl Error {
    /// Says whose fault this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Setting { .. }
            | Self::Shares { .. }
            | Self::NoThreads
            | Self::Pem(_)
            | Self::Tls { .. } => ErrorKind::Usage,
            Self::RulesetSyntax { .. } | Self::RulesetContent { .. } | Self::RulesetKey { .. } => {
                ErrorKind::Ruleset
            }
            Self::ReadRuleset { .. }
            | Self::Listen { .. }
            | Self::ListenUnix { .. }
            | Self::Thread { .. } => ErrorKind::System,
            Self::Panicked { .. } => ErrorKind::Bug,
        }
    }
}
