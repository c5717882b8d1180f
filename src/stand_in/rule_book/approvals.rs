//! Who submitted what, who decided on it, and that nobody decides on what they submitted themselves.

use std::collections::HashMap;

use serde::Serialize;

use super::shelf::Shelf;
use super::version::{Person, Signature, Status};
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Moment;

/// What is submitted and decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Matter {
    RuleVersion,
    RulesetVersion,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Verdict {
    Approve,
    Reject,
}

/// A version handed in.
pub(super) struct Submission {
    pub(super) id: Uuid,
    pub(super) matter: Matter,
    pub(super) version: Uuid,
    pub(super) maker: Signature,
    /// Handed in under the same key again, the same version is taken once.
    pub(super) key: Option<String>,
    pub(super) remarks: Option<String>,
}

/// A decision on a version.
pub(super) struct Ruling {
    pub(super) version: Uuid,
    pub(super) verdict: Verdict,
    pub(super) checker: Signature,
    pub(super) remarks: Option<String>,
}

/// Why a version stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// There is none of that id.
    Unknown,
    /// Nobody handed it in, or it was decided on.
    NothingPending,
    /// Who handed it in wants to decide on it.
    OwnSubmission,
    /// It has not come that far, or has come too far.
    WrongStatus(Status),
}

/// A submission on record, as it is told.
#[derive(Serialize)]
pub(super) struct Approval {
    #[serde(rename = "approval_id")]
    id: Uuid,
    pub(super) entity_type: &'static str,
    entity_id: Uuid,
    action: &'static str,
    maker: Person,
    checker: Option<Person>,
    pub(super) status: &'static str,
    remarks: Option<String>,
    idempotency_key: Option<String>,
    created_at: Moment,
    decided_at: Option<Moment>,
    rule_id: Option<Uuid>,
    ruleset_id: Option<Uuid>,
}

/// All submissions. At most one of a version waits for a decision, and that is its latest.
#[derive(Default)]
pub(super) struct Approvals {
    all: Vec<Approval>,
    /// Places of those of a version, in the order of submission.
    by_version: HashMap<Uuid, Vec<usize>>,
}

const PENDING: &str = "PENDING";

impl Matter {
    /// The words for them, in their order.
    pub(super) const WORDS: &[&str] = &["RULE_VERSION", "RULESET_VERSION"];

    fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Gives its name within a sentence.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::RuleVersion => "Rule version",
            Self::RulesetVersion => "Ruleset version",
        }
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Approve => "APPROVED",
            Self::Reject => "REJECTED",
        }
    }
}

impl Approvals {
    /// The words for how far a submission has come.
    pub(super) const STATUSES: &[&str] = &[PENDING, "APPROVED", "REJECTED"];

    /// Takes in a version of a shelf; tells whether that is new, and not the same key again.
    ///
    /// Errors: `Unknown`, and `WrongStatus` for what is neither a draft nor rejected.
    pub(super) fn submit<T, C>(
        &mut self,
        shelf: &mut Shelf<T, C>,
        submission: Submission,
    ) -> Result<bool, Objection> {
        let found = shelf.version_mut(submission.version);
        let (entry, place) = found.ok_or(Objection::Unknown)?;
        let places = self.by_version.entry(submission.version).or_default();
        let is_same = |&place: &usize| self.all[place].idempotency_key == submission.key;
        if submission.key.is_some() && places.iter().any(is_same) {
            return Ok(false);
        }
        let version = &mut entry.versions[place];
        if !version.status.is_open() {
            return Err(Objection::WrongStatus(version.status));
        }
        version.status = Status::PendingApproval;
        places.push(self.all.len());
        let owner = |matter| (submission.matter == matter).then_some(entry.id);
        self.all.push(Approval {
            id: submission.id,
            entity_type: submission.matter.word(),
            entity_id: submission.version,
            action: "SUBMIT",
            status: PENDING,
            created_at: submission.maker.at,
            maker: submission.maker.by,
            checker: None,
            remarks: submission.remarks,
            idempotency_key: submission.key,
            decided_at: None,
            rule_id: owner(Matter::RuleVersion),
            ruleset_id: owner(Matter::RulesetVersion),
        });
        Ok(true)
    }

    /// Decides on what was taken in.
    ///
    /// Errors: `Unknown`, `NothingPending`, `OwnSubmission`; then nothing has changed.
    pub(super) fn decide<T, C>(
        &mut self,
        shelf: &mut Shelf<T, C>,
        ruling: Ruling,
    ) -> Result<(), Objection> {
        let found = shelf.version_mut(ruling.version);
        let (entry, place) = found.ok_or(Objection::Unknown)?;
        let approval = self.pending(ruling.version);
        let approval = approval.ok_or(Objection::NothingPending)?;
        if approval.maker == ruling.checker.by {
            return Err(Objection::OwnSubmission);
        }
        approval.status = ruling.verdict.word();
        approval.checker = Some(ruling.checker.by.clone());
        approval.decided_at = Some(ruling.checker.at);
        if ruling.remarks.is_some() {
            approval.remarks = ruling.remarks;
        }
        match ruling.verdict {
            Verdict::Approve => entry.approve(place, ruling.checker),
            Verdict::Reject => entry.versions[place].status = Status::Rejected,
        }
        Ok(())
    }

    /// Gives all of them, in the order of submission.
    pub(super) fn all(&self) -> &[Approval] {
        &self.all
    }

    fn pending(&mut self, version: Uuid) -> Option<&mut Approval> {
        let place = *self.by_version.get(&version)?.last()?;
        let approval = &mut self.all[place];
        (approval.status == PENDING).then_some(approval)
    }
}
