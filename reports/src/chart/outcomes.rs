//! Good and failed requests stacked over time.

use super::axis::Axis;
use super::plot::{HEIGHT, Layer, Plot, WIDTH};
use super::{Chart, Ink, Key, area, series};
use crate::Error;
use crate::summary::Summary;

const GOOD: Key = area("good", Ink::Teal);
const FAILED: Key = area("failed", Ink::Orange);

/// Height of the ticks that mark seconds with failures, as a share of the chart.
const TICK_HEIGHT: f64 = 0.03;

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    let mut good = Vec::new();
    let mut failed = Vec::new();
    let mut failing_at = Vec::new();
    for bucket in series::buckets(summary) {
        let rates = bucket
            .rate(|second| second.good)
            .zip(bucket.rate(|second| second.failed));
        if let Some((good_rate, failed_rate)) = rates {
            good.push((bucket.middle_s, 0.0, good_rate));
            failed.push((bucket.middle_s, good_rate, good_rate + failed_rate));
            if failed_rate > 0.0 {
                failing_at.push(bucket.middle_s);
            }
        }
    }
    let top = failed.iter().map(|(_, _, top)| *top).fold(0.0, f64::max);
    let y = Axis::rates(top);
    let x = Axis::elapsed(series::length_s(summary));
    let (ceiling, half_width) = (y.range.1, x.range.1 / 500.0);
    let mut layers = vec![
        Layer::Band {
            key: GOOD,
            edges: good,
        },
        Layer::Band {
            key: FAILED,
            edges: failed,
        },
    ];
    // A few failures among thousands would be thinner than a pixel; a tick at the top says when they were.
    layers.extend(failing_at.into_iter().map(|at| Layer::Bar {
        corners: [
            (at - half_width, ceiling),
            (at + half_width, ceiling * (1.0 - TICK_HEIGHT)),
        ],
        ink: FAILED.ink,
    }));
    Plot {
        title: "Outcomes over time",
        reading: "Good and failed requests per second, stacked; ticks at the top mark when any failed.",
        legend: vec![GOOD, FAILED],
        width: WIDTH,
        height: HEIGHT,
        x,
        y,
        layers,
    }
    .draw()
}
