//! Rule management: rules and rulesets are written, listed, read and revised; their versions are handed in by one and
//! approved by another.
//!
//! It checks what it is sent as the real one does, keeps everything in memory behind one lock, and limits requests by caller
//! and path. Nothing is published.
//!
//! `docs/stand-in.md` says what it answers and where it stops resembling the real one.

mod approval_desk;
mod approvals;
mod draft;
mod entry;
mod limits;
mod page;
mod routes;
mod rule;
mod rule_desk;
mod ruleset;
mod ruleset_desk;
mod shelf;
mod version;

pub(super) use self::routes::NAMES;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderName, Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use self::approvals::Approvals;
use self::draft::{Content, RuleDraft};
use self::entry::Entry;
use self::limits::Limits;
use self::routes::Route;
use self::rule::{Rule, RuleTitle};
use self::ruleset::{RulesetTitle, Scope};
use self::shelf::Shelf;
use self::version::{ANYBODY, Signature};
use super::back_end::BackEnd;
use super::config::RateLimits;
use super::fastapi;
use super::faults::Fate;
use super::reply::{Refusal, Reply};
use super::uuid::Uuid;
use super::visit::{Moment, Visit};

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
    /// Versions of rules and rulesets handed in for a decision, again under the same key left out.
    pub submitted: u64,
    /// Versions approved.
    pub approved: u64,
    /// Versions rejected.
    pub rejected: u64,
    /// Decisions refused because the version had been handed in by who wanted to decide.
    pub own_decisions_refused: u64,
    /// Requests refused by the rate limits.
    pub throttled: u64,
}

/// All that rule management knows.
pub(super) struct RuleBook {
    store: Mutex<Store>,
    limits: Limits,
    created: AtomicU64,
    revised: AtomicU64,
    conflicts: AtomicU64,
    submitted: AtomicU64,
    approved: AtomicU64,
    rejected: AtomicU64,
    own_refused: AtomicU64,
}

/// All that was written.
#[derive(Default)]
struct Store {
    rules: Shelf<RuleTitle, Content>,
    rulesets: Shelf<RulesetTitle, Vec<Uuid>>,
    /// Rulesets by where they hold.
    scopes: HashMap<Scope, Uuid>,
    approvals: Approvals,
}

impl RuleBook {
    /// Opens the book, with a few rules in it.
    pub(super) fn new(rate_limits: RateLimits, now: Timestamp) -> Self {
        let mut store = Store::default();
        for number in 1..=FIRST_RULES {
            // Spread over all bits, so that the ids look like any others.
            let id = |salt: u128| {
                Uuid::from_random(
                    (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
                )
            };
            let draft = RuleDraft::example(number);
            let signature = Signature {
                by: ANYBODY,
                at: Moment(now),
            };
            let rule = Rule::write(draft, id(0), id(FIRST_RULES), signature);
            store.rules.add(rule);
        }
        Self {
            store: Mutex::new(store),
            limits: Limits::new(rate_limits),
            created: AtomicU64::new(0),
            revised: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            submitted: AtomicU64::new(0),
            approved: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            own_refused: AtomicU64::new(0),
        }
    }

    pub(super) fn audit(&self) -> RuleBookAudit {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RuleBookAudit {
            rules_created: get(&self.created),
            versions_added: get(&self.revised),
            conflicts: get(&self.conflicts),
            submitted: get(&self.submitted),
            approved: get(&self.approved),
            rejected: get(&self.rejected),
            own_decisions_refused: get(&self.own_refused),
            throttled: self.limits.refused_count(),
        }
    }

    fn try_serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<Reply, Reply> {
        self.limits.admit(visit, route)?;
        match route {
            Route::Create => self.create(visit),
            Route::List => self.list(visit),
            Route::Rule(id) => self.rule(visit, id),
            Route::Summary(id) => self.summary(visit, id),
            Route::Versions(id) => self.versions(visit, id),
            Route::Revise(id) => self.revise(visit, id),
            Route::Simulate => Ok(visit.ok(&json!({
                "match_count": 0, "sample_transactions": [], "simulation_id": null,
            }))),
            Route::CreateRuleset => self.create_ruleset(visit),
            Route::Rulesets => self.list_rulesets(visit),
            Route::Ruleset(id) => self.ruleset(visit, id),
            Route::RulesetVersions(id) => self.ruleset_versions(visit, id),
            Route::ReviseRuleset(id) => self.revise_ruleset(visit, id),
            Route::Version(matter, id) => self.version(visit, matter, id),
            Route::Submit(matter, id) => self.submit(visit, matter, id),
            Route::Decide(matter, verdict, id) => self.decide(visit, (matter, verdict), id),
            Route::Activate(id) => self.activate(visit, id),
            Route::Approvals => self.list_approvals(visit),
            // Whatever else there is was answered before.
            _ => Err(fastapi::refuse(visit, &Refusal::UnknownPath)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Finds a rule or a ruleset.
///
/// Errors: 404 where there is none of that id.
fn find<'s, T, C>(
    visit: &Visit<'_>,
    shelf: &'s Shelf<T, C>,
    noun: &str,
    id: &str,
) -> Result<&'s Entry<T, C>, Reply> {
    let place = place_of(visit, shelf, noun, id)?;
    Ok(&shelf.entries()[place])
}

fn place_of<T, C>(
    visit: &Visit<'_>,
    shelf: &Shelf<T, C>,
    noun: &str,
    id: &str,
) -> Result<usize, Reply> {
    shelf.place(parse(visit, id)?).ok_or_else(|| {
        let message = format!("{noun} not found: {id}");
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
    refuse(visit, status, error, message, &json!({}))
}

fn refuse(
    visit: &Visit<'_>,
    status: StatusCode,
    error: &str,
    message: &str,
    details: &Value,
) -> Reply {
    let body = json!({"error": error, "message": message, "details": details});
    visit.answer(status, &body)
}
