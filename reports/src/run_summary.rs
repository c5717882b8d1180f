//! What a whole run came to in a few figures: `run-summary-{run_id}.json` and `.csv`.
//!
//! Scripts that read the files of the earlier Locust harness find its keys first, by the same names and in the same
//! order, and ours behind them. Knows nothing of seeding, phases or where files go.

mod csv;

use std::time::Duration;

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::Serialize;

use crate::joined::{self, Part, join};
use crate::summary::Summary;
use crate::summary::durations::ResponseSummary;
use crate::verdict::gates::{GateOutcome, GateResult};
use crate::{Error, Verdict};

/// Name and version of the format; a change that breaks readers changes it.
pub const SCHEMA: &str = "tapdeck-run-summary-v1";

/// Which run it was, as whoever started it knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunIdentity {
    /// As given, or as made up for the run.
    pub run_id: String,
    /// `rule-engine`, ... or `all`.
    pub service: String,
    /// The services that were sent requests, by name.
    pub services_tested: Vec<String>,
    /// `baseline`, `stress`, ...
    pub scenario: String,
    /// `none`, `local` or `auth0`.
    pub auth_mode: String,
}

impl RunIdentity {
    /// Gives the name of a file that is about this run, for example `run-summary-lt-0123456789ab.json`.
    pub fn file_name(&self, what: &str, extension: &str) -> String {
        format!("{what}-{}.{extension}", self.run_id)
    }
}

/// The result of a run in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Which run it was.
    pub run_id: String,
    /// Start of the measure phase, ISO 8601 with its offset from UTC.
    pub start_time: String,
    /// End of the measure phase.
    pub end_time: String,
    /// The services that were sent requests.
    pub services_tested: Vec<String>,
    /// The scenario by name.
    pub scenario: String,
    /// Requests that came to an end; dropped ones are among them.
    pub total_requests: u64,
    /// Those of them that did not end good.
    pub total_failures: u64,
    /// Mean response time of the answered requests, milliseconds; 0 of none.
    pub avg_response_time_ms: f64,
    /// 95th percentile of the response time, milliseconds; the slowest answer if there are too few, 0 of no requests.
    pub p95_response_time_ms: f64,
    /// 99th percentile, likewise.
    pub p99_response_time_ms: f64,
    /// Requests that came to an end per second, over the measure phase.
    pub rps: f64,
    /// One sentence per gate that a valid run missed.
    pub threshold_violations: Vec<String>,
    /// `PASS`, or `FAIL` for a run that is invalid or missed a gate.
    pub pass_fail: &'static str,
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Version of tapdeck.
    pub tapdeck_version: String,
    /// The service as asked for.
    pub service: String,
    /// Target as given, credentials masked.
    pub target: String,
    /// How requests were authenticated.
    pub auth_mode: String,
    /// What became of the run.
    pub verdict: Verdict,
    /// Whether the run ended before its schedule did.
    pub partial: bool,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// Planned requests.
    pub planned_requests: u64,
    /// Planned requests per second.
    pub offered_rps: Option<f64>,
    /// Completed requests per second.
    pub achieved_rps: Option<f64>,
    /// Good requests per second.
    pub good_rps: Option<f64>,
    /// Planned requests that did not end good and steps left out, over both.
    pub error_share: Option<f64>,
    /// Median response time, milliseconds.
    pub p50_response_time_ms: Option<f64>,
    /// 99.9th percentile.
    pub p99_9_response_time_ms: Option<f64>,
    /// Longest response time.
    pub max_response_time_ms: Option<f64>,
    /// Planned requests without an answer; they are slower than every answered one.
    pub unanswered_requests: u64,
    /// Those of the percentiles above that fall among them, so that the true ones are at least as large: `p95`, `p99_9`, `max`, ...
    pub lower_bounds: Vec<&'static str>,
    /// Those that our own lag makes up more of than is accepted, likewise.
    pub upper_bounds: Vec<&'static str>,
    /// Flagged fraud over all fraud.
    pub recall: Option<f64>,
    /// Flagged legitimate requests over all legitimate requests.
    pub false_positive_rate: Option<f64>,
    /// Hex digest of the tape.
    pub tape_digest: String,
    /// Every gate with what was measured.
    pub gates: Vec<GateResult>,
    /// What each service came to, in the order of the run.
    pub services: Vec<ServiceResult>,
}

/// What one service of a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceResult {
    /// The service as the run knows it.
    pub service: String,
    /// Target as given, credentials masked.
    pub target: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// Requests that came to an end.
    pub total_requests: u64,
    /// Those of them that did not end good.
    pub total_failures: u64,
    /// Planned requests per second.
    pub offered_rps: Option<f64>,
    /// Completed requests per second.
    pub achieved_rps: Option<f64>,
    /// Planned requests that did not end good and steps left out, over both.
    pub error_share: Option<f64>,
    /// Median response time, milliseconds.
    pub p50_response_time_ms: Option<f64>,
    /// 95th percentile.
    pub p95_response_time_ms: Option<f64>,
    /// 99th percentile.
    pub p99_response_time_ms: Option<f64>,
    /// Those of these percentiles that are lower bounds.
    pub lower_bounds: Vec<&'static str>,
    /// Those that are upper bounds.
    pub upper_bounds: Vec<&'static str>,
    /// Flagged fraud over all fraud.
    pub recall: Option<f64>,
    /// Flagged legitimate requests over all legitimate requests.
    pub false_positive_rate: Option<f64>,
    /// Hex digest of the tape.
    pub tape_digest: String,
    /// Every gate with what was measured.
    pub gates: Vec<GateResult>,
}

