//! Which connection carries which request: due arrivals go to the connection that has been free longest, wait, or are dropped.
//!
//! Each decision is told to the undisturbed run, which makes its own at the same moment.

use std::ops::Range;

use tapdeck_corpora::Record;

use super::Lane;
use crate::clock::{Clock, MonotonicClock};
use crate::replay::arrivals::Arrival;
use crate::replay::failure::FailureKind;
use crate::replay::transport::Reuse;
use crate::replay::undisturbed::Freed;

impl Lane {
    /// Gives a due arrival to a free connection, lets it wait, or drops it.
    pub(super) fn admit(&self, mut arrival: Arrival, now_ns: u64) {
        let Some(record) = self.record(&arrival) else {
            return;
        };
        if arrival.ticket.is_none() && record.session().0 != 0 {
            let recorder = &mut self.recorder.borrow_mut();
            arrival.ticket = self.visitors.borrow_mut().admit(&arrival, recorder);
        }
        self.recorder
            .borrow_mut()
            .planned(&arrival, record.endpoint());
        let free = self.idle.borrow_mut().pop_front();
        if let Some(desk_idx) = free {
            self.deal(desk_idx, &arrival, now_ns);
            self.desks[desk_idx].assign(arrival);
        } else if let Some(why) = self.down.get() {
            self.drop_arrival(&arrival, &record, now_ns, why);
        } else if self.waiting.borrow().len() + self.in_flight.count()
            >= self.settings.in_flight_cap
        {
            self.drop_arrival(&arrival, &record, now_ns, FailureKind::InFlightCap);
        } else {
            self.waiting.borrow_mut().push_back(arrival);
        }
    }

    /// Gives a connection that has just come free its next arrival, or lists it as idle.
    pub(in crate::replay) fn next_job(&self, desk_idx: usize, freed: Freed) -> Option<Arrival> {
        self.desks[desk_idx].free_at_ns.set(freed.at_ns);
        self.release(freed.noticed_ns);
        self.undisturbed.borrow_mut().freed(freed.undisturbed_ns);
        let job = self.waiting.borrow_mut().pop_front();
        if let Some(arrival) = &job {
            self.deal(desk_idx, arrival, freed.noticed_ns);
        } else {
            self.list_as_idle(desk_idx, freed.at_ns);
        }
        job
    }

    /// Lists a connection among the free ones, behind those that came free before it.
    fn list_as_idle(&self, desk_idx: usize, free_at_ns: u64) {
        let mut idle = self.idle.borrow_mut();
        // Answers are mostly read in the order of their arrival, so this is nearly always the end.
        let later = |&&other: &&usize| self.desks[other].free_at_ns.get() > free_at_ns;
        let place = idle.len() - idle.iter().rev().take_while(later).count();
        idle.insert(place, desk_idx);
        if idle.len() == 1 {
            // The pacer does not watch the schedule while nobody could send; now somebody can.
            self.nudge();
        }
    }

    /// Takes back an arrival whose connection closed before anything of it was written. One that had a connection of its
    /// own does not get another: at a target that closes all of them it would never end.
    pub(in crate::replay) fn give_back(&self, arrival: Arrival) {
        if self.settings.keeping.reuse == Reuse::Never {
            let why = || "its connection was closed before anything was written".to_owned();
            let now_ns = MonotonicClock.now_ns();
            self.unreachable(&arrival, now_ns, FailureKind::Connect, why);
            return;
        }
        let free = self.idle.borrow_mut().pop_front();
        match free {
            Some(desk_idx) => {
                self.deal(desk_idx, &arrival, MonotonicClock.now_ns());
                self.desks[desk_idx].assign(arrival);
            }
            None => self.waiting.borrow_mut().push_front(arrival),
        }
    }

    /// Gives a connection's desks nothing more to do.
    pub(in crate::replay) fn retire(&self, desks: &Range<usize>) {
        let mut idle = self.idle.borrow_mut();
        let mut undisturbed = self.undisturbed.borrow_mut();
        while let Some(rank) = idle.iter().position(|idle| desks.contains(idle)) {
            idle.remove(rank);
            undisturbed.closed(rank);
        }
    }

    /// Tells the undisturbed run that a free connection takes a request.
    fn deal(&self, desk_idx: usize, arrival: &Arrival, now_ns: u64) {
        let desk = &self.desks[desk_idx];
        let intended_ns = arrival.intended_ns;
        let ready_ns = intended_ns.max(desk.free_at_ns.get());
        let mut undisturbed = self.undisturbed.borrow_mut();
        let sent_ns = undisturbed.send(intended_ns, ready_ns, now_ns);
        desk.undisturbed_sent_ns.set(sent_ns);
    }

    pub(super) fn drop_arrival(
        &self,
        arrival: &Arrival,
        record: &Record<'_>,
        now_ns: u64,
        why: FailureKind,
    ) {
        self.never_sent(arrival, record, now_ns, Some(why));
        if !arrival.ticket.is_none() {
            let recorder = &mut self.recorder.borrow_mut();
            let mut visitors = self.visitors.borrow_mut();
            visitors.turned_away(arrival.ticket, now_ns, recorder);
        }
    }

    /// Records a request that is given up unsent: dropped for a reason, or left over at the end.
    pub(super) fn never_sent(
        &self,
        arrival: &Arrival,
        record: &Record<'_>,
        now_ns: u64,
        why: Option<FailureKind>,
    ) {
        let is_withheld = matches!(why, None | Some(FailureKind::InFlightCap)) && {
            let undisturbed = self.undisturbed.borrow();
            undisturbed.would_have_left(arrival.intended_ns, self.window.epoch_ns, now_ns)
        };
        let mut recorder = self.recorder.borrow_mut();
        recorder.never_sent(arrival, record, now_ns, why);
        if is_withheld {
            recorder.withheld(arrival);
        }
    }
}
