//! What was run, with what, on which machine, and for how long.

use serde::{Deserialize, Serialize};

use super::{ms, seconds};
use crate::measurements::{Ending, Identity, Measurements};

/// What was run: enough to run it again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentitySummary {
    /// Version of tapdeck.
    pub tapdeck_version: String,
    /// Service name.
    pub service: String,
    /// Target as given, credentials masked.
    pub target: String,
    /// Start of the measure phase, RFC 3339 UTC.
    pub started_at: String,
    /// The requests.
    pub tape: TapeSummary,
    /// When they were to be sent.
    pub schedule: ScheduleSummary,
    /// How they were sent.
    pub replay: ReplaySummary,
    /// Facts about the machine.
    pub machine: Vec<MachineFact>,
}

/// The tape that was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapeSummary {
    /// File name.
    pub file: String,
    /// Hex digest.
    pub digest: String,
    /// Records on it.
    pub records: u64,
    /// Seed it was generated with, if it was generated.
    pub seed: Option<u64>,
}

/// The schedule that was played.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScheduleSummary {
    /// Arrival process by name.
    pub arrivals: String,
    /// Rate profile as typed.
    pub profile: String,
    /// Seed of the arrival process.
    pub seed: u64,
    /// Mean planned rate over the measure phase.
    pub planned_rate_per_s: f64,
    /// Event time played per second of wall time.
    pub time_compression: f64,
}

/// How the requests were sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplaySummary {
    /// Connections over all lanes.
    pub connections: u32,
    /// In-flight cap over all lanes.
    pub in_flight_cap: u32,
    /// Request timeout.
    pub timeout_ms: f64,
    /// Pacing mode by name.
    pub pacing: String,
}

/// One fact about the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineFact {
    /// What it is about, for example `kernel`.
    pub name: String,
    /// The fact.
    pub value: String,
}

impl IdentitySummary {
    pub(crate) fn new(identity: &Identity) -> Self {
        let fact = |(name, value): &(String, String)| MachineFact {
            name: name.clone(),
            value: value.clone(),
        };
        Self {
            tapdeck_version: identity.version.clone(),
            service: identity.service.clone(),
            target: identity.target.clone(),
            started_at: identity.started_at.clone(),
            tape: TapeSummary {
                file: identity.tape.clone(),
                digest: identity.tape_digest.clone(),
                records: identity.tape_records,
                seed: identity.tape_seed,
            },
            schedule: ScheduleSummary {
                arrivals: identity.arrivals.clone(),
                profile: identity.profile.clone(),
                seed: identity.schedule_seed,
                planned_rate_per_s: identity.planned_rate,
                time_compression: identity.time_compression,
            },
            replay: ReplaySummary {
                connections: identity.connections,
                in_flight_cap: identity.in_flight_cap,
                timeout_ms: ms(identity.timeout_ns),
                pacing: identity.pacing.clone(),
            },
            machine: identity.machine.iter().map(fact).collect(),
        }
    }
}

/// How long the phases were and how the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PhasesSummary {
    /// Planned length of the warm-up phase, of which nothing is published.
    pub warm_up_s: f64,
    /// Planned length of the measure phase.
    pub measure_s: f64,
    /// Length of the measure phase as it happened.
    pub measured_s: f64,
    /// How the run ended.
    pub ending: EndingSummary,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndingSummary {
    /// The whole schedule was played.
    Completed,
    /// The user stopped it.
    Interrupted,
    /// It stopped by itself.
    Aborted,
}

impl PhasesSummary {
    pub(crate) fn new(measurements: &Measurements) -> Self {
        Self {
            warm_up_s: seconds(measurements.identity.warm_up_ns),
            measure_s: seconds(measurements.identity.measure_ns),
            measured_s: seconds(measurements.measured_ns),
            ending: match measurements.ending {
                Ending::Completed => EndingSummary::Completed,
                Ending::Interrupted => EndingSummary::Interrupted,
                Ending::Aborted => EndingSummary::Aborted,
            },
        }
    }
}
