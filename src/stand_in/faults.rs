//! How a stand-in misbehaves when told to: late, overloaded, failing open, or breaking connections.
//!
//! Two questions are kept apart. *When* an answer leaves: the delay law and the stall window. *What* leaves: the ladder of
//! shares, of which at most one applies to a request. Both are settled per connection from the seed, so the n-th evaluation
//! request of the n-th connection always meets the same fate. A new fault is one field here and one step of the ladder.

mod delay;
mod draw;
mod servers;
mod share;
mod stall;

pub use self::delay::DelayLaw;
pub use self::share::{Share, Shed};
pub use self::stall::Stall;

pub(super) use self::draw::{Fate, Fates, Ladder};
pub(super) use self::servers::Servers;

use std::num::NonZeroUsize;
use std::time::Duration;

use super::error::Error;
use crate::units;

/// Everything a stand-in does wrong on purpose; the default is nothing.
///
/// Shape: the shares are drawn from one whole, so together they may not exceed 100 %.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// How long an answer is kept back, counted from the arrival of its request, or from when a server takes it up.
    pub delay: DelayLaw,
    /// How many requests are served at a time; others wait in one queue. `None` serves all of them at once.
    pub servers: Option<NonZeroUsize>,
    /// A window in which no answer leaves.
    pub stall: Option<Stall>,
    /// Requests refused as if the engine were overloaded.
    pub shed: Shed,
    /// Requests approved (or echoed) as if the engine had failed.
    pub fail_open: Share,
    /// Requests whose connection is reset instead of answered.
    pub reset: Share,
    /// Requests answered with bytes that are not HTTP.
    pub garbage: Share,
    /// Requests answered under another transaction's id.
    pub wrong_id: Share,
    /// Requests that are never answered.
    pub hang: Share,
}

fn parse_duration(text: &str) -> Option<Duration> {
    units::parse_duration(text).ok()
}

fn setting(what: &'static str, found: &str, expected: &'static str) -> Error {
    Error::Setting {
        what,
        found: found.to_owned(),
        expected,
    }
}
