//! Those who come back: users of the closed model, and sessions of either model with their next step.
//!
//! Owns when each is due and what it does then; how a request is sent is not known here. A visitor that is due becomes an
//! arrival like any other, with a ticket by which its end finds back here, and the visitor goes on from there.
//!
//! Invariants: a visitor has one request at a time; nothing is begun once a user has gone or the measure phase is over.

mod course;
mod crowd;
mod lookups;
mod ticket;
mod visitor;

pub use ticket::Ticket;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use http::{HeaderMap, Uri};
use tapdeck_corpora::Tape;
use tapdeck_generators::seed::{Entity, Purpose, Seed};
use tapdeck_services::ServiceDefinition;

use self::course::{Course, Onward};
use self::crowd::Crowd;
use self::lookups::Part;
use self::visitor::{Visitor, steps};
use super::arrivals::{Arrival, Next, Window};
use super::payload::record_at;
use super::recorder::Recorder;
use super::session::{Given, Origin};
use super::transport::Target;
use super::walk::{Stop, Walk};
use crate::clock::NS_PER_S;
use crate::schedule::Users;
use crate::think;

/// How long a visitor stays away at least that was turned away, so that a target that is down does not keep the lane busy.
const RETREAT_NS: u64 = NS_PER_S / 10;

/// All visitors of a lane.
#[derive(Debug)]
pub struct Visitors {
    tape: Arc<Tape>,
    service: Arc<ServiceDefinition>,
    /// Where the target is, as cookies and URLs in its answers name it.
    origin: Origin,
    window: Window,
    seed: Seed,
    crowd: Option<Crowd>,
    all: Vec<Visitor>,
    /// Places of sessions that have ended.
    free: Vec<Ticket>,
    /// When each visitor comes back that is not waiting for an answer.
    due: BinaryHeap<Reverse<(u64, Ticket)>>,
}

impl Visitors {
    /// Starts with the users of the lane, who are given with their numbers, or with nobody.
    pub fn new(
        tape: Arc<Tape>,
        service: Arc<ServiceDefinition>,
        target: &Target,
        window: Window,
        seed: u64,
        users: Option<(Users, Walk, Vec<u32>)>,
    ) -> Self {
        let mut lane = Self {
            tape,
            service,
            origin: Origin::of(target),
            window,
            seed: Seed(seed),
            crowd: None,
            all: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
        };
        if let Some((users, walk, numbers)) = users {
            for number in numbers {
                let goes_ns = window.epoch_ns + users.goes_ns(number);
                let ticket = lane.settle(goes_ns, true, u64::from(number));
                let comes_ns = window.epoch_ns + users.comes_ns(number);
                lane.due.push(Reverse((comes_ns, ticket)));
            }
            lane.crowd = Some(Crowd {
                users,
                walk,
                next: None,
            });
        }
        lane
    }

    /// Tells whether nobody will come back who is not waiting for an answer.
    #[inline]
    pub fn nobody_due(&self) -> bool {
        self.due.is_empty()
    }

    /// Gives what comes next without taking it.
    pub fn peek(&mut self, recorder: &mut Recorder) -> Next {
        while let Some(&Reverse((due_ns, ticket))) = self.due.peek() {
            if due_ns >= self.all[ticket.idx()].goes_ns {
                self.due.pop();
                self.leave(ticket, recorder);
                continue;
            }
            match self.wish(ticket) {
                Ok(Some(stop)) => {
                    let arrival = self.window.arrival(stop, due_ns);
                    return Next::Arrival(Arrival { ticket, ..arrival });
                }
                Ok(None) => {
                    // The tape holds nothing for this lane.
                    self.due.pop();
                }
                Err(block_idx) => return Next::Unchecked(block_idx),
            }
        }
        Next::End
    }

    /// Takes the arrival that [`Self::peek`] gave.
    pub fn take(&mut self, arrival: &Arrival, recorder: &mut Recorder) {
        self.due.pop();
        let ticket = arrival.ticket;
        let next = self.crowd.as_mut().map(|crowd| &mut crowd.next);
        if self.all[ticket.idx()].course.is_some() {
            let visitor = &mut self.all[ticket.idx()];
            if let Some((_, step)) = visitor.step(&self.service) {
                visitor.knowledge.forget(step);
            }
        } else if let Some(first) = next.and_then(Option::take) {
            self.begin(ticket, first, arrival, recorder);
        }
    }

    /// Lets in whom an arrival of the schedule starts a session for.
    pub fn admit(&mut self, arrival: &Arrival, recorder: &mut Recorder) -> Ticket {
        let first = Stop {
            place: arrival.place,
            pass: arrival.pass,
        };
        let number = (u64::from(first.pass) << 40) ^ self.number_at(first);
        let ticket = self.settle(self.window.measure_to_ns, false, number);
        self.begin(ticket, first, arrival, recorder);
        ticket
    }

