//! Looks at an answer: is it really a success, and what was decided?
//!
//! A status of 200 proves nothing: a rule engine that fails open says 200 and approves. So every check of the endpoint
//! is applied to every answer, and an answer is good only if none fails.

mod sent;

pub use self::sent::Sent;

use http::header::{HeaderMap, HeaderName};
use percent_encoding::percent_decode;
use tapdeck_services::{CheckRule, DecisionRule, Endpoint};

use self::sent::says;
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
    Equals(usize, Found<'static>),
    EqualsCaptured(usize, u8),
    Present(usize),
    HeaderAbsent(HeaderName),
}

/// What a judge keeps of an answer's head until its body is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadJudgment {
    failed_checks: u32,
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
                    Ok(Rule::Equals(pick(pointer)?, expected(value)))
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
                Rule::Equals(pick, value) => picked[*pick] == *value,
                Rule::EqualsCaptured(pick, variable) => {
                    captured(*variable).is_some_and(|value| says(&picked[*pick], value.bytes()))
                }
                Rule::Present(pick) => !matches!(picked[*pick], Found::Missing | Found::Null),
                Rule::EchoesParameter(pick, name) => sent
                    .parameter(name)
                    .is_some_and(|value| says(&picked[*pick], percent_decode(value))),
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
            .and_then(|(pick, rule)| match &picked[*pick] {
                Found::Text(text) => decision_named(rule, text),
                _ => None,
            });
        Judgment {
            failed_checks,
            decision,
        }
    }
}

/// Converts the value of an `equals` check; definitions allow scalars only.
fn expected(value: &serde_json::Value) -> Found<'static> {
    use serde_json::Value;
    match value {
        Value::Null => Found::Null,
        Value::Bool(value) => Found::Boolean(*value),
        Value::Number(number) => number.as_f64().map_or(Found::Missing, Found::Number),
        Value::String(text) => Found::Text(text.clone().into()),
        Value::Array(_) | Value::Object(_) => Found::Compound,
    }
}

