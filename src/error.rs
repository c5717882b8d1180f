//! The top-level error: what a command failed at, whose fault it is, and with which exit code it ends.

use std::error::Error as StdError;
use std::path::PathBuf;

use rustix::io::Errno;

use crate::exit::Exit;
use crate::replay::lane::run::LaneError;

/// A command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A flag or argument makes no sense.
    #[error("{flag}: {detail}")]
    Usage {
        /// The flag or argument.
        flag: &'static str,
        /// What is wrong and what to do.
        detail: String,
    },
    /// An address cannot be read.
    #[error("{origin}: {source}")]
    Address {
        /// The flag, variable or file that it came from.
        origin: String,
        /// What is wrong, and what to write.
        source: tapdeck_addresses::AddressError,
    },
    /// A service definition is wrong.
    #[error(transparent)]
    Service(#[from] tapdeck_services::Error),
    /// A tape cannot be written or read.
    #[error(transparent)]
    Tape(#[from] tapdeck_corpora::Error),
    /// A corpus cannot be generated.
    #[error(transparent)]
    Generate(#[from] tapdeck_generators::Error),
    /// The stand-in cannot run.
    #[error(transparent)]
    StandIn(#[from] crate::stand_in::Error),
    /// There is no token, or none that the target checks.
    #[error(transparent)]
    Auth(#[from] crate::auth::AuthError),
    /// The target is not one we may send to.
    #[error("refusing to send to {target}: {detail}")]
    Refused {
        /// The target as given, credentials masked.
        target: String,
        /// Why, and what to do.
        detail: String,
    },
    /// The target cannot be reached.
    #[error("the target {target} cannot be reached: {detail}")]
    Unreachable {
        /// The target as given, credentials masked.
        target: String,
        /// What failed.
        detail: String,
    },
    /// A limit of this process or machine keeps a command from its work; no target has a part in it.
    #[error("{0}")]
    OwnLimit(String),
    /// The rule engine does not have what a run needs it to have.
    #[error("the rule engine {engine} does not have the ruleset {ruleset}: {detail}")]
    NotSeeded {
        /// The engine as given, credentials masked.
        engine: String,
        /// Key and version.
        ruleset: String,
        /// Where it lies, what the engine said, and what to do.
        detail: String,
    },
    /// The object store cannot be used.
    #[error(transparent)]
    Store(#[from] tapdeck_stores::Error),
    /// The target can be reached and says that it is not ready, or nothing at all.
    #[error("the target {target} is not ready: {detail}")]
    Unready {
        /// The target as given, credentials masked.
        target: String,
        /// What it said.
        detail: String,
    },
    /// A sending thread could not start.
    #[error("a sending thread could not start")]
    Lane(#[from] LaneError),
    /// A file of ours cannot be written or read.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A report cannot be made.
    #[error(transparent)]
    Report(#[from] tapdeck_reports::Error),
    /// Some files of a report cannot be made.
    #[error("the report in {folder} lacks {missing}", folder = folder.display())]
    Incomplete {
        /// The report.
        folder: PathBuf,
        /// The files that are missing.
        missing: String,
        /// Why the first of them is.
        source: Box<Error>,
    },
    /// An export cannot be judged.
    #[error(transparent)]
    Fidelity(#[from] tapdeck_fidelity::Error),
    /// The user stopped a run before its first request.
    #[error("interrupted while connections were being opened; nothing was sent")]
    Interrupted,
    /// A bug of ours.
    #[error("internal error: {0}; please report it")]
    Bug(String),
}

impl Error {
    /// Gives the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::NotSeeded { .. } | Self::Unready { .. } => {
                Exit::TargetUnreachable
            }
            Self::Lane(LaneError::Open { source, .. }) => match source.own_limit() {
                Some(_) => Exit::Usage,
                None => Exit::TargetUnreachable,
            },
            Self::Auth(error) => error.exit(),
            Self::Incomplete { source, .. } => source.exit(),
            Self::Store(error) => match error.kind() {
                tapdeck_stores::ErrorKind::Store => Exit::TargetUnreachable,
                tapdeck_stores::ErrorKind::Interrupted => Exit::Interrupted,
                tapdeck_stores::ErrorKind::Bug => Exit::Bug,
                _ => Exit::Usage,
            },
            Self::Tape(error) => match error.kind() {
                tapdeck_corpora::ErrorKind::Unreadable | tapdeck_corpora::ErrorKind::Damaged => {
                    Exit::TapeUnreadable
                }
                tapdeck_corpora::ErrorKind::Io => Exit::Usage,
                tapdeck_corpora::ErrorKind::Caller => Exit::Bug,
            },
            Self::Generate(error) if error.kind() == tapdeck_generators::ErrorKind::Internal => {
                Exit::Bug
            }
            Self::Fidelity(error) => match error.kind() {
                tapdeck_fidelity::ErrorKind::Io => Exit::Usage,
                tapdeck_fidelity::ErrorKind::Unreadable => Exit::TapeUnreadable,
                tapdeck_fidelity::ErrorKind::Internal => Exit::Bug,
            },
            Self::StandIn(error) if error.kind() == crate::stand_in::ErrorKind::Bug => Exit::Bug,
            Self::Interrupted => Exit::Interrupted,
            Self::Bug(_) => Exit::Bug,
            _ => Exit::Usage,
        }
    }
}

/// Joins an error and all its sources, and adds what to do where something of this machine has run out.
pub fn explained(error: &Error) -> String {
    let mut text = chain(error);
    let mut causes = std::iter::successors(Some(error as &dyn StdError), |&error| error.source());
    let remedy = causes.find_map(|cause| remedy(cause.downcast_ref()?));
    // Whoever has met the limit at its place has said more.
    if let Some(remedy) = remedy.filter(|_| !text.contains("raise ")) {
        text.push_str("; ");
        text.push_str(remedy);
    }
    text
}

fn remedy(error: &std::io::Error) -> Option<&'static str> {
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some(
            "raise the limit of open files with `ulimit -n NUMBER` before the start; where that is refused, an administrator must raise the hard limit",
        ),
        Errno::NFILE => Some("raise the setting fs.file-max, or close what else holds files open"),
        Errno::AGAIN => Some("raise the limit of threads with `ulimit -u NUMBER` before the start"),
        Errno::NOMEM => {
            Some("free memory, or raise its limit with `ulimit -v KIBIBYTES` before the start")
        }
        Errno::NOSPC | Errno::DQUOT => Some("make room on that disk, or name a place on another"),
        _ => None,
    }
}

/// Joins an error and all its sources, outermost first.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        // Some libraries repeat their cause in their own message.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_run_out_is_told_with_what_to_do() {
        for (errno, expected) in [
            (Errno::MFILE, "ulimit -n NUMBER"),
            (Errno::AGAIN, "ulimit -u NUMBER"),
            (Errno::NOMEM, "ulimit -v KIBIBYTES"),
            (Errno::NOSPC, "make room on that disk"),
        ] {
            let error = Error::Io {
                action: "write",
                path: "report".into(),
                source: errno.into(),
            };
            let text = explained(&error);
            assert!(text.contains(expected), "{text}");
        }
        let error = Error::Io {
            action: "write",
            path: "report".into(),
            source: Errno::ACCESS.into(),
        };
        assert_eq!(explained(&error), chain(&error));
    }
}
