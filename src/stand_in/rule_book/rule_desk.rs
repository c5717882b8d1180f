//! Where rules are written, listed, read and revised.

use std::sync::atomic::Ordering;

use http::StatusCode;

use super::draft::{RuleDraft, VersionDraft};
use super::page::{Ask, Page};
use super::rule::Rule;
use super::version::Signature;
use super::{RuleBook, error, find, place_of};
use crate::stand_in::fastapi::{self, Query};
use crate::stand_in::reply::Reply;
use crate::stand_in::visit::Visit;

impl RuleBook {
    /// Writes a rule and its first version.
    pub(super) fn create(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let draft = RuleDraft::read(visit, &body)?;
        visit.connection.engine().ids.note("create", &draft.name);
        let rule = Rule::write(draft, visit.new_id(), visit.new_id(), Signature::of(visit));
        let reply = visit.answer(StatusCode::CREATED, &rule.told(visit.told(rule.id)));
        self.lock().rules.add(rule);
        self.created.fetch_add(1, Ordering::Relaxed);
        Ok(reply)
    }

    pub(super) fn list(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let ask = Ask::read(visit, &mut Query::of(visit))?;
        let store = self.lock();
        let all = store.rules.entries();
        Ok(visit.ok(&Page::cut(all, &ask, |_| true, |rule| rule.told(rule.id))))
    }

    pub(super) fn rule(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let rule = find(visit, &store.rules, "Rule", id)?;
        Ok(visit.ok(&rule.told(visit.told(rule.id))))
    }

    pub(super) fn summary(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let rule = find(visit, &store.rules, "Rule", id)?;
        Ok(visit.ok(&rule.summary(visit.told(rule.id))))
    }

    pub(super) fn versions(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let rule = find(visit, &store.rules, "Rule", id)?;
        let versions = rule.versions.iter().rev();
        let told = versions.map(|version| version.told(rule.id));
        Ok(visit.ok(&told.collect::<Vec<_>>()))
    }

    /// Adds a version to a rule.
    pub(super) fn revise(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let draft = VersionDraft::read(visit, &body)?;
        let mut store = self.lock();
        let place = place_of(visit, &store.rules, "Rule", id)?;
        let rule = store.rules.entry_mut(place);
        let current = rule.title.lock_version;
        if let Some(expected) = draft.expected.filter(|&expected| expected != current) {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                "Rule has been modified: expected version {expected}, current version is {current}"
            );
            return Err(error(visit, StatusCode::CONFLICT, &message));
        }
        rule.title.lock_version += 1;
        let content = rule.complete(draft);
        let signature = Signature::of(visit);
        let (rule, version) = store
            .rules
            .revise(place, content, visit.new_id(), signature);
        let reply = visit.answer(StatusCode::CREATED, &version.told(visit.told(rule.id)));
        self.revised.fetch_add(1, Ordering::Relaxed);
        Ok(reply)
    }
}
