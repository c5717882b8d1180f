//! What failed, counted over all lanes: by kind, and by kind at each endpoint.

use tapdeck_reports::measurements::{EndpointFailure, EndpointMeasurements, FailureCount};
use tapdeck_services::Endpoint;

use crate::harness::play::RunPlan;
use crate::replay::failure::FAILURE_KINDS;
use crate::replay::recorder::{EndpointRecord, Occurrences, Recorder};

/// Examples shown per kind of failure.
const SAMPLES_SHOWN: usize = 5;

/// Lists what failed at one endpoint: failures of the transport by kind, then failed checks by name.
pub(super) fn at_endpoint(
    definition: &Endpoint,
    parts: &[&EndpointRecord],
    measure_from_ns: u64,
) -> Vec<EndpointFailure> {
    let over_lanes = |of: &dyn Fn(&EndpointRecord) -> Occurrences| {
        let all = parts.iter().map(|part| of(part));
        all.fold(Occurrences::default(), Occurrences::and)
    };
    let transport = FAILURE_KINDS.iter().enumerate().map(|(idx, kind)| {
        let failed = over_lanes(&|part| part.failures[idx]);
        (kind.name().to_owned(), failed)
    });
    let checks = check_kinds(definition)
        .enumerate()
        .map(|(idx, kind)| (kind, over_lanes(&|part| part.failed_checks[idx])));
    transport
        .chain(checks)
        .filter(|(_, failed)| failed.count > 0)
        .map(|(kind, failed)| EndpointFailure {
            kind,
            count: failed.count,
            first_ns: failed.first_ns.saturating_sub(measure_from_ns),
            last_ns: failed.last_ns.saturating_sub(measure_from_ns),
        })
        .collect()
}

/// Lists what failed over all endpoints, each kind with a few examples: the transport first, then the checks.
pub(super) fn over_all(
    plan: &RunPlan,
    recorders: &[Recorder],
    endpoints: &[EndpointMeasurements],
) -> Vec<FailureCount> {
    let mut failures: Vec<FailureCount> = FAILURE_KINDS
        .iter()
        .enumerate()
        .map(|(idx, kind)| FailureCount {
            kind: kind.name().to_owned(),
            count: 0,
            samples: recorders
                .iter()
                .flat_map(|recorder| recorder.failure_samples[idx].iter().cloned())
                .take(SAMPLES_SHOWN)
                .collect(),
        })
        .collect();
    for (endpoint_idx, definition) in plan.service.endpoints.iter().enumerate() {
        for (check_idx, kind) in check_kinds(definition).enumerate() {
            let samples = recorders
                .iter()
                .filter_map(|recorder| {
                    recorder.endpoints[endpoint_idx].check_samples[check_idx].clone()
                })
                .map(|sample| format!("{}: {sample}", definition.name))
                .take(SAMPLES_SHOWN);
            match failures.iter_mut().find(|failure| failure.kind == kind) {
                Some(failure) => failure.samples.extend(samples),
                None => failures.push(FailureCount {
                    kind,
                    count: 0,
                    samples: samples.collect(),
                }),
            }
        }
    }
    for failed in endpoints.iter().flat_map(|endpoint| &endpoint.failures) {
        let mut of_kind = failures.iter_mut();
        if let Some(failure) = of_kind.find(|failure| failure.kind == failed.kind) {
            failure.count += failed.count;
        }
    }
    failures.retain(|failure| failure.count > 0);
    failures
}

/// Names the kinds of failure that failed checks are, that of a wrong status first.
fn check_kinds(definition: &Endpoint) -> impl Iterator<Item = String> {
    let checks = definition.checks.iter();
    std::iter::once("status".to_owned()).chain(checks.map(|check| format!("check:{}", check.name)))
}
