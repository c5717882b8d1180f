//! Transaction management: decision events are put on record, and listed, read and counted again.
//!
//! It checks what it is sent as the real one does, its traps included, and keeps everything in memory: events are found by
//! id, and pages of the newest ones made, at a cost that does not grow with their number.
//!
//! `docs/stand-in.md` says what it answers and where it stops resembling the real one.

mod event;
mod filter;
mod order;
mod routes;
mod store;
mod told;

pub(super) use self::routes::NAMES;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderName, Method, StatusCode};
use serde::Serialize;
use serde_json::json;

use self::event::{AUTH, Draft, MONITORING};
use self::filter::Filter;
use self::order::Key;
use self::routes::Route;
use self::store::{Recorded, Store};
use self::told::{Accepted, Combined, Item, Overview, Page, UnknownTransaction};
use super::back_end::BackEnd;
use super::fastapi::{self, Query};
use super::faults::Fate;
use super::reply::{Refusal, Reply};
use super::uuid::Uuid;
use super::visit::Visit;

/// What was put on record so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TransactionsAudit {
    /// Events on record.
    pub events_recorded: u64,
    /// Events that were on record already, by id, evaluation and instant; they changed nothing that counts.
    pub events_repeated: u64,
    /// Events whose id was no UUID, so that they are on record under another.
    pub ids_replaced: u64,
}

/// All that transaction management knows.
#[derive(Default)]
pub(super) struct Transactions {
    store: Mutex<Store>,
    repeated: AtomicU64,
    replaced: AtomicU64,
}

impl Transactions {
    pub(super) fn audit(&self) -> TransactionsAudit {
        TransactionsAudit {
            events_recorded: self.lock().len() as u64,
            events_repeated: self.repeated.load(Ordering::Relaxed),
            ids_replaced: self.replaced.load(Ordering::Relaxed),
        }
    }

    fn try_serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<Reply, Reply> {
        match route {
            Route::Ingest => self.ingest(visit),
            Route::List => self.list(visit),
            Route::Detail(id) => self.detail(visit, id),
            Route::Combined(id) => self.combined(visit, id),
            Route::Overview(id) => self.overview(visit, id),
            Route::Metrics => self.metrics(visit),
            // Whatever else there is was answered before.
            _ => Err(fastapi::refuse(visit, &Refusal::UnknownPath)),
        }
    }

    /// Puts an event on record.
    fn ingest(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let draft = Draft::read(visit, &body)?;
        let now = visit.now().0;
        visit.connection.engine().ids.note("ingest", draft.given_id);
        let id = draft.transaction_id.unwrap_or_else(|| {
            self.replaced.fetch_add(1, Ordering::Relaxed);
            Uuid::from_time(now, visit.connection.next_id())
        });
        let event = draft.event(id, now, visit.connection.next_id());
        if self.lock().record(event) == Recorded::Before {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        Ok(visit.answer(StatusCode::ACCEPTED, &Accepted::new(visit.told(id), now)))
    }

    fn list(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let size = query.whole("page_size", (1, 500), 50);
        let filter = Filter::read(visit, &mut query)?;
        // What cannot be read as a cursor means the first page.
        let cursor = query.get("cursor").and_then(Key::parse);
        let store = self.lock();
        let page = store.page(&filter, usize::try_from(size).unwrap_or(1), cursor);
        Ok(visit.ok(&Page::new(&page, size)))
    }

    fn detail(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let found = Uuid::parse(id).and_then(|id| store.newest_of(id, |_| true));
        let event = found.ok_or_else(|| unknown(visit, id))?;
        let with_rules = Query::of(visit).get("include_rules") != Some("false");
        let mut item = Item::new(event, with_rules);
        item.transaction_id = visit.told(event.transaction_id);
        Ok(visit.ok(&item))
    }

    fn combined(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let uuid = Uuid::parse(id).ok_or_else(|| unknown(visit, id))?;
        let newest = |evaluation| {
            let event = store.newest_of(uuid, |event| event.evaluation_type == evaluation);
            event.map(|event| Item::new(event, true))
        };
        let (auth, monitoring) = (newest(AUTH), newest(MONITORING));
        if auth.is_none() && monitoring.is_none() {
            return Err(unknown(visit, id));
        }
        Ok(visit.ok(&Combined {
            transaction_id: visit.told(uuid),
            auth,
            monitoring,
        }))
    }

    fn overview(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let found = Uuid::parse(id).and_then(|id| store.newest_of(id, |_| true));
        let event = found.ok_or_else(|| unknown(visit, id))?;
        let with_rules = Query::of(visit).get("include_rules") == Some("true");
        Ok(visit.ok(&Overview::new(event, with_rules)))
    }

    fn metrics(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let filter = Filter::read_dates(visit, &mut query)?;
        Ok(visit.ok(&self.lock().metrics(&filter)))
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BackEnd for Transactions {
    type Route<'a> = Route<'a>;

    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

    fn find<'a>(method: &Method, path: &'a str) -> Result<Route<'a>, Refusal> {
        Route::find(method, path)
    }

    fn look(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
        match route {
            Route::Audit => visit.audit(),
            Route::Ready => visit.ok(&json!({"status": "ready", "database": "connected"})),
            Route::Live => visit.ok(&json!({"status": "alive"})),
            _ => visit.ok(&json!({"status": "healthy", "version": "0.1.0"})),
        }
    }

    fn serve(&self, visit: &Visit<'_>, route: Route<'_>) -> Reply {
        match visit.fate {
            Fate::Shed => fastapi::shed(visit),
            Fate::FailOpen => fastapi::failure(visit),
            _ => self
                .try_serve(visit, route)
                .unwrap_or_else(|refused| refused),
        }
    }

    fn refuse(visit: &Visit<'_>, refusal: &Refusal) -> Reply {
        fastapi::refuse(visit, refusal)
    }
}

fn unknown(visit: &Visit<'_>, id: &str) -> Reply {
    let detail = UnknownTransaction {
        error: "Transaction not found",
        transaction_id: id,
    };
    fastapi::detail(visit, StatusCode::NOT_FOUND, &detail)
}
