//! Response time and errors against the offered rate, the capacity and the knee marked.

use super::knee::medians;
use super::{CapacityReport, CapacityStep, Outcome, StepVerdict};
use crate::chart::axis::Axis;
use crate::chart::plot::{End, HEIGHT, Layer, Plot, Point, WIDTH};
use crate::chart::{Chart, Ink, Key, Stroke, line};
use crate::{Error, format};

/// What a step is asked for.
type Figure = fn(&CapacityStep) -> Option<f64>;

const CURVES: [(Key, Figure); 3] = [
    (line("p99", Ink::Orange, Stroke::Solid), |step| {
        step.response_ms_p99
    }),
    (line("p95", Ink::Blue, Stroke::Solid), |step| {
        step.response_ms_p95
    }),
    (line("p50", Ink::Teal, Stroke::Solid), |step| {
        step.response_ms_p50
    }),
];

const PROMISE: Key = line("promise", Ink::Gray, Stroke::Dashed);
const HIGHEST: Key = line("highest rate that holds", Ink::Text, Stroke::Dashed);
const ERRORS: Key = line("errors", Ink::Orange, Stroke::Solid);

/// Radii in quarters of a pixel: a run, the knee.
const RUN: u32 = 10;
const KNEE: u32 = 18;

/// Draws the quantiles of the response time.
///
/// Errors: `Chart` if the drawing library refuses.
pub(super) fn latency(report: &CapacityReport) -> Result<Chart, Error> {
    let curves: Vec<(Key, Vec<Point>)> = CURVES
        .map(|(key, figure)| (key, medians(&report.steps, figure)))
        .into();
    let limits = || {
        report
            .identity
            .slos
            .iter()
            .filter_map(|slo| slo.response_limit_ms)
    };
    let heights = curves
        .iter()
        .flat_map(|(_, points)| points)
        .map(|point| point.1);
    // Room for the text above a limit.
    let above_limits = limits().map(|limit| limit * 1.5);
    let (x, y) = (rates(report), Axis::durations(heights.chain(above_limits)));
    let mut layers = Vec::new();
    let mut legend = Vec::new();
    for slo in &report.identity.slos {
        if let Some(limit) = slo.response_limit_ms {
            layers.push(curve(PROMISE, &[(x.range.0, limit), (x.range.1, limit)]));
            layers.push(Layer::Note {
                at: (x.range.0 + (x.range.1 - x.range.0) * 0.01, limit * 1.18),
                text: slo.text.clone(),
                ink: Ink::Muted,
                end: End::Left,
            });
        }
    }
    layers.extend(mark_of_capacity(report, &x, y.range));
    for (key, points) in &curves {
        layers.push(curve(*key, points));
    }
    layers.extend(runs(report, |step| step.response_ms_p99));
    layers.extend(mark_of_knee(report, &curves[0].1));
    legend.extend(CURVES.map(|(key, _)| key));
    legend.extend(limits().next().map(|_| PROMISE));
    legend.extend(report.result.holds_per_s.map(|_| HIGHEST));
    Plot {
        title: "Response time by offered rate",
        reading: "Medians over the runs at each rate, from the intended send time; each dot is the p99 of one run, gray \
                  where the generator spoiled it; where requests got no answer a quantile may be a lower bound; log scale.",
        legend,
        width: WIDTH,
        height: HEIGHT,
        x,
        y,
        layers: drawn(report, layers),
    }
    .draw()
}

/// Draws the share of requests that did not end good.
///
/// Errors: `Chart` if the drawing library refuses.
pub(super) fn errors(report: &CapacityReport) -> Result<Chart, Error> {
    let points = medians(&report.steps, |step| step.error_share);
    let top = points.iter().map(|point| point.1).fold(0.01, f64::max);
    let (x, y) = (rates(report), Axis::from_zero(top, format::round_share));
    let mut layers: Vec<Layer> = mark_of_capacity(report, &x, y.range).into();
    layers.push(curve(ERRORS, &points));
    layers.extend(runs(report, |step| step.error_share));
    let mut legend = vec![ERRORS];
    legend.extend(report.result.holds_per_s.map(|_| HIGHEST));
    Plot {
        title: "Errors by offered rate",
        reading: "Share of planned requests that did not end good, likewise.",
        legend,
        width: WIDTH,
        height: HEIGHT,
        x,
        y,
        layers: drawn(report, layers),
    }
    .draw()
}

fn rates(report: &CapacityReport) -> Axis {
    let rates = report.steps.iter().map(|step| step.rate_per_s);
    Axis::rates(rates.fold(0.0, f64::max))
}

fn curve(key: Key, points: &[Point]) -> Layer {
    Layer::Curve {
        key,
        points: points.iter().copied().map(Some).collect(),
    }
}

/// Leaves everything out where there was no run: a promise alone is no chart.
fn drawn(report: &CapacityReport, layers: Vec<Layer>) -> Vec<Layer> {
    if report.steps.is_empty() {
        Vec::new()
    } else {
        layers
    }
}

/// One dot per run: those that tell something, those that we spoiled.
fn runs(report: &CapacityReport, figure: Figure) -> [Layer; 2] {
    [(Ink::Orange, false), (Ink::Gray, true)].map(|(ink, spoiled)| {
        let steps = report.steps.iter();
        let chosen = steps.filter(|step| (step.verdict == StepVerdict::Spoiled) == spoiled);
        Layer::Dots {
            ink,
            radius: RUN,
            points: chosen
                .filter_map(|step| Some((step.rate_per_s, figure(step)?)))
                .collect(),
        }
    })
}

/// An upright line at the highest rate that holds, with its figure at the top.
fn mark_of_capacity(report: &CapacityReport, x: &Axis, (low, high): (f64, f64)) -> [Layer; 2] {
    let at = report.result.holds_per_s;
    let line = at.map_or_else(Vec::new, |rate| vec![(rate, low), (rate, high)]);
    let rate = at.unwrap_or_default();
    let in_left_half = rate < f64::midpoint(x.range.0, x.range.1);
    let gap = (x.range.1 - x.range.0) * 0.01;
    let (place, end) = if in_left_half {
        (rate + gap, End::Left)
    } else {
        (rate - gap, End::Right)
    };
    let word = match report.result.outcome {
        Outcome::Found => "capacity",
        _ => "holds",
    };
    let text = at.map(|rate| format!("{word} {}", format::rate(rate)));
    // On a logarithmic axis a share of the height is a power of it.
    let top = if low > 0.0 {
        high * (low / high).powf(0.05)
    } else {
        high * 0.95
    };
    [
        curve(HIGHEST, &line),
        Layer::Note {
            at: (place, top),
            text: text.unwrap_or_default(),
            ink: Ink::Text,
            end,
        },
    ]
}

/// A large dot where the curve bends.
fn mark_of_knee(report: &CapacityReport, points: &[Point]) -> Vec<Layer> {
    let at = |rate: f64| points.iter().find(|point| point.0.total_cmp(&rate).is_eq());
    let Some(&(rate, height)) = report.result.knee_per_s.and_then(at) else {
        return Vec::new();
    };
    vec![
        Layer::Dots {
            ink: Ink::Text,
            radius: KNEE,
            points: vec![(rate, height)],
        },
        Layer::Note {
            at: (rate * 0.97, height * 1.25),
            text: format!("knee {}", format::rate(rate)),
            ink: Ink::Text,
            end: End::Right,
        },
    ]
}
