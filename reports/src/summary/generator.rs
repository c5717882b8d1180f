//! How the generator itself fared: its sending threads, and whether it kept the order of a card's requests.

use serde::Serialize;

use super::{ms, ratio};
use crate::measurements::Measurements;
use crate::verdict::validity;

/// Health of the generator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeneratorSummary {
    /// CPU time of all lanes over requests sent, microseconds; includes waiting where the pacing spins.
    pub cpu_us_per_request: Option<f64>,
    /// Requests sent while another one of the same card was in flight.
    pub overlapping: u64,
    /// The same over sent.
    pub overlapping_share: Option<f64>,
    /// The sending threads.
    pub lanes: Vec<LaneSummary>,
}

/// One sending thread over the measure phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LaneSummary {
    /// Position of the lane, from 0.
    pub lane: usize,
    /// CPU time over wall time, 0..=1.
    pub cpu_share: f64,
    /// CPU time used, milliseconds.
    pub cpu_ms: f64,
    /// Requests sent.
    pub sent: u64,
    /// Time ready to run but waiting for a core, milliseconds.
    pub run_delay_ms: Option<f64>,
    /// The same over wall time.
    pub run_delay_share: Option<f64>,
    /// Involuntary context switches.
    pub involuntary_switches: u64,
    /// Page faults that went to disk.
    pub major_faults: u64,
    /// Whether the pacing burns CPU while it waits, so that `cpu_share` says nothing about load.
    pub spins: bool,
    /// Whether this lane ran out of CPU, which makes the run invalid.
    pub out_of_cpu: bool,
}

impl GeneratorSummary {
    pub(crate) fn new(measurements: &Measurements) -> Self {
        let lanes = &measurements.lanes;
        let cpu_ns: u64 = lanes.iter().map(|lane| lane.cpu_ns).sum();
        let sent: u64 = lanes.iter().map(|lane| lane.sent).sum();
        Self {
            cpu_us_per_request: ratio(cpu_ns, sent).map(|ns| ns / 1e3),
            overlapping: measurements.overlapping,
            overlapping_share: ratio(measurements.overlapping, measurements.ledger.sent),
            lanes: (0..lanes.len())
                .map(|idx| LaneSummary::new(idx, measurements))
                .collect(),
        }
    }
}

impl LaneSummary {
    fn new(idx: usize, measurements: &Measurements) -> Self {
        let lane = &measurements.lanes[idx];
        Self {
            lane: idx,
            cpu_share: lane.cpu_share,
            cpu_ms: ms(lane.cpu_ns),
            sent: lane.sent,
            run_delay_ms: lane.run_delay_ns.map(ms),
            run_delay_share: validity::run_delay_share(lane, measurements.measured_ns),
            involuntary_switches: lane.involuntary_switches,
            major_faults: lane.major_faults,
            spins: lane.spins,
            out_of_cpu: validity::shortage(lane, measurements).is_some(),
        }
    }
}
