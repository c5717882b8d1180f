//! A ruleset: which rules hold where, version by version, what is sent to write one, and the shapes it is told in.

use serde::Serialize;
use serde_json::Value;

use super::draft::{Content, LONGEST_NAME, LONGEST_TEXT, RULE_TYPES};
use super::entry::Entry;
use super::rule::{RuleTitle, VersionTold};
use super::shelf::Shelf;
use super::version::{Status, Version};
use crate::stand_in::fastapi::{self, Form};
use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::{Moment, Visit};

/// A ruleset. Its versions hold versions of rules.
pub(super) type Ruleset = Entry<RulesetTitle, Vec<Uuid>>;

/// What a ruleset is, whatever its versions hold.
pub(super) struct RulesetTitle {
    pub(super) scope: Scope,
    name: Option<String>,
    description: Option<String>,
}

/// Where a ruleset holds. No two rulesets have the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub(super) environment: String,
    pub(super) region: String,
    pub(super) country: String,
    pub(super) rule_type: &'static str,
}

/// A ruleset as it is told.
#[derive(Serialize)]
pub(super) struct RulesetTold<'a> {
    ruleset_id: Uuid,
    environment: &'a str,
    region: &'a str,
    country: &'a str,
    rule_type: &'static str,
    name: Option<&'a str>,
    description: Option<&'a str>,
    created_by: &'a str,
    created_at: Moment,
    updated_at: Moment,
}

/// A version as it is told, with what its versions of rules say.
#[derive(Serialize)]
pub(super) struct RulesetVersionTold<'a> {
    ruleset_version_id: Uuid,
    ruleset_id: Uuid,
    version: usize,
    status: Status,
    created_by: &'a str,
    created_at: Moment,
    approved_by: Option<&'a str>,
    approved_at: Option<Moment>,
    activated_at: Option<Moment>,
    rule_versions: Vec<VersionTold<'a>>,
}

/// Fewest and most versions of rules that a version of a ruleset holds.
const MEMBERS: (usize, usize) = (1, 100);

impl RulesetTitle {
    /// Reads a body.
    ///
    /// Errors: 422 for what does not fit.
    pub(super) fn read(visit: &Visit<'_>, body: &Value) -> Result<Self, Reply> {
        fastapi::fill(visit, body, |form| {
            let mut place = |name| {
                let read = form.required(name, |value| fastapi::text(value, (1, LONGEST_NAME)));
                read.map(str::to_owned)
            };
            let (environment, region, country) =
                (place("environment"), place("region"), place("country"));
            let rule_type = form.required("rule_type", |value| fastapi::word(value, RULE_TYPES));
            let mut words = |name, most| {
                let read = form.optional(name, |value| fastapi::text(value, (0, most)));
                read.map(str::to_owned)
            };
            Some(Self {
                name: words("name", LONGEST_NAME),
                description: words("description", LONGEST_TEXT),
                scope: Scope {
                    environment: environment?,
                    region: region?,
                    country: country?,
                    rule_type: rule_type?,
                },
            })
        })
    }
}

/// Reads which versions of rules a version holds.
///
/// Errors: 422 for what does not fit.
pub(super) fn read_members(visit: &Visit<'_>, body: &Value) -> Result<Vec<Uuid>, Reply> {
    fastapi::fill(visit, body, |form: &mut Form<'_, '_>| {
        form.items("rule_version_ids", MEMBERS, fastapi::uuid)
    })
}

impl Ruleset {
    /// Tells the ruleset, under an id that a fault may have made a wrong one.
    pub(super) fn told(&self, id: Uuid) -> RulesetTold<'_> {
        let RulesetTitle {
            scope,
            name,
            description,
        } = &self.title;
        RulesetTold {
            ruleset_id: id,
            environment: &scope.environment,
            region: &scope.region,
            country: &scope.country,
            rule_type: scope.rule_type,
            name: name.as_deref(),
            description: description.as_deref(),
            created_by: &self.created.by,
            created_at: self.created.at,
            updated_at: self.updated_at,
        }
    }
}

impl Version<Vec<Uuid>> {
    /// Tells the version, under an id of its ruleset that a fault may have made a wrong one.
    pub(super) fn told<'a>(
        &'a self,
        ruleset_id: Uuid,
        rules: &'a Shelf<RuleTitle, Content>,
    ) -> RulesetVersionTold<'a> {
        let members = self.content.iter().filter_map(|id| rules.version(*id));
        RulesetVersionTold {
            ruleset_version_id: self.id,
            ruleset_id,
            version: self.number,
            status: self.status,
            created_by: &self.created.by,
            created_at: self.created.at,
            approved_by: self.approved_by(),
            approved_at: self.approved_at(),
            activated_at: self.activated_at,
            rule_versions: members
                .map(|(rule, version)| version.told(rule.id))
                .collect(),
        }
    }
}