    /// Keeps where a visitor's request goes.
    pub fn note_sent(&mut self, ticket: Ticket, to: Uri) {
        self.all[ticket.idx()].knowledge.note_sent(to);
    }

    /// Keeps what a visitor needs of an answer's head; `now_s` is the time in seconds since the Unix epoch.
    pub fn note_head(
        &mut self,
        ticket: Ticket,
        headers: &HeaderMap,
        now_s: i64,
        recorder: &mut Recorder,
    ) {
        let visitor = &mut self.all[ticket.idx()];
        if let Some((_, step)) = visitor.step(&self.service) {
            let knowledge = &mut visitor.knowledge;
            knowledge.note_head(step, headers, &self.origin, now_s);
            lookups::note(visitor, &self.service, step, Part::Head(headers), recorder);
        }
    }

    /// Keeps what a visitor needs of an answer's body.
    pub fn note_body(&mut self, ticket: Ticket, body: &[u8], recorder: &mut Recorder) {
        let visitor = &mut self.all[ticket.idx()];
        if let Some((session, step)) = visitor.step(&self.service) {
            visitor.knowledge.note_body(session, step, body);
            lookups::note(visitor, &self.service, step, Part::Body(body), recorder);
        }
    }

    /// Gives the cookies that a visitor sends with its step to a path, if it has any; `now_s` is the time in seconds since
    /// the Unix epoch.
    pub fn cookies(&self, ticket: Ticket, path: &str, now_s: i64) -> Option<String> {
        let visitor = &self.all[ticket.idx()];
        visitor.course.as_ref()?;
        let cookies = visitor.knowledge.cookies();
        cookies.header(&self.origin, path, now_s)
    }

