//! What goes back to a client: a status, a JSON body, headers beyond the usual ones.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

/// An answer before it becomes a hyper response.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    /// In order; cookies are several of one name. Most answers have none.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    pub(super) fn ok(body: Bytes) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            headers: Vec::new(),
        }
    }

    /// Adds a header; a value that no header can hold is left out.
    pub(super) fn with(self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::try_from(value) {
            Ok(value) => self.with_value(name, value),
            Err(_) => self,
        }
    }

    /// Adds a header.
    pub(super) fn with_value(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Makes the response, in the header map of the request: hyper then allocates none.
    pub(super) fn into_response(self, mut headers: HeaderMap) -> Response<Full<Bytes>> {
        headers.clear();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

/// Why a request gets no answer but an error.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The body or one of its members makes no sense.
    Invalid(String),
    /// A ruleset was asked for that storage does not have.
    LoadFailed(String),
    UnknownPath,
    /// The path exists, for another method.
    WrongMethod(&'static str),
    BodyTooLarge,
    NotJson,
}

impl Refusal {
    pub(super) fn reply(self, writer: &Writer) -> Reply {
        let (status, code, message) = match &self {
            Self::Invalid(message) => {
                (StatusCode::BAD_REQUEST, "INVALID_REQUEST", message.as_str())
            }
            Self::LoadFailed(message) => (StatusCode::BAD_REQUEST, "LOAD_FAILED", message.as_str()),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "NOT_FOUND", "no such path"),
            Self::WrongMethod(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "this path takes another method",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                "a body has at most 1 MiB",
            ),
            Self::NotJson => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                "the content type must be application/json",
            ),
        };
        let reply = Reply {
            status,
            body: writer.json(&ErrorBody { code, message }),
            headers: Vec::new(),
        };
        match self {
            Self::WrongMethod(allowed) => reply.with(ALLOW, allowed),
            _ => reply,
        }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
}

/// Writes the bodies of one thread, one after another into the same memory.
pub(super) struct Writer(RefCell<Pages>);

struct Pages {
    /// The body being written; writing into a plain vector takes half the time of writing into `BytesMut`.
    draft: Vec<u8>,
    /// Room for a few hundred bodies, taken anew as soon as those before have left.
    finished: BytesMut,
}

impl Writer {
    const DRAFT_BYTES: usize = 4 * 1024;
    const FINISHED_BYTES: usize = 64 * 1024;

    pub(super) fn new() -> Self {
        Self(RefCell::new(Pages {
            draft: Vec::with_capacity(Self::DRAFT_BYTES),
            finished: BytesMut::with_capacity(Self::FINISHED_BYTES),
        }))
    }

    pub(super) fn json(&self, body: &impl Serialize) -> Bytes {
        let Pages { draft, finished } = &mut *self.0.borrow_mut();
        draft.clear();
        #[expect(
            clippy::expect_used,
            reason = "memory takes every byte, and the keys of all bodies are strings"
        )]
        serde_json::to_writer(&mut *draft, body).expect("bodies are JSON");
        finished.extend_from_slice(draft);
        finished.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Refusal, Reply, Writer};

    #[test]
    fn refusals_carry_a_code_and_a_status() {
        let writer = Writer::new();
        for (refusal, status, body) in [
            (
                Refusal::Invalid("m".to_owned()),
                400,
                r#"{"code":"INVALID_REQUEST","message":"m"}"#,
            ),
            (
                Refusal::LoadFailed("m".to_owned()),
                400,
                r#"{"code":"LOAD_FAILED","message":"m"}"#,
            ),
            (
                Refusal::UnknownPath,
                404,
                r#"{"code":"NOT_FOUND","message":"no such path"}"#,
            ),
            (
                Refusal::BodyTooLarge,
                413,
                r#"{"code":"PAYLOAD_TOO_LARGE","message":"a body has at most 1 MiB"}"#,
            ),
        ] {
            let reply = refusal.reply(&writer);
            assert_eq!(
                (reply.status.as_u16(), &reply.body[..]),
                (status, body.as_bytes())
            );
        }
        let reply = Refusal::WrongMethod("GET").reply(&writer);
        assert_eq!(reply.headers[0].1, "GET");
    }

    #[test]
    fn responses_drop_the_headers_of_the_request() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        let response = Reply::ok("{}".into()).into_response(headers);
        assert_eq!(response.headers().len(), 1);
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}
