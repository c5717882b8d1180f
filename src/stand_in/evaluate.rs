//! The two evaluation paths, from the request's body to the instant its answer leaves.
//!
//! Refused requests are answered at once and meet no fault. All others draw a fate and a delay from their connection, in
//! the order in which they arrive there.

use http::{HeaderMap, HeaderName};
use hyper::body::Incoming;

use super::authorization;
use super::body::{BodyError, read_json};
use super::connection::{Broken, Connection};
use super::faults::Fate;
use super::monitoring::{FullEvaluation, Trouble};
use super::outcome::{Outcome, settle};
use super::reply::{Refusal, Reply};
use super::rules::{Decision, Transaction};
use crate::clock::{Clock, MonotonicClock};

/// Which of the two paths a request came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evaluation {
    /// Decides whether to approve; the first matching rule settles it.
    Auth,
    /// Looks at a decision already taken; all matching rules are reported.
    Monitoring,
}

impl Evaluation {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "AUTH",
            Self::Monitoring => "MONITORING",
        }
    }

    pub(super) fn ruleset_key(self) -> &'static str {
        match self {
            Self::Auth => "CARD_AUTH",
            Self::Monitoring => "CARD_MONITORING",
        }
    }
}

/// A request that is well-formed and about to be evaluated.
pub(super) struct Arrival<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    /// The caller's own decision; an approval on the authorization path, where callers have none yet.
    pub(super) decision: Decision,
    pub(super) arrived_ns: u64,
    /// The id to answer with, which a fault may have made a wrong one.
    pub(super) answered_id: Option<&'a str>,
}

/// Serves one request of an evaluation path.
///
/// Errors: `Broken` where the fault plan, or the client, ends the connection instead of an answer.
pub(super) async fn evaluate(
    connection: &Connection,
    evaluation: Evaluation,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Reply, Broken> {
    let arrived_ns = MonotonicClock.now_ns();
    let body = match read_json(headers, body).await {
        Ok(body) => body,
        Err(BodyError::Refused(refusal)) => return Ok(connection.refuse(refusal)),
        Err(BodyError::Cut) => return Err(Broken),
    };
    // All the work is done in one go between two waits, so that the future, which is moved about, stays small.
    match conclude(connection, evaluation, &body, arrived_ns) {
        Ok(outcome) => outcome.take_effect().await,
        Err(refusal) => Ok(connection.refuse(refusal)),
    }
}

/// Settles what becomes of a request.
///
/// Errors: a refusal, if the request is not well-formed; it then meets no fault.
fn conclude<'a>(
    connection: &'a Connection,
    evaluation: Evaluation,
    body: &[u8],
    arrived_ns: u64,
) -> Result<Outcome<'a, Reply>, Refusal> {
    let transaction = parse(body)?;
    let Some(decision) = caller_decision(evaluation, &transaction) else {
        let message = "decision must be APPROVE or DECLINE".to_owned();
        return Err(Refusal::Invalid(message));
    };
    let engine = connection.engine();
    if let Some(id) = transaction.id() {
        engine.ids.note(evaluation.as_str(), id);
    }
    Ok(settle(connection, arrived_ns, |fate| {
        if fate == Fate::Answer && body.is_empty() {
            // The engine cannot evaluate nothing, and fails.
            return authorization::fail_open(connection, None);
        }
        let wrong_id = (fate == Fate::WrongId).then(|| wrong_id(transaction.id()));
        let arrival = Arrival {
            transaction: &transaction,
            decision,
            arrived_ns,
            answered_id: wrong_id.as_deref().or_else(|| transaction.id()),
        };
        answer(connection, evaluation, fate, &arrival)
    }))
}

/// Reads a transaction; an empty body is one without members.
fn parse(body: &[u8]) -> Result<Transaction<'_>, Refusal> {
    if body.is_empty() {
        return Ok(Transaction::default());
    }
    // Checking the whole body at once is cheaper than checking every text in it.
    let text = str::from_utf8(body).map_err(|reason| invalid(&reason))?;
    Transaction::parse(text).map_err(|reason| invalid(&reason))
}

fn invalid(reason: &dyn std::error::Error) -> Refusal {
    Refusal::Invalid(format!("the body is not a transaction: {reason}"))
}

fn caller_decision(evaluation: Evaluation, transaction: &Transaction<'_>) -> Option<Decision> {
    match evaluation {
        Evaluation::Auth => Some(Decision::Approve),
        Evaluation::Monitoring => Decision::from_caller(transaction.decision()?),
    }
}

fn answer(
    connection: &Connection,
    evaluation: Evaluation,
    fate: Fate,
    arrival: &Arrival<'_>,
) -> Reply {
    let full = FullEvaluation {
        connection,
        evaluation,
        arrival,
    };
    match (fate, evaluation) {
        (Fate::Shed, _) => {
            let reply = full.without_rules(Trouble::LoadShed);
            reply.with(HeaderName::from_static("x-load-shed"), "true")
        }
        (Fate::FailOpen, Evaluation::Auth) => {
            authorization::fail_open(connection, arrival.answered_id)
        }
        (Fate::FailOpen, Evaluation::Monitoring) => full.without_rules(Trouble::Failure),
        (_, Evaluation::Auth) => authorization::evaluate(connection, arrival),
        (_, Evaluation::Monitoring) => full.with_rules(),
    }
}

/// Gives an id that looks like the right one but is not.
fn wrong_id(id: Option<&str>) -> String {
    let mut wrong = id.unwrap_or_default().to_owned();
    let last = wrong.pop();
    wrong.push(if last == Some('0') { '1' } else { '0' });
    wrong
}

#[cfg(test)]
mod tests {
    use super::wrong_id;

    #[test]
    fn wrong_ids_differ_in_one_character() {
        for (id, wrong) in [
            (Some("t-7"), "t-0"),
            (Some("t-0"), "t-1"),
            (Some("é"), "0"),
            (Some(""), "0"),
            (None, "0"),
        ] {
            assert_eq!(wrong_id(id), wrong);
        }
    }
}
