//! The walk over schedule and tape together: which record is to leave when, as far as one lane is concerned.

use std::sync::Arc;

use tapdeck_corpora::{Manifest, Tape};

use super::payload::{RecordPlace, record_at};
use super::prefetch::Progress;
use crate::schedule::{Cursor, Schedule};

/// One planned request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Intended send time, nanoseconds on the monotonic clock.
    pub intended_ns: u64,
    /// The record to send.
    pub place: RecordPlace,
    /// Which time around the tape this is.
    pub pass: u32,
    /// Whether the intended time lies in the measure phase.
    pub measured: bool,
}

/// The part of a run's time line that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Offset zero of the schedule on the monotonic clock, nanoseconds.
    pub epoch_ns: u64,
    /// Beginning of the measure phase on the monotonic clock.
    pub measure_from_ns: u64,
    /// Its end.
    pub measure_to_ns: u64,
}

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

/// What a lane finds when it asks for its next arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This one, now or later.
    Arrival(Arrival),
    /// The next record's block has not been checked yet.
    Unchecked(usize),
    /// The schedule has ended.
    End,
}

/// Gives the event time of one pass over a tape, nanoseconds: one mean gap separates the last event of a pass from the
/// first of the next.
pub fn pass_ns(manifest: &Manifest) -> u64 {
    let span_ns = manifest.event_span_ns();
    span_ns + span_ns / manifest.records.max(2).saturating_sub(1)
}

/// One lane's arrivals in order.
pub struct Arrivals {
    tape: Arc<Tape>,
    cursor: Box<dyn Cursor>,
    share: Share,
    window: Window,
    /// The record that the schedule's next arrival takes.
    place: RecordPlace,
    pass: u32,
    /// Event time of a whole pass, so that recorded times go on rising when the tape starts over.
    pass_ns: u64,
    next: Option<Arrival>,
    ended: bool,
    progress: Arc<Progress>,
}

impl Arrivals {
    /// Starts at the first arrival of a non-empty tape; reports each block it comes to.
    pub fn new(
        tape: Arc<Tape>,
        schedule: &Schedule,
        share: Share,
        window: Window,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            pass_ns: pass_ns(tape.manifest()),
            cursor: schedule.cursor(),
            tape,
            share,
            window,
            place: RecordPlace {
                block_idx: 0,
                record_idx: 0,
            },
            pass: 0,
            next: None,
            ended: false,
            progress,
        }
    }

    /// Gives the lane's next arrival without taking it.
    #[inline]
    pub fn peek(&mut self) -> Next {
        match self.next {
            Some(arrival) => Next::Arrival(arrival),
            None => self.find(),
        }
    }

    /// Takes the arrival that [`Self::peek`] gave.
    #[inline]
    pub fn take(&mut self) {
        self.next = None;
    }

    /// Ends the schedule early: nothing that is not due by now will come.
    pub fn end(&mut self) {
        self.next = None;
        self.ended = true;
    }

    /// Walks the schedule up to this lane's next arrival.
    fn find(&mut self) -> Next {
        while !self.ended {
            let Some(record) = record_at(&self.tape, self.place) else {
                return Next::Unchecked(self.place.block_idx as usize);
            };
            let first_event_ns = self.tape.manifest().first_event_ns;
            let since_start = record.event_offset_ns().saturating_sub(first_event_ns);
            let event_ns = since_start + u64::from(self.pass) * self.pass_ns;
            let Some(offset_ns) = self.cursor.next_ns(event_ns) else {
                self.ended = true;
                break;
            };
            let (place, pass) = (self.place, self.pass);
            let is_mine = self.share.has(record.affinity());
            self.step();
            if is_mine {
                let intended_ns = self.window.epoch_ns + offset_ns;
                let arrival = Arrival {
                    intended_ns,
                    place,
                    pass,
                    measured: (self.window.measure_from_ns..self.window.measure_to_ns)
                        .contains(&intended_ns),
                };
                self.next = Some(arrival);
                return Next::Arrival(arrival);
            }
        }
        Next::End
    }

    /// Moves on to the next record, over block ends and, at the tape's end, back to its start.
    #[inline]
    fn step(&mut self) {
        self.place.record_idx += 1;
        let entry = &self.tape.directory()[self.place.block_idx as usize];
        if u64::from(self.place.record_idx) < entry.records {
            return;
        }
        self.place.record_idx = 0;
        self.place.block_idx += 1;
        if self.place.block_idx as usize == self.tape.directory().len() {
            self.place.block_idx = 0;
            self.pass += 1;
        }
        let blocks = self.tape.directory().len() as u64;
        let block = u64::from(self.pass) * blocks + u64::from(self.place.block_idx);
        self.progress.reached(self.share.lane_idx, block);
    }
}

impl std::fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrivals")
            .field("share", &self.share)
            .field("place", &self.place)
            .field("pass", &self.pass)
            .finish_non_exhaustive()
    }
}
