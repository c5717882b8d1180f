//! What fraud is made of, beside the plan.

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{End, Layer, Plot};
use tapdeck_reports::chart::{Chart, Ink, area};
use tapdeck_reports::counted;

use super::{WIDE, percent, typologies_axis, typologies_height};
use crate::error::Error;
use crate::facts::Facts;
use crate::measure::fraud::typology_counts;

/// Height of a kind of fraud, pixels.
const ROW_HEIGHT: u32 = 30;

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let counts = typology_counts(facts);
    let all = facts.fraud().count().max(1) as f64;
    let shares = counts.iter().map(|count| *count as f64 / all);
    let plans = facts.typologies.iter().map(|typology| typology.share);
    let top = shares.clone().chain(plans).fold(0.0, f64::max);
    let mut layers = Vec::new();
    for (((row, typology), share), count) in
        (0_u32..).zip(&facts.typologies).zip(shares).zip(&counts)
    {
        let top = f64::from(row);
        let bar = |share: f64, from: f64, to: f64, ink| Layer::Bar {
            corners: [(0.0, top + from), (share, top + to)],
            ink,
        };
        layers.push(bar(typology.share, 0.52, 0.82, Ink::Gray));
        layers.push(bar(share, 0.18, 0.52, Ink::Orange));
        layers.push(Layer::Note {
            at: (share.max(typology.share) + 0.004, top + 0.5),
            text: counted(*count as u64, "row"),
            ink: Ink::Muted,
            end: End::Left,
        });
    }
    let chart = Plot {
        title: "Kinds of fraud",
        reading: "Share of all fraud rows, beside the share that the plan gives each kind.",
        legend: vec![area("export", Ink::Orange), area("plan", Ink::Gray)],
        width: WIDE,
        height: typologies_height(facts, ROW_HEIGHT),
        x: Axis::from_zero(top, percent),
        y: typologies_axis(facts),
        layers,
    };
    Ok(chart.draw()?)
}
