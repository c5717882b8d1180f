//! The approvals back end: users who sign in, deployments, the board that decides on them, connectors to five planes.
//!
//! It checks what it is sent as the real one does, keeps everything in memory, and takes notes of who touched what: which
//! session created, read or decided each id. So a client that mixes up its sessions is found out, and one that does not
//! can prove it. Nothing is ever forgotten; a long run takes memory for what it creates.
//!
//! `docs/stand-in.md` says what it answers and where it stops resembling the real one.

mod accounts;
mod audit;
mod board;
mod connectors;
mod deployments;
mod routes;
mod throttle;
mod visit;

pub use self::audit::{ApprovalsAudit, Crossing};

pub(super) use self::routes::NAMES;

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderName, Method, StatusCode};

use self::accounts::Accounts;
use self::audit::Notes;
use self::board::Board;
use self::deployments::Deployments;
use self::routes::Route;
use self::throttle::Allowances;
use super::back_end::BackEnd;
use super::faults::Fate;
use super::reply::{Refusal, Reply};
use super::uuid::Uuid;
use super::visit::Visit;

/// All that the back end knows.
pub(super) struct Approvals {
    accounts: Accounts,
    throttle: Allowances,
    deployments: Deployments,
    board: Board,
    notes: Notes,
    forgeries: AtomicU64,
}

impl Approvals {
    pub(super) fn new(hourly_limit: Option<u32>) -> Self {
        Self {
            accounts: Accounts::default(),
            throttle: Allowances::new(hourly_limit),
            deployments: Deployments::default(),
            board: Board::default(),
            notes: Notes::default(),
            forgeries: AtomicU64::new(0),
        }
    }

    /// Tells who touched what so far.
    pub(super) fn audit(&self) -> ApprovalsAudit {
        ApprovalsAudit {
            sessions: self.accounts.session_count(),
            forgeries_refused: self.forgeries.load(Ordering::Relaxed),
            throttled: self.throttle.refused_count(),
            ..self.notes.audit()
        }
    }

    fn try_serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<Reply, Reply> {
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

impl BackEnd for Approvals {
    type Route<'a> = Route<'a>;

    const REQUEST_ID: HeaderName = HeaderName::from_static("x-correlation-id");

    fn find<'a>(method: &Method, path: &'a str) -> Result<Route<'a>, Refusal> {
        Route::find(method, path)
    }

    fn look(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
        match route {
            Route::Audit => visit.audit(),
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

    fn serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
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

    fn refuse(visit: &Visit<'_>, refusal: &Refusal) -> Reply {
        visit.refuse(refusal)
    }
}
