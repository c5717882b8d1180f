//! One endpoint as a lane uses it: compiled judge, prepared headers, and how a record becomes a request.

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use tapdeck_corpora::Record;
use tapdeck_services::Endpoint;

use super::judge::Judge;
use super::payload::{LaneTape, Payload, PayloadBody, RecordPlace};
use super::stamp::Stamps;
use super::transport::Target;

/// The mapped tape as bytes that a URI can share; the count of sharers belongs to one lane.
struct TapeBytes(LaneTape);

impl AsRef<[u8]> for TapeBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.file()
    }
}

/// Everything about an endpoint that does not change from request to request.
///
/// Each lane has its own, so that cloning a header value or a path touches no counter another lane touches.
#[derive(Debug)]
pub struct LaneEndpoint {
    /// Judges its answers.
    pub judge: Judge,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    base_path: String,
    /// The latest path and what it was parsed into; most endpoints have only one.
    path: Vec<u8>,
    uri: Uri,
    tape_bytes: Bytes,
}

impl LaneEndpoint {
    /// Prepares an endpoint for a lane.
    ///
    /// Errors: says which part of the definition HTTP does not allow.
    pub fn prepare(endpoint: &Endpoint, target: &Target, tape: &LaneTape) -> Result<Self, String> {
        let method = Method::from_bytes(endpoint.method.as_str().as_bytes())
            .map_err(|error| format!("endpoint {:?}: {error}", endpoint.name))?;
        let mut headers = vec![(HOST, own_copy(&target.authority))];
        for header in &endpoint.headers {
            let Some(value) = header.literal() else {
                return Err(format!(
                    "endpoint {:?}: the header {:?} holds a captured value, which cannot be sent yet",
                    endpoint.name, header.name
                ));
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
        Ok(Self {
            judge: Judge::compile(endpoint)?,
            method,
            headers,
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
    ) -> Result<Request<PayloadBody>, http::uri::InvalidUri> {
        if self.path != record.path() {
            self.uri = self.uri_of(record.path())?;
            self.path.clear();
            self.path.extend_from_slice(record.path());
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        let payload = Payload::new(LaneTape::clone(tape), place, stamps);
        let mut request = Request::new(PayloadBody::new(payload));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        Ok(request)
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
