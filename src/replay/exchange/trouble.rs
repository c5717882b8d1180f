//! What goes wrong in an exchange: why there is no whole answer, and examples of it and of answers that failed.

use super::{Answer, Exchange};
use crate::mask;
use crate::replay::coding::Decoded;
use crate::replay::failure::{self, FailureKind};
use crate::replay::judge::Judgment;
use crate::replay::outcome::Ending;

/// Why there is no whole answer.
pub(super) enum Interruption {
    /// The request has ended.
    Ended(Ending),
    /// The connection closed before anything of it was written, so it has not begun.
    NothingWritten,
}

impl Interruption {
    pub(super) fn failed(kind: FailureKind) -> Self {
        Self::Ended(Ending::Failed(kind))
    }
}

impl Exchange<'_> {
    /// Keeps an example of an answer that failed its checks.
    pub(super) fn sample(
        &self,
        endpoint: usize,
        answer: &Answer,
        judgment: Judgment,
        body: &Decoded<'_>,
    ) {
        let describe = || {
            let status = answer.status;
            let redirect = answer.location.as_ref().map(|location| {
                let location = mask::destination(location.as_bytes());
                format!(", a redirect to {location} that was not followed")
            });
            let redirect = redirect.unwrap_or_default();
            let (remark, body) = (body.remark(), self.lane.excerpt(&self.arrival, &body.body));
            format!("status {status}{redirect}{remark}, body {body}")
        };
        self.lane
            .recorder
            .borrow_mut()
            .sample_checks(endpoint, judgment, describe);
    }

    /// Sorts a transport error and keeps an example of it, unless the request may still go elsewhere.
    pub(super) fn broken(&self, error: &hyper::Error) -> Interruption {
        let kind = FailureKind::of(error);
        let is_unwritten = self.stamps.sent_ns() == 0;
        // Over HTTP/2 a request may wait for a stream while the target takes leave.
        if is_unwritten && (error.is_canceled() || kind == FailureKind::Reset) {
            return Interruption::NothingWritten;
        }
        if let Some(limit) = failure::own_limit(error) {
            let mut openings = self.lane.connector.openings.borrow_mut();
            openings.own_limits.note(limit);
        }
        // HTTP/2 lets a target say why it leaves.
        let describe = || mask::foreign(&crate::error::chain(error));
        self.lane.recorder.borrow_mut().sample(kind, describe);
        Interruption::failed(kind)
    }
}
