//! Rule management: rules are written, listed, read and revised.
//!
//! It checks what it is sent as the real one does, keeps everything in memory, and limits requests by caller and path. Nothing
//! is ever approved: what is written stays a draft.
//!
//! `docs/stand-in.md` says what it answers and where it stops resembling the real one.

mod draft;
mod limits;
mod routes;
mod rule;
mod shelf;

pub(super) use self::routes::NAMES;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderName, Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use self::draft::{RuleDraft, VersionDraft};
use self::limits::Limits;
use self::routes::Route;
use self::rule::Rule;
use self::shelf::{Page, Shelf, Side};
use super::back_end::BackEnd;
use super::config::RateLimits;
use super::fastapi::{self, Query};
use super::faults::Fate;
use super::reply::{Refusal, Reply};
use super::uuid::Uuid;
use super::visit::Visit;

/// Rules that are there from the start.
const FIRST_RULES: u128 = 20;

/// What was written so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleBookAudit {
    /// Rules created.
    pub rules_created: u64,
    /// Versions added to a rule, its first one left out.
    pub versions_added: u64,
    /// Versions refused because the rule had been revised in between.
    pub conflicts: u64,
    /// Requests refused by the rate limits.
    pub throttled: u64,
}

/// All that rule management knows.
pub(super) struct RuleBook {
    shelf: Mutex<Shelf>,
    limits: Limits,
    created: AtomicU64,
    revised: AtomicU64,
    conflicts: AtomicU64,
}

impl RuleBook {
    /// Opens the book, with a few rules in it.
    pub(super) fn new(rate_limits: RateLimits, now: Timestamp) -> Self {
        let mut shelf = Shelf::default();
        for number in 1..=FIRST_RULES {
            // Spread over all bits, so that the ids look like any others.
            let id = |salt: u128| {
                Uuid::from_random(
                    (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
                )
            };
            let draft = RuleDraft::example(number);
            shelf.add(Rule::new(draft, id(0), id(FIRST_RULES), now));
        }
        Self {
            shelf: Mutex::new(shelf),
            limits: Limits::new(rate_limits),
            created: AtomicU64::new(0),
            revised: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
        }
    }

    pub(super) fn audit(&self) -> RuleBookAudit {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RuleBookAudit {
            rules_created: get(&self.created),
            versions_added: get(&self.revised),
            conflicts: get(&self.conflicts),
            throttled: self.limits.refused_count(),
        }
    }

    fn try_serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<Reply, Reply> {
        self.limits.admit(visit, route)?;
        match route {
            Route::Create => self.create(visit),
            Route::List => self.list(visit),
            Route::Rule(id) => {
                let shelf = self.lock();
                let rule = find(visit, &shelf, id)?;
                Ok(visit.ok(&rule.told(visit.told(rule.id))))
            }
            Route::Versions(id) => {
                let shelf = self.lock();
                let rule = find(visit, &shelf, id)?;
                let versions = rule.versions.iter().rev();
                let told = versions.map(|version| version.told(rule.id));
                Ok(visit.ok(&told.collect::<Vec<_>>()))
            }
            Route::Revise(id) => self.revise(visit, id),
            Route::Version(id) => self.version(visit, id),
            Route::Simulate => Ok(visit.ok(&json!({
                "match_count": 0, "sample_transactions": [], "simulation_id": null,
            }))),
            // Whatever else there is was answered before.
            _ => Err(fastapi::refuse(visit, &Refusal::UnknownPath)),
        }
    }

    /// Writes a rule and its first version.
    fn create(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let draft = RuleDraft::read(visit, &body)?;
        visit.connection.engine().ids.note("create", &draft.name);
        let rule = Rule::new(draft, visit.new_id(), visit.new_id(), visit.now().0);
        let reply = visit.answer(StatusCode::CREATED, &rule.told(visit.told(rule.id)));
        self.lock().add(rule);
        self.created.fetch_add(1, Ordering::Relaxed);
        Ok(reply)
    }

    fn list(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let limit = query.whole("limit", (1, 100), 50);
        let side = query.read("direction", |value| fastapi::word(value, &["next", "prev"]));
        if !query.details.is_empty() {
            return Err(fastapi::unprocessable(visit, &query.details));
        }
        let side = match side {
            Some("prev") => Side::Newer,
            _ => Side::Older,
        };
        let cursor = query.get("cursor").map(|cursor| {
            let place = cursor.parse::<usize>();
            place.map_err(|_| error(visit, StatusCode::BAD_REQUEST, "Invalid cursor"))
        });
        let shelf = self.lock();
        let size = usize::try_from(limit).unwrap_or(1);
        let page: Page<'_> = shelf.page(cursor.transpose()?, side, size);
        Ok(visit.ok(&page.told(limit)))
    }

    /// Adds a version to a rule.
    fn revise(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let draft = VersionDraft::read(visit, &body)?;
        let mut shelf = self.lock();
        let place = find(visit, &shelf, id)?.place;
        let rule = shelf.rule_mut(place);
        if draft
            .expected
            .is_some_and(|expected| expected != rule.lock_version)
        {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                "Rule has been modified: expected version {}, current version is {}",
                draft.expected.unwrap_or_default(),
                rule.lock_version
            );
            return Err(error(visit, StatusCode::CONFLICT, &message));
        }
        let rule_id = visit.told(rule.id);
        let version = rule.revise(draft, visit.new_id(), visit.now().0);
        let reply = visit.answer(StatusCode::CREATED, &version.told(rule_id));
        let version_id = version.id;
        shelf.note_version(version_id, place);
        self.revised.fetch_add(1, Ordering::Relaxed);
        Ok(reply)
    }

