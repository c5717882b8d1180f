//! Tells the recorder which of a step's values an answer held.

use http::HeaderMap;
use tapdeck_services::{CaptureSource, ServiceDefinition, Step};

use super::visitor::Visitor;
use crate::mask::foreign;
use crate::replay::recorder::{CapturePlace, Recorder};

/// The part of an answer that was looked through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    Head(&'a HeaderMap),
    Body(&'a [u8]),
}

impl Part<'_> {
    fn holds(self, source: &CaptureSource) -> bool {
        match source {
            CaptureSource::Header(_) | CaptureSource::Cookie(_) => matches!(self, Self::Head(_)),
            CaptureSource::Pointer { .. } => matches!(self, Self::Body(_)),
        }
    }

    /// Gives an example for people. Of headers only the names: what their values are worth nobody knows.
    fn describe(self, visitor: &Visitor, service: &ServiceDefinition) -> String {
        match self {
            Self::Head(headers) => {
                let names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
                format!("headers {}", foreign(&names.join(", ")))
            }
            Self::Body(body) => format!("body {}", visitor.excerpt(service, body)),
        }
    }
}

/// Notes what became of the captures that a step looks for in a part of its answer, after the visitor has kept them.
/// Counts, as its session does, only if that began in the measure phase.
pub(super) fn note(
    visitor: &Visitor,
    service: &ServiceDefinition,
    step: &Step,
    part: Part<'_>,
    recorder: &mut Recorder,
) {
    let is_measured = visitor
        .course
        .as_ref()
        .is_some_and(|course| course.measured);
    if !is_measured || step.captures.is_empty() {
        return;
    }
    let first = CapturePlace::first_of(service, step);
    for (idx, capture) in step.captures.iter().enumerate() {
        if part.holds(&capture.source) {
            let place = CapturePlace {
                capture: first.capture + idx,
                ..first
            };
            let found = visitor.knowledge.has(capture.variable);
            recorder.looked_for(place, found, || part.describe(visitor, service));
        }
    }
}
