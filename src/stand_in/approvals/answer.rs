//! An answer before it becomes a hyper response: a status, a JSON body, and headers beyond the usual ones.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;

use super::CORRELATION;

/// What goes back to a client.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    /// In order; cookies are several of one name.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// Adds a header; a value that no header can hold is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Makes the response, in the header map of the request: hyper then allocates none.
    pub(super) fn into_response(
        self,
        mut headers: HeaderMap,
        correlation: HeaderValue,
    ) -> Response<Full<Bytes>> {
        headers.clear();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static(CORRELATION), correlation);
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}
