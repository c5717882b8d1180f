//! How often answers were looked through for the values that sessions capture, and how often they held them.

use tapdeck_services::{ServiceDefinition, Step};

use super::Recorder;

/// What a lane measured of one value that a step takes out of its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaptureRecord {
    /// Answers that were looked through for it.
    pub looked: u64,
    /// Answers that it was found in.
    pub found: u64,
    /// An answer without it, masked; `None` if there was none.
    pub sample: Option<String>,
}

/// A value that a step of a session takes out of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapturePlace {
    /// The session, as its place in the service.
    pub session: usize,
    /// The capture, as its place among all captures of the session's steps.
    pub capture: usize,
}

impl CapturePlace {
    /// Finds a step's captures among those of its session: the place of the first of them.
    pub fn first_of(service: &ServiceDefinition, step: &Step) -> Self {
        let session = step.session;
        let first = service.sessions[session].steps.start;
        let before = &service.endpoints[first..first + usize::from(step.number)];
        let steps = before.iter().filter_map(|endpoint| endpoint.step.as_ref());
        Self {
            session,
            capture: steps.map(|step| step.captures.len()).sum(),
        }
    }
}

/// Gives the number of captures of each kind of session.
pub fn captures_of(service: &ServiceDefinition) -> Vec<usize> {
    let sessions = service.sessions.iter();
    let count = |steps: std::ops::Range<usize>| {
        let steps = service.endpoints[steps].iter();
        let steps = steps.filter_map(|endpoint| endpoint.step.as_ref());
        steps.map(|step| step.captures.len()).sum()
    };
    sessions
        .map(|session| count(session.steps.clone()))
        .collect()
}

impl Recorder {
    /// Notes that an answer was looked through for a value; `describe` gives the answer, masked, and runs only for the
    /// first one without it.
    pub fn looked_for(
        &mut self,
        place: CapturePlace,
        found: bool,
        describe: impl FnOnce() -> String,
    ) {
        let Some(record) = self.sessions[place.session].captures.get_mut(place.capture) else {
            return;
        };
        record.looked += 1;
        if found {
            record.found += 1;
        } else if record.sample.is_none() {
            record.sample = Some(describe());
        }
    }
}
