//! How far from home cards are used.

use tapdeck_reports::chart::Chart;
use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{HEIGHT, Plot, WIDTH};

use super::{FRAUD, LEGIT, curve, log_steps, percent, plain, shares_above};
use crate::error::Error;
use crate::facts::Facts;
use crate::statistics::Sorted;

/// Distances on the chart, kilometers, and the number of points between them.
const RANGE_KM: (f64, f64) = (0.1, 20_000.0);
const POINTS: u32 = 160;

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let tail = |rows: &mut dyn Iterator<Item = usize>| {
        let distances = Sorted::new(rows.filter_map(|row| facts.km_from_home(row)).collect());
        shares_above(&distances, log_steps(RANGE_KM.0, RANGE_KM.1, POINTS))
    };
    let legit = tail(&mut facts.legit_present());
    let fraud = tail(&mut facts.fraud().filter(|row| facts.export.card_present[*row]));
    let shares = legit.iter().chain(&fraud).map(|(_, share)| *share);
    let chart = Plot {
        title: "Distance from home",
        reading: "Share of card-present rows farther from home than this many kilometers.",
        legend: vec![LEGIT, FRAUD],
        width: WIDTH,
        height: HEIGHT,
        x: Axis::log([RANGE_KM.0, RANGE_KM.1].into_iter(), |km| {
            format!("{} km", plain(km))
        }),
        y: Axis::log(shares, percent),
        layers: vec![curve(LEGIT, legit), curve(FRAUD, fraud)],
    };
    Ok(chart.draw()?)
}
