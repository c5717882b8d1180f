//! One run of a search.

use serde::{Deserialize, Serialize};

use crate::format::{self, BoundMark};
use crate::summary::Summary;
use crate::summary::quantiles::QuantileRow;
use crate::verdict::Verdict;

/// One run at one rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityStep {
    /// Rate it was planned for.
    pub rate_per_s: f64,
    /// Why this rate.
    pub purpose: Purpose,
    /// What became of it.
    pub verdict: StepVerdict,
    /// Why, the weightiest first; plain sentences.
    pub reasons: Vec<String>,
    /// Start of the measure phase, RFC 3339 UTC.
    pub started_at: String,
    /// Planned over measured time: the rate as drawn.
    pub offered_per_s: Option<f64>,
    /// Completed over measured time.
    pub achieved_per_s: Option<f64>,
    /// Planned requests that did not end good and steps left out, as a share.
    pub error_share: Option<f64>,
    /// Response time at half of the requests.
    pub response_ms_p50: Option<f64>,
    /// Response time at 95 %.
    pub response_ms_p95: Option<f64>,
    /// Response time at 99 %.
    pub response_ms_p99: Option<f64>,
    /// Longest response time.
    pub response_ms_max: Option<f64>,
    /// Names of the quantiles that fall among requests without an answer, so that the true response time is at least as long.
    #[serde(default)]
    pub lower_bounds: Vec<String>,
    /// Names of those that our own lag makes up more of than is accepted, so that the target was at least as fast.
    #[serde(default)]
    pub upper_bounds: Vec<String>,
    /// Send lag at 99 %.
    pub send_lag_ms_p99: Option<f64>,
    /// Read lag at 99 %.
    #[serde(default)]
    pub read_lag_ms_p99: Option<f64>,
}

/// Why a rate was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To find rates on both sides of the capacity.
    Climb,
    /// To halve the gap between them.
    Narrow,
    /// To prove the highest that holds.
    Confirm,
}

impl Purpose {
    /// Gives the word people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Climb => "climb",
            Self::Narrow => "narrow",
            Self::Confirm => "confirm",
        }
    }
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepVerdict {
    /// Every promise was kept.
    Held,
    /// The target broke a promise.
    Missed,
    /// The generator spoiled the run; it says nothing about the target.
    Spoiled,
}

impl StepVerdict {
    /// Gives the word people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Missed => "missed",
            Self::Spoiled => "spoiled by us",
        }
    }
}

impl CapacityStep {
    /// Gives a quantile of the response time as people read it, marked where it is a bound.
    pub fn response_text(&self, name: &str) -> String {
        let figure = match name {
            "p50" => self.response_ms_p50,
            "p95" => self.response_ms_p95,
            "p99" => self.response_ms_p99,
            "max" => self.response_ms_max,
            _ => None,
        };
        let bound = BoundMark::listed(name, &self.lower_bounds, &self.upper_bounds);
        format::or_na(figure, |ms| bound.duration(ms))
    }

    /// Takes from a run's summary what a search is told by.
    pub fn new(rate_per_s: f64, purpose: Purpose, summary: &Summary) -> Self {
        let response = |name: &str| {
            let row = summary.quantiles.iter().find(|row| row.name == name);
            row.and_then(|row| row.response_ms)
        };
        let names = |is_named: &dyn Fn(&QuantileRow) -> bool| {
            let rows = summary.quantiles.iter().filter(|row| is_named(row));
            rows.map(|row| row.name.clone()).collect()
        };
        Self {
            rate_per_s,
            purpose,
            verdict: match summary.verdict.verdict {
                Verdict::Pass => StepVerdict::Held,
                Verdict::SloMissed => StepVerdict::Missed,
                Verdict::Invalid => StepVerdict::Spoiled,
            },
            reasons: summary.verdict.reasons.clone(),
            started_at: summary.identity.started_at.clone(),
            offered_per_s: summary.rates.offered_per_s,
            achieved_per_s: summary.rates.achieved_per_s,
            error_share: summary.rates.error_share,
            response_ms_p50: response("p50"),
            response_ms_p95: response("p95"),
            response_ms_p99: response("p99"),
            response_ms_max: response("max"),
            lower_bounds: names(&|row| row.lower_bound),
            upper_bounds: names(&|row| row.excessive),
            send_lag_ms_p99: summary.latency.send_lag_ms.figures.p99,
            read_lag_ms_p99: summary.latency.read_lag_ms.figures.p99,
        }
    }
}