impl ServiceResult {
    fn new(part: &Part<'_>) -> Self {
        let summary = part.summary;
        let response = &summary.latency.response_ms;
        let decisions = &summary.decisions.overall;
        Self {
            service: part.name.to_owned(),
            target: summary.identity.target.clone(),
            verdict: summary.verdict.verdict,
            reasons: summary.verdict.reasons.clone(),
            total_requests: summary.ledger.ended(),
            total_failures: summary.ledger.ended_badly(),
            offered_rps: summary.rates.offered_per_s,
            achieved_rps: summary.rates.achieved_per_s,
            error_share: summary.rates.error_share,
            p50_response_time_ms: response.figures.p50,
            p95_response_time_ms: response.figures.p95,
            p99_response_time_ms: response.figures.p99,
            lower_bounds: response.lower_bounds.clone(),
            upper_bounds: response.upper_bounds.clone(),
            recall: decisions.recall,
            false_positive_rate: decisions.false_positive_rate,
            tape_digest: summary.identity.tape.digest.clone(),
            gates: summary.gates.clone(),
        }
    }
}

impl RunSummary {
    /// Takes the short of what all services came to.
    pub fn over(run: &RunIdentity, parts: &[Part<'_>]) -> Self {
        Self {
            threshold_violations: violations(parts),
            services: parts.iter().map(ServiceResult::new).collect(),
            ..Self::new(run, &join(&run.service, parts))
        }
    }

    /// Takes the short of a summary.
    fn new(run: &RunIdentity, summary: &Summary) -> Self {
        let (ledger, rates) = (&summary.ledger, &summary.rates);
        let total_requests = ledger.ended();
        let measured_s = summary.phases.measured_s;
        let response = &summary.latency.response_ms;
        let or_slowest = |quantile: Option<f64>| quantile.or(response.figures.max).unwrap_or(0.0);
        let identity = &summary.identity;
        let verdict = &summary.verdict;
        let decisions = &summary.decisions.overall;
        Self {
            run_id: run.run_id.clone(),
            start_time: time(&identity.started_at, 0.0),
            end_time: time(&identity.started_at, measured_s),
            services_tested: run.services_tested.clone(),
            scenario: run.scenario.clone(),
            total_requests,
            total_failures: ledger.ended_badly(),
            avg_response_time_ms: response.figures.mean.unwrap_or(0.0),
            p95_response_time_ms: or_slowest(response.figures.p95),
            p99_response_time_ms: or_slowest(response.figures.p99),
            rps: if measured_s > 0.0 {
                total_requests as f64 / measured_s
            } else {
                0.0
            },
            threshold_violations: Vec::new(),
            pass_fail: match verdict.verdict {
                Verdict::Pass => "PASS",
                Verdict::SloMissed | Verdict::Invalid => "FAIL",
            },
            schema: SCHEMA,
            tapdeck_version: identity.tapdeck_version.clone(),
            service: run.service.clone(),
            target: identity.target.clone(),
            auth_mode: run.auth_mode.clone(),
            verdict: verdict.verdict,
            partial: verdict.partial,
            reasons: verdict.reasons.clone(),
            planned_requests: ledger.planned,
            offered_rps: rates.offered_per_s,
            achieved_rps: rates.achieved_per_s,
            good_rps: rates.good_per_s,
            error_share: rates.error_share,
            p50_response_time_ms: response.figures.p50,
            p99_9_response_time_ms: response.figures.p99_9,
            max_response_time_ms: response.figures.max,
            unanswered_requests: response.unanswered_count,
            lower_bounds: bounds(response, &response.lower_bounds),
            upper_bounds: bounds(response, &response.upper_bounds),
            recall: decisions.recall,
            false_positive_rate: decisions.false_positive_rate,
            tape_digest: identity.tape.digest.clone(),
            gates: summary.gates.clone(),
            services: Vec::new(),
        }
    }

    /// Gives the bytes of the JSON file.
    ///
    /// Errors: `Json` if it has no JSON form.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|source| Error::Json { source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Gives the bytes of the CSV file, a metric per row.
    pub fn to_csv(&self) -> Vec<u8> {
        csv::text(self).into_bytes()
    }
}

/// Gives a sentence for each gate that the target broke. A gate that was not decided is none of them, and in an invalid run no
/// gate means anything.
fn violations(parts: &[Part<'_>]) -> Vec<String> {
    let valid = parts
        .iter()
        .filter(|part| part.summary.verdict.verdict != Verdict::Invalid);
    let gates = valid.flat_map(|part| joined::gates_of(part, parts.len()));
    let missed = gates.filter(|gate| gate.outcome == GateOutcome::Missed);
    missed.filter_map(|gate| gate.miss()).collect()
}

/// Lists the percentiles that are bounds; where one of too few requests is given as the slowest, it is one if that is.
fn bounds(response: &ResponseSummary, of_response: &[&'static str]) -> Vec<&'static str> {
    let mut keys = of_response.to_vec();
    let is_slowest = |key: &&str| match *key {
        "p95" => response.figures.p95.is_none(),
        "p99" => response.figures.p99.is_none(),
        _ => false,
    };
    if keys.contains(&"max") {
        let slowest = ["p95", "p99"].into_iter().filter(is_slowest);
        keys.splice(0..0, slowest.collect::<Vec<_>>());
    }
    keys
}

/// Writes the instant so long after a start as Python reads it in every version: an offset in digits, no `Z`.
///
/// Shape: the start as it is if it is no time.
fn time(started_at: &str, after_s: f64) -> String {
    let Ok(started_at_time) = started_at.parse::<Timestamp>() else {
        return started_at.to_owned();
    };
    let at = Duration::try_from_secs_f64(after_s)
        .ok()
        .and_then(|after| started_at_time.checked_add(after).ok())
        .unwrap_or(started_at_time);
    Zoned::new(at, TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S.%6f%:z")
        .to_string()
}

#[cfg(test)]
mod tests;
