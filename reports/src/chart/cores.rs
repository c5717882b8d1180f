//! What the lanes had of their cores over time, and who had the rest.

use super::axis::Axis;
use super::plot::{HEIGHT, Layer, Plot, Point, WIDTH};
use super::series::{self, POINTS_MAX};
use super::{Chart, Ink, Key, Stroke, line};
use crate::Error;
use crate::summary::Summary;
use crate::summary::generator::SampleSummary;

/// A curve: its legend entry, and its share of a sample.
type Track = (Key, fn(&SampleSummary) -> Option<f64>);

/// From back to front.
const TRACKS: [Track; 3] = [
    (
        line("taken by the hypervisor", Ink::Gray, Stroke::Dashed),
        |sample| sample.stolen_share,
    ),
    (
        line("waiting for a core", Ink::Orange, Stroke::Solid),
        |sample| {
            let waits = sample.lanes.iter().filter_map(|lane| lane.run_delay_share);
            waits.reduce(f64::max)
        },
    ),
    (line("busy", Ink::Blue, Stroke::Solid), |sample| {
        let shares = sample.lanes.iter().filter_map(|lane| lane.cpu_share);
        shares.reduce(f64::max)
    }),
];

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    let samples = &summary.generator.samples;
    // As over time elsewhere: of a long run, each point is the worst of several seconds.
    let buckets = samples.chunks(samples.len().div_ceil(POINTS_MAX).max(1));
    let curve = |&(key, share): &Track| Layer::Curve {
        key,
        points: buckets.clone().map(|bucket| point(bucket, share)).collect(),
    };
    Plot {
        title: "Cores over time",
        reading: "What the lane that fared worst had of its core, each second, and what it lacked.",
        legend: TRACKS.iter().rev().map(|(key, _)| *key).collect(),
        width: WIDTH,
        height: HEIGHT,
        x: Axis::elapsed(series::length_s(summary)),
        y: Axis::shares(),
        layers: TRACKS.iter().map(curve).collect(),
    }
    .draw()
}

fn point(bucket: &[SampleSummary], share: fn(&SampleSummary) -> Option<f64>) -> Option<Point> {
    let middle_s = f64::midpoint(bucket.first()?.from_s, bucket.last()?.to_s);
    let worst = bucket.iter().filter_map(share).reduce(f64::max)?;
    Some((middle_s, worst))
}
