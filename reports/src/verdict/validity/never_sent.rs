//! An endpoint of the load was never sent anything.
//!
//! It has records on the tape, so that some of the planned requests should have been for it, or it is a step of sessions that came to
//! their end. What was measured is then another mix than the planned one. A gate that was missed nevertheless is decided first.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::{EndpointMeasurements, SessionMeasurements};
use crate::summary::traffic;

pub(super) const RULE: Rule = Rule {
    name: "never_sent",
    spoils: Spoils::Mix,
    find,
};

/// Requests to be expected at an endpoint before its silence means something.
const EXPECTED_MIN: f64 = 10.0;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let endpoints = evidence.run.endpoints.iter();
    let silent: Vec<&EndpointMeasurements> = endpoints
        .filter(|endpoint| endpoint.ledger.sent == 0)
        .collect();
    let texts = [on_their_own(evidence, &silent), steps(evidence, &silent)];
    let texts = texts.into_iter().flatten();
    texts.map(|text| (Weight::Fault, text)).collect()
}

/// Names the endpoints that are no steps and should have been sent something.
fn on_their_own(evidence: &Evidence<'_>, silent: &[&EndpointMeasurements]) -> Option<String> {
    let run = evidence.run;
    let on_tape: u64 = run.endpoints.iter().map(|endpoint| endpoint.on_tape).sum();
    let planned = traffic::due(run);
    let expected = |endpoint: &EndpointMeasurements| {
        planned as f64 * endpoint.on_tape as f64 / on_tape.max(1) as f64
    };
    let is_missed = |endpoint: &&EndpointMeasurements| {
        endpoint.session.is_none() && expected(endpoint) >= EXPECTED_MIN
    };
    let missed: Vec<_> = silent.iter().copied().filter(is_missed).collect();
    let expected: Vec<String> = missed
        .iter()
        .map(|endpoint| format::whole(expected(endpoint)))
        .collect();
    let (their, them) = match missed.len() {
        0 => return None,
        1 => ("its", "it"),
        _ => ("their", "them"),
    };
    Some(format!(
        "The load was not the planned one: {} never sent anything, although by {their} share of the tape about {} of {} should have \
         been for {them}.",
        subject(&missed),
        format::joined(&expected),
        format::counted(planned, "planned request"),
    ))
}

/// Names the steps whose turn came and that were sent nothing, of the kinds of session of which one came to its end.
fn steps(evidence: &Evidence<'_>, silent: &[&EndpointMeasurements]) -> Option<String> {
    let is_of = |endpoint: &EndpointMeasurements, session: &SessionMeasurements| {
        // A step that is taken once per user may lie before the measure phase; then it is neither planned nor left out in it.
        let was_its_turn = endpoint.skipped > 0 || endpoint.ledger.planned > 0;
        endpoint.session.as_deref() == Some(session.name.as_str()) && was_its_turn
    };
    let ended = |session: &SessionMeasurements| session.tally.good + session.tally.broken;
    let sessions = evidence.run.sessions.iter();
    let sessions: Vec<&SessionMeasurements> = sessions
        .filter(|session| ended(session) > 0 && silent.iter().any(|it| is_of(it, session)))
        .collect();
    let is_missed = |endpoint: &EndpointMeasurements| sessions.iter().any(|it| is_of(endpoint, it));
    let missed: Vec<_> = silent.iter().copied().filter(|it| is_missed(it)).collect();
    let are_steps = match missed.len() {
        0 => return None,
        1 => "it is a step",
        _ => "they are steps",
    };
    let names: Vec<&str> = sessions.iter().map(|it| it.name.as_str()).collect();
    let ended = if let [only] = sessions.as_slice() {
        format::counted(ended(only), "session")
    } else {
        let counts = sessions.iter().map(|it| format::count(ended(it)));
        format!("{} sessions", format::joined(&counts.collect::<Vec<_>>()))
    };
    Some(format!(
        "The load was not the planned one: {} never sent anything, although {are_steps} of {}, of which {ended} came to an end.{}",
        subject(&missed),
        format::joined(&names),
        left_out(&missed),
    ))
}

/// Says how often steps were left out, if they were.
fn left_out(steps: &[&EndpointMeasurements]) -> String {
    let left_out: u64 = steps.iter().map(|step| step.skipped).sum();
    let (they_were, they_need) = match steps.len() {
        1 => ("It was", "it needs"),
        _ => ("Together they were", "they need"),
    };
    match left_out {
        0 => String::new(),
        _ => format!(
            " {they_were} left out {}, because an earlier answer did not hold a value that {they_need}.",
            format::counted(left_out, "time")
        ),
    }
}

/// Begins a sentence about endpoints.
fn subject(endpoints: &[&EndpointMeasurements]) -> String {
    let names: Vec<&str> = endpoints.iter().map(|it| it.name.as_str()).collect();
    match names.as_slice() {
        [only] => format!("endpoint {only} was"),
        _ => format!("endpoints {} were", format::joined(&names)),
    }
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
    fn endpoints_of_a_kind_share_a_sentence() {
        check(
            "steps of one session",
            |run| {
                silent(run, 400, Some("review"), 98);
                silent(run, 400, Some("review"), 97);
                run.endpoints[3].name = "approve".to_owned();
            },
            Verdict::Invalid,
            &[
                "endpoints close and approve were never sent anything, although they are steps of review, of which 98 sessions came to an end. Together they were left out 195 times, because an earlier answer did not hold a value that they need.",
            ],
        );
        check(
            "steps of several",
            |run| {
                silent(run, 400, Some("review"), 98);
                silent(run, 400, Some("rejection"), 2);
                run.endpoints[3].name = "reject".to_owned();
                let mut rejection = run.sessions[0].clone();
                rejection.name = "rejection".to_owned();
                (rejection.tally.good, rejection.tally.broken) = (0, 2);
                run.sessions.push(rejection);
            },
            Verdict::Invalid,
            &[
                "endpoints close and reject were never sent anything, although they are steps of review and rejection, of which 98 and 2 sessions came to an end. Together they were left out 100 times,",
            ],
        );
        check(
            "on their own",
            |run| {
                silent(run, 250, None, 0);
                silent(run, 250, None, 0);
                run.endpoints[0].on_tape = 500;
                run.endpoints[3].name = "open".to_owned();
            },
            Verdict::Invalid,
            &[
                "endpoints close and open were never sent anything, although by their share of the tape about 250 and 250 of 1,000 planned requests should have been for them.",
            ],
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
