//! Where rulesets are written, listed, read, revised and put in force.

use std::collections::hash_map::Entry as Slot;

use http::StatusCode;
use serde_json::json;

use super::approvals::{Matter, Objection};
use super::draft::RULE_TYPES;
use super::page::{Ask, Page};
use super::ruleset::{Ruleset, RulesetTitle, read_members};
use super::version::{Signature, Status};
use super::{RuleBook, Store, error, find, parse, place_of, refuse};
use crate::stand_in::fastapi::{self, Query};
use crate::stand_in::reply::Reply;
use crate::stand_in::visit::Visit;

impl RuleBook {
    /// Writes a ruleset, which has no version yet, unless there is one for the same scope.
    pub(super) fn create_ruleset(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let title = RulesetTitle::read(visit, &body)?;
        let mut store = self.lock();
        let Store {
            rulesets, scopes, ..
        } = &mut *store;
        let slot = match scopes.entry(title.scope.clone()) {
            Slot::Vacant(slot) => slot,
            Slot::Occupied(taken) => {
                let details = json!({"existing_ruleset_id": taken.get()});
                let message = "A ruleset with this scope already exists";
                let status = StatusCode::CONFLICT;
                return Err(refuse(visit, status, "ConflictError", message, &details));
            }
        };
        let ruleset = Ruleset::new(title, visit.new_id(), Signature::of(visit));
        let reply = visit.answer(StatusCode::CREATED, &ruleset.told(visit.told(ruleset.id)));
        slot.insert(ruleset.id);
        rulesets.add(ruleset);
        Ok(reply)
    }

    pub(super) fn list_rulesets(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let rule_type = query.read("rule_type", |value| fastapi::word(value, RULE_TYPES));
        let ask = Ask::read(visit, &mut query)?;
        let fits = |name, found: &str| query.get(name).is_none_or(|wanted| wanted == found);
        let wants = |ruleset: &Ruleset| {
            let scope = &ruleset.title.scope;
            rule_type.is_none_or(|wanted| wanted == scope.rule_type)
                && fits("environment", &scope.environment)
                && fits("region", &scope.region)
                && fits("country", &scope.country)
        };
        let store = self.lock();
        let all = store.rulesets.entries();
        let page = Page::cut(all, &ask, wants, |ruleset| ruleset.told(ruleset.id));
        Ok(visit.ok(&page))
    }

    pub(super) fn ruleset(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let store = self.lock();
        let ruleset = find(visit, &store.rulesets, "Ruleset", id)?;
        Ok(visit.ok(&ruleset.told(visit.told(ruleset.id))))
    }

    pub(super) fn ruleset_versions(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let status = query.read("status", |value| fastapi::word(value, Status::WORDS));
        if !query.details.is_empty() {
            return Err(fastapi::unprocessable(visit, &query.details));
        }
        let store = self.lock();
        let ruleset = find(visit, &store.rulesets, "Ruleset", id)?;
        let versions = ruleset.versions.iter().rev();
        let told = versions
            .filter(|version| status.is_none_or(|wanted| wanted == version.status.word()))
            .map(|version| version.told(ruleset.id, &store.rules));
        Ok(visit.ok(&told.collect::<Vec<_>>()))
    }

    /// Adds a version to a ruleset, of versions of rules that are there, whatever their status.
    pub(super) fn revise_ruleset(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let body = fastapi::read(visit)?;
        let members = read_members(visit, &body)?;
        let mut store = self.lock();
        let Store {
            rules, rulesets, ..
        } = &mut *store;
        let place = place_of(visit, rulesets, "Ruleset", id)?;
        let is_unknown = |id: &&_| rules.version(**id).is_none();
        if let Some(unknown) = members.iter().find(is_unknown) {
            let message = format!("Rule version not found: {unknown}");
            return Err(error(visit, StatusCode::NOT_FOUND, &message));
        }
        let signature = Signature::of(visit);
        let (ruleset, version) = rulesets.revise(place, members, visit.new_id(), signature);
        let told = version.told(visit.told(ruleset.id), rules);
        Ok(visit.answer(StatusCode::CREATED, &told))
    }

    /// Puts an approved version in force.
    pub(super) fn activate(&self, visit: &Visit<'_>, id: &str) -> Result<Reply, Reply> {
        let uuid = parse(visit, id)?;
        let mut store = self.lock();
        let object = |objection| Self::object(visit, Matter::RulesetVersion, id, objection);
        let found = store.rulesets.version_mut(uuid);
        let (ruleset, place) = found.ok_or_else(|| object(Objection::Unknown))?;
        let status = ruleset.versions[place].status;
        if status != Status::Approved {
            return Err(object(Objection::WrongStatus(status)));
        }
        ruleset.activate(place, visit.now());
        Self::tell(visit, &store, Matter::RulesetVersion, id)
    }
}
