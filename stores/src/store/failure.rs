//! From what the SDK reports to what a person can do about it.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::bounds::{Ended, MOST_BYTES, MOST_LISTED, is_too_long};
use crate::error::Error;

/// Codes that mean that the store does not know us, or not by this secret. The last one is of the embedded store.
const UNKNOWN_TO_IT: [&str; 6] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "AuthorizationHeaderMalformed",
    "NotSignedUp",
];

/// Most characters of the store's words in a message.
const QUOTED: usize = 240;

/// Which bucket of which store, for messages.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) endpoint: String,
    pub(super) bucket: String,
}

impl Place {
    /// Says that nobody answers.
    pub(super) fn unreachable(&self, reason: &(dyn StdError + 'static)) -> Error {
        Error::Unreachable {
            endpoint: self.endpoint.clone(),
            detail: innermost(reason),
        }
    }

    /// Says that an answer ended on the way, for its length or otherwise.
    pub(super) fn broken_off(
        &self,
        verb: &str,
        key: &str,
        reason: &(dyn StdError + 'static),
    ) -> Error {
        if is_too_long(reason) {
            let detail = format!(
                "it answers with more than {} MiB, which no ruleset, journal or listing has; is it an object store?",
                MOST_BYTES >> 20
            );
            return self.answer(verb, key, detail);
        }
        self.unreachable(reason)
    }

    /// Says that a listing has more objects than are read.
    pub(super) fn too_many(&self, verb: &str, key: &str) -> Error {
        let detail = format!(
            "it lists more than {MOST_LISTED} objects; delete there what no run needs any more"
        );
        self.answer(verb, key, detail)
    }

    /// Says why a wait ended without an answer.
    pub(super) fn ended(&self, verb: &str, key: &str, ended: Ended) -> Error {
        match ended {
            Ended::Late(most) => Error::Slow {
                endpoint: self.endpoint.clone(),
                action: self.action(verb, key),
                seconds: most.as_secs(),
            },
            Ended::Stopped => Error::Interrupted {
                endpoint: self.endpoint.clone(),
            },
        }
    }

    fn action(&self, verb: &str, key: &str) -> String {
        format!("{verb} {}/{key}", self.bucket)
    }

    fn answer(&self, verb: &str, key: &str, detail: String) -> Error {
        Error::Answer {
            endpoint: self.endpoint.clone(),
            action: self.action(verb, key),
            detail,
        }
    }

    /// Says what an answer means that is not the one hoped for.
    pub(super) fn refusal(
        &self,
        verb: &str,
        key: &str,
        status: u16,
        code: &str,
        message: &str,
    ) -> Error {
        let endpoint = self.endpoint.clone();
        let bucket = self.bucket.clone();
        let action = self.action(verb, key);
        if code == "NoSuchBucket" {
            Error::BucketMissing { endpoint, bucket }
        } else if UNKNOWN_TO_IT.contains(&code) {
            let code = quoted(code);
            Error::Credentials { endpoint, code }
        } else if matches!(code, "AccessDenied" | "AllAccessDisabled") || status == 403 {
            Error::Denied {
                endpoint,
                bucket,
                action,
            }
        } else {
            let detail = match (code, message) {
                ("", _) => format!(
                    "it answers {status} and not as S3 does; is this its console's port, or another service's?"
                ),
                (code, "") => format!("{status} {}", quoted(code)),
                (code, message) => format!("{status} {}, {}", quoted(code), quoted(message)),
            };
            Error::Answer {
                endpoint,
                action,
                detail,
            }
        }
    }
}

/// Explains a call that failed.
pub(super) fn explain<E>(
    place: &Place,
    verb: &str,
    key: &str,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + fmt::Debug + StdError + 'static,
{
    match error {
        SdkError::ServiceError(refused) => {
            let status = refused.raw().status().as_u16();
            let code = refused.err().code().unwrap_or_default();
            let message = refused.err().message().unwrap_or_default();
            place.refusal(verb, key, status, code, message)
        }
        _ if is_too_long(error) => place.broken_off(verb, key, error),
        SdkError::ResponseError(answer) => {
            place.refusal(verb, key, answer.raw().status().as_u16(), "", "")
        }
        SdkError::ConstructionFailure(_) => {
            Error::Bug(format!("a request cannot be built: {}", innermost(error)))
        }
        _ => place.unreachable(error),
    }
}

/// Gives the beginning of the store's words on one line.
fn quoted(words: &str) -> String {
    let letters = words.chars().take(QUOTED);
    letters
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// Tells whether a call failed because there is no such object.
pub(super) fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    // An answer to HEAD has no body and so no code of its own.
    let absent = ["NoSuchKey", "NotFound"];
    is_refused(error, 404, |code| {
        code.is_none_or(|code| absent.contains(&code))
    })
}

/// Tells whether a call failed because the object was not in the state that was asked for.
pub(super) fn is_precondition<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    is_refused(error, 412, |_| true)
        || is_refused(error, 409, |code| {
            code == Some("ConditionalRequestConflict")
        })
}

fn is_refused<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
    status: u16,
    is_code: impl Fn(Option<&str>) -> bool,
) -> bool {
    match error {
        SdkError::ServiceError(refused) => {
            refused.raw().status().as_u16() == status && is_code(refused.err().code())
        }
        _ => false,
    }
}

/// Gives the last link of a chain of errors: those above it say "dispatch failure" in several ways.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
