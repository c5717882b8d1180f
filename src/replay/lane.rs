//! A lane: one thread that deals its share of the arrivals to its own connections.
//!
//! Everything in here belongs to one thread; connections are tasks on that thread's runtime and reach the lane through
//! an `Rc`. An arrival goes to the connection that has been free longest; if none is free it waits, and past the
//! in-flight cap it is dropped. Arrivals are released lazily, at completions as well as by the pacer: between two
//! completions no connection comes free, so releasing late changes nothing about who waits for whom.

mod dealing;
pub mod desk;
mod house;
pub mod run;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use http::{HeaderMap, Request, Uri};
use tapdeck_corpora::Record;

use super::arrivals::{Arrival, Arrivals, Next, Window};
use super::connection::End;
use super::endpoint::{LaneEndpoint, RequestError};
use super::failure::FailureKind;
use super::judge::{HeadJudgment, Judgment, Sent};
use super::outcome::{Ending, Outcome};
use super::payload::{LaneTape, PayloadBody, record_at};
use super::recorder::Recorder;
use super::session::Given;
use super::stamp::{Salt, Stamps, TimeOfDay};
use super::token::TokenFeed;
use super::transport::arrival_clock::ArrivalClock;
use super::transport::connector::Connector;
use super::transport::{Keeping, Target};
use super::undisturbed::UndisturbedRun;
use super::visitors::Visitors;
use crate::clock::wall_now_s;
use crate::mask;
use desk::{Desk, InFlight};

/// How soon to look again when the next record's block has not been checked yet.
const UNCHECKED_RETRY_NS: u64 = 200_000;

/// How exactly timeouts are kept, nanoseconds.
pub(super) const ALARM_RESOLUTION_NS: u64 = 10_000_000;

/// Settings of a lane that do not change during a run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to send.
    pub target: Target,
    /// How connections are kept.
    pub keeping: Keeping,
    /// Longest wait for a whole answer, nanoseconds from the write call.
    pub timeout_ns: u64,
    /// Most requests waiting or in flight on this lane.
    pub in_flight_cap: usize,
    /// Makes ids unique to this run.
    pub nonce: u64,
    /// The token that requests carry; without one, headers that would hold it are left out.
    pub token: Option<TokenFeed>,
}

/// The lane's state.
#[derive(Debug)]
pub struct Lane {
    pub(super) settings: Settings,
    pub(super) connector: Rc<Connector>,
    pub(super) tape: LaneTape,
    pub(super) endpoints: RefCell<Vec<LaneEndpoint>>,
    pub(super) recorder: RefCell<Recorder>,
    pub(super) time_of_day: RefCell<TimeOfDay>,
    pub(super) arrival_clock: ArrivalClock,
    pub(super) desks: Vec<Desk>,
    pub(super) in_flight: InFlight,
    window: Window,
    /// What the schedule brings; nothing in the closed model.
    arrivals: RefCell<Option<Arrivals>>,
    /// Who comes back: users, and sessions with their next step.
    visitors: RefCell<Visitors>,
    /// Due, but every connection was busy.
    waiting: RefCell<VecDeque<Arrival>>,
    /// Free connections, the one that has been free longest first.
    idle: RefCell<VecDeque<usize>>,
    /// What a lane without lag would do.
    undisturbed: RefCell<UndisturbedRun>,
    /// Open connections.
    open: Cell<usize>,
    /// Why the last attempt to open a connection failed, while none is open.
    down: Cell<Option<FailureKind>>,
    /// In-flight requests are being abandoned.
    cutting: Cell<bool>,
    nudged: Cell<bool>,
    pacer: RefCell<Option<Waker>>,
    /// Until when the pacer means to wait, nanoseconds on the monotonic clock.
    waits_until_ns: Cell<u64>,
    /// When the lane last looked at the kernel: came back from waiting, or from reading an answer.
    looked_ns: Cell<u64>,
}

impl Lane {
    /// Gives the salt for the ids of an arrival: another one for each pass over the tape, and for each repetition of a
    /// step.
    #[inline]
    pub(super) fn salt(&self, arrival: &Arrival) -> Salt {
        let nonce = self.settings.nonce;
        if arrival.ticket.is_none() {
            return Salt::new(nonce, arrival.pass);
        }
        let item = self.visitors.borrow().item(arrival.ticket);
        Salt::new(nonce.wrapping_add(u64::from(item) << 32), arrival.pass)
    }

