//! Looks at an answer: is it really a success, and what was decided?
//!
//! A status of 200 proves nothing: a rule engine that fails open says 200 and approves. So every check of the endpoint
//! is applied to every answer, and an answer is good only if none fails.

mod decimal;
mod sent;
#[cfg(test)]
mod tests;

pub use self::sent::Sent;

use http::header::{HeaderMap, HeaderName};
use tapdeck_services::{CheckRule, DecisionRule, Endpoint, Scalar};

use self::decimal::same_number;
use self::sent::{says, says_encoded};
use super::json_pick::{Found, MOST_PICKS, Picks};

/// Most checks an endpoint may have besides its status.
pub const MOST_CHECKS: usize = 31;

/// What the target decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Let it pass.
    Approve,
    /// Refused it.
    Decline,
    /// Wants a person to look at it.
    Review,
}

/// The result of looking at one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Judgment {
    /// Bit 0: the status is not an expected one. Bit `i + 1`: check `i` failed.
    pub failed_checks: u32,
    /// The decision, where the answer states one that the definition knows.
    pub decision: Option<Decision>,
}

impl Judgment {
    /// Tells whether every check passed.
    pub fn is_good(&self) -> bool {
        self.failed_checks == 0
    }
}

/// How the answers of one endpoint are judged; compiled once.
#[derive(Debug)]
pub struct Judge {
    statuses: Vec<u16>,
    checks: Vec<Rule>,
    decision: Option<(usize, DecisionRule)>,
    picks: Picks,
}

#[derive(Debug)]
enum Rule {
    EchoesId(usize),
    EchoesParameter(usize, String),
    Equals(usize, Scalar),
    EqualsCaptured(usize, u8),
    Present(usize),
    HeaderAbsent(HeaderName),
}

/// What a judge keeps of an answer's head until its body is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadJudgment {
    failed_checks: u32,
}

impl HeadJudgment {
    /// Tells whether nothing is wrong so far.
    pub fn is_good(&self) -> bool {
        self.failed_checks == 0
    }
}

impl Judge {
    /// Compiles an endpoint's checks.
    ///
    /// Errors: says which limit the definition exceeds.
    pub fn compile(endpoint: &Endpoint) -> Result<Self, String> {
        if endpoint.checks.len() > MOST_CHECKS {
            return Err(format!(
                "endpoint {:?} has {} checks, at most {MOST_CHECKS} can be told apart",
                endpoint.name,
                endpoint.checks.len()
            ));
        }
        let mut picks = Picks::default();
        let mut pick = |pointer: &tapdeck_services::JsonPointer| {
            picks.add(pointer.tokens()).ok_or_else(|| {
                format!(
                    "endpoint {:?} looks at more than {MOST_PICKS} places of an answer",
                    endpoint.name
                )
            })
        };
        let checks = endpoint
            .checks
            .iter()
            .map(|check| match &check.rule {
                CheckRule::EchoesId { pointer } => Ok(Rule::EchoesId(pick(pointer)?)),
                CheckRule::Equals { pointer, value } => {
                    Ok(Rule::Equals(pick(pointer)?, value.clone()))
                }
                CheckRule::EqualsCaptured { pointer, variable } => {
                    Ok(Rule::EqualsCaptured(pick(pointer)?, *variable))
                }
                CheckRule::EchoesParameter { pointer, parameter } => {
                    Ok(Rule::EchoesParameter(pick(pointer)?, parameter.clone()))
                }
                CheckRule::Present { pointer } => Ok(Rule::Present(pick(pointer)?)),
                CheckRule::HeaderAbsent { header } => HeaderName::try_from(header.as_str())
                    .map(Rule::HeaderAbsent)
                    .map_err(|_| format!("check {:?} names no header: {header:?}", check.name)),
            })
            .collect::<Result<_, String>>()?;
        let decision = match &endpoint.decision {
            Some(rule) => Some((pick(&rule.pointer)?, rule.clone())),
            None => None,
        };
        Ok(Self {
            statuses: endpoint.statuses.clone(),
            checks,
            decision,
            picks,
        })
    }

    /// Tells whether the body matters; if not, it need not be kept.
    pub fn reads_body(&self) -> bool {
        !self.picks.is_empty()
    }

    /// Tells whether its answers state a decision that can be set against the truth.
    pub fn reads_decision(&self) -> bool {
        self.decision.is_some()
    }

    /// Judges status and headers.
    pub fn head(&self, status: u16, headers: &HeaderMap) -> HeadJudgment {
        let mut failed_checks = u32::from(!self.statuses.contains(&status));
        for (idx, rule) in self.checks.iter().enumerate() {
            if let Rule::HeaderAbsent(name) = rule
                && headers.contains_key(name)
            {
                failed_checks |= 2 << idx;
            }
        }
        HeadJudgment { failed_checks }
    }

    /// Judges the body and completes the judgment. A body that is not JSON fails every check that looks into it.
    ///
    /// `captured` gives the values of the session's variables, if the request was a step.
    pub fn body<'c>(
        &self,
        head: HeadJudgment,
        body: &[u8],
        sent: &Sent<'_>,
        captured: impl Fn(u8) -> Option<&'c str>,
    ) -> Judgment {
        let mut failed_checks = head.failed_checks;
        let picked = self.picks.pick(body).unwrap_or_default();
        for (idx, rule) in self.checks.iter().enumerate() {
            let passed = match rule {
                Rule::HeaderAbsent(_) => true,
                Rule::Equals(pick, value) => is(&picked[*pick], value),
                Rule::EqualsCaptured(pick, variable) => {
                    captured(*variable).is_some_and(|value| says(&picked[*pick], value.as_bytes()))
                }
                Rule::Present(pick) => !matches!(picked[*pick], Found::Missing | Found::Null),
                Rule::EchoesParameter(pick, name) => sent
                    .parameter(name)
                    .is_some_and(|value| says_encoded(&picked[*pick], value)),
                Rule::EchoesId(pick) => match &picked[*pick] {
                    Found::Text(text) => sent.bears_id(text.as_bytes()),
                    _ => false,
                },
            };
            failed_checks |= u32::from(!passed) << (idx + 1);
        }
        let decision = self
            .decision
            .as_ref()
            .and_then(|(pick, rule)| decision_named(rule, &picked[*pick]));
        Judgment {
            failed_checks,
            decision,
        }
    }
}

/// Tells whether a value of an answer is the one that an `equals` check expects.
fn is(found: &Found<'_>, expected: &Scalar) -> bool {
    match (found, expected) {
        (Found::Text(found), Scalar::Text(text)) => found == text,
        (Found::Number(found), Scalar::Number(digits)) => {
            same_number(found.as_bytes(), digits.as_bytes())
        }
        (Found::Boolean(found), Scalar::Boolean(truth)) => found == truth,
        _ => false,
    }
}

/// Finds the decision that a value of an answer stands for: a word as it is, a number by value.
fn decision_named(rule: &DecisionRule, found: &Found<'_>) -> Option<Decision> {
    let is_among = |words: &[String]| words.iter().any(|word| says(found, word.as_bytes()));
    if is_among(&rule.approve) {
        Some(Decision::Approve)
    } else if is_among(&rule.decline) {
        Some(Decision::Decline)
    } else if is_among(&rule.review) {
        Some(Decision::Review)
    } else {
        None
    }
}
