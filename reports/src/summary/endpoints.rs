//! One endpoint's share of the run.

use serde::Serialize;

use super::durations::{DurationsSummary, ResponseSummary};
use super::traffic::{LedgerSummary, RatesSummary};
use crate::measurements::{EndpointMeasurements, Measurements};

/// Everything published about one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndpointSummary {
    /// Name as in the service definition.
    pub name: String,
    /// Kind of session that it is a step of; `None` of a request on its own.
    pub session: Option<String>,
    /// Records of this endpoint on the tape.
    pub on_tape: u64,
    /// This endpoint's part of the ledger.
    pub ledger: LedgerSummary,
    /// This endpoint's rates and shares.
    pub rates: RatesSummary,
    /// Arrived minus intended, requests without an answer in the upper ranks.
    pub response_ms: ResponseSummary,
    /// Arrived minus sent, completed requests only.
    pub service_ms: DurationsSummary,
    /// First byte of the answer arrived minus sent, completed requests only.
    pub first_byte_ms: DurationsSummary,
    /// Status codes of completed requests.
    pub statuses: Vec<StatusCount>,
    /// Checks in the definition's order.
    pub checks: Vec<CheckSummary>,
    /// Times it was left out as the step of a session that lacked a captured value.
    pub skipped: u64,
}

/// How often one status code was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StatusCount {
    /// HTTP status code.
    pub status: u16,
    /// Completed requests with it.
    pub count: u64,
}

/// How often one check failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckSummary {
    /// Name as in the service definition.
    pub name: String,
    /// Completed requests that failed it.
    pub failed: u64,
}

impl EndpointSummary {
    pub(crate) fn all(measurements: &Measurements) -> Vec<Self> {
        let summarize =
            |endpoint: &EndpointMeasurements| Self::new(endpoint, measurements.measured_ns);
        measurements.endpoints.iter().map(summarize).collect()
    }

    fn new(endpoint: &EndpointMeasurements, measured_ns: u64) -> Self {
        let status = |&(status, count): &(u16, u64)| StatusCount { status, count };
        let check = |(name, failed): &(String, u64)| CheckSummary {
            name: name.clone(),
            failed: *failed,
        };
        Self {
            name: endpoint.name.clone(),
            session: endpoint.session.clone(),
            on_tape: endpoint.on_tape,
            ledger: endpoint.ledger.into(),
            rates: RatesSummary::new(&endpoint.ledger, endpoint.skipped, measured_ns),
            response_ms: ResponseSummary::of(endpoint),
            service_ms: DurationsSummary::new(&endpoint.service),
            first_byte_ms: DurationsSummary::new(&endpoint.first_byte),
            statuses: endpoint.statuses.iter().map(status).collect(),
            checks: endpoint.checks.iter().map(check).collect(),
            skipped: endpoint.skipped,
        }
    }
}
