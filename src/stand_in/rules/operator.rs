//! The leaves of a condition: one operator, its operand, and the test of one value.
//!
//! Traps of the engine that are kept on purpose: an operator name it does not know means EQ; an absent value fails every
//! operator but `NE` and `NOT_IN`; a number is never IN a list.

use regex::Regex;
use serde_json::Value;

use super::field::FieldValue;
use super::members::{Members, Problem};

/// A compiled operator with its operand.
#[derive(Debug)]
pub(super) enum Operator {
    GreaterThan(f64),
    AtLeast(f64),
    LessThan(f64),
    AtMost(f64),
    Between(f64, f64),
    Equals(Literal),
    Differs(Literal),
    In(Box<[Literal]>),
    NotIn(Box<[Literal]>),
    Contains(Box<str>),
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Matches(Regex),
    Exists,
}

/// A JSON value of a rule that a field is compared with.
#[derive(Debug)]
pub(super) enum Literal {
    Text(Box<str>),
    Number(f64),
    Flag(bool),
    /// Null, a list, an object or nothing at all: equal to no value.
    Nothing,
}

impl Operator {
    /// Compiles the operator called `name` from the `value` or `values` beside it.
    pub(super) fn compile(name: &str, leaf: Members<'_>) -> Result<Self, Problem> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "gt" | ">" => Self::GreaterThan(number(leaf)?),
            "gte" | ">=" => Self::AtLeast(number(leaf)?),
            "lt" | "<" => Self::LessThan(number(leaf)?),
            "lte" | "<=" => Self::AtMost(number(leaf)?),
            "between" => {
                let (low, high) = bounds(leaf)?;
                Self::Between(low, high)
            }
            "ne" | "!=" | "not_equals" => Self::Differs(literal(leaf)),
            "in" => Self::In(list(leaf)?),
            "not_in" => Self::NotIn(list(leaf)?),
            "contains" => Self::Contains(text(leaf)?.into()),
            "starts_with" => Self::StartsWith(text(leaf)?.into()),
            "ends_with" => Self::EndsWith(text(leaf)?.into()),
            "regex" | "matches" => Self::Matches(full_match(text(leaf)?)?),
            "exists" => Self::Exists,
            _ => Self::Equals(literal(leaf)),
        })
    }

    /// Tests one value of a transaction.
    pub(super) fn holds(&self, value: Option<FieldValue<'_>>) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::Differs(_) | Self::NotIn(_));
        };
        match (self, value) {
            (Self::Exists, _) => true,
            (Self::Equals(literal), value) => literal.equals(value),
            (Self::Differs(literal), value) => !literal.equals(value),
            (Self::In(list), value) => is_member(list, value),
            (Self::NotIn(list), value) => !is_member(list, value),
            (Self::GreaterThan(limit), FieldValue::Number(number)) => number > *limit,
            (Self::AtLeast(limit), FieldValue::Number(number)) => number >= *limit,
            (Self::LessThan(limit), FieldValue::Number(number)) => number < *limit,
            (Self::AtMost(limit), FieldValue::Number(number)) => number <= *limit,
            (Self::Between(low, high), FieldValue::Number(number)) => {
                (*low..=*high).contains(&number)
            }
            (Self::Contains(part), FieldValue::Text(text)) => text.contains(&**part),
            (Self::StartsWith(start), FieldValue::Text(text)) => text.starts_with(&**start),
            (Self::EndsWith(end), FieldValue::Text(text)) => text.ends_with(&**end),
            (Self::Matches(pattern), FieldValue::Text(text)) => pattern.is_match(text),
            _ => false,
        }
    }
}

impl Literal {
    fn new(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.as_str().into()),
            Value::Bool(flag) => Self::Flag(*flag),
            value => value.as_f64().map_or(Self::Nothing, Self::Number),
        }
    }

    /// Compares without turning one type into another.
    #[expect(
        clippy::float_cmp,
        reason = "EQ on an amount means the very same number"
    )]
    fn equals(&self, value: FieldValue<'_>) -> bool {
        match (self, value) {
            (Self::Text(own), FieldValue::Text(text)) => &**own == text,
            (Self::Number(own), FieldValue::Number(number)) => *own == number,
            (Self::Flag(own), FieldValue::Flag(flag)) => *own == flag,
            _ => false,
        }
    }
}

