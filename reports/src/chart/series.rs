//! The seconds of a run as points: bounded in number whatever the length of the run.
//!
//! A long run is cut into equal buckets of seconds. Rates are means over a bucket; times are the worst second in it, so
//! that a stall of one second shows in a run of a day.

use crate::summary::Summary;
use crate::summary::seconds::SecondSummary;

/// Points per curve at most.
pub(super) const POINTS_MAX: usize = 600;

/// A share of a second too short to divide by: its rate would be noise.
const SHORTEST_S: f64 = 0.1;

/// Consecutive seconds that make one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket<'a> {
    seconds: &'a [SecondSummary],
    /// Length of the bucket that the measure phase covers, seconds.
    covered_s: f64,
    /// Middle of the bucket, seconds since the start of the measure phase.
    pub(super) middle_s: f64,
}

/// Cuts the run into buckets.
pub(super) fn buckets(summary: &Summary) -> impl Iterator<Item = Bucket<'_>> {
    let size = summary.seconds.len().div_ceil(POINTS_MAX).max(1);
    let measured_s = summary.phases.measured_s;
    summary.seconds.chunks(size).map(move |seconds| {
        let start_s = seconds[0].second as f64;
        let end_s = start_s + seconds.len() as f64;
        let covered_s = if measured_s > start_s {
            measured_s.min(end_s) - start_s
        } else {
            end_s - start_s
        };
        Bucket {
            seconds,
            covered_s,
            middle_s: start_s + covered_s / 2.0,
        }
    })
}

impl Bucket<'_> {
    /// Gives the mean rate of something counted per second; `None` where the bucket is too short to tell.
    pub(super) fn rate(&self, count: impl Fn(&SecondSummary) -> u64) -> Option<f64> {
        let sum: u64 = self.seconds.iter().map(count).sum();
        (self.covered_s >= SHORTEST_S).then(|| sum as f64 / self.covered_s)
    }

    /// Gives the largest of something measured per second; `None` where no second has it.
    pub(super) fn worst(&self, value: impl Fn(&SecondSummary) -> Option<f64>) -> Option<f64> {
        self.seconds.iter().filter_map(value).reduce(f64::max)
    }
}

/// Gives the length of the run on a time axis, seconds.
pub(super) fn length_s(summary: &Summary) -> f64 {
    summary.seconds.len() as f64
}
