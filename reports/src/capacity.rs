//! The result of a capacity search: the highest offered rate that kept its promises, and every run that shows it.
//!
//! Owns the figures, their files and their words; knows nothing of how rates are chosen. `schema/capacity-v2.json` and
//! `docs/capacity.md` describe the document. It is also what an interrupted search goes on from, so it can be read back.
//! Units are those of the summary: milliseconds, rates per second, shares 0..=1; what does not exist is `None`.

mod chart;
mod knee;
mod page;
mod result;
mod step;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::summary::identity::{MachineFact, TapeSummary};

pub use self::result::{Bracket, CapacityResult, Ending, LimitedBy, Outcome};
pub use self::step::{CapacityStep, Purpose, StepVerdict};

/// Name and version of the format; a change that breaks readers changes it.
pub const SCHEMA: &str = "tapdeck-capacity-v2";

/// The version before, which has no lower bounds and can be gone on from.
const EARLIER: &str = "tapdeck-capacity-v1";

/// The JSON Schema (draft 2020-12) of a serialized [`CapacityReport`].
pub const JSON_SCHEMA: &str = include_str!("../schema/capacity-v2.json");

/// Everything published about one search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityReport {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What was found.
    pub result: CapacityResult,
    /// What was searched, with what, on which machine.
    pub identity: CapacityIdentity,
    /// How rates were chosen.
    pub rules: CapacityRules,
    /// Every run, in the order in which they were made.
    pub steps: Vec<CapacityStep>,
}

/// What was searched: enough to do it again, and to tell whether two searches may be joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityIdentity {
    /// Version of tapdeck.
    pub tapdeck_version: String,
    /// Service name.
    pub service: String,
    /// Target as given, credentials masked.
    pub target: String,
    /// The requests.
    pub tape: TapeSummary,
    /// The promises, as typed.
    pub slos: Vec<CapacitySlo>,
    /// Arrival process, its bursts included.
    pub arrivals: String,
    /// Seed of the arrivals; each run takes the next one.
    pub seed: u64,
    /// Length of a run before its measure phase.
    pub settle_s: f64,
    /// Length of the measure phase of a run.
    pub measure_s: f64,
    /// Connections over all lanes.
    pub connections: u32,
    /// Request timeout.
    pub timeout_ms: f64,
    /// Facts about the machine.
    pub machine: Vec<MachineFact>,
}

/// A promise that a rate must keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacitySlo {
    /// As typed.
    pub text: String,
    /// The limit, of a promise on a response-time quantile.
    pub response_limit_ms: Option<f64>,
}

/// How rates were chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityRules {
    /// First rate.
    pub start_per_s: f64,
    /// Factor from one rate of the climb to the next.
    pub climb: f64,
    /// Gap between what holds and what does not in the end, at most.
    pub precision: f64,
    /// Runs that must hold at the capacity.
    pub repeats: u32,
    /// No rate above was to be tried.
    pub highest_per_s: f64,
}

impl CapacityReport {
    /// Puts a report together from what was found and the runs that show it.
    pub fn new(
        bracket: Bracket,
        ending: Ending,
        identity: CapacityIdentity,
        rules: CapacityRules,
        steps: Vec<CapacityStep>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            result: CapacityResult::new(bracket, ending, knee::knee(&steps)),
            identity,
            rules,
            steps,
        }
    }

    /// Writes the document.
    ///
    /// Errors: `Json` for a figure that JSON cannot hold.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|source| Error::Json { source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a document back.
    ///
    /// Errors: says what is wrong with it, with line and column where there is one.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let report: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if [SCHEMA, EARLIER].contains(&report.schema.as_str()) {
            Ok(report)
        } else {
            Err(format!(
                "its schema is {:?}, expected {SCHEMA:?}",
                report.schema
            ))
        }
    }

    /// Gives every file of the report with its name: the page, the document, the pictures.
    ///
    /// Errors: `Chart` or `Json`.
    pub fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
        Ok(vec![
            (PAGE, page::render(self)?),
            (DOCUMENT, self.to_json()?),
            (LATENCY, chart::latency(self)?.to_svg().into_bytes()),
            (ERRORS, chart::errors(self)?.to_svg().into_bytes()),
        ])
    }
}

/// Name of the document among the files.
pub const DOCUMENT: &str = "capacity.json";

const PAGE: &str = "index.html";
const LATENCY: &str = "latency.svg";
const ERRORS: &str = "errors.svg";

/// Names of the files beside the document.
pub const FILES_BESIDE_DOCUMENT: [&str; 3] = [PAGE, LATENCY, ERRORS];
