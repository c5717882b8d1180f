//! A rule, its versions, and the shapes they are told in.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::draft::{Content, RuleDraft, VersionDraft};
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Moment;

const AUTHOR: &str = "local-dev-user";
const DRAFT: &str = "DRAFT";

/// A rule.
pub(super) struct Rule {
    pub(super) id: Uuid,
    /// Its place on the shelf.
    pub(super) place: usize,
    name: String,
    description: Option<String>,
    kind: &'static str,
    /// Goes up with every change.
    pub(super) lock_version: i64,
    /// In the order in which they were added; never empty.
    pub(super) versions: Vec<Version>,
    created_at: Moment,
    updated_at: Moment,
}

/// A version of a rule.
pub(super) struct Version {
    pub(super) id: Uuid,
    number: usize,
    content: Content,
    created_at: Moment,
}

/// A rule as it is told.
#[derive(Serialize)]
pub(super) struct RuleTold<'a> {
    rule_id: Uuid,
    rule_name: &'a str,
    description: Option<&'a str>,
    rule_type: &'static str,
    current_version: usize,
    status: &'static str,
    version: i64,
    created_by: &'static str,
    created_at: Moment,
    updated_at: Moment,
}

/// A version as it is told.
#[derive(Serialize)]
pub(super) struct VersionTold<'a> {
    rule_version_id: Uuid,
    rule_id: Uuid,
    version: usize,
    condition_tree: &'a Value,
    priority: i64,
    action: &'static str,
    scope: &'a Value,
    created_by: &'static str,
    created_at: Moment,
    approved_by: Option<&'static str>,
    approved_at: Option<Moment>,
    status: &'static str,
}

impl Rule {
    /// Makes a rule with its first version.
    pub(super) fn new(draft: RuleDraft, id: Uuid, version_id: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            place: 0,
            name: draft.name,
            description: draft.description,
            kind: draft.rule_type,
            lock_version: 1,
            versions: vec![Version {
                id: version_id,
                number: 1,
                content: draft.first,
                created_at: Moment(now),
            }],
            created_at: Moment(now),
            updated_at: Moment(now),
        }
    }

    /// Adds a version.
    pub(super) fn revise(&mut self, draft: VersionDraft, id: Uuid, now: Timestamp) -> &Version {
        let before = self.versions.last().map(|version| version.content.action);
        self.lock_version += 1;
        self.updated_at = Moment(now);
        self.versions.push(Version {
            id,
            number: self.versions.len() + 1,
            content: Content {
                condition_tree: draft.condition_tree,
                priority: draft.priority,
                action: draft.action.or(before).unwrap_or("DECLINE"),
                scope: draft.scope,
            },
            created_at: Moment(now),
        });
        &self.versions[self.versions.len() - 1]
    }

    /// Tells the rule, under an id that a fault may have made a wrong one.
    pub(super) fn told(&self, id: Uuid) -> RuleTold<'_> {
        RuleTold {
            rule_id: id,
            rule_name: &self.name,
            description: self.description.as_deref(),
            rule_type: self.kind,
            current_version: self.versions.len(),
            status: DRAFT,
            version: self.lock_version,
            created_by: AUTHOR,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Version {
    /// Tells the version, under an id of its rule that a fault may have made a wrong one.
    pub(super) fn told(&self, rule_id: Uuid) -> VersionTold<'_> {
        VersionTold {
            rule_version_id: self.id,
            rule_id,
            version: self.number,
            condition_tree: &self.content.condition_tree,
            priority: self.content.priority,
            action: self.content.action,
            scope: &self.content.scope,
            created_by: AUTHOR,
            created_at: self.created_at,
            approved_by: None,
            approved_at: None,
            status: DRAFT,
        }
    }
}