    /// Gives the value that a variable has for the step a visitor takes.
    pub(super) fn value(&self, ticket: Ticket, variable: u8) -> Option<Given<'_>> {
        self.all[ticket.idx()].value(&self.service, variable)
    }

    /// Gives the beginning of an answer to a visitor for people to read, without the visitor's secrets.
    pub fn excerpt(&self, ticket: Ticket, body: &[u8]) -> String {
        self.all[ticket.idx()].excerpt(&self.service, body)
    }

    /// Tells whether a visitor is in a session.
    pub fn is_in_session(&self, ticket: Ticket) -> bool {
        self.all[ticket.idx()].course.is_some()
    }

    /// Gives how often the visitor has repeated its step.
    pub fn item(&self, ticket: Ticket) -> u32 {
        let course = self.all[ticket.idx()].course.as_ref();
        course.map_or(0, |course| course.item)
    }

    /// Lets a visitor go on whose request has ended; gives when it comes back, if it does.
    pub fn came_back(
        &mut self,
        ticket: Ticket,
        is_good: bool,
        ended_ns: u64,
        recorder: &mut Recorder,
    ) -> Option<u64> {
        let visitor = &mut self.all[ticket.idx()];
        let Some(course) = &mut visitor.course else {
            return self.rest(ticket, ended_ns);
        };
        course.is_good &= is_good;
        self.go_on(ticket, ended_ns, recorder)
    }

    /// Lets a visitor go on whose request was never sent.
    pub fn turned_away(&mut self, ticket: Ticket, now_ns: u64, recorder: &mut Recorder) {
        self.came_back(ticket, false, now_ns + RETREAT_NS, recorder);
    }

    /// Sends everybody home: sessions that have not ended are left unfinished.
    pub fn end(&mut self, recorder: &mut Recorder) {
        for visitor in &mut self.all {
            visitor.goes_ns = 0;
        }
        while let Some(Reverse((_, ticket))) = self.due.pop() {
            self.leave(ticket, recorder);
        }
    }

    /// Gives room to a visitor.
    fn settle(&mut self, goes_ns: u64, is_user: bool, number: u64) -> Ticket {
        let thoughts = self
            .seed
            .stream(Entity::Schedule, number, Purpose::Thoughts);
        let visitor = Visitor::new(goes_ns, is_user, thoughts);
        if let Some(ticket) = self.free.pop() {
            self.all[ticket.idx()] = visitor;
            return ticket;
        }
        self.all.push(visitor);
        Ticket::at(self.all.len() - 1)
    }

    /// Finds the record that a visitor wants sent; nothing if there is none for it.
    fn wish(&mut self, ticket: Ticket) -> Result<Option<Stop>, usize> {
        let visitor = &self.all[ticket.idx()];
        if let Some(course) = &visitor.course {
            return self.reached(course.first, course.step).map(Some);
        }
        let offer = self.crowd.as_mut().map_or(Ok(None), Crowd::offer)?;
        let Some(first) = offer else {
            return Ok(None);
        };
        let opening = self.opening(visitor, first);
        self.reached(first, opening).map(Some)
    }

    /// Gives a step's record by the session's first one; `Err` names its block if that has not been checked yet.
    fn reached(&self, first: Stop, step: u16) -> Result<Stop, usize> {
        let stop = (0..step).fold(first, |stop, _| stop.next(&self.tape));
        let unchecked = stop.place.block_idx as usize;
        let is_there = record_at(&self.tape, stop.place).is_some();
        is_there.then_some(stop).ok_or(unchecked)
    }

    /// Gives the number of the step that a visitor begins a session with: past those it takes once and has taken.
    fn opening(&self, visitor: &Visitor, first: Stop) -> u16 {
        let session = self.session_of(first);
        match session.filter(|&session| visitor.is_settled(session)) {
            Some(session) => {
                let all = steps(&self.service, &self.service.sessions[session]);
                let repeated = all.filter(|step| !step.once).map(|step| step.number);
                repeated.min().unwrap_or(0)
            }
            None => 0,
        }
    }

    /// Begins the session whose first record this is, if it is one; the arrival is its first request.
    fn begin(&mut self, ticket: Ticket, first: Stop, arrival: &Arrival, recorder: &mut Recorder) {
        let Some(session_idx) = self.session_of(first) else {
            return;
        };
        let opening = self.opening(&self.all[ticket.idx()], first);
        let number = self.number_at(first).wrapping_add(u64::from(first.pass));
        let session = &self.service.sessions[session_idx];
        let visitor = &mut self.all[ticket.idx()];
        visitor.turn_to(session_idx);
        visitor.knowledge.begin(session);
        for step in steps(&self.service, session).filter(|step| step.number >= opening) {
            visitor.knowledge.forget(step);
        }
        visitor.course = Some(Course {
            session: session_idx,
            number,
            first,
            step: opening,
            item: 0,
            is_good: true,
            measured: arrival.measured,
            began_ns: arrival.intended_ns,
        });
        recorder.session_began(session_idx, arrival.measured);
    }

    /// Gives the session that a record is a step of.
    fn session_of(&self, stop: Stop) -> Option<usize> {
        let record = record_at(&self.tape, stop.place)?;
        let endpoint = self.service.endpoints.get(record.endpoint())?;
        endpoint.step.as_ref().map(|step| step.session)
    }

    /// Gives the number of a record's session on the tape.
    fn number_at(&self, stop: Stop) -> u64 {
        record_at(&self.tape, stop.place).map_or(0, |record| record.session().0)
    }

    /// Takes the next step of a session, after a pause, or ends it.
    fn go_on(&mut self, ticket: Ticket, ended_ns: u64, recorder: &mut Recorder) -> Option<u64> {
        let visitor = &mut self.all[ticket.idx()];
        let course = visitor.course.as_mut()?;
        let session = &self.service.sessions[course.session];
        let skip = |number: u16| {
            let endpoint = session.steps.start + usize::from(number);
            recorder.step_skipped(endpoint);
        };
        match course.onward(&self.service, &visitor.knowledge, skip) {
            Onward::Step(step) => {
                let think = step.think;
                let pause_ns = think::draw_ns(think, &mut visitor.thoughts);
                let due_ns = ended_ns.saturating_add(pause_ns);
                self.due.push(Reverse((due_ns, ticket)));
                Some(due_ns)
            }
            Onward::End => {
                recorder.session_ended(course.session, course.record(ended_ns));
                visitor.settled_in = course.is_good.then_some(course.session);
                visitor.course = None;
                self.rest(ticket, ended_ns)
            }
        }
    }

    /// Lets a user pause before the next thing it does; anybody else is done.
    fn rest(&mut self, ticket: Ticket, ended_ns: u64) -> Option<u64> {
        let visitor = &mut self.all[ticket.idx()];
        let Some(crowd) = self.crowd.as_ref().filter(|_| visitor.is_user) else {
            self.free.push(ticket);
            return None;
        };
        let pause_ns = think::draw_ns(crowd.users.think, &mut visitor.thoughts);
        let due_ns = ended_ns.saturating_add(pause_ns);
        self.due.push(Reverse((due_ns, ticket)));
        Some(due_ns)
    }

    /// Lets a visitor go for good.
    fn leave(&mut self, ticket: Ticket, recorder: &mut Recorder) {
        let visitor = &mut self.all[ticket.idx()];
        if let Some(course) = visitor.course.take() {
            recorder.session_left(course.session, course.measured);
        }
        self.free.push(ticket);
    }
}
