//! `junit.xml`: one test case for the validity of the run and one per gate, for the test reports of CI systems.
//!
//! The gates of an invalid run are skipped, for they mean nothing. Source: the test report schema of Jenkins, which others read.

use super::Renderer;
use crate::verdict::gates::{GateOutcome, GateResult};
use crate::verdict::validity::{Spoils, Weight};
use crate::{Error, Measurements, Summary, Verdict};

/// Writes the verdict as test cases.
#[derive(Debug, Clone, Copy)]
pub struct Junit;

impl Renderer for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn file_name(&self) -> &'static str {
        "junit.xml"
    }

    fn help(&self) -> &'static str {
        "validity and gates as test cases, for CI"
    }

    fn render(&self, summary: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        let validity = Case::validity(summary);
        let gates = summary.gates.iter().map(|gate| Case::gate(gate, summary));
        let cases: Vec<Case> = std::iter::once(validity).chain(gates).collect();
        Ok(suite(summary, &cases).into_bytes())
    }
}

/// One test case.
struct Case {
    group: &'static str,
    name: String,
    outcome: Outcome,
}

/// How it went, and why.
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl Case {
    fn validity(summary: &Summary) -> Self {
        Self {
            group: "validity",
            name: "the measurement is sound".to_owned(),
            outcome: if summary.verdict.verdict == Verdict::Invalid {
                Outcome::Failed(summary.verdict.reasons.join("\n"))
            } else {
                let other_load = summary.generator.findings.iter().filter(|found| {
                    found.weight == Weight::Fault
                        && matches!(found.spoils, Some(Spoils::Load | Spoils::Mix))
                });
                let texts: Vec<&str> = other_load.map(|found| found.text.as_str()).collect();
                if texts.is_empty() {
                    Outcome::Passed
                } else {
                    Outcome::Failed(texts.join("\n"))
                }
            },
        }
    }

    fn gate(gate: &GateResult, summary: &Summary) -> Self {
        let is_void = summary.verdict.verdict == Verdict::Invalid;
        Self {
            group: "gates",
            name: gate.text.clone(),
            outcome: match (gate.miss(), gate.outcome) {
                _ if is_void => Outcome::Skipped("The run is invalid.".to_owned()),
                (Some(miss), GateOutcome::Inconclusive) => Outcome::Skipped(miss),
                (Some(miss), _) => Outcome::Failed(miss),
                (None, GateOutcome::NotJudged) => {
                    let nothing = "There was nothing to judge.";
                    Outcome::Skipped(gate.note.clone().unwrap_or_else(|| nothing.to_owned()))
                }
                (None, _) => Outcome::Passed,
            },
        }
    }

    fn element(&self, service: &str, seconds: f64) -> String {
        let head = format!(
            "    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{seconds:.3}\"",
            escaped(service),
            self.group,
            escaped(&self.name),
        );
        match &self.outcome {
            Outcome::Passed => format!("{head}/>\n"),
            Outcome::Failed(why) => {
                let first = why.lines().next().unwrap_or_default();
                format!(
                    "{head}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                    self.group,
                    escaped(first),
                    escaped(why),
                )
            }
            Outcome::Skipped(why) => format!(
                "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                escaped(why)
            ),
        }
    }
}

fn suite(summary: &Summary, cases: &[Case]) -> String {
    let count = |is_counted: fn(&Outcome) -> bool| {
        cases
            .iter()
            .filter(|case| is_counted(&case.outcome))
            .count()
    };
    let seconds = summary.phases.measured_s;
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{seconds:.3}\"",
        cases.len(),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    );
    let service = &summary.identity.service;
    // The schema wants a time without zone or fraction; it is UTC.
    let started_at = summary.identity.started_at.get(..19).unwrap_or_default();
    let elements: String = cases
        .iter()
        .enumerate()
        // The run took its time once: readers add the cases up.
        .map(|(idx, case)| case.element(service, if idx == 0 { seconds } else { 0.0 }))
        .collect();
    let said: Vec<&str> = summary
        .verdict
        .reasons
        .iter()
        .chain(&summary.notes)
        .map(String::as_str)
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"tapdeck\" {counts}>\n  \
         <testsuite name=\"{}\" timestamp=\"{}\" {counts}>\n\
         {elements}    <system-out>{}</system-out>\n  </testsuite>\n</testsuites>\n",
        escaped(service),
        escaped(started_at),
        escaped(&said.join("\n")),
    )
}

/// Writes text so that it stands in an element or in an attribute; what XML 1.0 cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(letter),
            '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{gate, healthy};
    use crate::measurements::GateSubject;

    fn render(measurements: &Measurements) -> String {
        let summary = Summary::from_measurements(measurements);
        String::from_utf8(Junit.render(&summary, measurements).unwrap()).unwrap()
    }

    #[test]
    fn a_missed_gate_reads_like_this() {
        let mut measurements = healthy();
        let limit = gate("p95<2ms", GateSubject::ResponseQuantile(0.95), 2e6);
        measurements.gates.push(limit);
        insta::assert_snapshot!(render(&measurements));
    }

    #[test]
    fn gates_of_an_invalid_run_are_skipped() {
        let mut measurements = healthy();
        measurements.ledger.sent = 0;
        let text = render(&measurements);
        assert!(
            text.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\""),
            "{text}"
        );
        assert!(text.contains("<failure type=\"validity\""), "{text}");
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a<b & \"c\"\u{1}\r\n>"),
            "a&lt;b &amp; &quot;c&quot;\u{FFFD}\u{FFFD}\n&gt;"
        );
    }
}