/// The engine holds an amount as a decimal and a list's numbers as something else, so the two are never equal.
fn is_member(list: &[Literal], value: FieldValue<'_>) -> bool {
    !matches!(value, FieldValue::Number(_)) && list.iter().any(|literal| literal.equals(value))
}

fn literal(leaf: Members<'_>) -> Literal {
    leaf.find(&["value"])
        .map_or(Literal::Nothing, |(_, value)| Literal::new(value))
}

/// Finds the operand, which must be there.
fn operand<'a>(
    leaf: Members<'a>,
    names: &[&'static str],
    expected: &str,
) -> Result<(&'static str, &'a Value), Problem> {
    leaf.find(names)
        .ok_or_else(|| Problem::new(names[0], format!("found nothing, expected {expected}")))
}

fn number(leaf: Members<'_>) -> Result<f64, Problem> {
    let (name, value) = operand(leaf, &["value"], "a number")?;
    value
        .as_f64()
        .ok_or_else(|| Problem::unexpected(name, value, "a number"))
}

fn text(leaf: Members<'_>) -> Result<&str, Problem> {
    let (name, value) = operand(leaf, &["value"], "a string")?;
    value
        .as_str()
        .ok_or_else(|| Problem::unexpected(name, value, "a string"))
}

fn list(leaf: Members<'_>) -> Result<Box<[Literal]>, Problem> {
    let (_, value) = operand(leaf, &["values", "value"], "a list")?;
    Ok(match value.as_array() {
        Some(items) => items.iter().map(Literal::new).collect(),
        None => [Literal::new(value)].into(),
    })
}

fn bounds(leaf: Members<'_>) -> Result<(f64, f64), Problem> {
    const EXPECTED: &str = "a list of two numbers";
    let (name, value) = operand(leaf, &["values", "value"], EXPECTED)?;
    match value.as_array().map(Vec::as_slice) {
        Some([low, high]) => low.as_f64().zip(high.as_f64()),
        _ => None,
    }
    .ok_or_else(|| Problem::unexpected(name, value, EXPECTED))
}

