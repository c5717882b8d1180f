//! What the approvals back end asks of a request, and the shapes of its errors.
//!
//! Errors have three shapes, as the framework of the real back end has: its own (`error` and `correlation_id`), those of
//! views (`error`), and those about members of a body (`{"member": ["what is wrong"]}`).

use std::collections::BTreeMap;

use http::header::{ALLOW, COOKIE};
use http::{HeaderName, Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::stand_in::reply::{Refusal, Reply};
use crate::stand_in::visit::Visit;

impl<'a> Visit<'a> {
    /// Tells whether the request is meant to change something.
    pub(in crate::stand_in::approvals) fn is_change(&self) -> bool {
        self.head.method == Method::POST
    }

    /// Gives a cookie that came along.
    pub(in crate::stand_in::approvals) fn cookie(&self, name: &str) -> Option<&'a str> {
        let lines = self.head.headers.get_all(COOKIE).into_iter();
        let texts = lines.filter_map(|line| line.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';'));
        pairs.find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        })
    }

    /// Reads the body.
    pub(in crate::stand_in::approvals) fn read<T: Deserialize<'a>>(&self) -> Result<T, Reply> {
        serde_json::from_slice(self.body).map_err(|error| {
            self.trouble(
                StatusCode::BAD_REQUEST,
                &format!("JSON parse error - {error}"),
            )
        })
    }

    /// Answers as a view does that cannot go on.
    pub(in crate::stand_in::approvals) fn error(&self, status: StatusCode, error: &str) -> Reply {
        self.answer(status, &Error { error })
    }

    /// Answers as the framework does before a view is asked.
    pub(in crate::stand_in::approvals) fn trouble(&self, status: StatusCode, error: &str) -> Reply {
        let correlation_id = self.request_id;
        self.answer(
            status,
            &Trouble {
                error,
                correlation_id,
            },
        )
    }

    /// Answers that members of the body are wrong.
    pub(in crate::stand_in::approvals) fn faults(
        &self,
        faults: &BTreeMap<&str, [String; 1]>,
    ) -> Reply {
        self.answer(StatusCode::BAD_REQUEST, faults)
    }

    /// Answers as an overloaded server does.
    pub(in crate::stand_in::approvals) fn shed(&self) -> Reply {
        self.trouble(StatusCode::SERVICE_UNAVAILABLE, "Service is overloaded")
            .with(HeaderName::from_static("x-load-shed"), "true")
    }

    /// Answers a request that leads nowhere, or has no body that can be read.
    pub(in crate::stand_in::approvals) fn refuse(&self, refusal: &Refusal) -> Reply {
        let method = &self.head.method;
        match refusal {
            Refusal::WrongMethod(allowed) => {
                let message = format!("Method \"{method}\" not allowed.");
                self.trouble(StatusCode::METHOD_NOT_ALLOWED, &message)
                    .with(ALLOW, allowed)
            }
            Refusal::NotJson => {
                let message = "Unsupported media type; this stand-in reads application/json.";
                self.trouble(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
            }
            Refusal::BodyTooLarge => {
                self.trouble(StatusCode::PAYLOAD_TOO_LARGE, "a body has at most 1 MiB")
            }
            Refusal::Invalid(message) | Refusal::LoadFailed(message) => {
                self.trouble(StatusCode::BAD_REQUEST, message)
            }
            Refusal::UnknownPath => self.trouble(StatusCode::NOT_FOUND, "Not found."),
        }
    }
}

#[derive(Serialize)]
struct Error<'a> {
    error: &'a str,
}

#[derive(Serialize)]
struct Trouble<'a> {
    error: &'a str,
    correlation_id: &'a str,
}
