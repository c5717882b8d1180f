//! When people buy, in their own time.

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{HEIGHT, Layer, Plot, Point, WIDTH};
use tapdeck_reports::chart::{Chart, Ink, Stroke, area, line};

use super::{FRAUD, curve, percent};
use crate::error::Error;
use crate::facts::Facts;
use crate::measure::time::expected_hours;

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let legit = shares(hours(facts, facts.legit()));
    let table = shares(expected_hours(facts));
    let fraud = shares(hours(facts, facts.monetized()));
    let (bars, tables) = (
        area("legit", Ink::Sky),
        line("table", Ink::Blue, Stroke::Solid),
    );
    let fraud_key = line("monetized fraud", FRAUD.ink, Stroke::Solid);
    let tops = [&legit, &table, &fraud];
    let top = tops
        .into_iter()
        .flatten()
        .map(|(_, share)| *share)
        .fold(0.0, f64::max);
    let mut layers: Vec<Layer> = legit
        .iter()
        .map(|(hour, share)| Layer::Bar {
            corners: [(hour - 0.42, 0.0), (hour + 0.42, *share)],
            ink: bars.ink,
        })
        .collect();
    layers.push(curve(tables, table));
    layers.push(curve(fraud_key, fraud));
    let chart = Plot {
        title: "Hour of the local day",
        reading: "Share of rows per hour; the table's profiles, mixed like the categories.",
        legend: vec![bars, tables, fraud_key],
        width: WIDTH,
        height: HEIGHT,
        x: Axis::stepped(0.0, 24.0, 3.0, |hour| format!("{hour:02.0} h")),
        y: Axis::from_zero(top, percent),
        layers,
    };
    Ok(chart.draw()?)
}

fn hours(facts: &Facts<'_>, rows: impl Iterator<Item = usize>) -> [f64; 24] {
    let mut hours = [0.0; 24];
    for row in rows {
        hours[facts.local_hour(row)] += 1.0;
    }
    hours
}

/// Gives the share of each hour at its middle; nothing if there are no rows.
fn shares(hours: [f64; 24]) -> Vec<Point> {
    let all: f64 = hours.iter().sum();
    let points = (0_u32..)
        .zip(hours)
        .map(|(hour, rows)| (f64::from(hour) + 0.5, rows / all));
    points.filter(|_| all > 0.0).collect()
}
