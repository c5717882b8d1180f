//! Figures per rate, and where their curve bends.

use super::{CapacityStep, StepVerdict};

/// Points a curve needs before anything can be said about its bend.
const FEWEST: usize = 4;

/// A bend less than this share of both axes is a straight line.
const STRAIGHT: f64 = 0.1;

/// Gives the median over the runs at each rate of what `value` takes from them, by rate; spoiled runs say nothing.
pub(super) fn medians(
    steps: &[CapacityStep],
    value: impl Fn(&CapacityStep) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let told = steps
        .iter()
        .filter(|step| step.verdict != StepVerdict::Spoiled);
    let mut points: Vec<(f64, f64)> = told
        .filter_map(|step| Some((step.rate_per_s, value(step)?)))
        .collect();
    points.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    points
        .chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq())
        .map(|runs| runs[runs.len() / 2])
        .collect()
}

/// Finds the rate at which the p99 of the response time bends upwards the most, its logarithm taken: the point furthest
/// below the chord from the first to the last. `None` for few points, and where nothing bends.
///
/// Source: Satopää et al., "Finding a Kneedle in a Haystack", ICDCSW 2011.
pub(super) fn knee(steps: &[CapacityStep]) -> Option<f64> {
    let points = medians(steps, |step| {
        step.response_ms_p99.filter(|&ms| ms > 0.0).map(f64::ln)
    });
    let (&(first_x, first_y), &(last_x, last_y)) = (points.first()?, points.last()?);
    let (width, height) = (last_x - first_x, last_y - first_y);
    if points.len() < FEWEST || width <= 0.0 || height <= 0.0 {
        return None;
    }
    let below = |&(x, y): &(f64, f64)| (x - first_x) / width - (y - first_y) / height;
    let knee = points
        .iter()
        .max_by(|left, right| below(left).total_cmp(&below(right)))?;
    (below(knee) > STRAIGHT).then_some(knee.0)
}
