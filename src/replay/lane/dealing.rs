//! Which connection carries which request: due arrivals go to the connection that has been free longest, wait, or are dropped.
//!
//! Each decision is told to the undisturbed run, which makes its own at the same moment.

use std::ops::Range;

use tapdeck_corpora::Record;

use super::Lane;
use crate::clock::{Clock, MonotonicClock};
use crate::replay::arrivals::Arrival;
use crate::replay::failure::FailureKind;
use crate::replay::recorder::Recorder;
use crate::replay::transport::Reuse;
use crate::replay::undisturbed::{End, Freed, FreedBy, UndisturbedRun};

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
            self.deal(desk_idx, &arrival);
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

    /// Notes that a connection is there, or a stream on one. Those that were opened before the run have been free since it
    /// began, however late the lane comes to use them.
    pub(in crate::replay) fn came_up(&self, desk_idx: usize) -> Freed {
        let now_ns = MonotonicClock.now_ns();
        if self.desks[desk_idx].was_up.replace(true) {
            Freed::opened(now_ns)
        } else {
            Freed::opened_before(self.window.epoch_ns.min(now_ns), now_ns)
        }
    }

    /// Gives a connection that has just come free its next arrival, or lists it as idle.
    pub(in crate::replay) fn next_job(&self, desk_idx: usize, freed: Freed) -> Option<Arrival> {
        self.desks[desk_idx].free_at_ns.set(freed.at_ns);
        self.release(freed.noticed_ns);
        if freed.by == FreedBy::Opening {
            self.undisturbed(|run, recorder| run.opened(freed.at_ns, |it| recorder.accounted(it)));
        }
        let job = self.waiting.borrow_mut().pop_front();
        if let Some(arrival) = &job {
            self.deal(desk_idx, arrival);
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
    pub(in crate::replay) fn give_back(&self, desk_idx: usize, arrival: Arrival) {
        self.take_back(desk_idx);
        if self.settings.keeping.reuse == Reuse::Never {
            let why = || "its connection was closed before anything was written".to_owned();
            let now_ns = MonotonicClock.now_ns();
            self.unreachable(&arrival, now_ns, FailureKind::Connect, why);
            return;
        }
        let free = self.idle.borrow_mut().pop_front();
        match free {
            Some(desk_idx) => {
                self.deal(desk_idx, &arrival);
                self.desks[desk_idx].assign(arrival);
            }
            None => self.waiting.borrow_mut().push_front(arrival),
        }
    }

    /// Gives a connection's desks nothing more to do.
    pub(in crate::replay) fn retire(&self, desks: &Range<usize>) {
        let mut idle = self.idle.borrow_mut();
        let before = idle.len();
        idle.retain(|idle| !desks.contains(idle));
        for _ in idle.len()..before {
            self.let_go();
        }
    }

    /// Notes that a connection that has come free takes no more requests.
    pub(in crate::replay) fn let_go(&self) {
        self.undisturbed(|run, recorder| run.closed(|it| recorder.accounted(it)));
    }

    /// Tells the undisturbed run that a free connection takes a request.
    fn deal(&self, desk_idx: usize, arrival: &Arrival) {
        let intended_ns = arrival.intended_ns;
        let dealt =
            self.undisturbed(|run, recorder| run.deal(intended_ns, |it| recorder.accounted(it)));
        let desk = &self.desks[desk_idx];
        desk.dealt.set(dealt);
        desk.opening_ns.set(0);
    }

    /// Tells the undisturbed run that the request dealt to a connection last was never sent on it.
    pub(in crate::replay) fn take_back(&self, desk_idx: usize) {
        let dealt = self.desks[desk_idx].dealt.get();
        self.undisturbed(|run, recorder| run.taken_back(dealt, |it| recorder.accounted(it)));
    }

    /// Tells the undisturbed run how the request dealt to a connection last has ended.
    pub(in crate::replay) fn ended(&self, desk_idx: usize, end: End) {
        let desk = &self.desks[desk_idx];
        let (dealt, opening) = (desk.dealt.get(), desk.opening_ns.get());
        let end = End { opening, ..end };
        self.undisturbed(|run, recorder| run.ended(dealt, end, |it| recorder.accounted(it)));
    }

    /// Lets the undisturbed run make a step, and records what is known of requests by that.
    fn undisturbed<T>(&self, step: impl FnOnce(&mut UndisturbedRun, &mut Recorder) -> T) -> T {
        let recorder = &mut *self.recorder.borrow_mut();
        let run = &mut *self.undisturbed.borrow_mut();
        step(run, recorder)
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
        let is_late = || {
            let undisturbed = self.undisturbed.borrow();
            undisturbed.would_have_left(arrival.intended_ns, self.window.epoch_ns, now_ns)
        };
        let is_withheld = match why {
            None => is_late(),
            Some(FailureKind::InFlightCap) => {
                self.undisturbed.borrow().is_the_bottleneck_ours() || is_late()
            }
            Some(_) => false,
        };
        let mut recorder = self.recorder.borrow_mut();
        recorder.never_sent(arrival, record, now_ns, why);
        if is_withheld {
            recorder.withheld(arrival, record.endpoint());
        }
    }
}
