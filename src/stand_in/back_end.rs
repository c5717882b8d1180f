//! The way of a request through a role that keeps state and speaks JSON, from its first byte to the instant its answer
//! leaves. What the paths mean is the role's own business.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};

use super::body::{BodyError, read_json};
use super::connection::{Broken, Connection};
use super::faults::Fate;
use super::outcome::settle;
use super::reply::{Refusal, Reply};
use super::seen::Event;
use super::uuid::Uuid;
use super::visit::Visit;
use crate::clock::{Clock, MonotonicClock};

/// A role that keeps state.
pub(super) trait BackEnd {
    /// What a path stands for, with the ids in it.
    type Route<'a>: Route;

    /// Header that names a request through all logs: the caller's own goes back, or a new one.
    const REQUEST_ID: HeaderName;

    /// Finds what a request asks for.
    fn find<'a>(method: &Method, path: &'a str) -> Result<Self::Route<'a>, Refusal>;

    /// Answers what lies beside the API, such as health. No fault ever touches it.
    fn look(&self, visit: &Visit<'_>, route: Self::Route<'_>) -> Reply;

    /// Answers a request to the API, as its fate says.
    fn serve(&self, visit: &Visit<'_>, route: Self::Route<'_>) -> Reply;

    /// Answers a request that leads nowhere, or has no body that can be read.
    fn refuse(visit: &Visit<'_>, refusal: &Refusal) -> Reply;
}

/// A route of a role.
pub(super) trait Route: Copy {
    /// Gives its place among the names that the audit counts by.
    fn place(self) -> usize;

    /// Tells whether a body belongs to it.
    fn reads_body(self) -> bool;

    /// Tells whether it lies beside the API.
    fn is_beside(self) -> bool;
}

/// Answers a request, whatever it asks for and whoever its token says the caller is.
///
/// Errors: `Broken` where the connection ends instead.
pub(super) async fn answer<B: BackEnd>(
    connection: &Connection,
    back_end: &B,
    head: Parts,
    body: Incoming,
    caller: Option<&str>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let arrived_ns = MonotonicClock.now_ns();
    connection.count(Event::Other);
    let request_id = request_id(connection, &head.headers, &B::REQUEST_ID);
    let route = B::find(&head.method, head.uri.path());
    let place = route.as_ref().ok().map(|route| route.place());
    connection.routes().arrived(place);
    let body = match &route {
        Ok(route) if route.reads_body() => match read_json(&head.headers, body).await {
            Ok(body) => Ok(body),
            Err(BodyError::Refused(refusal)) => Err(refusal),
            Err(BodyError::Cut) => return Err(Broken),
        },
        _ => Ok(Bytes::new()),
    };
    let visit = |fate, body| Visit {
        connection,
        head: &head,
        body,
        request_id: request_id.to_str().unwrap_or_default(),
        caller,
        arrived_ns,
        fate,
    };
    let reply = match (&route, &body) {
        (Err(refusal), _) | (_, Err(refusal)) => B::refuse(&visit(Fate::Answer, &[]), refusal),
        (Ok(route), Ok(body)) if route.is_beside() => {
            back_end.look(&visit(Fate::Answer, body), *route)
        }
        (Ok(route), Ok(body)) => {
            let serve = |fate| back_end.serve(&visit(fate, body), *route);
            settle(connection, arrived_ns, serve).take_effect().await?
        }
    };
    if reply.status.as_u16() >= 400 {
        connection.count(Event::Refused);
    }
    connection.routes().answered(place, reply.status);
    let named = reply.with_value(B::REQUEST_ID, request_id);
    Ok(named.into_response(head.headers))
}

fn request_id(connection: &Connection, headers: &HeaderMap, name: &HeaderName) -> HeaderValue {
    let given = headers.get(name);
    let given = given.filter(|value| value.to_str().is_ok_and(|text| !text.is_empty()));
    given.cloned().unwrap_or_else(|| {
        let made = Uuid::from_random(connection.next_id()).to_string();
        HeaderValue::try_from(made).unwrap_or(HeaderValue::from_static(""))
    })
}
