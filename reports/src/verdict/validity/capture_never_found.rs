//! A value that a step of a session takes out of answers was in none of them.
//!
//! Most often its pointer is misspelt, or the answers are other ones than expected; either way the steps that need it are left out.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::CaptureMeasurements;

pub(super) const RULE: Rule = Rule {
    name: "capture_never_found",
    spoils: Spoils::Mix,
    find,
};

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let sessions = evidence.run.sessions.iter();
    let captures = sessions.flat_map(|session| {
        let captures = session.captures.iter();
        captures.map(move |capture| (session.name.as_str(), capture))
    });
    captures
        .filter(|(_, capture)| capture.looked > 0 && capture.found == 0)
        .map(|(session, capture)| (Weight::Remark, describe(session, capture)))
        .collect()
}

fn describe(session: &str, capture: &CaptureMeasurements) -> String {
    let sample = match &capture.sample {
        Some(sample) => format!(", for example in {sample}"),
        None => String::new(),
    };
    format!(
        "Step {} of session {session} never found {} ({}): it was looked for in {}{sample}. Correct the place in the service definition, \
         or what the target answers.",
        capture.step,
        capture.name,
        capture.source,
        format::counted(capture.looked, "answer"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measurements;
    use crate::fixture::{gate, healthy};
    use crate::measurements::GateSubject;
    use crate::summary::Summary;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

    fn captured(run: &mut Measurements, looked: u64, found: u64) {
        run.sessions[0].captures = vec![CaptureMeasurements {
            name: "ruleId".to_owned(),
            step: "create".to_owned(),
            source: "JSON pointer /ruleId".to_owned(),
            looked,
            found,
            sample: Some(r#"{"rule_id":"17"}"#.to_owned()),
        }];
    }

    const SAYS: &str = "Step create of session review never found ruleId (JSON pointer /ruleId): it was looked for in 98 answers, for example in \
                        {\"rule_id\":\"17\"}.";

    #[test]
    fn a_capture_that_never_matched_is_named_with_the_answer_it_was_looked_for_in() {
        check(
            "missed",
            |run| {
                captured(run, 98, 0);
                run.gates = vec![gate("sessions>=99%", GateSubject::SessionShare, 0.99)];
            },
            Verdict::SloMissed,
            &["the share of good sessions was 96.9 %", SAYS],
        );
        let mut run = healthy();
        captured(&mut run, 98, 0);
        let summary = Summary::from_measurements(&run);
        assert_eq!(summary.verdict.verdict, Verdict::Pass);
        assert!(summary.notes[0].contains(SAYS), "{:?}", summary.notes);
        assert_eq!(summary.asides().count(), 0, "it is told once");
    }

    #[test]
    fn a_capture_that_matched_once_or_was_never_looked_for_is_not_named() {
        for (looked, found) in [(98, 1), (0, 0)] {
            let mut run = healthy();
            captured(&mut run, looked, found);
            assert_eq!(Summary::from_measurements(&run).generator.findings, []);
        }
    }
}
