//! A ruleset file: read, compiled, put in order.
//!
//! Both spellings of every member (`rule_id`, `ruleId`) are accepted. Rules stand in the order in which the engine tries
//! them: narrower scope first, then higher priority, then approving before others, then as written.

use std::path::Path;

use serde_json::Value;

use super::members::{Members, Problem};
use super::rule::Rule;
use super::transaction::Transaction;
use crate::stand_in::Error;

/// A compiled ruleset, shared by all threads that evaluate with it.
#[derive(Debug)]
pub struct Ruleset {
    pub(in crate::stand_in) key: Box<str>,
    pub(in crate::stand_in) version: Option<u64>,
    pub(in crate::stand_in) id: Option<Box<str>>,
    rules: Box<[Rule]>,
}

impl Ruleset {
    /// The file of the ruleset that the demo uses on the authorization path.
    pub const DEMO_AUTH: &str = include_str!("../demo-ruleset-auth.json");

    /// The file of the ruleset that the demo uses on the monitoring path.
    pub const DEMO_MONITORING: &str = include_str!("../demo-ruleset-monitoring.json");

    /// Reads and compiles a ruleset file.
    ///
    /// Errors: `ReadRuleset`, and those of [`Ruleset::parse`].
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = tapdeck_files::read_text(path).map_err(|source| Error::ReadRuleset {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Compiles the text of a ruleset; `origin` names it in errors.
    ///
    /// Errors: `RulesetSyntax` for what is not JSON, `RulesetContent` for what the dialect does not allow.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Error> {
        let root: Value = serde_json::from_str(text).map_err(|source| Error::RulesetSyntax {
            origin: origin.to_owned(),
            source,
        })?;
        Self::compile(&root).map_err(|problem| Error::RulesetContent {
            origin: origin.to_owned(),
            place: problem.place,
            message: problem.message,
        })
    }

    /// Gives the ruleset that the demo uses on the authorization path.
    ///
    /// Errors: none in a build that passes its tests.
    pub fn demo_auth() -> Result<Self, Error> {
        Self::parse(Self::DEMO_AUTH, "demo-ruleset-auth.json")
    }

    /// Gives the ruleset that the demo uses on the monitoring path.
    ///
    /// Errors: none in a build that passes its tests.
    pub fn demo_monitoring() -> Result<Self, Error> {
        Self::parse(Self::DEMO_MONITORING, "demo-ruleset-monitoring.json")
    }

    /// Gives the name the ruleset is filed under, such as `CARD_AUTH`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Gives its version, if the file states one.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Gives the number of enabled rules.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Gives the rules that match a transaction, in the engine's order; allocates nothing.
    pub(in crate::stand_in) fn matching(
        &self,
        transaction: &Transaction<'_>,
    ) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.matches(transaction))
    }

    fn compile(root: &Value) -> Result<Self, Problem> {
        let at_root = |problem: Problem| problem.inside("the root");
        let head = Members::of(root).map_err(at_root)?;
        let key = head
            .text(&["ruleset_key", "rulesetKey"])
            .and_then(|key| {
                key.ok_or_else(|| Problem::new("ruleset_key", "found nothing, expected a string"))
            })
            .map_err(at_root)?;
        let version = head
            .count(&["ruleset_version", "rulesetVersion", "version"])
            .map_err(at_root)?;
        let id = head.text(&["ruleset_id", "rulesetId"]).map_err(at_root)?;
        let mut rules = Vec::new();
        for (idx, rule) in listed_rules(head).map_err(at_root)?.iter().enumerate() {
            rules.extend(Rule::compile(rule, idx)?);
        }
        rules.sort_by_key(Rule::rank);
        Ok(Self {
            key: key.into(),
            version,
            id: id.map(Into::into),
            rules: rules.into(),
        })
    }
}

