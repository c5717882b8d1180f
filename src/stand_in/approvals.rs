//! The approvals back end: users who sign in, deployments, the board that decides on them, connectors to five planes.
//!
//! It checks what it is sent as the real one does, keeps everything in memory, and takes notes of who touched what: which
//! session created, read or decided each id. So a client that mixes up its sessions is found out, and one that does not
//! can prove it. Nothing is ever forgotten; a long run takes memory for what it creates.
//!
//! `docs/stand-in.md` says what it answers and where it stops resembling the real one.

mod accounts;
mod answer;
mod audit;
mod board;
mod connectors;
mod deployments;
mod routes;
mod throttle;
mod visit;

pub use self::audit::{Audit, Crossing, RouteCount};

use std::sync::atomic::{AtomicU64, Ordering};

use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};

use self::accounts::Accounts;
use self::answer::Answer;
use self::audit::Notes;
use self::board::Board;
use self::deployments::Deployments;
use self::routes::Route;
use self::throttle::Throttle;
use self::visit::Visit;
use super::body::{BodyError, read_json};
use super::connection::{Broken, Connection};
use super::faults::Fate;
use super::outcome::settle;
use super::reply::Refusal;
use super::seen::Event;
use super::uuid::Uuid;
use crate::clock::{Clock, MonotonicClock};

/// The header that names a request through all logs.
const CORRELATION: &str = "x-correlation-id";

/// All that the back end knows.
pub(super) struct BackEnd {
    accounts: Accounts,
    throttle: Throttle,
    deployments: Deployments,
    board: Board,
    notes: Notes,
    forgeries: AtomicU64,
}

/// Answers a request, whatever it asks for.
///
/// Errors: `Broken` where the connection ends instead.
pub(super) async fn answer(
    connection: &Connection,
    back_end: &BackEnd,
    head: Parts,
    body: Incoming,
) -> Result<Response<Full<Bytes>>, Broken> {
    let arrived_ns = MonotonicClock.now_ns();
    connection.count(Event::Other);
    let correlation = correlation(connection, &head);
    let route = Route::find(&head.method, head.uri.path());
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
        correlation: correlation.to_str().unwrap_or_default(),
        arrived_ns,
        fate,
    };
    let answer = match (&route, &body) {
        (Err(refusal), _) | (_, Err(refusal)) => visit(Fate::Answer, &[]).refuse(refusal),
        (Ok(route), Ok(body)) if route.is_beside() => {
            back_end.look(&visit(Fate::Answer, body), *route)
        }
        (Ok(route), Ok(body)) => {
            let serve = |fate| back_end.serve(&visit(fate, body), *route);
            settle(connection, arrived_ns, serve).take_effect().await?
        }
    };
    if answer.status.as_u16() >= 400 {
        connection.count(Event::Refused);
    }
    if let Ok(route) = route {
        back_end.notes.count(route, answer.status);
    }
    Ok(answer.into_response(head.headers, correlation))
}

/// Gives the caller's correlation id, or a new one.
fn correlation(connection: &Connection, head: &Parts) -> HeaderValue {
    let given = head.headers.get(CORRELATION);
    let given = given.filter(|value| value.to_str().is_ok_and(|text| !text.is_empty()));
    given.cloned().unwrap_or_else(|| {
        let made = Uuid::from_random(connection.next_id()).to_string();
        HeaderValue::try_from(made).unwrap_or(HeaderValue::from_static(""))
    })
}

impl BackEnd {
    pub(super) fn new(hourly_limit: Option<u32>) -> Self {
        Self {
            accounts: Accounts::default(),
            throttle: Throttle::new(hourly_limit),
            deployments: Deployments::default(),
            board: Board::default(),
            notes: Notes::default(),
            forgeries: AtomicU64::new(0),
        }
    }

    /// Tells who touched what so far.
    pub(super) fn audit(&self) -> Audit {
        Audit {
            sessions: self.accounts.session_count(),
            forgeries_refused: self.forgeries.load(Ordering::Relaxed),
            throttled: self.throttle.refused_count(),
            ..self.notes.audit()
        }
    }

    /// Answers what lies beside the API: health and the audit. No fault ever touches it.
    fn look(&self, visit: &Visit<'_>, route: Route<'_>) -> Answer {
        match route {
            Route::Audit => visit.ok(&self.audit()),
            Route::History(id) => {
                let history = Uuid::parse(id).and_then(|id| {
                    let deployment = self.deployments.history(id);
                    deployment.or_else(|| self.board.history(id))
                });
                history.map_or_else(
                    || visit.error(StatusCode::NOT_FOUND, "nothing has this id"),
                    |history| visit.ok(&history),
                )
            }
            _ => visit.ok(&serde_json::json!({"status": "healthy"})),
        }
    }

    /// Answers a request to the API.
    fn serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Answer {
        match visit.fate {
            Fate::Shed => return visit.shed(),
            Fate::FailOpen => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return visit.trouble(status, "Internal server error");
            }
            _ => {}
        }
        self.try_serve(visit, route)
            .unwrap_or_else(|refused| refused)
    }

    fn try_serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<Answer, Answer> {
        let session = self.accounts.session(visit);
        if let Some(session) = &session
            && visit.is_change()
            && !session.knows_token(visit)
        {
            self.forgeries.fetch_add(1, Ordering::Relaxed);
            let message = "CSRF Failed: CSRF token missing or incorrect.";
            return Err(visit.trouble(StatusCode::FORBIDDEN, message));
        }
        let session = session.as_deref();
        if session.is_none() && !route.is_open() {
            let message = "Authentication credentials were not provided.";
            return Err(visit.trouble(StatusCode::FORBIDDEN, message));
        }
        self.throttle.admit(visit, session)?;
        match (route, session) {
            (Route::Login, _) => self.accounts.sign_in(visit),
            (Route::Logout, _) => Ok(self.accounts.sign_out(visit)),
            (Route::ListDeployments, _) => Ok(self.deployments.list(visit)),
            (Route::Applications, _) => Ok(self.deployments.applications(visit)),
            (Route::Me, Some(session)) => Ok(accounts::me(visit, session)),
            (Route::Validate, Some(session)) => Ok(accounts::valid(visit, session)),
            (Route::CreateDeployment, Some(session)) => {
                self.deployments.create(visit, session, &self.notes)
            }
            (Route::Deployment(id), Some(session)) => {
                self.deployments.detail(visit, session, id, &self.notes)
            }
            (Route::Submit, Some(session)) => self.board.submit(visit, session, &self.notes),
            (Route::Pending, Some(_)) => Ok(self.board.pending(visit)),
            (Route::Decide(id, verdict), Some(session)) => {
                self.board.decide(visit, session, id, verdict, &self.notes)
            }
            (Route::Connectors, Some(_)) => Ok(connectors::list(visit)),
            (Route::Deploy(plane), Some(_)) => connectors::deploy(visit, plane),
            (Route::ConnectorHealth(plane), Some(_)) => connectors::health(visit, plane),
            // Whatever else there is was answered before.
            _ => Err(visit.refuse(&Refusal::UnknownPath)),
        }
    }
}
