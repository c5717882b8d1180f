//! What the issuer answers, whatever a fraud engine may think (ISO 8583 data element 39).

use crate::behavior::arrivals::{Channel, Errand};
use crate::dist;
use crate::seed::Stream;
use crate::transaction::AnswerCode;
use crate::world::World;

/// Share of genuine transactions refused: with the card, without it, and of standing charges.
const REFUSED_PRESENT: f64 = 0.022;
const REFUSED_ABSENT: f64 = 0.070;
const REFUSED_SUBSCRIPTION: f64 = 0.080;

/// Share of refusals, where that makes sense, after which the holder tries again, and of those that then pass.
const RETRY_SHARE: f64 = 0.35;
const RETRY_APPROVED: f64 = 0.45;

/// Time until the holder tries again, in milliseconds.
const RETRY_AFTER_MS: u64 = 20_000;
const RETRY_WITHIN_MS: u64 = 100_000;

/// An answer to a genuine transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) answer: AnswerCode,
    /// Milliseconds until the holder tries again, if at all, and what is answered then.
    pub(crate) retry: Option<(u64, AnswerCode)>,
}

/// Answers a genuine transaction.
pub(crate) fn answer(
    world: &World,
    channel: Channel,
    errand: Errand,
    stream: &mut Stream,
) -> Verdict {
    let refused_share = match (channel, errand) {
        (_, Errand::Subscription(_)) => REFUSED_SUBSCRIPTION,
        (Channel::Present, Errand::Outing(_)) => REFUSED_PRESENT,
        (Channel::Absent, Errand::Outing(_)) => REFUSED_ABSENT,
    };
    if !dist::chance(stream, refused_share) {
        return Verdict {
            answer: AnswerCode::APPROVED,
            retry: None,
        };
    }
    let (answer, may_retry) = refuse(world, channel, stream);
    let retries = dist::chance(stream, RETRY_SHARE) && may_retry;
    let retry = retries.then(|| {
        let after_ms = RETRY_AFTER_MS + dist::below(stream, RETRY_WITHIN_MS);
        if dist::chance(stream, RETRY_APPROVED) {
            (after_ms, AnswerCode::APPROVED)
        } else {
            (after_ms, refuse(world, channel, stream).0)
        }
    });
    Verdict { answer, retry }
}

/// Draws a refusal, and whether it makes sense to try again.
fn refuse(world: &World, channel: Channel, stream: &mut Stream) -> (AnswerCode, bool) {
    let refusal = &world.tables.refusals[world.choices.refusal(stream)];
    let code = match channel {
        Channel::Present => refusal.present,
        Channel::Absent => refusal.absent,
    };
    (code, refusal.retry)
}
