//! One visitor: a user of the closed model, or a session that an arrival started.

use tapdeck_generators::seed::Stream;
use tapdeck_services::{ServiceDefinition, Session, Step, Take};

use super::course::Course;
use crate::replay::session::Knowledge;

/// A user or a session.
#[derive(Debug)]
pub(super) struct Visitor {
    /// Nothing is begun from then on, nanoseconds on the monotonic clock.
    pub(super) goes_ns: u64,
    pub(super) is_user: bool,
    /// The session it is in.
    pub(super) course: Option<Course>,
    /// The session whose steps that are taken once it has taken with success.
    pub(super) settled_in: Option<usize>,
    pub(super) knowledge: Knowledge,
    pub(super) thoughts: Stream,
}

impl Visitor {
    /// Gives the value that a variable has for the step it takes.
    pub(super) fn value(&self, service: &ServiceDefinition, variable: u8) -> Option<&str> {
        let course = self.course.as_ref()?;
        let (session, step) = self.step(service)?;
        let captured = self.knowledge.captured(variable)?;
        match step.over {
            Some(over) if over.variable == variable => captured.item(course.item as usize),
            _ => {
                let known = session.variables.get(usize::from(variable));
                let take = known.map_or(Take::First, |known| known.take);
                captured.taken(take, course.number)
            }
        }
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
