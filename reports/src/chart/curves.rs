//! The two kinds of line chart: something over time, and durations by percentile.

use super::axis::Axis;
use super::plot::{HEIGHT, Layer, Plot, Point, WIDTH};
use super::series::{self, Bucket};
use super::{Chart, Key};
use crate::Error;
use crate::summary::Summary;
use crate::summary::quantiles::PercentilePoint;

/// A curve over time: its legend entry, and its value in a bucket of seconds.
pub(super) type Track = (Key, fn(&Bucket<'_>) -> Option<f64>);

/// A curve by percentile: its legend entry, and its duration at a point.
pub(super) type Kind = (Key, fn(&PercentilePoint) -> Option<f64>);

/// What the curves of a chart over time measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Duration,
    Rate,
}

/// Draws curves over the measure phase, the first at the back.
pub(super) fn over_time(
    summary: &Summary,
    title: &'static str,
    reading: &'static str,
    quantity: Quantity,
    tracks: &[Track],
) -> Result<Chart, Error> {
    let curves: Vec<(Key, Vec<Option<Point>>)> = tracks
        .iter()
        .map(|(key, value)| {
            let point = |bucket: Bucket<'_>| value(&bucket).map(|y| (bucket.middle_s, y));
            (*key, series::buckets(summary).map(point).collect())
        })
        .collect();
    let y = match quantity {
        Quantity::Duration => Axis::durations(heights(&curves)),
        Quantity::Rate => Axis::rates(heights(&curves).fold(0.0, f64::max)),
    };
    plot(
        title,
        reading,
        Axis::elapsed(series::length_s(summary)),
        y,
        curves,
    )
    .draw()
}

/// Draws durations over the percentile axis, the first at the back.
pub(super) fn by_percentile(
    summary: &Summary,
    title: &'static str,
    reading: &'static str,
    kinds: &[Kind],
) -> Result<Chart, Error> {
    let curves: Vec<(Key, Vec<Option<Point>>)> = kinds
        .iter()
        .map(|(key, duration)| {
            let point = |at: &PercentilePoint| duration(at).map(|duration| (at.quantile, duration));
            (*key, summary.percentiles.iter().map(point).collect())
        })
        .collect();
    let top = points(&curves)
        .map(|(quantile, _)| quantile)
        .fold(0.0, f64::max);
    let y = Axis::durations(heights(&curves));
    plot(title, reading, Axis::percentiles(top), y, curves).draw()
}

/// Stacks curves from back to front; the legend names the front one first.
fn plot(
    title: &'static str,
    reading: &'static str,
    x: Axis,
    y: Axis,
    curves: Vec<(Key, Vec<Option<Point>>)>,
) -> Plot {
    let curve = |(key, points)| Layer::Curve { key, points };
    Plot {
        title,
        reading,
        legend: curves.iter().rev().map(|(key, _)| *key).collect(),
        width: WIDTH,
        height: HEIGHT,
        x,
        y,
        layers: curves.into_iter().map(curve).collect(),
    }
}

fn points(curves: &[(Key, Vec<Option<Point>>)]) -> impl Iterator<Item = Point> {
    curves
        .iter()
        .flat_map(|(_, points)| points)
        .flatten()
        .copied()
}

fn heights(curves: &[(Key, Vec<Option<Point>>)]) -> impl Iterator<Item = f64> {
    points(curves).map(|(_, y)| y)
}
