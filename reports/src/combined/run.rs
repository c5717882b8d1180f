//! One of the runs side by side, from its `run-summary-*.json`, or from the `summary.json` of a single report.

use serde::Deserialize;
use serde_json::Value;

use crate::baseline::{self, BaselineError};
use crate::format::{self, BoundMark};

/// What is shown of a run; read from the keys that runs of the earlier harness have, too.
#[derive(Debug, Clone, Deserialize)]
pub struct CombinedRun {
    pub(super) run_id: String,
    scenario: String,
    total_requests: u64,
    total_failures: u64,
    avg_response_time_ms: f64,
    p95_response_time_ms: f64,
    p99_response_time_ms: f64,
    rps: f64,
    pass_fail: String,
    pub(super) start_time: String,
    /// What became of it; the earlier harness does not tell more than `pass_fail`.
    verdict: Option<String>,
    /// Percentiles that are lower bounds; neither the earlier harness nor earlier versions say so.
    #[serde(default)]
    lower_bounds: Vec<String>,
    /// Percentiles that are upper bounds, likewise.
    #[serde(default)]
    upper_bounds: Vec<String>,
}

/// What became of a run, in the words of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Pass,
    Fail,
    Invalid,
}

impl Status {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Pass => "✅ PASS",
            Self::Fail => "❌ FAIL",
            Self::Invalid => "⚠️ INVALID",
        }
    }
}

impl CombinedRun {
    /// Reads a `run-summary-*.json`.
    ///
    /// Errors: says what is wrong with the document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// Reads the `summary.json` of a single report; `name` stands for the id that such a run does not have.
    ///
    /// Errors: says what is wrong with the document.
    pub fn from_summary(name: String, bytes: &[u8]) -> Result<Self, BaselineError> {
        let summary = baseline::summary(bytes)?;
        let (identity, ledger) = (&summary["identity"], &summary["ledger"]);
        let response = &summary["latency"]["response_ms"];
        let count = |key: &str| ledger[key].as_u64().unwrap_or(0);
        let unanswered = count("failed") + count("timed_out") + count("dropped");
        let total_requests = count("completed") + unanswered;
        let measured_s = summary["phases"]["measured_s"].as_f64().unwrap_or(0.0);
        let figure = |key: &str| response[key].as_f64();
        // As in the summary of a whole run: of too few requests it is the slowest.
        let or_slowest = |key: &str| figure(key).or_else(|| figure("max")).unwrap_or(0.0);
        let bounds = |key: &str| bounds(response, key);
        let verdict = text(&summary["verdict"]["verdict"]);
        Ok(Self {
            run_id: name,
            scenario: format!(
                "{}, {} {}",
                text(&identity["service"]),
                text(&identity["schedule"]["arrivals"]),
                text(&identity["schedule"]["profile"]),
            ),
            total_requests,
            total_failures: count("rejected") + unanswered,
            avg_response_time_ms: figure("mean").unwrap_or(0.0),
            p95_response_time_ms: or_slowest("p95"),
            p99_response_time_ms: or_slowest("p99"),
            rps: if measured_s > 0.0 {
                total_requests as f64 / measured_s
            } else {
                0.0
            },
            pass_fail: if verdict == "pass" { "PASS" } else { "FAIL" }.to_owned(),
            start_time: text(&identity["started_at"]),
            verdict: Some(verdict),
            lower_bounds: bounds("lower_bounds"),
            upper_bounds: bounds("upper_bounds"),
        })
    }

    pub(super) fn status(&self) -> Status {
        match (self.pass_fail.as_str(), self.verdict.as_deref()) {
            (_, Some("invalid")) => Status::Invalid,
            ("PASS", _) => Status::Pass,
            _ => Status::Fail,
        }
    }

    /// Gives its cells, in the order of the columns.
    pub(super) fn cells(&self) -> [String; 9] {
        let ms = |ms: f64| format!("{ms:.2} ms");
        let percentile = |key: &str, value: f64| {
            let bound = BoundMark::listed(key, &self.lower_bounds, &self.upper_bounds);
            format!("{}{}", bound.text(), ms(value))
        };
        [
            self.run_id.clone(),
            self.scenario.clone(),
            format::count(self.total_requests),
            format::count(self.total_failures),
            ms(self.avg_response_time_ms),
            percentile("p95", self.p95_response_time_ms),
            percentile("p99", self.p99_response_time_ms),
            format!("{:.2}", self.rps),
            self.status().text().to_owned(),
        ]
    }
}

/// Lists the quantiles that are bounds of a kind; one that is given as the slowest is one if that is.
fn bounds(response: &Value, kind: &str) -> Vec<String> {
    let listed = response[kind].as_array().into_iter().flatten();
    let mut keys: Vec<String> = listed.map(text).collect();
    if keys.iter().any(|key| key == "max") {
        let slowest = ["p95", "p99"].into_iter();
        let slowest = slowest.filter(|key| response[*key].is_null());
        keys.extend(slowest.map(str::to_owned));
    }
    keys
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
