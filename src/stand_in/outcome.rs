//! What becomes of a well-formed request, and when: the faults and delays that every role of a stand-in has.

use std::future::pending;

use super::connection::{Breakage, Broken, Connection};
use super::engine::Admission;
use super::faults::Fate;

/// What becomes of a request, and when.
pub(super) struct Outcome<'a, R> {
    connection: &'a Connection,
    arrived_ns: u64,
    release_ns: u64,
    ending: Ending<R>,
    /// Held until the request has ended, one way or another.
    _admission: Option<Admission<'a>>,
}

/// How a request ends.
enum Ending<R> {
    Reply(R),
    Breakage(Breakage),
    /// Not at all.
    Silence,
}

/// Draws the fate and the delay of a request that arrived; `answer` makes the reply of a fate that has one.
pub(super) fn settle<R>(
    connection: &Connection,
    arrived_ns: u64,
    answer: impl FnOnce(Fate) -> R,
) -> Outcome<'_, R> {
    let admission = connection.engine().admit();
    let fate = match admission {
        Some(_) => connection.next_fate(),
        None => Fate::Shed,
    };
    connection.count_fate(fate);
    let ending = match fate {
        Fate::Hang => Ending::Silence,
        Fate::Reset => Ending::Breakage(Breakage::Reset),
        Fate::Garbage => Ending::Breakage(Breakage::Garbage),
        Fate::Answer | Fate::Shed | Fate::FailOpen | Fate::WrongId => Ending::Reply(answer(fate)),
    };
    Outcome {
        connection,
        arrived_ns,
        release_ns: connection.release_ns(arrived_ns),
        ending,
        _admission: admission,
    }
}

impl<R> Outcome<'_, R> {
    /// Waits until the answer may leave.
    ///
    /// Errors: `Broken` where the fault plan ends the connection instead.
    pub(super) async fn take_effect(self) -> Result<R, Broken> {
        if self.release_ns > self.arrived_ns {
            self.connection.wait_until(self.release_ns).await;
        }
        match self.ending {
            Ending::Reply(reply) => Ok(reply),
            Ending::Breakage(breakage) => Err(self.connection.end_with(breakage)),
            Ending::Silence => pending().await,
        }
    }
}
