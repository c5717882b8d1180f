//! What rules and rulesets have in common: each is kept in versions, and at most one of them is approved, one active.

use super::version::{Signature, Status, Version};
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Moment;

/// A rule or a ruleset: what it is, and its versions with what they say.
pub(super) struct Entry<T, C> {
    pub(super) id: Uuid,
    pub(super) title: T,
    /// In the order in which they were added.
    pub(super) versions: Vec<Version<C>>,
    pub(super) created: Signature,
    pub(super) updated_at: Moment,
}

impl<T, C> Entry<T, C> {
    /// Makes one without versions.
    pub(super) fn new(title: T, id: Uuid, created: Signature) -> Self {
        Self {
            id,
            title,
            versions: Vec::new(),
            updated_at: created.at,
            created,
        }
    }

    /// Adds a version, which is a draft.
    pub(super) fn add(&mut self, content: C, id: Uuid, created: Signature) {
        self.updated_at = created.at;
        self.versions.push(Version {
            id,
            number: self.versions.len() + 1,
            content,
            status: Status::Draft,
            created,
            approved: None,
            activated_at: None,
        });
    }

    /// Approves the version at a place; one that was approved before gives way.
    pub(super) fn approve(&mut self, place: usize, signature: Signature) {
        self.promote(place, Status::Approved);
        self.versions[place].approved = Some(signature);
    }

    /// Puts the version at a place in force; one that was before gives way.
    pub(super) fn activate(&mut self, place: usize, at: Moment) {
        self.promote(place, Status::Active);
        self.versions[place].activated_at = Some(at);
    }

    /// Gives a version a status that only one can have.
    fn promote(&mut self, place: usize, status: Status) {
        let holders = self.versions.iter_mut();
        for holder in holders.filter(|version| version.status == status) {
            holder.status = Status::Superseded;
        }
        self.versions[place].status = status;
    }
}
