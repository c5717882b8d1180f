//! What is paid in each category, beside the table's medians.

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{Layer, Plot};
use tapdeck_reports::chart::{Chart, Ink, Stroke, area, line};

use super::{FRAME_HEIGHT, WIDE};
use crate::error::Error;
use crate::facts::Facts;
use crate::statistics::Sorted;

/// Height of a category, pixels.
const ROW_HEIGHT: u32 = 20;

/// Half the height of a box and of the mark of a median, rows.
const BOX: f64 = 0.28;
const MARK: f64 = 0.4;

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let mut amounts = vec![Vec::new(); facts.tables.mccs.len()];
    for row in facts.legit() {
        if let Some(idx) = facts.category_idx(row) {
            amounts[idx].push(facts.export.usd_cents[row].max(1) as f64 / 100.0);
        }
    }
    let amounts: Vec<Sorted> = amounts.into_iter().map(Sorted::new).collect();
    let mccs = &facts.tables.mccs;
    let mut layers = Vec::new();
    let mut values = Vec::new();
    for ((row, mcc), amounts) in (0_u32..).zip(mccs).zip(&amounts) {
        let middle = f64::from(row) + 0.5;
        let bar = |from: f64, to: f64, half: f64, ink| Layer::Bar {
            corners: [(from, middle - half), (to, middle + half)],
            ink,
        };
        let at = |share| amounts.quantile(share);
        let ends = at(0.05).zip(at(0.95)).zip(at(0.25).zip(at(0.75)));
        if let Some(((p5, p95), (p25, p75))) = ends {
            values.extend([p5, p95]);
            layers.push(bar(p5, p95, 0.05, Ink::Gray));
            layers.push(bar(p25, p75, BOX, Ink::Sky));
        }
        if let Some(median) = amounts.median() {
            layers.push(bar(median / 1.012, median * 1.012, MARK, Ink::Blue));
        }
        values.push(mcc.median_usd);
        layers.push(Layer::Dots {
            ink: Ink::Orange,
            radius: 14,
            points: vec![(mcc.median_usd, middle)],
        });
    }
    let names = mccs.iter().map(|mcc| {
        let category = mcc.category.replace('_', " ").to_lowercase();
        format!("{} {category}", mcc.code)
    });
    let count = u32::try_from(mccs.len()).unwrap_or(1);
    let chart = Plot {
        title: "Amounts by category",
        reading: "Legit rows in US dollars: the middle half as a box, 5 to 95 % as a line.",
        legend: vec![
            area("middle half", Ink::Sky),
            line("5 to 95 %", Ink::Gray, Stroke::Solid),
            line("median", Ink::Blue, Stroke::Solid),
            area("median of the table", Ink::Orange),
        ],
        width: WIDE,
        height: FRAME_HEIGHT + ROW_HEIGHT * count,
        x: Axis::log(values.into_iter(), |usd| format!("${usd}")),
        y: Axis::named_rows(names),
        layers,
    };
    Ok(chart.draw()?)
}
