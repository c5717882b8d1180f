//! Short answers: those of the authorization path.

use super::answer::SlimAnswer;
use super::connection::Connection;
use super::evaluate::{Arrival, Evaluation};
use super::reply::Reply;
use super::rules::{Decision, Ruleset, TextField};
use super::seen::Event;

/// Lets the first matching rule decide; without a ruleset, fails open.
pub(super) fn evaluate(connection: &Connection, arrival: &Arrival<'_>) -> Reply {
    let registered = connection.engine().registry.registered();
    let country_code = arrival.transaction.text(TextField::CountryCode);
    let Some(ruleset) = registered.find(Evaluation::Auth.ruleset_key(), country_code) else {
        return fail_open(connection, arrival.answered_id);
    };
    let decision = decide(connection, ruleset, arrival);
    connection.count_decision(decision);
    answer(connection, arrival.answered_id, decision, "NORMAL", None)
}

/// Approves because the engine could not decide.
pub(super) fn fail_open(connection: &Connection, id: Option<&str>) -> Reply {
    connection.count(Event::FailOpen);
    answer(
        connection,
        id,
        Decision::Approve,
        "FAIL_OPEN",
        Some("INTERNAL_ERROR"),
    )
}

/// Takes the first matching rule's word, which its velocity counter may change; without a match, approves.
fn decide(connection: &Connection, ruleset: &Ruleset, arrival: &Arrival<'_>) -> Decision {
    let Some(rule) = ruleset.matching(arrival.transaction).next() else {
        return Decision::Approve;
    };
    let Some(velocity) = &rule.velocity else {
        return rule.action;
    };
    let counters = &connection.engine().counters;
    let count = velocity.hit(counters, arrival.transaction, arrival.arrived_ns);
    if velocity.is_exceeded_by(count) {
        velocity.action
    } else {
        rule.action
    }
}

fn answer(
    connection: &Connection,
    id: Option<&str>,
    decision: Decision,
    engine_mode: &'static str,
    engine_error_code: Option<&'static str>,
) -> Reply {
    Reply::ok(connection.writer().json(&SlimAnswer {
        transaction_id: id,
        decision: decision.as_str(),
        engine_mode,
        engine_error_code,
    }))
}