    fn version(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let uuid = parse(visit, id)?;
        let shelf = self.lock();
        let found = shelf.version(uuid);
        let (rule, version) = found.ok_or_else(|| {
            let message = format!("Rule version not found: {id}");
            error(visit, StatusCode::NOT_FOUND, &message)
        })?;
        Ok(visit.ok(&version.told(rule.id)))
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BackEnd for RuleBook {
    type Route<'a> = Route<'a>;

    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

    fn find<'a>(method: &Method, path: &'a str) -> Result<Route<'a>, Refusal> {
        Route::find(method, path)
    }

    fn look(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
        match route {
            Route::Audit => visit.audit(),
            Route::Ready => visit.ok(&json!({"ok": true, "db": "ok"})),
            _ => visit.ok(&json!({"ok": true})),
        }
    }

    fn serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
        match visit.fate {
            Fate::Shed => fastapi::shed(visit),
            Fate::FailOpen => failure(visit),
            _ => self
                .try_serve(visit, route)
                .unwrap_or_else(|refused| refused),
        }
    }

    fn refuse(visit: &Visit<'_>, refusal: &Refusal) -> Reply {
        fastapi::refuse(visit, refusal)
    }
}

fn find<'s>(visit: &Visit<'_>, shelf: &'s Shelf, id: &str) -> Result<&'s Rule, Reply> {
    shelf.rule(parse(visit, id)?).ok_or_else(|| {
        let message = format!("Rule not found: {id}");
        error(visit, StatusCode::NOT_FOUND, &message)
    })
}

/// Reads an id. What is none ends where nobody expects it to, as in the real service.
fn parse(visit: &Visit<'_>, id: &str) -> Result<Uuid, Reply> {
    Uuid::parse(id).ok_or_else(|| failure(visit))
}

fn failure(visit: &Visit<'_>) -> Reply {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    error(visit, status, "An unexpected error occurred")
}

/// Answers as the service does where a rule of its own is broken.
fn error(visit: &Visit<'_>, status: StatusCode, message: &str) -> Reply {
    let error = match status {
        StatusCode::NOT_FOUND => "NotFoundError",
        StatusCode::CONFLICT => "ConflictError",
        StatusCode::BAD_REQUEST => "ValidationError",
        _ => "InternalServerError",
    };
    visit.answer(
        status,
        &json!({"error": error, "message": message, "details": {}}),
    )
}
