//! A version of a rule or of a ruleset, and how far it has come on its way from a draft to being in force.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::{Moment, Visit};

/// Somebody's name.
pub(super) type Person = Cow<'static, str>;

/// Who everybody is where nobody shows a token.
pub(super) const ANYBODY: Person = Cow::Borrowed("local-dev-user");

/// Who did something, and when.
#[derive(Clone)]
pub(super) struct Signature {
    pub(super) by: Person,
    pub(super) at: Moment,
}

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Draft,
    PendingApproval,
    Approved,
    Rejected,
    Superseded,
    Active,
}

/// A version, with what it says.
pub(super) struct Version<C> {
    pub(super) id: Uuid,
    pub(super) number: usize,
    pub(super) content: C,
    pub(super) status: Status,
    pub(super) created: Signature,
    pub(super) approved: Option<Signature>,
    pub(super) activated_at: Option<Moment>,
}

impl Signature {
    /// Signs for the caller.
    pub(super) fn of(visit: &Visit<'_>) -> Self {
        Self {
            by: visit
                .caller
                .map_or(ANYBODY, |name| Cow::Owned(name.to_owned())),
            at: visit.now(),
        }
    }
}

impl Status {
    /// The words for them, in their order.
    pub(super) const WORDS: &[&str] = &[
        "DRAFT",
        "PENDING_APPROVAL",
        "APPROVED",
        "REJECTED",
        "SUPERSEDED",
        "ACTIVE",
    ];

    pub(super) fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Tells whether a version may be submitted.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Rejected)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<C> Version<C> {
    pub(super) fn approved_by(&self) -> Option<&str> {
        self.approved.as_ref().map(|signature| &*signature.by)
    }

    pub(super) fn approved_at(&self) -> Option<Moment> {
        self.approved.as_ref().map(|signature| signature.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_word() {
        for (status, word) in [
            (Status::Draft, "DRAFT"),
            (Status::PendingApproval, "PENDING_APPROVAL"),
            (Status::Approved, "APPROVED"),
            (Status::Rejected, "REJECTED"),
            (Status::Superseded, "SUPERSEDED"),
            (Status::Active, "ACTIVE"),
        ] {
            assert_eq!(status.word(), word);
        }
    }
}
