//! A rule, its versions, and the shapes they are told in.

use serde::Serialize;
use serde_json::Value;

use super::draft::{Content, RuleDraft, VersionDraft};
use super::entry::Entry;
use super::version::{Signature, Status, Version};
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Moment;

/// A rule. It has a version at least.
pub(super) type Rule = Entry<RuleTitle, Content>;

/// What a rule is, whatever its versions say.
pub(super) struct RuleTitle {
    name: String,
    description: Option<String>,
    kind: &'static str,
    /// Goes up with every version.
    pub(super) lock_version: i64,
}

/// A rule as it is told.
#[derive(Serialize)]
pub(super) struct RuleTold<'a> {
    rule_id: Uuid,
    rule_name: &'a str,
    description: Option<&'a str>,
    rule_type: &'static str,
    current_version: usize,
    status: Status,
    version: i64,
    created_by: &'a str,
    created_at: Moment,
    updated_at: Moment,
}

/// A rule in short.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    rule_id: Uuid,
    rule_name: &'a str,
    rule_type: &'static str,
    status: Status,
    latest_version: usize,
    latest_version_id: Option<Uuid>,
    priority: Option<i64>,
    action: Option<&'static str>,
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
    created_by: &'a str,
    created_at: Moment,
    approved_by: Option<&'a str>,
    approved_at: Option<Moment>,
    status: Status,
}

impl Rule {
    /// Writes a rule with its first version.
    pub(super) fn write(draft: RuleDraft, id: Uuid, version_id: Uuid, created: Signature) -> Self {
        let title = RuleTitle {
            name: draft.name,
            description: draft.description,
            kind: draft.rule_type,
            lock_version: 1,
        };
        let mut rule = Self::new(title, id, created.clone());
        rule.add(draft.first, version_id, created);
        rule
    }

    /// Makes a version of a draft, with the action of the version before where the draft names none.
    pub(super) fn complete(&self, draft: VersionDraft) -> Content {
        let before = self.versions.last().map(|version| version.content.action);
        Content {
            condition_tree: draft.condition_tree,
            priority: draft.priority,
            action: draft.action.or(before).unwrap_or("DECLINE"),
            scope: draft.scope,
        }
    }

    /// Tells the rule, under an id that a fault may have made a wrong one.
    pub(super) fn told(&self, id: Uuid) -> RuleTold<'_> {
        RuleTold {
            rule_id: id,
            rule_name: &self.title.name,
            description: self.title.description.as_deref(),
            rule_type: self.title.kind,
            current_version: self.versions.len(),
            status: self.status(),
            version: self.title.lock_version,
            created_by: &self.created.by,
            created_at: self.created.at,
            updated_at: self.updated_at,
        }
    }

    /// Tells the rule in short, under an id that a fault may have made a wrong one.
    pub(super) fn summary(&self, id: Uuid) -> Summary<'_> {
        let latest = self.versions.last();
        Summary {
            rule_id: id,
            rule_name: &self.title.name,
            rule_type: self.title.kind,
            status: self.status(),
            latest_version: self.versions.len(),
            latest_version_id: latest.map(|version| version.id),
            priority: latest.map(|version| version.content.priority),
            action: latest.map(|version| version.content.action),
        }
    }

    /// Gives the status of the latest version.
    fn status(&self) -> Status {
        let latest = self.versions.last();
        latest.map_or(Status::Draft, |version| version.status)
    }
}

impl Version<Content> {
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
            created_by: &self.created.by,
            created_at: self.created.at,
            approved_by: self.approved_by(),
            approved_at: self.approved_at(),
            status: self.status,
        }
    }
}
