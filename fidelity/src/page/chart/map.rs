//! Where people live and where they buy.

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{Layer, Plot, Point};
use tapdeck_reports::chart::{Chart, Ink, area};

use super::WIDE;
use crate::error::Error;
use crate::export::{Degrees, Words};
use crate::facts::Facts;

const HEIGHT: u32 = 470;

/// Dots per kind at most.
const DOTS: usize = 3_000;

/// The inhabited part of the globe, degrees.
const LAT: (f64, f64) = (-48.0, 68.0);
const LON: (f64, f64) = (-130.0, 160.0);

pub(in crate::page) fn draw(facts: &Facts<'_>) -> Result<Chart, Error> {
    let export = facts.export;
    let merchants = places(&export.merchant_id, |row| {
        Some((export.merchant_lat[row], export.merchant_lon[row]))
    });
    let homes = places(&export.card_id, |row| {
        export.home_lat[row].zip(export.home_lon[row])
    });
    let robbed = facts.fraud().filter(|row| export.card_present[*row]);
    let robbed: Vec<Point> = robbed
        .map(|row| degrees((export.merchant_lat[row], export.merchant_lon[row])))
        .collect();
    let dots = |ink, radius, points| Layer::Dots {
        ink,
        radius,
        points,
    };
    let chart = Plot {
        title: "Homes and merchants",
        reading: "An even sample of at most 3,000 of each, by longitude and latitude; merchants that only sell online have a \
                  place as well.",
        legend: vec![
            area("merchants", Ink::Sky),
            area("homes", Ink::Blue),
            area("card-present fraud", Ink::Orange),
        ],
        width: WIDE,
        height: HEIGHT,
        x: Axis::stepped(LON.0, LON.1, 30.0, |lon| direction(lon, "E", "W")),
        y: Axis::stepped(LAT.0, LAT.1, 20.0, |lat| direction(lat, "N", "S")),
        layers: vec![
            dots(Ink::Sky, 14, sampled(&merchants)),
            dots(Ink::Blue, 7, sampled(&homes)),
            dots(Ink::Orange, 5, sampled(&robbed)),
        ],
    };
    Ok(chart.draw()?)
}

/// Gives the place of each key where it first has one, in order of appearance.
fn places(keys: &Words, place: impl Fn(usize) -> Option<(Degrees, Degrees)>) -> Vec<Point> {
    let mut seen = vec![false; keys.code_count()];
    let mut points = Vec::new();
    for (row, key) in keys.codes().iter().enumerate() {
        if let Some(place) = place(row).filter(|_| !seen[*key as usize]) {
            seen[*key as usize] = true;
            points.push(degrees(place));
        }
    }
    points
}

/// Keeps an even part of the points, at most as many as there may be dots.
fn sampled(points: &[Point]) -> Vec<Point> {
    let step = points.len().div_ceil(DOTS).max(1);
    points.iter().step_by(step).copied().collect()
}

/// Gives longitude and latitude in degrees.
fn degrees((lat, lon): (Degrees, Degrees)) -> Point {
    (f64::from(lon.0) / 1e4, f64::from(lat.0) / 1e4)
}

fn direction(degrees: f64, above: &str, below: &str) -> String {
    let side = match degrees {
        degrees if degrees > 0.0 => above,
        degrees if degrees < 0.0 => below,
        _ => "",
    };
    format!("{:.0}° {side}", degrees.abs())
        .trim_end()
        .to_owned()
}