fn listed_rules(root: Members<'_>) -> Result<&[Value], Problem> {
    match root.find(&["rules"]) {
        None => Ok(&[]),
        Some((_, Value::Array(rules))) => Ok(rules),
        Some((name, other)) => Err(Problem::unexpected(name, other, "a list of rules")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::super::transaction::Transaction;
    use super::Ruleset;
    use crate::stand_in::{Error, ErrorKind};

    fn compile(rules: &Value) -> Ruleset {
        let root = json!({"ruleset_key": "CARD_AUTH", "ruleset_version": 3, "rules": rules});
        Ruleset::parse(&root.to_string(), "test").unwrap()
    }

    fn matching(ruleset: &Ruleset, body: &str) -> Vec<String> {
        let transaction = Transaction::parse(body).unwrap();
        ruleset
            .matching(&transaction)
            .map(|rule| rule.id.to_string())
            .collect()
    }

    #[test]
    fn rules_are_tried_by_scope_then_priority_then_approval() {
        let ruleset = compile(&json!([
            {"rule_id": "global-decline", "priority": 999, "action": "DECLINE"},
            {"rule_id": "global-approve", "priority": 999, "action": "APPROVE"},
            {"rule_id": "global-low", "priority": -5},
            {"rule_id": "network", "priority": 1, "scope": {"network": "VISA"}},
            {"rule_id": "mcc-low", "priority": 1, "scope": {"mcc": "5411"}},
            {"rule_id": "mcc-high", "priority": 2, "scope": {"mcc": ["5411"]}},
            {"rule_id": "logo", "scope": {"logo": "GOLD"}},
            {"rule_id": "bin-short", "scope": {"bin": "4111"}},
            {"rule_id": "bin-long", "scope": {"bin": "411111"}},
            {"rule_id": "combined", "scope": {"network": "AMEX", "mcc": "1"}},
        ]));
        let body = r#"{"card_network":"VISA","card_bin":"411111","card_logo":"GOLD","merchant_category_code":"5411"}"#;
        assert_eq!(
            matching(&ruleset, body),
            [
                "bin-long",
                "combined",
                "bin-short",
                "logo",
                "mcc-high",
                "mcc-low",
                "network",
                "global-approve",
                "global-decline",
                "global-low"
            ]
        );
        let unscoped = ["combined", "global-approve", "global-decline", "global-low"];
        assert_eq!(matching(&ruleset, "{}"), unscoped);
    }

    #[test]
    fn both_dialects_compile_to_the_same_rule() {
        let snake = json!({"ruleset_key": "K", "ruleset_version": 2, "ruleset_id": "i", "rules": [
            {"rule_id": "r", "rule_version": 4, "rule_version_id": "v", "action": {"decision": "BLOCK"},
             "condition": {"op": "gt", "field": "amount", "value": 5}}]});
        let camel = json!({"rulesetKey": "K", "version": 2, "rulesetId": "i", "rules": [
            {"ruleId": "r", "ruleVersion": 4, "ruleVersionId": "v", "action": {"action": "DECLINE"},
             "when": {"operator": ">", "field": "amount", "value": 5}}]});
        let compiled = [snake, camel]
            .map(|root| format!("{:?}", Ruleset::parse(&root.to_string(), "t").unwrap()));
        assert_eq!(compiled[0], compiled[1]);
        assert!(compiled[0].contains("Decline"));
    }

    #[test]
    fn disabled_and_nameless_rules_are_left_out() {
        let ruleset = compile(&json!([
            {"rule_id": "off", "enabled": false}, {"priority": 3}, {"rule_id": "on", "condition": null}
        ]));
        assert_eq!(ruleset.rule_count(), 1);
        assert_eq!(matching(&ruleset, "{}"), ["on"]);
    }

    #[test]
    fn load_errors_name_the_file_the_rule_and_the_place() {
        for (root, expected) in [
            (json!([]), "the root: found a list, expected an object"),
            (
                json!({}),
                "the root, ruleset_key: found nothing, expected a string",
            ),
            (
                json!({"ruleset_key": "K", "rules": {}}),
                "the root, rules: found an object, expected a list of rules",
            ),
            (
                json!({"ruleset_key": "K", "rules": [3]}),
                "rule number 1: found a number, expected an object",
            ),
            (
                json!({"ruleset_key": "K", "rules": [{"rule_id": "r", "when": {"and": [{"op": "gt", "field": "amount"}]}}]}),
                "rule `r`, when.and[0].value: found nothing, expected a number",
            ),
            (
                json!({"ruleset_key": "K", "rules": [{"rule_id": "r", "velocity": {"dimension": "ip_address", "comparison": "GT"}}]}),
                "rule `r`, velocity.comparison: unknown member, expected one of dimension, window_seconds, threshold, action",
            ),
            (
                json!({"ruleset_key": "K", "rules": [{"rule_id": "r", "enabled": false, "priority": "high"}]}),
                "rule `r`, priority: found a string, expected an integer",
            ),
            (
                json!({"ruleset_key": "K", "rules": [{"rule_id": "r", "action": ["DECLINE"]}]}),
                "rule `r`, action: found a list, expected a string or an object with a decision",
            ),
        ] {
            let error = Ruleset::parse(&root.to_string(), "rules.json").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Ruleset);
            assert_eq!(
                error.to_string(),
                format!("the ruleset rules.json, {expected}")
            );
        }
    }

    #[test]
    fn files_that_cannot_be_read_or_parsed_say_so() {
        let missing = Ruleset::from_file(Path::new("/nowhere/rules.json")).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "cannot read the ruleset /nowhere/rules.json"
        );
        assert_eq!(missing.kind(), ErrorKind::System);
        let Err(Error::RulesetSyntax { origin, source }) =
            Ruleset::parse("{\n \"rules\": [}", "r.json")
        else {
            panic!("broken JSON was accepted");
        };
        assert_eq!((origin.as_str(), source.line()), ("r.json", 2));
    }

    #[test]
    fn the_demo_rulesets_compile_with_the_keys_of_their_paths() {
        let auth = Ruleset::demo_auth().unwrap();
        let monitoring = Ruleset::demo_monitoring().unwrap();
        assert_eq!(
            (auth.key(), monitoring.key()),
            ("CARD_AUTH", "CARD_MONITORING")
        );
        assert!(auth.rule_count() >= 10 && monitoring.rule_count() >= 6);
    }
}
