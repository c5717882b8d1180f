//! The window of event time that a slice shows, and what lies just before it.

use std::ops::Range;

use crate::event_time::MS_PER_DAY;
use crate::requests::LATEST_REQUEST_MS;

/// Days that a slice's world covers before the window: trips, and what fraudsters' victims have lived through, are in
/// balance by then.
pub(super) const PAST_DAYS: u32 = 14;

/// A window; times in milliseconds from the start of its world's span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    from_ms: u64,
    to_ms: u64,
}

impl Window {
    /// Opens it for so long after the past.
    pub(super) fn new(length_ms: u64) -> Self {
        let from_ms = u64::from(PAST_DAYS) * MS_PER_DAY.unsigned_abs();
        Self {
            from_ms,
            to_ms: from_ms + length_ms,
        }
    }

    /// Gives when requests are shown.
    pub(crate) fn requests(self) -> Range<u64> {
        self.from_ms..self.to_ms
    }

    /// Gives when transactions may have a request inside.
    pub(crate) fn kept(self) -> Range<u64> {
        self.from_ms - LATEST_REQUEST_MS..self.to_ms
    }

    /// Tells whether a transaction may have a request inside.
    pub(crate) fn keeps(self, at_ms: u64) -> bool {
        self.kept().contains(&at_ms)
    }

    /// Gives when errands begin that are not under way before.
    pub(super) fn begun(self) -> Range<i64> {
        self.kept().start.cast_signed()..self.to_ms.cast_signed()
    }

    /// Gives the instant inside that lies whole windows before a later one.
    pub(super) fn wrap(self, at_ms: u64) -> u64 {
        let kept = self.kept();
        kept.start + at_ms.saturating_sub(kept.start) % (kept.end - kept.start)
    }
}
