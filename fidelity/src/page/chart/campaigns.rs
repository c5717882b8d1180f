//! When campaigns ran, by kind of fraud.

use std::collections::BTreeMap;

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{Layer, Plot};
use tapdeck_reports::chart::{Chart, Ink, area};

use super::{WIDE, typologies_axis, typologies_height};
use crate::error::Error;
use crate::facts::{DAY_MS, Facts};

/// Height of a kind of fraud, pixels.
const ROW_HEIGHT: u32 = 42;

/// Places in a row that campaigns take in turn, so that they do not hide each other.
const LANES: u32 = 7;

/// Campaigns of this many rows have a dot of this radius in quarters of a pixel.
const SIZES: [(usize, u32); 4] = [(100, 26), (20, 17), (5, 11), (0, 7)];

struct Campaign {
    from: i64,
    to: i64,
    rows: usize,
}

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let export = facts.export;
    let first_day = facts.span_ms.0.div_euclid(DAY_MS) * DAY_MS;
    let day = |ms: i64| (ms - first_day) as f64 / DAY_MS as f64;
    let mut campaigns = BTreeMap::new();
    for row in facts.fraud() {
        let Some(typology) = facts.typology(row) else {
            continue;
        };
        let at = export.ts_ms[row];
        let campaign = campaigns
            .entry((typology, export.campaign_id[row]))
            .or_insert(Campaign {
                from: at,
                to: at,
                rows: 0,
            });
        campaign.from = campaign.from.min(at);
        campaign.to = campaign.to.max(at);
        campaign.rows += 1;
    }
    let mut layers = Vec::new();
    for ((typology, number), campaign) in &campaigns {
        let lane = f64::from(number % LANES) + 1.0;
        let y = *typology as f64 + lane / f64::from(LANES + 1);
        let radius = SIZES.iter().find(|(rows, _)| campaign.rows >= *rows);
        layers.push(Layer::Bar {
            corners: [
                (day(campaign.from), y - 0.012),
                (day(campaign.to), y + 0.012),
            ],
            ink: Ink::Gray,
        });
        layers.push(Layer::Dots {
            ink: Ink::Orange,
            radius: radius.map_or(0, |(_, radius)| *radius),
            points: vec![(day(campaign.from), y)],
        });
    }
    let chart = Plot {
        title: "Fraud campaigns",
        reading: "A dot where a campaign begins, larger for 5, 20 and 100 rows, and a line to its last row; by day of the span.",
        legend: vec![area("begins", Ink::Orange), area("lasts", Ink::Gray)],
        width: WIDE,
        height: typologies_height(facts, ROW_HEIGHT),
        x: Axis::stepped(0.0, day(facts.span_ms.1).max(1.0), 10.0, |day| {
            format!("day {day:.0}")
        }),
        y: typologies_axis(facts),
        layers,
    };
    Ok(chart.draw()?)
}
