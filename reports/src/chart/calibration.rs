//! A machine's send lag and CPU time by rate, a curve per pacing mode.

use super::axis::Axis;
use super::plot::{HEIGHT, Layer, Plot, Point, WIDTH};
use super::{Chart, Ink, Key, Stroke, line};
use crate::calibration::{Calibration, Step};
use crate::{Error, format};

/// Pacing modes with the curves of their p99 and their p50.
const MODES: [(&str, Key, Key); 3] = [
    (
        "timer",
        line("timer, p99", Ink::Gray, Stroke::Solid),
        line("timer, p50", Ink::Gray, Stroke::Dashed),
    ),
    (
        "hybrid",
        line("hybrid, p99", Ink::Blue, Stroke::Solid),
        line("hybrid, p50", Ink::Blue, Stroke::Dashed),
    ),
    (
        "spin",
        line("spin, p99", Ink::Orange, Stroke::Solid),
        line("spin, p50", Ink::Orange, Stroke::Dashed),
    ),
];

/// A curve: its legend entry and its points.
type Curve = (Key, Vec<Option<Point>>);

pub(crate) fn send_lag(calibration: &Calibration) -> Result<Chart, Error> {
    let curves = MODES.iter().flat_map(|(mode, p99, p50)| {
        [
            curve(calibration, mode, *p50, |step| step.send_lag_p50_ms),
            curve(calibration, mode, *p99, |step| step.send_lag_p99_ms),
        ]
    });
    plot(
        "Send lag by rate",
        "How late requests leave, by pacing mode; both scales logarithmic.",
        curves.collect(),
    )
}

pub(crate) fn cpu(calibration: &Calibration) -> Result<Chart, Error> {
    let curves = MODES.iter().map(|(mode, p99, _)| {
        // One curve per mode needs no more than its name.
        let key = Key { name: mode, ..*p99 };
        curve(calibration, mode, key, |step| {
            Some(step.cpu_us_per_request? / 1e3)
        })
    });
    plot(
        "CPU time per request by rate",
        "All of it, waiting for the instant included where the pacing polls; both scales logarithmic.",
        curves.collect(),
    )
}

fn curve(
    calibration: &Calibration,
    mode: &str,
    key: Key,
    value: impl Fn(&Step) -> Option<f64>,
) -> Curve {
    let of_one_lane = calibration
        .capacities
        .iter()
        .find(|capacity| capacity.lanes == 1);
    let highest = of_one_lane.and_then(|capacity| capacity.highest_per_s);
    // Beyond the highest valid rate the figures are no longer about sending on time.
    let shown = |step: &&Step| highest.is_none_or(|highest| step.rate_per_s <= highest);
    let steps = calibration.ladder(mode).into_iter().filter(shown);
    let point = |step: &Step| value(step).map(|value| (step.rate_per_s, value));
    (key, steps.map(point).collect())
}

fn plot(
    title: &'static str,
    reading: &'static str,
    mut curves: Vec<Curve>,
) -> Result<Chart, Error> {
    curves.retain(|(_, points)| !points.is_empty());
    let points = || curves.iter().flat_map(|(_, points)| points).flatten();
    Plot {
        title,
        reading,
        legend: curves.iter().rev().map(|(key, _)| *key).collect(),
        width: WIDTH,
        height: HEIGHT,
        x: Axis::log(points().map(|(rate, _)| *rate), format::rate),
        y: Axis::durations(points().map(|(_, duration)| *duration)),
        layers: curves
            .iter()
            .map(|(key, points)| Layer::Curve {
                key: *key,
                points: points.clone(),
            })
            .collect(),
    }
    .draw()
}
