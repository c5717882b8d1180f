//! The numbers that campaigns are made of: counts, delays and refusals.

use crate::dist;
use crate::event_time::{MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND};
use crate::numeric::round_half_up;
use crate::seed::Stream;
use crate::transaction::AnswerCode;

/// A count that is at least so large, with an exponential rest on top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) least: u64,
    pub(super) mean_more: f64,
}

impl Count {
    pub(super) fn draw(self, stream: &mut Stream) -> u64 {
        self.least + round(dist::exponential(stream, self.mean_more))
    }
}

/// A delay that is at least so long, with an exponential rest on top.
///
/// Units: milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delay {
    least: f64,
    mean_more: f64,
}

impl Delay {
    pub(super) const fn seconds(least: f64, mean_more: f64) -> Self {
        Self::of(MS_PER_SECOND, least, mean_more)
    }

    pub(super) const fn minutes(least: f64, mean_more: f64) -> Self {
        Self::of(MS_PER_MINUTE, least, mean_more)
    }

    pub(super) const fn days(least: f64, mean_more: f64) -> Self {
        Self::of(MS_PER_DAY, least, mean_more)
    }

    const fn of(unit_ms: i64, least: f64, mean_more: f64) -> Self {
        Self {
            least: least * unit_ms as f64,
            mean_more: mean_more * unit_ms as f64,
        }
    }

    /// Gives the same story told in a fraction of the time.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            least: self.least * factor,
            mean_more: self.mean_more * factor,
        }
    }

    pub(super) fn draw(self, stream: &mut Stream) -> u64 {
        round(self.least + dist::exponential(stream, self.mean_more))
    }
}

/// How much is refused, and with which codes (ISO 8583 data element 39), each as often as it is named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusals {
    pub(super) share: f64,
    pub(super) codes: &'static [[u8; 2]],
}

impl Refusals {
    pub(super) fn answer(&self, stream: &mut Stream) -> AnswerCode {
        let is_refused = dist::chance(stream, self.share);
        let code = *dist::pick(stream, self.codes);
        if is_refused {
            AnswerCode(code)
        } else {
            AnswerCode::APPROVED
        }
    }
}

/// Draws an integer, both ends included.
pub(super) fn between((least, most): (u64, u64), stream: &mut Stream) -> u64 {
    least + dist::below(stream, most - least + 1)
}

/// Draws a number, uniformly.
pub(super) fn within((least, most): (f64, f64), stream: &mut Stream) -> f64 {
    least + (most - least) * dist::unit(stream)
}

/// Draws a time in milliseconds, uniformly within a range of hours.
pub(super) fn hours(range: (f64, f64), stream: &mut Stream) -> u64 {
    round(within(range, stream) * MS_PER_HOUR as f64)
}

/// Rounds what is not negative.
pub(super) fn round(value: f64) -> u64 {
    round_half_up(value).unsigned_abs()
}
