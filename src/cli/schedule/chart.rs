//! The rate over time as a picture: what is planned, and the arrivals counted.

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{Layer, Plot, Point};
use tapdeck_reports::chart::{Chart, Ink, Key, Stroke, area, line};

use super::sketch::Sketch;
use crate::cli::load::Plan;
use crate::error::Error;
use crate::schedule::RateProfile;

const COUNTED: Key = area("arrivals counted", Ink::Sky);
const PLANNED: Key = line("planned rate", Ink::Text, Stroke::Solid);

/// Size in pixels.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 320;

/// Points of the planned rate at most: more than a picture of this width shows.
const POINTS_MAX: usize = 4_000;

/// Draws the chart.
///
/// Errors: `Report` if the drawing library refuses.
pub(super) fn draw(sketch: &Sketch, plan: &Plan) -> Result<Chart, Error> {
    let profile = &plan.schedule.parameters.profile;
    let edges: Vec<(f64, f64, f64)> = sketch
        .counted()
        .flat_map(|(from_s, to_s, rate)| [(from_s, 0.0, rate), (to_s, 0.0, rate)])
        .collect();
    let top = edges
        .iter()
        .map(|(_, _, rate)| *rate)
        .fold(profile.peak(), f64::max);
    let mut layers = vec![Layer::Band {
        key: COUNTED,
        edges,
    }];
    let mut legend = vec![COUNTED];
    if plan.schedule.process.follows_profile() {
        legend.insert(0, PLANNED);
        layers.push(Layer::Curve {
            key: PLANNED,
            points: planned(profile),
        });
    }
    let plot = Plot {
        title: "Rate over time",
        reading: "Arrivals planned per second, and those of the schedule counted in equal stretches of time.",
        legend,
        width: WIDTH,
        height: HEIGHT,
        x: Axis::elapsed(sketch.seconds()),
        y: Axis::rates(top),
        layers,
    };
    Ok(plot.draw()?)
}

/// Gives the corners of a profile; of a very long one as many as can be seen.
fn planned(profile: &RateProfile) -> Vec<Option<Point>> {
    let pieces = profile.pieces();
    let every = pieces.len().div_ceil(POINTS_MAX / 2).max(1);
    let mut at_s = 0.0;
    let mut points = Vec::new();
    for (idx, piece) in pieces.iter().enumerate() {
        if idx % every == 0 {
            points.push(Some((at_s, piece.from)));
        }
        at_s += piece.seconds;
        if idx % every == every - 1 || idx + 1 == pieces.len() {
            points.push(Some((at_s, piece.to)));
        }
    }
    points
}
