//! What is sent to write or revise a rule, and what can be wrong with it.

use serde_json::{Map, Value, json};

use crate::stand_in::fastapi::{self, Form, Misfit};
use crate::stand_in::reply::Reply;
use crate::stand_in::visit::Visit;

pub(super) const RULE_TYPES: &[&str] = &["ALLOWLIST", "BLOCKLIST", "AUTH", "MONITORING"];
const ACTIONS: &[&str] = &["APPROVE", "DECLINE", "REVIEW"];

pub(super) const LONGEST_NAME: usize = 255;
pub(super) const LONGEST_TEXT: usize = 1 << 20;
const DEFAULT_PRIORITY: i64 = 100;

/// Most levels, values in all, and items of one list that a condition may have.
const DEEPEST: usize = 10;
const MOST_NODES: usize = 1_000;
const LONGEST_LIST: usize = 100;

/// A rule to be written, with its first version.
#[derive(Debug)]
pub(super) struct RuleDraft {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) rule_type: &'static str,
    pub(super) first: Content,
}

/// A version to be added.
#[derive(Debug)]
pub(super) struct VersionDraft {
    /// The version that the rule is thought to have.
    pub(super) expected: Option<i64>,
    pub(super) condition_tree: Value,
    pub(super) priority: i64,
    /// That of the version before, where none is named.
    pub(super) action: Option<&'static str>,
    pub(super) scope: Value,
}

/// What a version says.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) condition_tree: Value,
    pub(super) priority: i64,
    pub(super) action: &'static str,
    pub(super) scope: Value,
}

impl RuleDraft {
    /// Reads a body.
    ///
    /// Errors: 422 for what does not fit.
    pub(super) fn read(visit: &Visit<'_>, body: &Value) -> Result<Self, Reply> {
        fastapi::fill(visit, body, Self::from_form)
    }

    fn from_form(form: &mut Form<'_, '_>) -> Option<Self> {
        let name = form.required("rule_name", |value| fastapi::text(value, (1, LONGEST_NAME)));
        let description = form.optional("description", |value| {
            fastapi::text(value, (0, LONGEST_TEXT))
        });
        let rule_type = form.required("rule_type", |value| fastapi::word(value, RULE_TYPES));
        let condition_tree = form.optional("condition_tree", condition);
        let priority = form.optional("priority", |value| fastapi::whole(value, None));
        let action = form.optional("action", |value| fastapi::word(value, ACTIONS));
        let (name, rule_type) = (name?, rule_type?);
        let action = action.unwrap_or(default_action(rule_type));
        if !allows(rule_type, action) {
            form.fault(format!(
                "Value error, action {action} is not allowed for rule_type {rule_type}"
            ));
        }
        Some(Self {
            name: name.to_owned(),
            description: description.map(str::to_owned),
            rule_type,
            first: Content {
                condition_tree: condition_tree.cloned().unwrap_or(json!({})),
                priority: priority.unwrap_or(DEFAULT_PRIORITY),
                action,
                scope: json!({}),
            },
        })
    }

    /// Makes one of those that are there from the start.
    pub(super) fn example(number: u128) -> Self {
        Self {
            name: format!("first rules, number {number}"),
            description: Some("there from the start".to_owned()),
            rule_type: "AUTH",
            first: Content {
                condition_tree: json!({"field": "amount", "op": "GT", "value": 5_000}),
                priority: DEFAULT_PRIORITY,
                action: "DECLINE",
                scope: json!({}),
            },
        }
    }
}

impl VersionDraft {
    /// Reads a body.
    ///
    /// Errors: 422 for what does not fit.
    pub(super) fn read(visit: &Visit<'_>, body: &Value) -> Result<Self, Reply> {
        fastapi::fill(visit, body, |form| {
            let condition_tree = form.required("condition_tree", condition);
            let priority = form.optional("priority", |value| fastapi::whole(value, None));
            let action = form.optional("action", |value| fastapi::word(value, ACTIONS));
            let scope = form.optional("scope", fastapi::object);
            let expected = form.optional("expected_rule_version", |value| {
                fastapi::whole(value, Some(1))
            });
            Some(Self {
                expected,
                condition_tree: condition_tree?.clone(),
                priority: priority.unwrap_or(DEFAULT_PRIORITY),
                action,
                scope: scope.cloned().unwrap_or(json!({})),
            })
        })
    }
}

fn default_action(rule_type: &str) -> &'static str {
    match rule_type {
        "ALLOWLIST" => "APPROVE",
        "MONITORING" => "REVIEW",
        _ => "DECLINE",
    }
}

/// Tells whether rules of a type may have an action.
fn allows(rule_type: &str, action: &str) -> bool {
    match rule_type {
        "AUTH" => action != "REVIEW",
        _ => action == default_action(rule_type),
    }
}

/// Takes a condition that is not too large. What it means is not looked at.
fn condition(value: &Value) -> Result<&Value, Misfit> {
    let wrong = |message: &str| Misfit::new("value_error", format!("Value error, {message}"));
    let members = fastapi::object(value)?.as_object();
    if members.is_none_or(Map::is_empty) {
        return Err(wrong("condition_tree must not be empty"));
    }
    let mut nodes = 0;
    size_up(value, 1, &mut nodes).map_err(wrong)?;
    Ok(value)
}

fn size_up(value: &Value, depth: usize, nodes: &mut usize) -> Result<(), &'static str> {
    *nodes += 1;
    if depth > DEEPEST {
        return Err("condition_tree is nested too deeply (max 10)");
    }
    if *nodes > MOST_NODES {
        return Err("condition_tree has too many nodes (max 1000)");
    }
    match value {
        Value::Array(items) if items.len() > LONGEST_LIST => {
            Err("condition_tree has an array that is too long (max 100)")
        }
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| size_up(item, depth + 1, nodes)),
        Value::Object(members) => members
            .values()
            .try_for_each(|member| size_up(member, depth + 1, nodes)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_have_their_limits() {
        let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({"a": inner}));
        let wide = |count: usize| json!({"a": vec![0; count]});
        let many = |count: usize| {
            let rows: Vec<Value> = (0..count).map(|_| json!(vec![0; 98])).collect();
            json!({"a": rows})
        };
        for (tree, fits) in [
            (json!({"field": "amount"}), true),
            (json!({}), false),
            (json!([]), false),
            (nested(10), true),
            (nested(11), false),
            (wide(100), true),
            (wide(101), false),
            (many(10), true),
            (many(11), false),
        ] {
            assert_eq!(condition(&tree).is_ok(), fits, "{tree}");
        }
    }

    #[test]
    fn each_type_has_its_actions() {
        for (rule_type, allowed) in [
            ("ALLOWLIST", &["APPROVE"][..]),
            ("BLOCKLIST", &["DECLINE"]),
            ("AUTH", &["APPROVE", "DECLINE"]),
            ("MONITORING", &["REVIEW"]),
        ] {
            let found: Vec<_> = ACTIONS
                .iter()
                .copied()
                .filter(|action| allows(rule_type, action))
                .collect();
            assert_eq!(found, allowed, "{rule_type}");
            assert!(allowed.contains(&default_action(rule_type)));
        }
    }
}