fn full_match(pattern: &str) -> Result<Regex, Problem> {
    Regex::new(&format!(r"\A(?:{pattern})\z"))
        .map_err(|reason| Problem::new("value", format!("not a regular expression: {reason}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::field::FieldValue;
    use super::super::members::Members;
    use super::Operator;

    const TEXT: FieldValue<'_> = FieldValue::Text("abc-42");
    const AMOUNT: FieldValue<'_> = FieldValue::Number(25.5);
    const PRESENT: FieldValue<'_> = FieldValue::Flag(true);

    fn compile(name: &str, leaf: &Value) -> Result<Operator, String> {
        Operator::compile(name, Members::of(leaf).unwrap())
            .map_err(|problem| format!("{}: {}", problem.place, problem.message))
    }

    /// Each row: the spellings of an operator, its leaf, and whether it holds for the value.
    fn check(value: FieldValue<'_>, rows: &[(&str, Value, bool)]) {
        for (names, leaf, expected) in rows {
            for name in names.split(' ') {
                let operator = compile(name, leaf).unwrap();
                assert_eq!(operator.holds(Some(value)), *expected, "{name} {leaf}");
            }
        }
    }

    #[test]
    fn amounts_are_compared_as_numbers_and_are_in_no_list() {
        check(
            AMOUNT,
            &[
                ("gt > GT", json!({"value": 25.4}), true),
                ("gt >", json!({"value": 25.5}), false),
                ("gte >=", json!({"value": 25.5}), true),
                ("lt <", json!({"value": 26}), true),
                ("lt <", json!({"value": 25.5}), false),
                ("lte <=", json!({"value": 25.5}), true),
                ("between", json!({"values": [25.5, 30]}), true),
                ("BETWEEN", json!({"value": [10, 25]}), false),
                ("eq = equals", json!({"value": 25.5}), true),
                ("eq", json!({"value": "25.5"}), false),
                ("ne != not_equals", json!({"value": 25.5}), false),
                ("in", json!({"values": [25.5]}), false),
                ("not_in", json!({"values": [25.5]}), true),
                (
                    "starts_with contains ends_with regex",
                    json!({"value": "2"}),
                    false,
                ),
                ("exists", json!({}), true),
            ],
        );
    }

    #[test]
    fn texts_are_compared_exactly() {
        check(
            TEXT,
            &[
                ("gt gte lt lte", json!({"value": 1}), false),
                ("eq = EQUALS", json!({"value": "abc-42"}), true),
                ("eq", json!({"value": "ABC-42"}), false),
                ("ne != not_equals", json!({"value": "abc"}), true),
                ("in", json!({"values": ["x", "abc-42"]}), true),
                ("in", json!({"value": ["x"]}), false),
                ("in", json!({"value": "abc-42"}), true),
                ("not_in", json!({"values": ["abc-42"]}), false),
                ("contains", json!({"value": "c-4"}), true),
                ("contains", json!({"value": "C-4"}), false),
                ("starts_with", json!({"value": "abc"}), true),
                ("ends_with", json!({"value": "42"}), true),
                ("regex matches", json!({"value": "[a-c]+-\\d+"}), true),
                ("regex matches", json!({"value": "[a-c]+"}), false),
                ("regex", json!({"value": "x|abc-42"}), true),
                ("exists", json!({"value": false}), true),
            ],
        );
        check(
            FieldValue::Text("5"),
            &[("eq in", json!({"value": 5, "values": [5]}), false)],
        );
    }

    #[test]
    fn flags_equal_flags_only() {
        check(
            PRESENT,
            &[
                ("eq in", json!({"value": true}), true),
                ("eq in", json!({"value": "true"}), false),
                ("ne not_in", json!({"value": false}), true),
            ],
        );
    }

    #[test]
    fn an_unknown_operator_means_equals() {
        for name in ["neq", "==", "not in", "NOT IN", "<>"] {
            let operator = compile(name, &json!({"value": "abc-42"})).unwrap();
            assert!(operator.holds(Some(TEXT)), "{name}");
            let operator = compile(name, &json!({"values": ["abc-42"]})).unwrap();
            assert!(
                !operator.holds(Some(TEXT)),
                "{name} has no `value` to be equal to"
            );
        }
    }

    #[test]
    fn an_absent_value_fails_all_but_the_negative_operators() {
        let leaf = json!({"value": "1", "values": ["1"]});
        for (name, expected) in [
            ("eq", false),
            ("ne", true),
            ("in", false),
            ("not_in", true),
            ("contains", false),
            ("starts_with", false),
            ("ends_with", false),
            ("regex", false),
            ("exists", false),
        ] {
            assert_eq!(
                compile(name, &leaf).unwrap().holds(None),
                expected,
                "{name}"
            );
        }
        assert!(!compile("gt", &json!({"value": 1})).unwrap().holds(None));
    }

    #[test]
    fn operands_of_the_wrong_type_are_refused() {
        for (name, leaf, expected) in [
            (
                "gt",
                json!({"value": "5"}),
                "value: found a string, expected a number",
            ),
            ("lte", json!({}), "value: found nothing, expected a number"),
            (
                "between",
                json!({"values": [1]}),
                "values: found a list, expected a list of two numbers",
            ),
            (
                "between",
                json!({"value": 3}),
                "value: found a number, expected a list of two numbers",
            ),
            ("in", json!({}), "values: found nothing, expected a list"),
            (
                "contains",
                json!({"value": 5}),
                "value: found a number, expected a string",
            ),
        ] {
            assert_eq!(compile(name, &leaf).unwrap_err(), expected, "{name}");
        }
        let refused = compile("regex", &json!({"value": "(?=x)"})).unwrap_err();
        assert!(
            refused.starts_with("value: not a regular expression"),
            "{refused}"
        );
    }
}
