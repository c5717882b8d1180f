//! One visitor: a user of the closed model, or a session that an arrival started.

use tapdeck_generators::seed::Stream;
use tapdeck_services::{ServiceDefinition, Session, Step, Take};

use super::course::Course;
use crate::mask;
use crate::replay::session::{Given, Knowledge};

/// A user or a session.
#[derive(Debug)]
pub(super) struct Visitor {
    /// Nothing is begun from then on, nanoseconds on the monotonic clock.
    pub(super) goes_ns: u64,
    pub(super) is_user: bool,
    /// The session it is in.
    pub(super) course: Option<Course>,
    /// The session that `knowledge` is of, if the last one of the kind went well: what is taken once need not be again.
    pub(super) settled_in: Option<usize>,
    pub(super) knowledge: Knowledge,
    /// What it knows from other kinds of sessions that it is settled in: somebody else, as far as the target can tell.
    elsewhere: Vec<(usize, Knowledge)>,
    pub(super) thoughts: Stream,
}

impl Visitor {
    /// Makes one that knows nothing yet.
    pub(super) fn new(goes_ns: u64, is_user: bool, thoughts: Stream) -> Self {
        Self {
            goes_ns,
            is_user,
            course: None,
            settled_in: None,
            knowledge: Knowledge::default(),
            elsewhere: Vec::new(),
            thoughts,
        }
    }

    /// Tells whether it need not take again what is taken once in a kind of session.
    pub(super) fn is_settled(&self, session: usize) -> bool {
        let is_elsewhere = self.elsewhere.iter().any(|&(other, _)| other == session);
        is_elsewhere || self.settled_in == Some(session)
    }

    /// Turns to a kind of session: to what it knows from there, or to a clean slate.
    pub(super) fn turn_to(&mut self, session: usize) {
        if self.settled_in == Some(session) {
            return;
        }
        let known = std::mem::take(&mut self.knowledge);
        if let Some(other) = self.settled_in.take() {
            self.elsewhere.push((other, known));
        }
        let place = self
            .elsewhere
            .iter()
            .position(|&(other, _)| other == session);
        if let Some(place) = place {
            (_, self.knowledge) = self.elsewhere.swap_remove(place);
            self.settled_in = Some(session);
        }
    }

    /// Gives the value that a variable has for the step it takes.
    pub(super) fn value(&self, service: &ServiceDefinition, variable: u8) -> Option<Given<'_>> {
        let course = self.course.as_ref()?;
        let (session, step) = self.step(service)?;
        let captured = self.knowledge.captured(variable)?;
        let text = match step.over {
            Some(over) if over.variable == variable => captured.item(course.item as usize),
            _ => {
                let known = session.variables.get(usize::from(variable));
                let take = known.map_or(Take::First, |known| known.take);
                captured.taken(take, course.number)
            }
        };
        let base = captured.base();
        text.map(|text| Given { text, base })
    }

    /// Gives the beginning of an answer for people to read, without its secrets.
    pub(super) fn excerpt(&self, service: &ServiceDefinition, body: &[u8]) -> String {
        let session = self.step(service).map(|(session, _)| session);
        let secrets = session.map(|session| self.knowledge.secrets(session));
        mask::excerpt_without(body, &secrets.unwrap_or_default())
    }

    /// Gives the session a visitor is in, and the step it takes.
    pub(super) fn step<'s>(
        &self,
        service: &'s ServiceDefinition,
    ) -> Option<(&'s Session, &'s Step)> {
        let course = self.course.as_ref()?;
        let session = &service.sessions[course.session];
        let endpoint = service
            .endpoints
            .get(session.steps.start + usize::from(course.step))?;
        Some((session, endpoint.step.as_ref()?))
    }
}

/// Gives the steps of a session.
pub(super) fn steps<'s>(
    service: &'s ServiceDefinition,
    session: &Session,
) -> impl Iterator<Item = &'s Step> + use<'s> {
    let endpoints = service.endpoints[session.steps.clone()].iter();
    endpoints.filter_map(|endpoint| endpoint.step.as_ref())
}
