//! What the rules look at: the run, its ladder of quantiles, and the samples in which sends were late.

use crate::format;
use crate::measurements::sample::{Sample, Stretch};
use crate::measurements::{Measurements, SecondMeasurements};
use crate::summary::quantiles::QuantileRow;
use crate::verdict::gates::{GateOutcome, GateResult};

use super::Weight;
use super::distorted::DISTORTION_FORGIVEN_NS;
use super::standstill::Doing;

/// Send-lag p99 of a second below which it counts as on time, nanoseconds.
pub const SEND_LAG_P99_FORGIVEN_NS: u64 = 1_000_000;

/// Longest stall of a second from which on it counts as late, nanoseconds.
pub(super) const STALL_NOTICED_NS: u64 = 10_000_000;

/// How much of a second a sample must cover for its lateness to be the sample's, nanoseconds.
const OVERLAP_NS: u64 = 100_000_000;

pub(super) const NS_PER_S: u64 = 1_000_000_000;

/// A run as the rules see it.
pub(crate) struct Evidence<'a> {
    pub(super) run: &'a Measurements,
    pub(super) quantiles: &'a [QuantileRow],
    pub(super) gates: &'a [GateResult],
    /// Samples in which sends were late, and the others.
    late: Vec<&'a Sample>,
    on_time: Vec<&'a Sample>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        run: &'a Measurements,
        quantiles: &'a [QuantileRow],
        gates: &'a [GateResult],
    ) -> Self {
        // Where our lag spoils the figures, whatever could add to it is of interest.
        let limit_ns = if quantiles.iter().any(|row| row.judged && row.excessive) {
            DISTORTION_FORGIVEN_NS
        } else {
            SEND_LAG_P99_FORGIVEN_NS
        };
        let is_late = |sample: &&Sample| {
            let late = |second: &SecondMeasurements| {
                second
                    .send_lag_ns
                    .is_some_and(|lag_ns| lag_ns[1] > limit_ns)
                    || second.longest_stall_ns >= STALL_NOTICED_NS
            };
            seconds(run, sample).any(|(second, _)| late(second))
        };
        let (late, on_time) = run.samples.iter().partition(is_late);
        Self {
            run,
            quantiles,
            gates,
            late,
            on_time,
        }
    }

    /// Gives the number of cores that the generator had; `None` if nobody says.
    pub(super) fn cores(&self) -> Option<usize> {
        let mut facts = self.run.identity.machine.iter();
        let (_, cores) = facts.find(|(name, _)| name == "cores")?;
        cores.parse().ok()
    }

    /// Tells whether our lag makes up too much of a judged quantile.
    pub(super) fn is_distorted(&self) -> bool {
        self.quantiles.iter().any(|row| row.judged && row.excessive)
    }

    /// Gives the gates on response times.
    pub(super) fn latency_gates(&self) -> impl Iterator<Item = &'a GateResult> {
        self.gates.iter().filter(|gate| gate.is_latency())
    }

    /// Weighs what makes response times untrustworthy: where every gate on them held, our lag included, it has decided nothing.
    pub(super) fn weigh_times(&self) -> Weight {
        let mut gates = self.latency_gates().peekable();
        let is_decided =
            gates.peek().is_some() && gates.all(|gate| gate.outcome == GateOutcome::Kept);
        if is_decided {
            Weight::Cause
        } else {
            Weight::Fault
        }
    }

    /// Gives the samples in which sends were late.
    pub(super) fn late(&self) -> &[&'a Sample] {
        &self.late
    }

    /// Gives the samples in which they were not.
    pub(super) fn on_time(&self) -> &[&'a Sample] {
        &self.on_time
    }

    /// Gives a lane's part of the whole measure phase.
    pub(crate) fn whole(&self, lane_idx: usize) -> Option<Stretch> {
        Stretch::over(&self.run.samples, lane_idx)
    }

    /// Gives a lane's part of the samples in which sends were late.
    pub(super) fn while_late(&self, lane_idx: usize) -> Option<Stretch> {
        Stretch::over(self.late.iter().copied(), lane_idx)
    }

    /// Gives a lane's part of those of them in which it could have been on time: it was not stopped from outside.
    pub(super) fn while_late_and_running(&self, lane_idx: usize) -> Option<Stretch> {
        let is_stopped = |second: &SecondMeasurements, idx: u64| {
            let stall_ns = second.longest_stall_ns;
            stall_ns >= STALL_NOTICED_NS
                && Doing::meanwhile(self, lane_idx, idx, stall_ns) == Doing::Stopped
        };
        let late = self.late.iter().copied();
        let running = late.filter(|sample| {
            !seconds(self.run, sample).any(|(second, idx)| is_stopped(second, idx))
        });
        Stretch::over(running, lane_idx)
    }

    /// Gives a lane's part of the other samples.
    pub(super) fn while_on_time(&self, lane_idx: usize) -> Option<Stretch> {
        Stretch::over(self.on_time.iter().copied(), lane_idx)
    }

    /// Says in how much of the run sends were late, as the beginning of a sentence.
    pub(super) fn when_late(&self) -> String {
        if self.on_time.is_empty() {
            return "Throughout the run".to_owned();
        }
        let late = match self.late.len() {
            1 => "one".to_owned(),
            late => format::count(late as u64),
        };
        let all = format::count(self.run.samples.len() as u64);
        format!("In the {late} of {all} seconds with late sends")
    }
}

/// Gives the seconds that a sample is part of, each with its number.
fn seconds<'a>(
    run: &'a Measurements,
    sample: &Sample,
) -> impl Iterator<Item = (&'a SecondMeasurements, u64)> {
    let (from_ns, to_ns) = (sample.from_ns, sample.to_ns);
    let seconds = run.seconds.iter().zip(0_u64..);
    seconds.filter(move |&(_, second)| {
        let (starts_ns, ends_ns) = (second * NS_PER_S, (second + 1) * NS_PER_S);
        ends_ns.min(to_ns).saturating_sub(starts_ns.max(from_ns)) >= OVERLAP_NS
    })
}
