//! One request as the back end sees it, and the shapes of its answers.
//!
//! Errors have three shapes, as the framework of the real back end has: its own (`error` and `correlation_id`), those of
//! views (`error`), and those about members of a body (`{"member": ["what is wrong"]}`).

use std::collections::BTreeMap;

use http::header::{ALLOW, COOKIE};
use http::request::Parts;
use http::{HeaderName, Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::answer::Answer;
use crate::stand_in::connection::Connection;
use crate::stand_in::faults::Fate;
use crate::stand_in::reply::Refusal;
use crate::stand_in::uuid::Uuid;

/// A wall-clock time, told as RFC 3339.
#[derive(Clone, Copy)]
pub(super) struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub(super) connection: &'a Connection,
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) correlation: &'a str,
    pub(super) arrived_ns: u64,
    pub(super) fate: Fate,
}

impl<'a> Visit<'a> {
    /// Gives the wall-clock time.
    pub(super) fn now(&self) -> Moment {
        Moment(self.connection.engine().wall_time(self.arrived_ns))
    }

    /// Draws a new id.
    pub(super) fn new_id(&self) -> Uuid {
        Uuid::from_random(self.connection.next_id())
    }

    /// Gives an id as it is told; a fault may tell a wrong one.
    pub(super) fn told(&self, id: Uuid) -> Uuid {
        match self.fate {
            Fate::WrongId => id.mistaken(),
            _ => id,
        }
    }

    /// Tells whether the request is meant to change something.
    pub(super) fn is_change(&self) -> bool {
        self.head.method == Method::POST
    }

    /// Gives a cookie that came along.
    pub(super) fn cookie(&self, name: &str) -> Option<&'a str> {
        let lines = self.head.headers.get_all(COOKIE).into_iter();
        let texts = lines.filter_map(|line| line.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';'));
        pairs.find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        })
    }

    /// Gives a header that came along.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// Gives a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.head.uri.query()?.split('&');
        pairs.find_map(|pair| {
            let (found, value) = pair.split_once('=')?;
            (found == name && !value.is_empty()).then_some(value)
        })
    }

    /// Reads the body.
    pub(super) fn read<T: Deserialize<'a>>(&self) -> Result<T, Answer> {
        serde_json::from_slice(self.body).map_err(|error| {
            self.trouble(
                StatusCode::BAD_REQUEST,
                &format!("JSON parse error - {error}"),
            )
        })
    }

    pub(super) fn ok(&self, body: &impl Serialize) -> Answer {
        self.answer(StatusCode::OK, body)
    }

    pub(super) fn answer(&self, status: StatusCode, body: &impl Serialize) -> Answer {
        Answer {
            status,
            body: self.connection.writer().json(body),
            headers: Vec::new(),
        }
    }

    /// Answers as a view does that cannot go on.
    pub(super) fn error(&self, status: StatusCode, error: &str) -> Answer {
        self.answer(status, &Error { error })
    }

    /// Answers as the framework does before a view is asked.
    pub(super) fn trouble(&self, status: StatusCode, error: &str) -> Answer {
        let correlation_id = self.correlation;
        self.answer(
            status,
            &Trouble {
                error,
                correlation_id,
            },
        )
    }

    /// Answers that members of the body are wrong.
    pub(super) fn faults(&self, faults: &BTreeMap<&str, [String; 1]>) -> Answer {
        self.answer(StatusCode::BAD_REQUEST, faults)
    }

    /// Answers as an overloaded server does.
    pub(super) fn shed(&self) -> Answer {
        self.trouble(StatusCode::SERVICE_UNAVAILABLE, "Service is overloaded")
            .with(HeaderName::from_static("x-load-shed"), "true")
    }

    /// Answers a request that leads nowhere, or has no body that can be read.
    pub(super) fn refuse(&self, refusal: &Refusal) -> Answer {
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
