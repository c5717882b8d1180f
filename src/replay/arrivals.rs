//! The walk over schedule and tape together: which record is to leave when, as far as one lane is concerned.

use super::payload::RecordPlace;
use super::visitors::Ticket;
use super::walk::{Stop, Walk, begins, pass_ns};
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
    /// Who waits for its end.
    pub ticket: Ticket,
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

impl Window {
    /// Plans a record to leave at an instant, with nobody waiting for it.
    #[inline]
    pub fn arrival(&self, stop: Stop, intended_ns: u64) -> Arrival {
        Arrival {
            intended_ns,
            place: stop.place,
            pass: stop.pass,
            measured: (self.measure_from_ns..self.measure_to_ns).contains(&intended_ns),
            ticket: Ticket::NONE,
        }
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

impl Next {
    /// Gives the arrival that comes first of two, if there is any.
    #[inline]
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        match (self, other) {
            (Self::Arrival(one), Self::Arrival(two)) if two.intended_ns < one.intended_ns => other,
            (Self::Arrival(_), _) => self,
            _ => other,
        }
    }

    /// Gives the arrival if its time has come.
    #[inline]
    pub fn due(self, now_ns: u64) -> Option<Arrival> {
        match self {
            Self::Arrival(arrival) if arrival.intended_ns <= now_ns => Some(arrival),
            _ => None,
        }
    }
}

/// One lane's arrivals in order.
pub struct Arrivals {
    walk: Walk,
    cursor: Box<dyn Cursor>,
    window: Window,
    /// Event time of a whole pass, so that recorded times go on rising when the tape starts over.
    pass_ns: u64,
    next: Option<Arrival>,
    ended: bool,
}

impl Arrivals {
    /// Starts at the first arrival of a tape.
    pub fn new(walk: Walk, schedule: &Schedule, window: Window) -> Self {
        Self {
            pass_ns: pass_ns(walk.tape().manifest()),
            cursor: schedule.cursor(),
            walk,
            window,
            next: None,
            ended: false,
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
            let (stop, record) = match self.walk.look() {
                Ok(found) => found,
                Err(block_idx) => return Next::Unchecked(block_idx),
            };
            if !begins(&record) {
                self.walk.go_on();
                continue;
            }
            let first_event_ns = self.walk.tape().manifest().first_event_ns;
            let since_start = record.event_offset_ns().saturating_sub(first_event_ns);
            let passes_ns = u64::from(stop.pass).saturating_mul(self.pass_ns);
            let event_ns = since_start.saturating_add(passes_ns);
            let Some(offset_ns) = self.cursor.next_ns(event_ns) else {
                self.ended = true;
                break;
            };
            let is_own = self.walk.is_own(&record);
            self.walk.go_on();
            if is_own {
                let arrival = self
                    .window
                    .arrival(stop, self.window.epoch_ns.saturating_add(offset_ns));
                self.next = Some(arrival);
                return Next::Arrival(arrival);
            }
        }
        Next::End
    }
}

impl std::fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrivals")
            .field("walk", &self.walk)
            .finish_non_exhaustive()
    }
}
