//! One endpoint as a lane uses it: compiled judge, prepared headers, and how a record becomes a request.

use bytes::Bytes;
use http::header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use tapdeck_corpora::Record;
use tapdeck_services::{Endpoint, Header};

use super::judge::Judge;
use super::payload::{LaneTape, Payload, PayloadBody, RecordPlace};
use super::session::{Given, Origin, StepTemplates};
use super::stamp::Stamps;
use super::token::{TokenFeed, TokenHeaders};
use super::transport::Target;

/// The mapped tape as bytes that a URI can share; the count of sharers belongs to one lane.
struct TapeBytes(LaneTape);

impl AsRef<[u8]> for TapeBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.file()
    }
}

/// Why a request cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The tape, or what was captured, makes no path.
    #[error("its path is no path")]
    Path(#[from] http::uri::InvalidUri),
    /// What was captured does not fit into a header.
    #[error("the value of the header {name} holds what no header can")]
    Header {
        /// The header.
        name: HeaderName,
        /// What is wrong with it.
        source: http::header::InvalidHeaderValue,
    },
    /// What was captured is a URL of another place.
    #[error(
        "the captured value {value} leads to another place than the target, and requests go to the target only"
    )]
    Elsewhere {
        /// What was captured.
        value: String,
    },
    /// A cookie cannot be sent back.
    #[error("a cookie holds what no header can")]
    Cookie(#[source] http::header::InvalidHeaderValue),
}

/// Everything about an endpoint that does not change from request to request.
///
/// Each lane has its own, so that cloning a header value or a path touches no counter another lane touches.
#[derive(Debug)]
pub struct LaneEndpoint {
    /// Judges its answers.
    pub judge: Judge,
    /// How captured values are written into it, if it is the step of a session.
    step: StepTemplates,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Keeps those among them up to date that hold the token, if there is one.
    token: Option<TokenHeaders>,
    base_path: String,
    /// The latest path and what it was parsed into; most endpoints have only one.
    path: Vec<u8>,
    uri: Uri,
    tape_bytes: Bytes,
}

impl LaneEndpoint {
    /// Prepares an endpoint for a lane; without a token, headers that would hold it are left out.
    ///
    /// Errors: says which part of the definition HTTP does not allow.
    pub fn prepare(
        endpoint: &Endpoint,
        target: &Target,
        tape: &LaneTape,
        feed: Option<&TokenFeed>,
    ) -> Result<Self, String> {
        let method = Method::from_bytes(endpoint.method.as_str().as_bytes())
            .map_err(|error| format!("endpoint {:?}: {error}", endpoint.name))?;
        let mut headers = vec![(HOST, own_copy(&target.authority))];
        for header in &endpoint.headers {
            // Values with a token come below, and those with captured ones step by step.
            let Some(value) = header.literal() else {
                continue;
            };
            let name = HeaderName::try_from(header.name.as_str());
            let value = HeaderValue::try_from(value);
            match (name, value) {
                (Ok(name), Ok(value)) => headers.push((name, value)),
                _ => {
                    return Err(format!(
                        "endpoint {:?}: HTTP does not allow the header {:?}",
                        endpoint.name, header.name
                    ));
                }
            }
        }
        let token = feed
            .filter(|_| endpoint.headers.iter().any(Header::sends_token))
            .map(|feed| TokenHeaders::prepare(endpoint, feed, &mut headers))
            .transpose()?;
        Ok(Self {
            judge: Judge::compile(endpoint)?,
            step: match &endpoint.step {
                Some(_) => StepTemplates::new(endpoint, Origin::of(target))?,
                None => StepTemplates::default(),
            },
            method,
            headers,
            token,
            base_path: target.base_path.clone(),
            path: Vec::new(),
            uri: Uri::default(),
            tape_bytes: Bytes::from_owner(TapeBytes(LaneTape::clone(tape))),
        })
    }

    /// Gives the number of headers of a request, for sizing the map they go into.
    pub fn header_count(&self) -> usize {
        self.headers.len()
    }

    /// Builds the request of a record into a recycled header map.
    pub fn request(
        &mut self,
        tape: &LaneTape,
        place: RecordPlace,
        record: &Record<'_>,
        stamps: Stamps,
        mut headers: HeaderMap,
    ) -> Result<Request<PayloadBody>, RequestError> {
        if self.path != record.path() {
            self.uri = self.uri_of(record.path())?;
            self.path.clear();
            self.path.extend_from_slice(record.path());
        }
        self.renew_token()?;
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        let payload = Payload::new(LaneTape::clone(tape), place, stamps);
        let body = PayloadBody::new(payload);
        Ok(self.assemble(self.uri.clone(), headers, body))
    }

    /// Puts the request of a session's step together, of the record and of what the session knows: `value` gives the
    /// value of each variable, `cookies` those that a request to a path carries.
    pub(super) fn step_request<'v>(
        &mut self,
        record: &Record<'_>,
        stamps: Stamps,
        mut headers: HeaderMap,
        cookies: impl FnOnce(&str) -> Option<String>,
        value: impl Fn(u8) -> Given<'v>,
    ) -> Result<Request<PayloadBody>, RequestError> {
        let path = self.step.path(record, &stamps, &value)?;
        let whole = if self.step.captures_whole_path() {
            path
        } else {
            [self.base_path.as_bytes(), &path].concat()
        };
        let uri = Uri::from_maybe_shared(Bytes::from(whole))?;
        self.renew_token()?;
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        let token = self.token.as_ref().map(TokenHeaders::token);
        for header in self.step.headers(token, &value) {
            let (name, value) = header?;
            headers.insert(name, value);
        }
        if let Some(cookies) = cookies(uri.path()) {
            let cookies = HeaderValue::try_from(cookies).map_err(RequestError::Cookie)?;
            headers.insert(COOKIE, cookies);
        }
        let body = self.step.body(record, &stamps, &value)?;
        Ok(self.assemble(uri, headers, PayloadBody::made(Bytes::from(body))))
    }

    #[inline]
    fn renew_token(&mut self) -> Result<(), RequestError> {
        match &mut self.token {
            Some(token) => token.renew(&mut self.headers),
            None => Ok(()),
        }
    }

    fn assemble(&self, uri: Uri, headers: HeaderMap, body: PayloadBody) -> Request<PayloadBody> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request
    }

    /// Parses a path; without a base path in front it goes on sharing the tape's bytes.
    fn uri_of(&self, path: &[u8]) -> Result<Uri, http::uri::InvalidUri> {
        if self.base_path.is_empty() {
            return Uri::from_maybe_shared(self.tape_bytes.slice_ref(path));
        }
        let whole = [self.base_path.as_bytes(), path].concat();
        Uri::from_maybe_shared(Bytes::from(whole))
    }
}

/// Copies a value, so that clones of the copy count on their own.
fn own_copy(value: &HeaderValue) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
}
