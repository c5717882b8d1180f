//! The board: items are submitted with a score, wait for a decision if the score asks for one, and are decided once.

mod form;
mod item;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;

use self::form::{DecisionForm, SubmitForm};
use self::item::{Decision, Item, Listed, Outcome, Pending, Status};
use super::accounts::SignedIn;
use super::audit::{History, Note, Notes};
use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Visit;

/// The evidence packages there are.
const EVIDENCE: [&str; 2] = [
    "e5a1c0de-7b2f-4c6d-9a3e-b1c2d3e4f5a6",
    "e5a1c0de-7b2f-4c6d-9a3e-b1c2d3e4f5a7",
];

/// What a board member decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Verdict {
    Approve,
    Reject,
}

/// All items.
#[derive(Default)]
pub(super) struct Board(Mutex<Store>);

#[derive(Default)]
struct Store {
    items: HashMap<Uuid, Item>,
    /// Items that wait for a decision, by the order of submission.
    waiting: BTreeMap<u64, Uuid>,
    submitted: u64,
}

impl Board {
    /// Takes an item in. A low score is approved at once, a high one needs an exception, those between wait.
    pub(super) fn submit(
        &self,
        visit: &Visit<'_>,
        session: &SignedIn,
        notes: &Notes,
    ) -> Result<Reply, Reply> {
        let form: SubmitForm = visit.read()?;
        let (package, score) = form.check().map_err(|faults| visit.faults(&faults))?;
        let Some(package) = EVIDENCE.into_iter().find(|known| *known == package) else {
            let message = format!("Evidence package not found: {package}");
            return Err(visit.error(StatusCode::NOT_FOUND, &message));
        };
        let mut store = self.lock();
        store.submitted += 1;
        let item = Item {
            id: visit.new_id(),
            number: store.submitted,
            correlation: visit.connection.next_id(),
            intent: visit.new_id(),
            package,
            score,
            status: Status::of(score),
            submitted_by: session.user,
            submitted_at: visit.now(),
            owner: session.number,
            notes: form.notes.unwrap_or_default(),
            decision: (Status::of(score) == Status::AutoApproved).then(|| Decision {
                word: "approved",
                by: session.user,
                session: session.number,
                at: visit.now(),
                rationale: String::new(),
                conditions: serde_json::Map::new(),
            }),
        };
        let id = item.id;
        let body = Outcome {
            item: item.detail(visit.told(id)),
            message: item.status.welcome(),
            decision_status: Some(item.status.gate()),
        };
        let answer = visit.answer(StatusCode::CREATED, &body);
        if item.status == Status::Submitted {
            store.waiting.insert(item.number, id);
        }
        store.items.insert(id, item);
        notes.take(Note::Submitted, id, session.number, session.number);
        Ok(answer)
    }

    /// Lists what waits for a decision, the newest first and all of it; the query may ask for a status and for scores.
    pub(super) fn pending(&self, visit: &Visit<'_>) -> Reply {
        let limit = |name| {
            visit
                .parameter(name)
                .and_then(|text| text.parse::<f64>().ok())
        };
        let (least, most) = (limit("risk_min"), limit("risk_max"));
        let status = visit.parameter("status");
        let store = self.lock();
        let newest = store.waiting.values().rev();
        let items = newest.filter_map(|id| store.items.get(id));
        let results: Vec<Listed<'_>> = items
            .filter(|item| least.is_none_or(|least| item.score.points() >= least))
            .filter(|item| most.is_none_or(|most| item.score.points() <= most))
            // Nothing here is ever under review, the other status that one can ask for.
            .filter(|_| status != Some("under_review"))
            .map(Item::listed)
            .collect();
        visit.ok(&Pending {
            count: results.len(),
            results,
        })
    }

    /// Decides an item, once.
    pub(super) fn decide(
        &self,
        visit: &Visit<'_>,
        session: &SignedIn,
        id: &str,
        verdict: Verdict,
        notes: &Notes,
    ) -> Result<Reply, Reply> {
        let mut store = self.lock();
        let Store { items, waiting, .. } = &mut *store;
        let Some(item) = Uuid::parse(id).and_then(|id| items.get_mut(&id)) else {
            return Err(visit.error(StatusCode::NOT_FOUND, "CAB request not found"));
        };
        if !session.user.is_staff {
            let message = "Not authorized (CAB member access required)";
            return Err(visit.error(StatusCode::FORBIDDEN, message));
        }
        let form: DecisionForm = visit.read()?;
        let (rationale, conditions) = form.check().map_err(|faults| visit.faults(&faults))?;
        if item.status != Status::Submitted {
            let by = item.decision.as_ref().map(|decision| decision.session);
            let note = Note::DecidedTwice(by);
            notes.take(note, item.id, item.owner, session.number);
            let message = verdict.too_late(item.status);
            return Err(visit.error(StatusCode::BAD_REQUEST, &message));
        }
        let (status, note) = match verdict {
            Verdict::Approve => (Status::Approved, Note::Approved),
            Verdict::Reject => (Status::Rejected, Note::Rejected),
        };
        item.status = status;
        item.decision = Some(Decision {
            word: status.as_str(),
            by: session.user,
            session: session.number,
            at: visit.now(),
            rationale,
            conditions,
        });
        waiting.remove(&item.number);
        notes.take(note, item.id, item.owner, session.number);
        Ok(visit.ok(&Outcome {
            item: item.detail(visit.told(item.id)),
            message: verdict.done(),
            decision_status: None,
        }))
    }

    /// Tells what happened to an id.
    pub(super) fn history(&self, id: Uuid) -> Option<History> {
        let store = self.lock();
        let item = store.items.get(&id)?;
        Some(History {
            id,
            kind: "item",
            created_by: item.owner,
            read_by: Vec::new(),
            decided_by: item.decision.as_ref().map(|decision| decision.session),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Verdict {
    fn too_late(self, status: Status) -> String {
        let (verb, participle) = match self {
            Self::Approve => ("approve", "approved"),
            Self::Reject => ("reject", "rejected"),
        };
        format!(
            "Cannot {verb} request with status '{}'. Only 'submitted' or 'under_review' requests can be {participle}.",
            status.as_str()
        )
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Approve => "CAB request approved successfully",
            Self::Reject => "CAB request rejected successfully",
        }
    }
}
