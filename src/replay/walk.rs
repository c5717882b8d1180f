//! The walk of one lane over a tape: record after record, over block ends and, at the tape's end, back to its start.
//!
//! Which records are sent when is for others to say; a session's later steps belong to its first one, see [`begins`].

use std::sync::Arc;

use tapdeck_corpora::{Manifest, Record, Tape};

use super::payload::{RecordPlace, record_at};
use super::prefetch::Progress;

/// A lane's share of all cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// This lane.
    pub lane_idx: u32,
    /// All lanes.
    pub lanes: u32,
}

impl Share {
    /// Tells whether records of this affinity are this lane's. Affinities are hashes, so the shares are even.
    #[inline]
    pub fn has(self, affinity: u64) -> bool {
        let lane = (u128::from(affinity) * u128::from(self.lanes)) >> 64;
        lane == u128::from(self.lane_idx)
    }
}

/// Gives the event time of one pass over a tape, nanoseconds: one mean gap separates the last event of a pass from the
/// first of the next.
pub fn pass_ns(manifest: &Manifest) -> u64 {
    let span_ns = manifest.event_span_ns();
    span_ns.saturating_add(span_ns / manifest.records.max(2).saturating_sub(1))
}

/// Where a walk has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The record.
    pub place: RecordPlace,
    /// Which time around the tape this is.
    pub pass: u32,
}

impl Stop {
    /// The first record of the first pass.
    pub const START: Self = Self {
        place: RecordPlace {
            block_idx: 0,
            record_idx: 0,
        },
        pass: 0,
    };

    /// Gives the record that follows on the tape.
    #[inline]
    #[must_use]
    pub fn next(mut self, tape: &Tape) -> Self {
        self.place.record_idx += 1;
        let entry = &tape.directory()[self.place.block_idx as usize];
        if u64::from(self.place.record_idx) < entry.records {
            return self;
        }
        self.place.record_idx = 0;
        self.place.block_idx += 1;
        if self.place.block_idx as usize == tape.directory().len() {
            self.place.block_idx = 0;
            self.pass = self.pass.saturating_add(1);
        }
        self
    }
}

/// One lane on its way over a tape that is not empty.
#[derive(Debug)]
pub struct Walk {
    tape: Arc<Tape>,
    share: Share,
    stop: Stop,
    progress: Arc<Progress>,
}

impl Walk {
    /// Starts at the first record; reports each block it comes to.
    pub fn new(tape: Arc<Tape>, share: Share, progress: Arc<Progress>) -> Self {
        Self {
            tape,
            share,
            stop: Stop::START,
            progress,
        }
    }

    /// Gives the tape.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Looks at the record it stands at; `Err` names its block if that has not been checked yet.
    #[inline]
    pub fn look(&self) -> Result<(Stop, Record<'_>), usize> {
        let record = record_at(&self.tape, self.stop.place);
        let record = record.ok_or(self.stop.place.block_idx as usize)?;
        Ok((self.stop, record))
    }

    /// Tells whether a record is this lane's.
    #[inline]
    pub fn is_own(&self, record: &Record<'_>) -> bool {
        self.share.has(record.affinity())
    }

    /// Moves on to the next record.
    #[inline]
    pub fn go_on(&mut self) {
        self.stop = self.stop.next(&self.tape);
        if self.stop.place.record_idx == 0 {
            let blocks = self.tape.directory().len() as u64;
            let block = u64::from(self.stop.pass) * blocks + u64::from(self.stop.place.block_idx);
            self.progress.reached(self.share.lane_idx, block);
        }
    }

    /// Goes on to the next record that begins something for this lane, and passes it; `None` if the tape has none.
    pub fn next_own(&mut self) -> Result<Option<Stop>, usize> {
        for _ in 0..self.tape.record_count() {
            let (stop, record) = self.look()?;
            let is_wanted = begins(&record) && self.is_own(&record);
            self.go_on();
            if is_wanted {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }
}

/// Tells whether a record begins something: it stands alone, or is the first step of a session.
#[inline]
pub fn begins(record: &Record<'_>) -> bool {
    record.session().1 == 0
}
