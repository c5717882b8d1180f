//! The condition of a rule, compiled into a tree.
//!
//! Three spellings of the same logic are accepted: `{"op":"and","args":[..]}`, `{"and":[..]}` and
//! `{"type":"AND","conditions":[..]}`. A node that names no operator is always true.

use serde_json::Value;

use super::field::Field;
use super::members::{Members, Problem};
use super::operator::Operator;
use super::transaction::Transaction;

/// A compiled condition.
#[derive(Debug)]
pub(super) enum Condition {
    Always,
    All(Box<[Condition]>),
    Any(Box<[Condition]>),
    Not(Box<Condition>),
    Test(Field, Operator),
}

/// How a node joins the nodes below it.
#[derive(Clone, Copy)]
enum Join {
    All,
    Any,
    Not,
}

impl Condition {
    /// Compiles one node and all below it.
    pub(super) fn compile(node: &Value) -> Result<Self, Problem> {
        let node = Members::of(node)?;
        if let Some((join, list_name)) = Join::of(node) {
            return join
                .compile(node, list_name)
                .map_err(|problem| problem.within(list_name));
        }
        let Some(operator) = node.text(&["op", "operator"])? else {
            return Ok(Self::Always);
        };
        let field = node
            .text(&["field"])?
            .map_or(Field::NeverPresent, Field::from_rule);
        Ok(Self::Test(field, Operator::compile(operator, node)?))
    }

    /// Tests one transaction; allocates nothing.
    pub(super) fn holds(&self, transaction: &Transaction<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::All(nodes) => nodes.iter().all(|node| node.holds(transaction)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(transaction)),
            Self::Not(node) => !node.holds(transaction),
            Self::Test(field, operator) => operator.holds(transaction.value(*field)),
        }
    }
}

impl Join {
    /// Recognizes a joining node, and the member that lists what it joins.
    fn of(node: Members<'_>) -> Option<(Self, &'static str)> {
        let named_by = |name| {
            node.find(&[name])
                .and_then(|(_, word)| Self::from_word(word.as_str()?))
        };
        if let Some(join) = named_by("op").or_else(|| named_by("operator")) {
            return Some((join, "args"));
        }
        if let Some(join) = named_by("type") {
            return Some((join, "conditions"));
        }
        let (name, _) = node.find(&["and", "or", "not"])?;
        Self::from_word(name).map(|join| (join, name))
    }

    fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "and" => Some(Self::All),
            "or" => Some(Self::Any),
            "not" => Some(Self::Not),
            _ => None,
        }
    }

    fn compile(self, node: Members<'_>, list_name: &'static str) -> Result<Condition, Problem> {
        let Some((_, listed)) = node.find(&[list_name]) else {
            return Err(Problem::new(
                "",
                "found nothing, expected a list of conditions",
            ));
        };
        let nodes = compile_list(listed)?;
        match self {
            Self::All => Ok(Condition::All(nodes.into())),
            Self::Any => Ok(Condition::Any(nodes.into())),
            Self::Not => match <[Condition; 1]>::try_from(nodes) {
                Ok([node]) => Ok(Condition::Not(Box::new(node))),
                Err(nodes) => {
                    let message = format!("found {} conditions, expected exactly one", nodes.len());
                    Err(Problem::new("", message))
                }
            },
        }
    }
}

/// Compiles a list of conditions; one that stands alone needs no list around it.
fn compile_list(listed: &Value) -> Result<Vec<Condition>, Problem> {
    match listed {
        Value::Array(nodes) => nodes
            .iter()
            .enumerate()
            .map(|(idx, node)| {
                Condition::compile(node).map_err(|problem| problem.within(&format!("[{idx}]")))
            })
            .collect(),
        Value::Object(_) => Ok(vec![Condition::compile(listed)?]),
        other => Err(Problem::unexpected("", other, "a list of conditions")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::transaction::Transaction;
    use super::Condition;

    const BODY: &str = r#"{"amount":100,"currency":"EUR","card_present":true}"#;

    fn check(condition: &Value, expected: bool) {
        let transaction = Transaction::parse(BODY).unwrap();
        let compiled = Condition::compile(condition).unwrap();
        assert_eq!(compiled.holds(&transaction), expected, "{condition}");
    }

    #[test]
    fn the_three_spellings_mean_the_same() {
        let yes = json!({"field": "currency", "op": "eq", "value": "EUR"});
        let no = json!({"field": "amount", "operator": "gt", "value": 100});
        for (word, nodes, expected) in [
            ("and", vec![&yes, &yes], true),
            ("and", vec![&yes, &no], false),
            ("and", vec![], true),
            ("or", vec![&no, &yes], true),
            ("or", vec![&no], false),
            ("or", vec![], false),
            ("not", vec![&no], true),
            ("not", vec![&yes], false),
        ] {
            check(&json!({"op": word, "args": nodes}), expected);
            check(&json!({word: nodes}), expected);
            check(
                &json!({"type": word.to_uppercase(), "conditions": nodes}),
                expected,
            );
        }
    }

    #[test]
    fn leaves_and_odd_nodes_follow_the_engine() {
        for (condition, expected) in [
            (json!({}), true),
            (json!({"field": "currency", "value": "USD"}), true),
            (json!({"not": {"field": "device_id", "op": "exists"}}), true),
            (
                json!({"type": "CONDITION", "field": "currency", "operator": "EQUALS", "value": "EUR"}),
                true,
            ),
            (json!({"op": "eq", "value": "EUR"}), false),
            (
                json!({"op": "ne", "field": "billing_country", "value": "US"}),
                true,
            ),
            (
                json!({"op": "eq", "field": "card_present", "value": true}),
                true,
            ),
            (
                json!({"OP": "eq", "field": "currency", "value": "USD"}),
                true,
            ),
        ] {
            check(&condition, expected);
        }
    }

    #[test]
    fn problems_name_the_node() {
        for (condition, place, message) in [
            (
                json!({"op": "and"}),
                "args",
                "found nothing, expected a list of conditions",
            ),
            (
                json!({"and": 3}),
                "and",
                "found a number, expected a list of conditions",
            ),
            (
                json!({"not": []}),
                "not",
                "found 0 conditions, expected exactly one",
            ),
            (
                json!({"not": [{}, {}]}),
                "not",
                "found 2 conditions, expected exactly one",
            ),
            (json!("x"), "", "found a string, expected an object"),
            (
                json!({"or": [{}, {"and": [{"field": "amount", "op": "gt", "value": "9"}]}]}),
                "or[1].and[0].value",
                "found a string, expected a number",
            ),
        ] {
            let problem = Condition::compile(&condition).unwrap_err();
            assert_eq!(
                (problem.place.as_str(), problem.message.as_str()),
                (place, message)
            );
        }
    }
}