fn decision_named(rule: &DecisionRule, text: &str) -> Option<Decision> {
    let says = |words: &[String]| words.iter().any(|word| word == text);
    if says(&rule.approve) {
        Some(Decision::Approve)
    } else if says(&rule.decline) {
        Some(Decision::Decline)
    } else if says(&rule.review) {
        Some(Decision::Review)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use tapdeck_corpora::{NewSlot, Record, SLOT_ID, SlotPart};

    use super::*;
    use crate::replay::fixture::{PLACE, STAMPS, lane_tape};
    use crate::replay::payload::record_at;

    /// Bit of the status, and of the built-in authorization's checks in the order of its definition.
    const STATUS: u32 = 1;
    const ECHOED_ID: u32 = 2;
    const ENGINE_MODE: u32 = 4;
    const LOAD_SHED: u32 = 8;

    fn judgment(status: u16, headers: &[&'static str], answer: &str) -> Judgment {
        let service = tapdeck_services::registry::find("rule-engine").unwrap();
        let judge = Judge::compile(&service.endpoints[0]).unwrap();
        let slot = NewSlot {
            part: SlotPart::Body,
            kind: SLOT_ID,
            offset: 7,
            width: 26,
        };
        let tape = lane_tape(br#"{"id":"t0123456789abcdef-00000000"}"#, &[slot]);
        let record = record_at(&tape, PLACE).unwrap();
        let mut map = HeaderMap::new();
        for name in headers {
            map.insert(*name, http::HeaderValue::from_static("true"));
        }
        let head = judge.head(status, &map);
        judge.body(head, answer.as_bytes(), &sent(&record), |_| None)
    }

    fn sent<'a>(record: &'a Record<'a>) -> Sent<'a> {
        let stamps = &STAMPS;
        Sent { record, stamps }
    }

    #[test]
    fn values_are_compared_with_what_was_captured() {
        let judge = compiled(r#"equals = { pointer = "/a", captured = "id" }"#);
        let tape = lane_tape(b"", &[]);
        let record = record_at(&tape, PLACE).unwrap();
        for (captured, answer, expected) in [
            (Some("x"), r#"{"a":"x"}"#, true),
            (Some("x"), r#"{"a":"xy"}"#, false),
            (Some("7"), r#"{"a":7}"#, true),
            (Some("7"), r#"{"a":"7"}"#, true),
            (Some("7"), r#"{"a":7.5}"#, false),
            (Some("seven"), r#"{"a":7}"#, false),
            (Some("true"), r#"{"a":true}"#, true),
            (Some("true"), r#"{"a":false}"#, false),
            (Some(""), r#"{"a":null}"#, false),
            (Some(""), "{}", false),
            (None, r#"{"a":"x"}"#, false),
        ] {
            let judged = judge.body(
                HeadJudgment::default(),
                answer.as_bytes(),
                &sent(&record),
                |variable| captured.filter(|_| variable == 0),
            );
            assert_eq!(judged.is_good(), expected, "{captured:?} {answer}");
        }
    }

    #[test]
    fn something_must_be_there_and_null_is_nothing() {
        let judge = compiled(r#"present = "/a""#);
        let tape = lane_tape(b"", &[]);
        let record = record_at(&tape, PLACE).unwrap();
        for (answer, expected) in [
            (r#"{"a":[]}"#, true),
            (r#"{"a":{}}"#, true),
            (r#"{"a":0}"#, true),
            (r#"{"a":null}"#, false),
            (r#"{"b":1}"#, false),
            ("", false),
        ] {
            let head = HeadJudgment::default();
            let judged = judge.body(head, answer.as_bytes(), &sent(&record), |_| None);
            assert_eq!(judged.is_good(), expected, "{answer}");
        }
    }

    /// Compiles the judge of a step with one check.
    fn compiled(check: &str) -> Judge {
        let source = format!(
            r#"
            name = "s"
            title = "S"
            [target]
            base_url = "http://localhost:1"
            [[sessions]]
            name = "visit"
            [[sessions.steps]]
            name = "first"
            method = "GET"
            path = "/"
            captures = {{ id = {{ pointer = "/id" }} }}
            [[sessions.steps]]
            name = "second"
            method = "GET"
            path = "/"
            checks = [{{ name = "c", {check} }}]
            "#
        );
        let service = tapdeck_services::ServiceDefinition::parse(&source, "s.toml").unwrap();
        Judge::compile(&service.endpoints[1]).unwrap()
    }

    #[test]
    fn only_an_answer_that_passes_everything_is_good() {
        let id = "t0123456789abcdef-SALTSALT";
        let answer = |id: &str, mode: &str| {
            format!(
                r#"{{"transaction_id":"{id}","decision":"DECLINE","engine_mode":"{mode}","engine_error_code":null}}"#
            )
        };
        let good = answer(id, "NORMAL");
        let stale = answer("t0123456789abcdef-00000000", "NORMAL");
        let rows: [(u16, &[&'static str], &str, u32); 8] = [
            (200, &[], &good, 0),
            (200, &["x-other"], &good, 0),
            (500, &[], &good, STATUS),
            (200, &["x-load-shed"], &good, LOAD_SHED),
            (200, &[], &answer(id, "FAIL_OPEN"), ENGINE_MODE),
            (200, &[], &stale, ECHOED_ID),
            (200, &[], "<html>not found</html>", ECHOED_ID | ENGINE_MODE),
            (404, &[], "", STATUS | ECHOED_ID | ENGINE_MODE),
        ];
        for (status, headers, body, failed) in rows {
            let judged = judgment(status, headers, body);
            assert_eq!(judged.failed_checks, failed, "{status} {body}");
            assert_eq!(judged.is_good(), failed == 0);
        }
    }

    #[test]
    fn decisions_are_read_as_the_definition_names_them() {
        for (word, decision) in [
            ("APPROVE", Some(Decision::Approve)),
            ("DECLINE", Some(Decision::Decline)),
            ("REVIEW", Some(Decision::Review)),
            ("MAYBE", None),
        ] {
            let answer = format!(r#"{{"decision":"{word}"}}"#);
            assert_eq!(judgment(200, &[], &answer).decision, decision, "{word}");
        }
    }

    #[test]
    fn a_definition_that_looks_everywhere_is_refused() {
        let mut service = tapdeck_services::registry::find("rule-engine").unwrap();
        let endpoint = &mut service.endpoints[0];
        endpoint.checks = (0..=MOST_PICKS)
            .map(|idx| tapdeck_services::Check {
                name: format!("check-{idx}"),
                rule: CheckRule::Equals {
                    pointer: tapdeck_services::JsonPointer::parse(&format!("/field{idx}")).unwrap(),
                    value: true.into(),
                },
            })
            .collect();
        assert!(
            Judge::compile(endpoint)
                .unwrap_err()
                .contains("more than 8 places")
        );
    }
}
