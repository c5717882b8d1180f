//! How the generator itself fared: its sending threads, what limited them, and whether it kept the order of a card's
//! requests.

use serde::Serialize;

use super::{ms, ratio, seconds};
use crate::measurements::sample::{self, Sample};
use crate::measurements::{LaneFacts, Measurements};
use crate::verdict::validity::{self, Evidence, Finding};

/// Health of the generator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeneratorSummary {
    /// CPU time of all lanes over requests sent, microseconds; includes waiting where the pacing spins.
    pub cpu_us_per_request: Option<f64>,
    /// Requests sent while another one of the same card was in flight.
    pub overlapping: u64,
    /// The same over sent.
    pub overlapping_share: Option<f64>,
    /// Time the hypervisor took from the cores we may use, over wall time.
    pub stolen_share: Option<f64>,
    /// Planned requests that never left, although the undisturbed run would have sent them by then.
    pub withheld: u64,
    /// The same over planned.
    pub withheld_share: Option<f64>,
    /// Deferred requests that the undisturbed run sent as intended.
    pub held_up: u64,
    /// Limits of this process or this machine that were hit.
    pub own_limits: Vec<LimitSummary>,
    /// What the rules found, the weightiest first; faults are reasons of the verdict as well.
    pub findings: Vec<Finding>,
    /// The sending threads.
    pub lanes: Vec<LaneSummary>,
    /// The same about once per second.
    pub samples: Vec<SampleSummary>,
}

/// A limit of this process or this machine that was hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitSummary {
    /// The limit with the name of its error.
    pub limit: String,
    /// How often it was hit.
    pub count: u64,
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
    pub involuntary_switches: Option<u64>,
    /// Page faults that went to disk.
    pub major_faults: Option<u64>,
    /// Whether the pacing burns CPU while it waits, so that `cpu_share` says nothing about load.
    pub spins: bool,
    /// The longest stretch between two looks at the kernel while work was due, milliseconds.
    pub longest_stall_ms: f64,
    /// The sum of all such stretches of 10 ms or more, milliseconds.
    pub stalled_ms: f64,
    /// Whether this lane used up its core or waited for it too long.
    pub out_of_cpu: bool,
}

/// About a second of the measure phase, as the kernel counted it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleSummary {
    /// Its beginning, seconds since the start of the measure phase.
    pub from_s: f64,
    /// Its end, likewise.
    pub to_s: f64,
    /// Time the hypervisor took from the cores we may use, over wall time.
    pub stolen_share: Option<f64>,
    /// How far the wall clock moved against the monotonic one, milliseconds.
    pub clock_step_ms: f64,
    /// How long the machine was suspended, milliseconds.
    pub suspended_ms: f64,
    /// The sending threads, in order.
    pub lanes: Vec<LaneSampleSummary>,
}

/// One sending thread in that time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LaneSampleSummary {
    /// CPU time less idle polling, over wall time.
    pub cpu_share: Option<f64>,
    /// Time ready to run but waiting for a core, over wall time.
    pub run_delay_share: Option<f64>,
    /// Involuntary context switches.
    pub involuntary_switches: u64,
    /// Page faults that went to disk.
    pub major_faults: u64,
}

impl GeneratorSummary {
    pub(crate) fn new(
        measurements: &Measurements,
        evidence: &Evidence<'_>,
        findings: Vec<Finding>,
    ) -> Self {
        let lanes = &measurements.lanes;
        let cpu_ns: u64 = lanes.iter().map(|lane| lane.cpu_ns).sum();
        let sent: u64 = lanes.iter().map(|lane| lane.sent).sum();
        let summarize = |(idx, lane)| LaneSummary::new(idx, lane, evidence);
        Self {
            cpu_us_per_request: ratio(cpu_ns, sent).map(|ns| ns / 1e3),
            overlapping: measurements.overlapping,
            overlapping_share: ratio(measurements.overlapping, measurements.ledger.sent),
            stolen_share: sample::stolen_share(&measurements.samples),
            withheld: measurements.withheld(),
            withheld_share: ratio(measurements.withheld(), measurements.ledger.planned),
            held_up: measurements.held_up(),
            own_limits: measurements
                .own_limits
                .iter()
                .map(|hit| LimitSummary {
                    limit: hit.limit.clone(),
                    count: hit.count,
                })
                .collect(),
            findings,
            lanes: lanes.iter().enumerate().map(summarize).collect(),
            samples: measurements
                .samples
                .iter()
                .map(SampleSummary::new)
                .collect(),
        }
    }
}

impl LaneSummary {
    fn new(idx: usize, lane: &LaneFacts, evidence: &Evidence<'_>) -> Self {
        let sampled = evidence.whole(idx);
        let counted = sampled.map(|stretch| stretch.counted);
        Self {
            lane: idx,
            cpu_share: lane.cpu_share,
            cpu_ms: ms(lane.cpu_ns),
            sent: lane.sent,
            run_delay_ms: counted.and_then(|counted| counted.run_delay_ns).map(ms),
            run_delay_share: sampled.and_then(|stretch| stretch.run_delay_share()),
            involuntary_switches: counted.map(|counted| counted.involuntary_switches),
            major_faults: counted.map(|counted| counted.major_faults),
            spins: lane.spins,
            longest_stall_ms: ms(lane.longest_stall_ns),
            stalled_ms: ms(lane.stalled_ns),
            out_of_cpu: validity::is_starved(evidence, idx),
        }
    }
}

impl SampleSummary {
    fn new(sample: &Sample) -> Self {
        let lanes = (0..sample.lanes.len()).filter_map(|idx| sample.stretch(idx));
        Self {
            from_s: seconds(sample.from_ns),
            to_s: seconds(sample.to_ns),
            stolen_share: sample::stolen_share([sample]),
            clock_step_ms: sample.clock_step_ns as f64 / 1e6,
            suspended_ms: ms(sample.suspended_ns),
            lanes: lanes
                .map(|stretch| LaneSampleSummary {
                    cpu_share: stretch.busy_share(),
                    run_delay_share: stretch.run_delay_share(),
                    involuntary_switches: stretch.counted.involuntary_switches,
                    major_faults: stretch.counted.major_faults,
                })
                .collect(),
        }
    }
}
