//! What the rules look at: the run, its ladder of quantiles, and the samples in which sends were late.

use crate::format;
use crate::measurements::Measurements;
use crate::measurements::sample::{Sample, Stretch};
use crate::summary::ms;
use crate::summary::quantiles::QuantileRow;

use super::distorted::DISTORTION_FORGIVEN_NS;

/// Send-lag p99 below which a shortage did no harm, nanoseconds.
pub const SEND_LAG_P99_FORGIVEN_NS: u64 = 1_000_000;

/// How much of a second a sample must cover for its lateness to be the sample's, nanoseconds.
const OVERLAP_NS: u64 = 100_000_000;

const NS_PER_S: u64 = 1_000_000_000;

/// A run as the rules see it.
pub(crate) struct Evidence<'a> {
    pub(super) run: &'a Measurements,
    pub(super) quantiles: &'a [QuantileRow],
    /// Samples in which sends were late, and the others.
    late: Vec<&'a Sample>,
    on_time: Vec<&'a Sample>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(run: &'a Measurements, quantiles: &'a [QuantileRow]) -> Self {
        // Where our lag spoils the figures, whatever could add to it is of interest.
        let limit_ns = if quantiles.iter().any(|row| row.judged && row.excessive) {
            DISTORTION_FORGIVEN_NS
        } else {
            SEND_LAG_P99_FORGIVEN_NS
        };
        let is_late = |sample: &&Sample| {
            let late = |lag_ns: [u64; 3]| lag_ns[1] > limit_ns;
            lags(run, sample).any(late)
        };
        let (late, on_time) = run.samples.iter().partition(is_late);
        Self {
            run,
            quantiles,
            late,
            on_time,
        }
    }

    /// Tells whether our lag makes up too much of a judged quantile.
    pub(super) fn is_distorted(&self) -> bool {
        self.quantiles.iter().any(|row| row.judged && row.excessive)
    }

    /// Tells whether sends were late enough for a shortage to have done harm.
    pub(super) fn is_late(&self) -> bool {
        self.run.send_lag.quantile(0.99) > SEND_LAG_P99_FORGIVEN_NS
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

    /// Gives a lane's part of the other samples.
    pub(super) fn while_on_time(&self, lane_idx: usize) -> Option<Stretch> {
        Stretch::over(self.on_time.iter().copied(), lane_idx)
    }

    /// Gives the largest send lag in the seconds that a sample is part of, nanoseconds.
    pub(super) fn worst_lag_ns(&self, sample: &Sample) -> u64 {
        lags(self.run, sample)
            .map(|lag_ns| lag_ns[2])
            .max()
            .unwrap_or(0)
    }

    /// Says in how much of the run sends were late, as the beginning of a sentence.
    pub(super) fn when_late(&self) -> String {
        match self.on_time.len() {
            0 => "Throughout the run".to_owned(),
            _ => format!(
                "In the {} of {} seconds with late sends",
                format::count(self.late.len() as u64),
                format::count(self.run.samples.len() as u64),
            ),
        }
    }

    /// Says how late sends were.
    pub(super) fn how_late(&self) -> String {
        let lag_ns = self.run.send_lag.quantile(0.99);
        format!(
            "while the send lag p99 was {}",
            format::duration(ms(lag_ns))
        )
    }
}

/// Gives the send lags of the seconds that a sample is part of: p50, p99, maximum.
fn lags<'a>(run: &'a Measurements, sample: &Sample) -> impl Iterator<Item = [u64; 3]> + 'a {
    let (from_ns, to_ns) = (sample.from_ns, sample.to_ns);
    let seconds = run.seconds.iter().zip(0_u64..);
    seconds
        .filter(move |&(_, second)| {
            let (starts_ns, ends_ns) = (second * NS_PER_S, (second + 1) * NS_PER_S);
            ends_ns.min(to_ns).saturating_sub(starts_ns.max(from_ns)) >= OVERLAP_NS
        })
        .filter_map(|(second, _)| second.send_lag_ns)
}
