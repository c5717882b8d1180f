//! How unevenly rows fall on merchants.

use tapdeck_reports::chart::Chart;
use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{HEIGHT, Plot, Point, WIDTH};

use super::{FRAUD, LEGIT, curve, log_steps, plain};
use crate::error::Error;
use crate::facts::Facts;

/// Points per curve at most.
const POINTS: u32 = 200;

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let legit = ranks(facts, facts.legit());
    let fraud = ranks(facts, facts.fraud());
    let points = || legit.iter().chain(&fraud);
    let chart = Plot {
        title: "Rows per merchant by rank",
        reading: "From the busiest merchant to the quietest; a power law is straight.",
        legend: vec![LEGIT, FRAUD],
        width: WIDTH,
        height: HEIGHT,
        x: Axis::log(points().map(|(rank, _)| *rank), plain),
        y: Axis::log(points().map(|(_, rows)| *rows), plain),
        layers: vec![curve(LEGIT, legit.clone()), curve(FRAUD, fraud.clone())],
    };
    Ok(chart.draw()?)
}

/// Gives rows by rank of the merchant, at ranks that are evenly spread on a logarithmic scale.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank in the list"
)]
fn ranks(facts: &Facts<'_>, rows: impl Iterator<Item = usize>) -> Vec<Point> {
    let merchants = &facts.export.merchant_id;
    let mut counts: Vec<f64> = vec![0.0; merchants.code_count()];
    for row in rows {
        counts[merchants.code(row) as usize] += 1.0;
    }
    counts.retain(|count| *count > 0.0);
    counts.sort_unstable_by(|left, right| right.total_cmp(left));
    let mut ranks: Vec<usize> = log_steps(1.0, counts.len().max(1) as f64, POINTS)
        .map(|rank| rank.round() as usize)
        .collect();
    ranks.dedup();
    let point = |rank: usize| Some((rank as f64, *counts.get(rank - 1)?));
    ranks.into_iter().filter_map(point).collect()
}
