//! One chart per file; this one holds what several of them need.

pub(super) mod amounts;
pub(super) mod campaigns;
pub(super) mod distance;
pub(super) mod gaps;
pub(super) mod hours;
pub(super) mod map;
pub(super) mod merchants;
pub(super) mod typologies;

use tapdeck_reports::chart::axis::Axis;
use tapdeck_reports::chart::plot::{Layer, Point};
use tapdeck_reports::chart::{Ink, Key, Stroke, line};

use crate::facts::Facts;
use crate::statistics::Sorted;

/// Width of a chart across the page, pixels.
const WIDE: u32 = 1_150;

/// Height of what surrounds the rows of a chart, pixels.
const FRAME_HEIGHT: u32 = 40;

/// Traffic that is as it should be, and fraud, the same on every chart.
const LEGIT: Key = line("legit", Ink::Blue, Stroke::Solid);
const FRAUD: Key = line("fraud", Ink::Orange, Stroke::Solid);

fn curve(key: Key, points: Vec<Point>) -> Layer {
    Layer::Curve {
        key,
        points: points.into_iter().map(Some).collect(),
    }
}

/// Gives the height of a chart with a row of so many pixels for every kind of fraud.
fn typologies_height(facts: &Facts<'_>, row_height: u32) -> u32 {
    let rows = u32::try_from(facts.typologies.len()).unwrap_or(1);
    FRAME_HEIGHT + row_height * rows
}

/// Names a row for every kind of fraud.
fn typologies_axis(facts: &Facts<'_>) -> Axis {
    let typologies = facts.typologies.iter();
    Axis::named_rows(typologies.map(|typology| typology.export_name.to_owned()))
}

/// Gives values from `low` to `high` at equal distances on a logarithmic scale.
fn log_steps(low: f64, high: f64, count: u32) -> impl Iterator<Item = f64> {
    let (from, to) = (low.ln(), high.ln());
    (0..=count).map(move |step| (from + (to - from) * f64::from(step) / f64::from(count)).exp())
}

/// Gives the share of values above each of some bounds, as far as any is above.
fn shares_above(values: &Sorted, bounds: impl Iterator<Item = f64>) -> Vec<Point> {
    let points = bounds.map_while(|bound| Some((bound, values.share_above(bound)?)));
    points.take_while(|(_, share)| *share > 0.0).collect()
}

/// Writes a share in percent with no more digits than it needs.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = match percent {
        percent if percent >= 0.95 || percent <= 0.0 => 0,
        percent if percent >= 0.095 => 1,
        percent if percent >= 0.009_5 => 2,
        _ => 3,
    };
    format!("{percent:.decimals$} %")
}

/// Writes a large or small number with no more digits than it needs.
fn plain(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", value / 1e6)
    } else if value >= 1e3 {
        format!("{} k", value / 1e3)
    } else {
        format!("{value}")
    }
}
