//! What is sent to the board, and what can be wrong with it, member by member.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::item::Score;

/// Members that are wrong, and in which way.
pub(super) type Faults = BTreeMap<&'static str, [String; 1]>;

const REQUIRED: &str = "This field is required.";

/// A submission.
#[derive(Deserialize)]
pub(super) struct SubmitForm {
    evidence_package_id: Option<String>,
    risk_score: Option<Value>,
    pub(super) notes: Option<String>,
}

/// A decision.
#[derive(Deserialize)]
pub(super) struct DecisionForm {
    rationale: Option<String>,
    conditions: Option<Value>,
}

impl SubmitForm {
    /// Gives the evidence package and the score.
    pub(super) fn check(&self) -> Result<(&str, Score), Faults> {
        let package = required(self.evidence_package_id.as_deref(), 255);
        let score = self
            .risk_score
            .as_ref()
            .map_or(Err(REQUIRED.to_owned()), score);
        let notes = text(self.notes.as_deref().unwrap_or_default(), 1_000);
        match (package, score, notes) {
            (Ok(package), Ok(score), Ok(_)) => Ok((package, score)),
            (package, score, notes) => Err(faults([
                ("evidence_package_id", package.err()),
                ("risk_score", score.err()),
                ("notes", notes.err()),
            ])),
        }
    }
}

impl DecisionForm {
    /// Gives the rationale and the conditions.
    pub(super) fn check(self) -> Result<(String, Map<String, Value>), Faults> {
        let conditions = match self.conditions {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(conditions)) => Ok(conditions),
            Some(_) => Err("Conditions must be a JSON object".to_owned()),
        };
        let rationale = required(self.rationale.as_deref(), 2_000);
        match (rationale, conditions) {
            (Ok(rationale), Ok(conditions)) => Ok((rationale.to_owned(), conditions)),
            (rationale, conditions) => Err(faults([
                ("rationale", rationale.err()),
                ("conditions", conditions.err()),
            ])),
        }
    }
}

fn faults<const N: usize>(members: [(&'static str, Option<String>); N]) -> Faults {
    let wrong = members
        .into_iter()
        .filter_map(|(name, fault)| Some((name, [fault?])));
    wrong.collect()
}

fn required(found: Option<&str>, longest: usize) -> Result<&str, String> {
    match found {
        None => Err(REQUIRED.to_owned()),
        Some(blank) if blank.trim().is_empty() => Err("This field may not be blank.".to_owned()),
        Some(found) => text(found, longest),
    }
}

fn text(found: &str, longest: usize) -> Result<&str, String> {
    if found.chars().count() <= longest {
        return Ok(found);
    }
    Err(format!(
        "Ensure this field has no more than {longest} characters."
    ))
}

/// Reads a score of 0 to 100 with at most two decimals, given as a number or as text.
fn score(value: &Value) -> Result<Score, String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    let points: Option<f64> = text.parse().ok().filter(|points: &f64| !points.is_nan());
    let points = points.ok_or_else(|| "A valid number is required.".to_owned())?;
    if points < 0.0 {
        return Err("Ensure this value is greater than or equal to 0.".to_owned());
    }
    if points > 100.0 {
        return Err("Ensure this value is less than or equal to 100.".to_owned());
    }
    if text
        .split_once('.')
        .is_some_and(|(_, decimals)| decimals.len() > 2)
    {
        return Err("Ensure that there are no more than 2 decimal places.".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score lies between 0 and 100 points"
    )]
    let hundredths = (points * 100.0).round() as u16;
    Ok(Score(hundredths))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scores_are_numbers_with_two_decimals() {
        for (value, expected) in [
            (json!(60), Ok(Score(6_000))),
            (json!(65.5), Ok(Score(6_550))),
            (json!("65.05"), Ok(Score(6_505))),
            (json!(100), Ok(Score(10_000))),
            (
                json!(-1),
                Err("Ensure this value is greater than or equal to 0."),
            ),
            (
                json!(100.01),
                Err("Ensure this value is less than or equal to 100."),
            ),
            (json!("NaN"), Err("A valid number is required.")),
            (
                json!(1.234),
                Err("Ensure that there are no more than 2 decimal places."),
            ),
            (json!("many"), Err("A valid number is required.")),
            (json!([1]), Err("A valid number is required.")),
        ] {
            assert_eq!(score(&value), expected.map_err(str::to_owned), "{value}");
        }
    }
}
