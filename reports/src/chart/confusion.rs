//! What the target decided for each label, as shares of the label's requests.

use super::axis::Axis;
use super::plot::{End, Layer, Plot, WIDTH};
use super::{Chart, Ink, Key, area};
use crate::summary::Summary;
use crate::summary::decisions::{LabelSummary, TallySummary};
use crate::{Error, format};

/// A decision with its legend entry.
type Decision = (Key, fn(&LabelSummary) -> TallySummary);

/// From most to least careful, so that the caught part of fraud stands on the left.
pub(crate) const DECISIONS: [Decision; 4] = [
    (area("declined", Ink::Blue), |row| row.declined),
    (area("review", Ink::Sky), |row| row.reviewed),
    (area("approved", Ink::Gray), |row| row.approved),
    (area("unjudged", Ink::Orange), |row| row.unjudged),
];

/// Height of one row and of everything else, pixels.
const ROW_HEIGHT: u32 = 52;
const FRAME_HEIGHT: u32 = 38;

/// Rows at most; a tape has a handful of typologies.
const ROWS_MAX: u32 = 24;

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    let labels = &summary.decisions.labels;
    let rows = labels.iter().filter(|row| row.total.count > 0);
    let mut layers = Vec::new();
    let mut count = 0;
    for (top, row) in (0..ROWS_MAX).zip(rows) {
        layers.extend(row_layers(f64::from(top), row));
        count = top + 1;
    }
    Plot {
        title: "Decisions by label",
        reading: "Share of each label's requests by decision; unjudged ones were waved through.",
        legend: DECISIONS.map(|(key, _)| key).into(),
        width: WIDTH,
        height: FRAME_HEIGHT + ROW_HEIGHT * count.max(1),
        x: Axis::shares(),
        y: Axis::rows(count.max(1) as usize),
        layers,
    }
    .draw()
}

/// Draws one label: its name and count above a bar.
fn row_layers(top: f64, row: &LabelSummary) -> Vec<Layer> {
    let (text_at, bar_from, bar_to) = (top + 0.26, top + 0.5, top + 0.92);
    let note = |x, text, ink, end| Layer::Note {
        at: (x, text_at),
        text,
        ink,
        end,
    };
    let mut layers = vec![
        note(0.0, row.label.clone(), Ink::Text, End::Left),
        note(
            1.0,
            format::counted(row.total.count, "request"),
            Ink::Muted,
            End::Right,
        ),
    ];
    let mut start = 0.0;
    for (key, tally) in DECISIONS {
        let end = start + tally(row).count as f64 / row.total.count as f64;
        if end > start {
            layers.push(Layer::Bar {
                corners: [(start, bar_from), (end, bar_to)],
                ink: key.ink,
            });
        }
        start = end;
    }
    layers
}
