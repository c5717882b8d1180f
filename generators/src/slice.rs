//! Slices: a short stretch of the life of a population so large that its own tempo offers the rate asked for.
//!
//! Where a tape of whole lives is replayed faster than life, every card is busier than any card can be. A slice is
//! replayed at the tempo of life: its cards come from hundreds of millions, so they recur as rarely as in life, while
//! outings, retries and fraud keep their tempo. Its cost follows its transactions. Nobody is drawn who does nothing: the
//! errands of a district are drawn first, each then finds a card in proportion to how often its holder runs errands
//! (`district`), and only those cards' holders are told (`teller`), by the same rooms that tell whole lives.
//!
//! Invariants: a function of (seed, options); everything is in balance from the first second on. Outings that began
//! before, retries, refunds, trips and campaigns of fraud are there as at any other time.

mod district;
mod plan;
mod sieve;
mod teller;
mod tempo;
mod window;

use self::plan::CARDS_END;
pub(crate) use self::plan::Plan;
use self::window::PAST_DAYS;
pub(crate) use self::window::Window;
use crate::error::Error;
use crate::event_time::{EventTime, MS_PER_DAY, MS_PER_SECOND};
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::requests::RequestMix;
use crate::world::{Span, World};

/// Shortest and longest slice, in milliseconds.
const SPANS_MS: (u64, u64) = (MS_PER_SECOND.unsigned_abs(), MS_PER_DAY.unsigned_abs());

/// A slice of a population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// Requests per second of event time.
    pub natural_rate: f64,
    /// Length in milliseconds of event time.
    pub span_ms: u64,
    /// When it begins.
    pub at: EventTime,
}

impl Slice {
    /// Checks every option on its own.
    ///
    /// Errors: `Option` names the first one that is out of range.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if !(self.natural_rate.is_finite() && self.natural_rate > 0.0) {
            let expected = "requests per second, above 0".to_owned();
            return Err(refusal("natural rate", &self.natural_rate, expected));
        }
        let (least, most) = SPANS_MS;
        if !(least..=most).contains(&self.span_ms) {
            let found = format!("{} s", self.span_ms as f64 / 1e3);
            return Err(refusal("span", &found, "1 s to 24 h".to_owned()));
        }
        self.world_start().map(|_| ())
    }

    /// Gives the start of the world that the slice is cut from.
    ///
    /// Errors: `Option` if the calendar does not reach so far.
    fn world_start(&self) -> Result<EventTime, Error> {
        let past_ms = i64::from(PAST_DAYS) * MS_PER_DAY;
        let start = EventTime::from_unix_ms(self.at.unix_ms() - past_ms);
        let end = EventTime::from_unix_ms(self.at.unix_ms() + MS_PER_DAY);
        start.filter(|_| end.is_some()).ok_or_else(|| {
            let expected = "an instant from 1970-01-15 to the end of the year 9999".to_owned();
            refusal("at", &self.at, expected)
        })
    }

    /// Gives the stretch of event time that the world covers.
    ///
    /// Errors: `Option` if the calendar does not reach so far.
    pub(crate) fn world_span(&self) -> Result<Span, Error> {
        Ok(Span {
            start: self.world_start()?,
            days: PAST_DAYS + 1,
        })
    }

    /// Checks the number of cards that offer the rate.
    fn check_cards(&self, cards: f64) -> Result<(), Error> {
        if cards < CARDS_END {
            return Ok(());
        }
        let most = round_half_up(self.natural_rate * CARDS_END / cards);
        let expected =
            format!("less than about {most} requests per second, which 2^31 cards offer");
        Err(refusal("natural rate", &self.natural_rate, expected))
    }

    /// Gives about how many requests it holds.
    pub(crate) fn expected_requests(&self) -> u64 {
        round_half_up(self.natural_rate * self.span_ms as f64 / 1e3).unsigned_abs()
    }

    /// Founds the world it is cut from, and plans it.
    ///
    /// Errors: `Option` if the population would be too large.
    pub(crate) fn found(
        &self,
        options: &GenerateOptions,
        mix: &RequestMix,
    ) -> Result<(World, Plan), Error> {
        Plan::new(self, options, mix)
    }

    /// Gives it as a tape records it.
    pub(crate) fn parameters(&self) -> [(&'static str, String); 4] {
        [
            ("kind", "slice".to_owned()),
            ("natural_rate", self.natural_rate.to_string()),
            ("span_s", (self.span_ms as f64 / 1e3).to_string()),
            ("at", self.at.to_string()),
        ]
    }
}

fn refusal(option: &'static str, found: &impl ToString, expected: String) -> Error {
    Error::Option {
        option,
        found: found.to_string(),
        expected,
    }
}

#[cfg(test)]
mod tests;
