//! Notes on who touched what: the proof that sessions do not get into each other's way, or the trace of one that does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::stand_in::uuid::Uuid;

/// Crossings that are kept; all of them are counted.
const CROSSINGS_KEPT: usize = 100;

/// Who touched what so far. Sessions are numbered in the order of their logins, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ApprovalsAudit {
    /// Logins.
    pub sessions: u64,
    /// Deployments created.
    pub deployments_created: u64,
    /// Deployments read by the session that created them.
    pub deployments_read_by_creator: u64,
    /// Deployments read by any other session.
    pub deployments_read_by_others: u64,
    /// Items submitted to the board.
    pub items_submitted: u64,
    /// Items approved.
    pub items_approved: u64,
    /// Items rejected.
    pub items_rejected: u64,
    /// Decisions by the session that submitted the item.
    pub items_decided_by_submitter: u64,
    /// Decisions by any other session.
    pub items_decided_by_others: u64,
    /// Attempts to decide what was decided already; all were refused.
    pub items_decided_twice: u64,
    /// Requests refused for a token that was missing or wrong.
    pub forgeries_refused: u64,
    /// Requests refused by the throttle.
    pub throttled: u64,
    /// The first hundred times that a session touched what is another's, or tried to decide what another had decided.
    pub crossings: Vec<Crossing>,
}

/// A session that touched what is another's, or tried to decide what another had decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// `read`, `decided` or `decided twice`.
    pub what: &'static str,
    /// What was touched.
    pub id: String,
    /// The session that created it.
    pub owner: u64,
    /// The session that touched it.
    pub session: u64,
}

/// Something worth a note.
#[derive(Clone, Copy, Debug)]
pub(super) enum Note {
    Created,
    Read,
    Submitted,
    Approved,
    Rejected,
    /// It was decided already, by that session unless the board's own rules had.
    DecidedTwice(Option<u64>),
}

/// The notes as they are taken.
#[derive(Default)]
pub(super) struct Notes {
    created: AtomicU64,
    read: [AtomicU64; 2],
    submitted: AtomicU64,
    approved: AtomicU64,
    rejected: AtomicU64,
    decided: [AtomicU64; 2],
    decided_twice: AtomicU64,
    crossings: Mutex<Vec<Crossing>>,
}

/// What happened to one id, session by session.
#[derive(Debug, Serialize)]
pub(super) struct History {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) created_by: u64,
    /// Sessions that read it, and how often.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) read_by: Vec<(u64, u64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided_by: Option<u64>,
}

impl Notes {
    /// Notes what a session did to an id that a session, perhaps another, created.
    pub(super) fn take(&self, note: Note, id: Uuid, owner: u64, session: u64) {
        let is_other = usize::from(owner != session);
        let add = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let what = match note {
            Note::Created => return add(&self.created),
            Note::Submitted => return add(&self.submitted),
            Note::Read => {
                add(&self.read[is_other]);
                "read"
            }
            Note::Approved | Note::Rejected => {
                add(match note {
                    Note::Approved => &self.approved,
                    _ => &self.rejected,
                });
                add(&self.decided[is_other]);
                "decided"
            }
            Note::DecidedTwice(_) => {
                add(&self.decided_twice);
                "decided twice"
            }
        };
        let is_crossing = match note {
            // A session may try its own decision again, to see that it is refused.
            Note::DecidedTwice(by) => by != Some(session),
            _ => is_other == 1,
        };
        if is_crossing {
            self.keep(Crossing {
                what,
                id: id.to_string(),
                owner,
                session,
            });
        }
    }

    fn keep(&self, crossing: Crossing) {
        let mut crossings = self
            .crossings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if crossings.len() < CROSSINGS_KEPT {
            crossings.push(crossing);
        }
    }

    /// Sums up the notes; what others know is left at zero.
    pub(super) fn audit(&self) -> ApprovalsAudit {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let crossings = self
            .crossings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ApprovalsAudit {
            deployments_created: get(&self.created),
            deployments_read_by_creator: get(&self.read[0]),
            deployments_read_by_others: get(&self.read[1]),
            items_submitted: get(&self.submitted),
            items_approved: get(&self.approved),
            items_rejected: get(&self.rejected),
            items_decided_by_submitter: get(&self.decided[0]),
            items_decided_by_others: get(&self.decided[1]),
            items_decided_twice: get(&self.decided_twice),
            crossings: crossings.clone(),
            ..ApprovalsAudit::default()
        }
    }
}
