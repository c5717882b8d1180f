//! The course of one session: how far it has come, and which step is next.

use tapdeck_services::{ServiceDefinition, Step};

use crate::replay::recorder::SessionEnd;
use crate::replay::session::{Captured, Knowledge};
use crate::replay::walk::Stop;

/// A session under way.
#[derive(Debug)]
pub(super) struct Course {
    /// Place among the service's sessions.
    pub(super) session: usize,
    /// Number on the tape, and on from there when the tape starts over.
    pub(super) number: u64,
    /// The step being taken.
    pub(super) step: u16,
    /// How often it was repeated, where it goes over a list.
    pub(super) item: u32,
    /// Whether every step so far ended well, and none was skipped.
    pub(super) is_good: bool,
    /// Whether it began in the measure phase.
    pub(super) measured: bool,
    /// When its first request was intended, nanoseconds on the monotonic clock.
    pub(super) began_ns: u64,
    /// Its first record.
    pub(super) first: Stop,
}

/// What comes after a step.
pub(super) enum Onward<'s> {
    /// Another one, or the same once more.
    Step(&'s Step),
    /// Nothing.
    End,
}

impl Course {
    /// Moves on to the step after the one that has ended; those that lack a value are left out and told to `skip`.
    pub(super) fn onward<'s>(
        &mut self,
        service: &'s ServiceDefinition,
        knowledge: &Knowledge,
        mut skip: impl FnMut(u16),
    ) -> Onward<'s> {
        let session = &service.sessions[self.session];
        let steps = &service.endpoints[session.steps.clone()];
        let step = |number: u16| {
            let endpoint = steps.get(usize::from(number))?;
            endpoint.step.as_ref()
        };
        if let Some(current) = step(self.step)
            && self.item + 1 < repetitions(current, knowledge)
        {
            self.item += 1;
            return Onward::Step(current);
        }
        self.item = 0;
        loop {
            self.step += 1;
            let Some(next) = step(self.step) else {
                return Onward::End;
            };
            let has_values = next.needs.iter().all(|&variable| knowledge.has(variable));
            if has_values && repetitions(next, knowledge) > 0 {
                return Onward::Step(next);
            }
            self.is_good = false;
            if self.measured {
                skip(self.step);
            }
        }
    }

    /// Gives what is to be recorded of it.
    pub(super) fn record(&self, ended_ns: u64) -> SessionEnd {
        SessionEnd {
            is_good: self.is_good,
            measured: self.measured,
            duration_ns: ended_ns.saturating_sub(self.began_ns),
        }
    }
}

/// Gives how often a step is taken: once, or once for each item of the list it goes over.
fn repetitions(step: &Step, knowledge: &Knowledge) -> u32 {
    let Some(over) = step.over else {
        return 1;
    };
    let items = knowledge.captured(over.variable).map_or(0, Captured::len);
    u32::try_from(items).unwrap_or(u32::MAX).min(over.at_most)
}
