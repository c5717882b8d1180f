//! A target that does nothing: it reads any request and answers a constant, for finding out how fast a client can be.

use std::rc::Rc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};

use super::connection::Broken;
use super::seen::Event;
use super::worker::Worker;

/// Small enough not to matter, and JSON, so that a client that reads it finds something to read.
const BODY: &[u8] = br#"{"ok":true}"#;

/// Whatever is asked for is one route.
const ROUTE: Option<usize> = Some(0);

/// Reads a request to its end and answers the constant.
///
/// Errors: `Broken` if the client goes away inside its body.
pub(super) async fn answer(
    request: Request<Incoming>,
    worker: Rc<Worker>,
) -> Result<Response<Full<Bytes>>, Broken> {
    worker.note_arrival();
    worker.tally().count(Event::Other);
    worker.routes().arrived(ROUTE);
    let (head, mut body) = request.into_parts();
    while let Some(frame) = body.frame().await {
        frame.map_err(|_| Broken)?;
    }
    worker.routes().answered(ROUTE, StatusCode::OK);
    let mut response = Response::new(Full::new(Bytes::from_static(BODY)));
    *response.headers_mut() = content_type_only(head.headers);
    Ok(response)
}

/// Reuses the request's header map, which hyper then need not allocate anew.
fn content_type_only(mut headers: HeaderMap) -> HeaderMap {
    headers.clear();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}
