//! The manners of `FastAPI`, which two of the services are written with: what it says of bodies and parameters that do not
//! fit, of paths it does not know, and of its own failures.
//!
//! Source: `FastAPI` 0.11x and pydantic 2; the words of a message are theirs where a client may look at them.

mod form;
mod query;
mod value;

pub(super) use self::form::Form;
pub(super) use self::query::Query;
pub(super) use self::value::{amount, items, list, object, text, time, uuid, whole, word};

use http::header::ALLOW;
use http::{HeaderName, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::reply::{Refusal, Reply};
use super::visit::Visit;

/// Why a value does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    kind: &'static str,
    message: String,
    context: Option<Value>,
}

/// One thing that does not fit, and where it stands.
#[derive(Debug, Serialize)]
pub(super) struct Detail {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Place>,
    msg: String,
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

/// One step on the way to a value.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Place {
    Name(&'static str),
    Number(usize),
}

impl Misfit {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            context: None,
        }
    }

    pub(super) fn within(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    fn at(self, loc: Vec<Place>, input: Value) -> Detail {
        Detail {
            kind: self.kind,
            loc,
            msg: self.message,
            input,
            ctx: self.context,
        }
    }
}

/// Reads the body as JSON.
pub(super) fn read(visit: &Visit<'_>) -> Result<Value, Reply> {
    serde_json::from_slice(visit.body).map_err(|error| {
        let place = vec![Place::Name("body"), Place::Number(error.column())];
        let invalid = Misfit::new("json_invalid", "JSON decode error");
        let detail = invalid
            .within(json!({"error": error.to_string()}))
            .at(place, json!({}));
        unprocessable(visit, &[detail])
    })
}

/// Reads what a body holds.
///
/// Errors: 422 for all that does not fit.
pub(super) fn fill<'v, T>(
    visit: &Visit<'_>,
    body: &'v Value,
    read: impl FnOnce(&mut Form<'v, '_>) -> Option<T>,
) -> Result<T, Reply> {
    let mut details = Vec::new();
    let filled = Form::open(body, &mut details).and_then(|mut form| read(&mut form));
    filled
        .filter(|_| details.is_empty())
        .ok_or_else(|| unprocessable(visit, &details))
}

/// Answers that something does not fit.
pub(super) fn unprocessable(visit: &Visit<'_>, details: &[Detail]) -> Reply {
    detail(visit, StatusCode::UNPROCESSABLE_ENTITY, &details)
}

/// Answers with a reason of any shape.
pub(super) fn detail(visit: &Visit<'_>, status: StatusCode, detail: &impl Serialize) -> Reply {
    visit.answer(status, &Reason { detail })
}

/// Answers as an application does that has met the unforeseen.
pub(super) fn failure(visit: &Visit<'_>) -> Reply {
    let message = "Internal server error";
    detail(visit, StatusCode::INTERNAL_SERVER_ERROR, &message)
}

/// Answers as an overloaded server does.
pub(super) fn shed(visit: &Visit<'_>) -> Reply {
    let message = "Service is overloaded";
    detail(visit, StatusCode::SERVICE_UNAVAILABLE, &message)
        .with(HeaderName::from_static("x-load-shed"), "true")
}

/// Answers a request that leads nowhere, or has no body that can be read.
pub(super) fn refuse(visit: &Visit<'_>, refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::UnknownPath => detail(visit, StatusCode::NOT_FOUND, &"Not Found"),
        Refusal::WrongMethod(allowed) => {
            let message = "Method Not Allowed";
            detail(visit, StatusCode::METHOD_NOT_ALLOWED, &message).with(ALLOW, allowed)
        }
        Refusal::BodyTooLarge => {
            let message = "Request body too large";
            detail(visit, StatusCode::PAYLOAD_TOO_LARGE, &message)
        }
        // A body that does not call itself JSON is taken for a text.
        Refusal::NotJson | Refusal::Invalid(_) | Refusal::LoadFailed(_) => {
            let place = vec![Place::Name("body")];
            unprocessable(visit, &[value::not_an_object().at(place, json!(""))])
        }
    }
}

#[derive(Serialize)]
struct Reason<'a, D> {
    detail: &'a D,
}
