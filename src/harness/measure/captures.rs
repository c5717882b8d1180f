//! The values that sessions capture, counted over all lanes.

use tapdeck_reports::measurements::CaptureMeasurements;
use tapdeck_services::{ServiceDefinition, Session};

use crate::replay::recorder::SessionRecord;

/// Lists the values that a session's steps take out of answers, in the order of the definition.
pub(super) fn of(
    service: &ServiceDefinition,
    session: &Session,
    parts: &[&SessionRecord],
) -> Vec<CaptureMeasurements> {
    let steps = service.endpoints[session.steps.clone()].iter();
    let captures = steps.flat_map(|endpoint| {
        let captures = endpoint.step.iter().flat_map(|step| &step.captures);
        captures.map(|capture| (endpoint.name.as_str(), capture))
    });
    captures
        .enumerate()
        .map(|(idx, (step, capture))| {
            let mut records = parts.iter().filter_map(|part| part.captures.get(idx));
            let name = session.variables.get(usize::from(capture.variable));
            CaptureMeasurements {
                name: name
                    .map(|variable| variable.name.clone())
                    .unwrap_or_default(),
                step: step.to_owned(),
                source: capture.source.to_string(),
                looked: records.clone().map(|record| record.looked).sum(),
                found: records.clone().map(|record| record.found).sum(),
                sample: records.find_map(|record| record.sample.clone()),
            }
        })
        .collect()
}
