//! An endpoint of the load was never sent anything.
//!
//! It has records on the tape, so that some of the planned requests should have been for it, or it is a step of sessions that came to
//! their end. What was measured is then another mix than the planned one. A gate that was missed nevertheless is decided first.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::EndpointMeasurements;
use crate::summary::traffic;

pub(super) const RULE: Rule = Rule {
    name: "never_sent",
    spoils: Spoils::Mix,
    find,
};

/// Requests to be expected at an endpoint before its silence means something.
const EXPECTED_MIN: f64 = 10.0;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let silent = evidence
        .run
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.ledger.sent == 0);
    let texts = silent.filter_map(|endpoint| match &endpoint.session {
        Some(session) => step(evidence, endpoint, session),
        None => on_its_own(evidence, endpoint),
    });
    texts.map(|text| (Weight::Fault, text)).collect()
}

fn on_its_own(evidence: &Evidence<'_>, endpoint: &EndpointMeasurements) -> Option<String> {
    let run = evidence.run;
    let on_tape: u64 = run.endpoints.iter().map(|endpoint| endpoint.on_tape).sum();
    let planned = run.ledger.planned + traffic::left_out(run);
    let expected = planned as f64 * endpoint.on_tape as f64 / on_tape.max(1) as f64;
    (expected >= EXPECTED_MIN).then(|| {
        format!(
            "The load was not the planned one: endpoint {} was never sent anything, although by its share of the tape about {} of {} \
             planned requests should have been for it.",
            endpoint.name,
            format::whole(expected),
            format::count(planned),
        )
    })
}

fn step(evidence: &Evidence<'_>, endpoint: &EndpointMeasurements, session: &str) -> Option<String> {
    let mut sessions = evidence.run.sessions.iter();
    let tally = sessions.find(|kind| kind.name == session)?.tally;
    let ended = tally.good + tally.broken;
    // A step that is taken once per user may lie before the measure phase; then it is neither planned nor left out in it.
    let was_its_turn = endpoint.skipped > 0 || endpoint.ledger.planned > 0;
    let left_out = match endpoint.skipped {
        0 => String::new(),
        skipped => format!(
            " It was left out {} times, because an earlier answer did not hold a value it needs.",
            format::count(skipped)
        ),
    };
    (ended > 0 && was_its_turn).then(|| {
        format!(
            "The load was not the planned one: endpoint {} was never sent anything, although it is a step of {session}, of which {} \
             sessions came to their end.{left_out}",
            endpoint.name,
            format::count(ended),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measurements;
    use crate::fixture::gate;
    use crate::measurements::GateSubject;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

    /// Adds an endpoint that was sent nothing; the others have 1,000 records on the tape.
    fn silent(run: &mut Measurements, on_tape: u64, session: Option<&str>, skipped: u64) {
        run.endpoints[0].on_tape = 1_000 - on_tape;
        run.endpoints[1].on_tape = 0;
        run.endpoints.push(EndpointMeasurements {
            name: "close".to_owned(),
            on_tape,
            session: session.map(str::to_owned),
            skipped,
            ..EndpointMeasurements::default()
        });
        run.gates.clear();
    }

    #[test]
    fn an_endpoint_whose_turn_should_have_come_is_missed() {
        for (on_tape, verdict, says) in [
            (
                10,
                Verdict::Invalid,
                "endpoint close was never sent anything, although by its share of the tape about 10 of 1,000",
            ),
            (9, Verdict::Pass, "sound"),
            (0, Verdict::Pass, "sound"),
        ] {
            check(says, |run| silent(run, on_tape, None, 0), verdict, &[says]);
        }
    }

    #[test]
    fn a_step_is_missed_once_a_session_of_its_kind_has_ended() {
        check(
            "ended",
            |run| silent(run, 500, Some("review"), 98),
            Verdict::Invalid,
            &[
                "endpoint close was never sent anything, although it is a step of review, of which 98 sessions",
            ],
        );
        check(
            "taken once per user, before the measure phase",
            |run| silent(run, 500, Some("review"), 0),
            Verdict::Pass,
            &["sound"],
        );
        check(
            "none has ended",
            |run| {
                silent(run, 500, Some("review"), 1);
                run.sessions[0].tally.good = 0;
                run.sessions[0].tally.broken = 0;
            },
            Verdict::Pass,
            &["sound"],
        );
    }

    #[test]
    fn a_gate_that_was_missed_is_decided_before() {
        check(
            "errors",
            |run| {
                silent(run, 10, None, 0);
                run.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
            },
            Verdict::SloMissed,
            &[
                "the error share was 2.00 %",
                "endpoint close was never sent anything",
            ],
        );
        check(
            "a gate on times that was missed is not",
            |run| {
                silent(run, 10, None, 0);
                run.gates = vec![gate("p50<1ms", GateSubject::ResponseQuantile(0.5), 1e6)];
            },
            Verdict::Invalid,
            &["endpoint close was never sent anything"],
        );
    }
}
