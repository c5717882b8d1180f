//! How long a card rests.

use tapdeck_reports::chart::Chart;
use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{HEIGHT, Plot, Point, WIDTH};

use super::{FRAUD, LEGIT, curve, log_steps, percent};
use crate::error::Error;
use crate::facts::Facts;
use crate::groups::Groups;
use crate::measure::bursts;
use crate::statistics::Sorted;

/// Gaps on the chart, seconds, and the number of steps between them.
const RANGE_S: (f64, f64) = (1.0, 10_000_000.0);
const STEPS: u32 = 56;

/// Gaps that people have words for, seconds.
const WORDS: [(f64, &str); 4] = [
    (1.0, "1 s"),
    (100.0, "100 s"),
    (10_000.0, "2.8 h"),
    (1_000_000.0, "12 d"),
];

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let export = facts.export;
    let fraud: Vec<u32> = facts
        .fraud()
        .filter_map(|row| u32::try_from(row).ok())
        .collect();
    let fraud = Groups::new(
        export.card_id.codes(),
        export.card_id.code_count(),
        fraud.iter().copied(),
        &export.ts_ms,
    );
    let legit = steps(facts, &facts.legit_cards);
    let fraud = steps(facts, &fraud);
    let top = legit
        .iter()
        .chain(&fraud)
        .map(|(_, share)| *share)
        .fold(0.0, f64::max);
    let chart = Plot {
        title: "Time between the rows of a card",
        reading: "Share of gaps per eighth of a decade: bursts left, days apart right.",
        legend: vec![LEGIT, FRAUD],
        width: WIDTH,
        height: HEIGHT,
        x: Axis::log([RANGE_S.0, RANGE_S.1].into_iter(), word),
        y: Axis::from_zero(top, percent),
        layers: vec![curve(LEGIT, legit), curve(FRAUD, fraud)],
    };
    Ok(chart.draw()?)
}

/// Gives the share of gaps in each step, at its middle.
fn steps(facts: &Facts<'_>, cards: &Groups) -> Vec<Point> {
    let gaps: Vec<f64> = cards
        .iter()
        .flat_map(|rows| bursts::gaps(facts, rows))
        .collect();
    let gaps = Sorted::new(gaps);
    let bounds: Vec<f64> = log_steps(RANGE_S.0, RANGE_S.1, STEPS).collect();
    let above = |seconds: f64| gaps.share_above(seconds * 1_000.0);
    bounds
        .windows(2)
        .filter_map(|step| {
            let middle = (step[0] * step[1]).sqrt();
            Some((middle, above(step[0])? - above(step[1])?))
        })
        .collect()
}

fn word(seconds: f64) -> String {
    let known = WORDS
        .iter()
        .find(|(value, _)| (value / seconds - 1.0).abs() < 1e-6);
    known.map_or_else(String::new, |(_, word)| (*word).to_owned())
}
