//! One rule of a ruleset: compiled from either dialect, matched, ranked.

use std::cmp::Reverse;

use serde_json::Value;

use super::condition::Condition;
use super::decision::Decision;
use super::members::{Members, Problem};
use super::scope::Scope;
use super::transaction::Transaction;
use super::velocity::Velocity;

/// One rule of a ruleset.
#[derive(Debug)]
pub(in crate::stand_in) struct Rule {
    pub(in crate::stand_in) id: Box<str>,
    pub(in crate::stand_in) version: Option<u64>,
    pub(in crate::stand_in) version_id: Option<Box<str>>,
    pub(in crate::stand_in) priority: i64,
    pub(in crate::stand_in) action: Decision,
    pub(in crate::stand_in) velocity: Option<Velocity>,
    scope: Scope,
    condition: Condition,
}

impl Rule {
    /// Compiles the rule at `idx` of a file.
    ///
    /// A rule without an id is skipped; a disabled one is left out, but must compile all the same.
    pub(super) fn compile(rule: &Value, idx: usize) -> Result<Option<Self>, Problem> {
        let unnamed = |problem: Problem| problem.inside(&format!("rule number {}", idx + 1));
        let rule = Members::of(rule).map_err(unnamed)?;
        let Some(id) = rule.text(&["rule_id", "ruleId"]).map_err(unnamed)? else {
            return Ok(None);
        };
        Self::compile_named(rule, id).map_err(|problem| problem.inside(&format!("rule `{id}`")))
    }

    /// Tells whether the rule's scope covers a transaction and its condition holds; allocates nothing.
    pub(super) fn matches(&self, transaction: &Transaction<'_>) -> bool {
        self.scope.covers(transaction) && self.condition.holds(transaction)
    }

    fn compile_named(rule: Members<'_>, id: &str) -> Result<Option<Self>, Problem> {
        let action = rule
            .compiled(&["action"], compile_action)?
            .unwrap_or(Decision::Approve);
        let condition = rule.compiled(&["condition", "when"], Condition::compile)?;
        let velocity = rule.compiled(&["velocity"], |velocity| {
            Velocity::compile(velocity, action)
        })?;
        let scope = rule.compiled(&["scope"], Scope::compile)?;
        let compiled = Self {
            id: id.into(),
            version: rule.count(&["rule_version", "ruleVersion"])?,
            version_id: rule
                .text(&["rule_version_id", "ruleVersionId"])?
                .map(Into::into),
            priority: rule.integer(&["priority"])?.unwrap_or(0),
            action,
            velocity,
            scope: scope.unwrap_or(Scope::Global),
            condition: condition.unwrap_or(Condition::Always),
        };
        let enabled = rule.flag(&["enabled"])?.unwrap_or(true);
        Ok(enabled.then_some(compiled))
    }

    /// Orders rules as the engine tries them.
    pub(super) fn rank(&self) -> (Reverse<usize>, Reverse<i64>, bool) {
        let approves_last = self.action != Decision::Approve;
        (
            Reverse(self.scope.specificity()),
            Reverse(self.priority),
            approves_last,
        )
    }
}

/// Reads an action, which is a word or an object around one.
fn compile_action(action: &Value) -> Result<Decision, Problem> {
    let word = match action {
        Value::String(word) => Some(word.as_str()),
        Value::Object(_) => Members::of(action)?.text(&["decision", "action"])?,
        other => {
            return Err(Problem::unexpected(
                "",
                other,
                "a string or an object with a decision",
            ));
        }
    };
    Ok(word.map_or(Decision::Approve, Decision::from_action))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::decision::Decision;
    use super::Rule;

    #[test]
    fn actions_are_words_or_objects() {
        for (action, expected) in [
            (json!("DECLINE"), Decision::Decline),
            (json!({"decision": "REVIEW"}), Decision::Review),
            (json!({"action": "BLOCK"}), Decision::Decline),
            (json!({}), Decision::Approve),
            (json!("HOLD"), Decision::Approve),
            (Value::Null, Decision::Approve),
        ] {
            let rule = Rule::compile(&json!({"rule_id": "r", "action": action}), 0).unwrap();
            assert_eq!(rule.unwrap().action, expected, "{action}");
        }
    }
}
