//! Where versions are handed in and decided on, and where it is read who did.

use std::sync::atomic::Ordering;

use http::StatusCode;
use serde_json::{Value, json};

use super::approvals::{Approval, Approvals, Matter, Objection, Ruling, Submission, Verdict};
use super::draft::{LONGEST_NAME, LONGEST_TEXT};
use super::page::{Ask, Page};
use super::version::Signature;
use super::{RuleBook, Store, error, parse, refuse};
use crate::stand_in::fastapi::{self, Form, Query};
use crate::stand_in::reply::Reply;
use crate::stand_in::visit::Visit;

impl RuleBook {
    /// Hands a version in for a decision, once for every key.
    pub(super) fn submit(
        &self,
        visit: &Visit<'_>,
        matter: Matter,
        id: &str,
    ) -> Result<Reply, Reply> {
        let (key, remarks) = fastapi::fill(visit, &fastapi::read(visit)?, |form| {
            let key = words(form, "idempotency_key", LONGEST_NAME);
            Some((key, words(form, "remarks", LONGEST_TEXT)))
        })?;
        let submission = Submission {
            id: visit.new_id(),
            matter,
            version: parse(visit, id)?,
            maker: Signature::of(visit),
            key,
            remarks,
        };
        let mut store = self.lock();
        let Store {
            rules,
            rulesets,
            approvals,
            ..
        } = &mut *store;
        let submitted = match matter {
            Matter::RuleVersion => approvals.submit(rules, submission),
            Matter::RulesetVersion => approvals.submit(rulesets, submission),
        };
        let is_new = submitted.map_err(|objection| Self::object(visit, matter, id, objection))?;
        self.submitted
            .fetch_add(u64::from(is_new), Ordering::Relaxed);
        Self::tell(visit, &store, matter, id)
    }

    /// Approves or rejects a version that somebody else handed in.
    pub(super) fn decide(
        &self,
        visit: &Visit<'_>,
        (matter, verdict): (Matter, Verdict),
        id: &str,
    ) -> Result<Reply, Reply> {
        let remarks = fastapi::fill(visit, &fastapi::read(visit)?, |form| {
            Some(words(form, "remarks", LONGEST_TEXT))
        })?;
        let ruling = Ruling {
            version: parse(visit, id)?,
            verdict,
            checker: Signature::of(visit),
            remarks,
        };
        let mut store = self.lock();
        let Store {
            rules,
            rulesets,
            approvals,
            ..
        } = &mut *store;
        let decided = match matter {
            Matter::RuleVersion => approvals.decide(rules, ruling),
            Matter::RulesetVersion => approvals.decide(rulesets, ruling),
        };
        let counter = match (decided, verdict) {
            (Ok(()), Verdict::Approve) => &self.approved,
            (Ok(()), Verdict::Reject) => &self.rejected,
            (Err(objection), _) => {
                let own = objection == Objection::OwnSubmission;
                self.own_refused
                    .fetch_add(u64::from(own), Ordering::Relaxed);
                return Err(Self::object(visit, matter, id, objection));
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Self::tell(visit, &store, matter, id)
    }

    pub(super) fn list_approvals(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let mut query = Query::of(visit);
        let status = query.read("status", |value| fastapi::word(value, Approvals::STATUSES));
        let matter = query.read("entity_type", |value| fastapi::word(value, Matter::WORDS));
        let ask = Ask::read(visit, &mut query)?;
        let wants = |approval: &Approval| {
            status.is_none_or(|wanted| wanted == approval.status)
                && matter.is_none_or(|wanted| wanted == approval.entity_type)
        };
        let store = self.lock();
        let all = store.approvals.all();
        Ok(visit.ok(&Page::cut(all, &ask, wants, |approval| approval)))
    }

    pub(super) fn version(
        &self,
        visit: &Visit<'_>,
        matter: Matter,
        id: &str,
    ) -> Result<Reply, Reply> {
        Self::tell(visit, &self.lock(), matter, id)
    }

    /// Tells a version.
    ///
    /// Errors: 404 where there is none of that id.
    pub(super) fn tell(
        visit: &Visit<'_>,
        store: &Store,
        matter: Matter,
        id: &str,
    ) -> Result<Reply, Reply> {
        let uuid = parse(visit, id)?;
        let told = match matter {
            Matter::RuleVersion => {
                let found = store.rules.version(uuid);
                found.map(|(rule, version)| visit.ok(&version.told(rule.id)))
            }
            Matter::RulesetVersion => {
                let found = store.rulesets.version(uuid);
                found.map(|(ruleset, version)| visit.ok(&version.told(ruleset.id, &store.rules)))
            }
        };
        told.ok_or_else(|| Self::object(visit, matter, id, Objection::Unknown))
    }

    /// Answers why a version stays as it is.
    pub(super) fn object(
        visit: &Visit<'_>,
        matter: Matter,
        id: &str,
        objection: Objection,
    ) -> Reply {
        let noun = matter.noun();
        match objection {
            Objection::Unknown => {
                let message = format!("{noun} not found: {id}");
                error(visit, StatusCode::NOT_FOUND, &message)
            }
            Objection::NothingPending => {
                let message = format!("{noun} has no pending approval: {id}");
                error(visit, StatusCode::NOT_FOUND, &message)
            }
            Objection::OwnSubmission => {
                let status = StatusCode::CONFLICT;
                let message = "The maker of a submission cannot be its checker";
                refuse(visit, status, "MakerCheckerViolation", message, &json!({}))
            }
            Objection::WrongStatus(status) => {
                let message = format!("{noun} is {}: {id}", status.word());
                error(visit, StatusCode::CONFLICT, &message)
            }
        }
    }
}

fn words(form: &mut Form<'_, '_>, name: &'static str, most: usize) -> Option<String> {
    let read = form.optional(name, |value: &Value| fastapi::text(value, (0, most)));
    read.map(str::to_owned)
}
