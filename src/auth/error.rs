//! Why there is no token, or none that the target checks.

use crate::error::{Error, chain};
use crate::exit::Exit;

/// Why there is no token, or none that the target checks.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// A setting is missing.
    #[error("auth mode {mode} needs {names}; {advice}")]
    Missing {
        /// The mode.
        mode: &'static str,
        /// All that is missing.
        names: String,
        /// What to do.
        advice: &'static str,
    },
    /// A setting cannot be used.
    #[error("{origin}: {detail}")]
    Setting {
        /// The flag, file or variable.
        origin: String,
        /// What is wrong with it, without its value where that is a secret.
        detail: String,
    },
    /// The provider cannot be reached or gives no token.
    #[error("no token: {provider} {detail}")]
    Provider {
        /// Its address.
        provider: String,
        /// What it did.
        detail: String,
    },
    /// The target does not take the token.
    #[error("the target refuses the token: {probe} was answered with {answer}; {advice}")]
    TokenRefused {
        /// What was asked.
        probe: String,
        /// Status and the beginning of the body.
        answer: String,
        /// What to look at.
        advice: String,
    },
    /// The target wants a token, and there is none.
    #[error(
        "the target wants a token and none is sent: {probe} was answered with {answer}; use --auth-mode local or auth0 (or AUTH_MODE), or switch the target's check off"
    )]
    TokenWanted {
        /// What was asked.
        probe: String,
        /// Status and the beginning of the body.
        answer: String,
    },
    /// The target does not look at tokens.
    #[error(
        "the target takes a token with a broken signature: {probe} was answered with {answer}; it does not check tokens (is SECURITY_SKIP_JWT_VALIDATION set?), so a run would not measure what checking costs; use --auth-mode none, or switch the check on"
    )]
    AnyTokenTaken {
        /// What was asked.
        probe: String,
        /// Status.
        answer: String,
    },
    /// The probe says nothing about tokens.
    #[error(
        "{probe} was answered with {answer}, which says nothing about the token; let probe_path in [auth] name a path that a good token opens"
    )]
    Inconclusive {
        /// What was asked.
        probe: String,
        /// Status and the beginning of the body.
        answer: String,
    },
    /// The probe got no answer.
    #[error("{probe} got no answer: {detail}")]
    NoAnswer {
        /// What was asked.
        probe: String,
        /// What failed.
        detail: String,
    },
    /// A limit of this process or machine was reached.
    #[error("{0}")]
    OwnLimit(String),
    /// A bug of ours, or a machine without threads.
    #[error("tokens cannot be made: {0}")]
    Internal(String),
}

impl AuthError {
    /// Sorts out why nothing could be asked at all.
    pub(super) fn of_asking(error: &Error) -> Self {
        match error {
            Error::OwnLimit(detail) => Self::OwnLimit(detail.clone()),
            error => Self::Internal(chain(error)),
        }
    }

    /// Says of a refusal that it is the second one, after that of a kept token.
    pub(super) fn again(self) -> Self {
        match self {
            Self::TokenRefused {
                probe,
                answer,
                advice,
            } => Self::TokenRefused {
                probe,
                answer,
                advice: format!(
                    "so was a token kept by an earlier run, in whose place this one was fetched; {advice}"
                ),
            },
            other => other,
        }
    }

    /// Gives the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Missing { .. } | Self::Setting { .. } | Self::OwnLimit(_) => Exit::Usage,
            Self::Provider { .. }
            | Self::TokenRefused { .. }
            | Self::TokenWanted { .. }
            | Self::AnyTokenTaken { .. }
            | Self::Inconclusive { .. }
            | Self::NoAnswer { .. } => Exit::TargetUnreachable,
            Self::Internal(_) => Exit::Bug,
        }
    }
}