    /// Looks up an arrival's record; `None` cannot happen for an arrival, whose block was checked before it was made.
    #[inline]
    pub(super) fn record(&self, arrival: &Arrival) -> Option<Record<'_>> {
        record_at(&self.tape, arrival.place)
    }

    /// Deals out everything that is due and gives the time of the next arrival; `None` when the schedule has ended.
    pub(super) fn release(&self, now_ns: u64) -> Option<u64> {
        loop {
            let scheduled = match &mut *self.arrivals.borrow_mut() {
                Some(arrivals) => arrivals.peek(),
                None => Next::End,
            };
            let returning = self.returning();
            let Some(arrival) = scheduled.earlier(returning).due(now_ns) else {
                let look_again = |next: Next| match next {
                    Next::Arrival(arrival) => Some(arrival.intended_ns),
                    Next::Unchecked(_) => Some(now_ns + UNCHECKED_RETRY_NS),
                    Next::End => None,
                };
                let times = [scheduled, returning].into_iter().filter_map(look_again);
                return times.min();
            };
            self.take(&arrival);
            self.admit(arrival, now_ns);
        }
    }

    /// Gives the visitor that comes back next.
    #[inline]
    fn returning(&self) -> Next {
        let mut visitors = self.visitors.borrow_mut();
        if visitors.nobody_due() {
            return Next::End;
        }
        visitors.peek(&mut self.recorder.borrow_mut())
    }

    /// Takes an arrival from where it came.
    fn take(&self, arrival: &Arrival) {
        if !arrival.ticket.is_none() {
            let recorder = &mut self.recorder.borrow_mut();
            self.visitors.borrow_mut().take(arrival, recorder);
        } else if let Some(arrivals) = &mut *self.arrivals.borrow_mut() {
            arrivals.take();
        }
    }

    /// Ends the run early: nothing more is begun.
    fn end(&self) {
        if let Some(arrivals) = &mut *self.arrivals.borrow_mut() {
            arrivals.end();
        }
        let recorder = &mut self.recorder.borrow_mut();
        self.visitors.borrow_mut().end(recorder);
    }

    /// Records a finished exchange.
    pub(super) fn finished(&self, outcome: &Outcome) {
        if let Ending::Completed { .. } = outcome.ending {
            self.looked(outcome.instants.ended_ns, outcome.instants.read_ns);
        }
        if let Some(record) = self.record(&outcome.arrival) {
            self.recorder.borrow_mut().exchanged(outcome, &record);
        }
        let ticket = outcome.arrival.ticket;
        if ticket.is_none() {
            return;
        }
        let is_good =
            matches!(outcome.ending, Ending::Completed { judgment, .. } if judgment.is_good());
        let due_ns = self.visitors.borrow_mut().came_back(
            ticket,
            is_good,
            outcome.instants.ended_ns,
            &mut self.recorder.borrow_mut(),
        );
        if due_ns.is_some_and(|due_ns| due_ns < self.waits_until_ns.get()) {
            self.nudge();
        }
    }

    /// Builds the request of an arrival.
    pub(super) fn request(
        &self,
        arrival: &Arrival,
        record: &Record<'_>,
        stamps: Stamps,
        headers: HeaderMap,
    ) -> Result<Request<PayloadBody>, RequestError> {
        let endpoint = &mut self.endpoints.borrow_mut()[record.endpoint()];
        let ticket = arrival.ticket;
        if ticket.is_none() {
            return endpoint.request(&self.tape, arrival.place, record, stamps, headers);
        }
        let visitors = self.visitors.borrow();
        if !visitors.is_in_session(ticket) {
            return endpoint.request(&self.tape, arrival.place, record, stamps, headers);
        }
        let now_s = wall_now_s();
        let cookies = |path: &str| visitors.cookies(ticket, path, now_s);
        // A step is only taken once it has all its values.
        let root = Uri::default();
        let nothing = Given {
            text: "",
            base: &root,
        };
        let value = |variable| visitors.value(ticket, variable).unwrap_or(nothing);
        let request = endpoint.step_request(record, stamps, headers, cookies, value)?;
        drop(visitors);
        let to = request.uri().clone();
        self.visitors.borrow_mut().note_sent(ticket, to);
        Ok(request)
    }

    /// Judges the body of an answer, in the light of what the session knows that it belongs to.
    pub(super) fn judge(
        &self,
        arrival: &Arrival,
        head: HeadJudgment,
        body: &[u8],
        record: &Record<'_>,
        stamps: &Stamps,
    ) -> Judgment {
        let judge = &self.endpoints.borrow()[record.endpoint()].judge;
        let sent = Sent { record, stamps };
        if arrival.ticket.is_none() {
            return judge.body(head, body, &sent, |_| None);
        }
        let visitors = self.visitors.borrow();
        judge.body(head, body, &sent, |variable| {
            let value = visitors.value(arrival.ticket, variable);
            value.map(|value| value.text)
        })
    }

    /// Lets whoever waits for an answer see its head.
    pub(super) fn note_head(&self, arrival: &Arrival, headers: &HeaderMap) {
        if !arrival.ticket.is_none() {
            let recorder = &mut self.recorder.borrow_mut();
            let mut visitors = self.visitors.borrow_mut();
            visitors.note_head(arrival.ticket, headers, wall_now_s(), recorder);
        }
    }

    /// Lets whoever waits for an answer see its body.
    pub(super) fn note_body(&self, arrival: &Arrival, body: &[u8]) {
        if !arrival.ticket.is_none() {
            let recorder = &mut self.recorder.borrow_mut();
            let mut visitors = self.visitors.borrow_mut();
            visitors.note_body(arrival.ticket, body, recorder);
        }
    }

    /// Gives the beginning of an answer for people to read, without secrets of whoever waits for it.
    pub(super) fn excerpt(&self, arrival: &Arrival, body: &[u8]) -> String {
        if arrival.ticket.is_none() {
            return mask::excerpt(body);
        }
        self.visitors.borrow().excerpt(arrival.ticket, body)
    }

    /// Notes that a connection is open.
    pub(super) fn opened(&self) {
        self.open.set(self.open.get() + 1);
        self.down.set(None);
    }

    /// Notes that the lane looked at the kernel, for something that was there to be seen from an instant on.
    ///
    /// The time from the later of that instant and the last look until now is time in which work was due and not done.
    fn looked(&self, due_ns: u64, now_ns: u64) {
        let last_ns = self.looked_ns.get();
        self.looked_ns.set(last_ns.max(now_ns));
        let from_ns = due_ns.max(last_ns).max(self.window.measure_from_ns);
        let to_ns = now_ns.min(self.window.measure_to_ns);
        if let Some(stalled_ns) = to_ns.checked_sub(from_ns) {
            self.recorder.borrow_mut().stalled(stalled_ns);
        }
    }

    /// Notes that a connection has closed.
    pub(super) fn closed(&self, end: &End) {
        self.open.set(self.open.get() - 1);
        let mut openings = self.connector.openings.borrow_mut();
        match end {
            End::Lost | End::Unanswered | End::Unused(..) => openings.lost += 1,
            End::Aged => openings.aged += 1,
        }
    }

    /// Tells whether a connection is free.
    pub(super) fn is_idle(&self, desk_idx: usize) -> bool {
        self.idle.borrow().contains(&desk_idx)
    }

    /// Drops an arrival for which no connection could be opened.
    pub(super) fn unreachable(
        &self,
        arrival: &Arrival,
        now_ns: u64,
        why: FailureKind,
        describe: impl FnOnce() -> String,
    ) {
        self.recorder.borrow_mut().sample(why, describe);
        if let Some(record) = self.record(arrival) {
            self.drop_arrival(arrival, &record, now_ns, why);
        }
    }

    /// Notes that a connection could not be opened. With none left, waiting makes no sense: what waits is dropped.
    pub(super) fn open_failed(
        &self,
        now_ns: u64,
        why: FailureKind,
        describe: impl FnOnce() -> String,
    ) {
        self.recorder.borrow_mut().sample(why, describe);
        if self.open.get() > 0 {
            return;
        }
        self.down.set(Some(why));
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for arrival in waiting {
            if let Some(record) = self.record(&arrival) {
                self.drop_arrival(&arrival, &record, now_ns, why);
            }
        }
    }

    /// Tells whether in-flight requests are being abandoned because the run ends.
    pub(super) fn is_cutting(&self) -> bool {
        self.cutting.get()
    }

    fn has_idle(&self) -> bool {
        !self.idle.borrow().is_empty()
    }

    fn nudge(&self) {
        self.nudged.set(true);
        if let Some(pacer) = &*self.pacer.borrow() {
            pacer.wake_by_ref();
        }
    }
}
