//! Send lag: our own lateness over time, and by percentile beside the connection wait that is the target's.

use super::curves::{self, Kind, Quantity, Track};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const TRACKS: [Track; 3] = [
    (line("maximum", Ink::Gray, Stroke::Dashed), |bucket| {
        bucket.worst(|second| Some(second.send_lag_ms?.max))
    }),
    (line("p99", Ink::Orange, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.send_lag_ms?.p99))
    }),
    (line("p50", Ink::Teal, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.send_lag_ms?.p50))
    }),
];

const KINDS: [Kind; 2] = [
    (
        line("connection wait (the target's)", Ink::Blue, Stroke::Solid),
        |point| point.connection_wait_ms,
    ),
    (
        line("send lag (ours)", Ink::Orange, Stroke::Solid),
        |point| point.send_lag_ms,
    ),
];

pub(crate) fn draw_over_time(summary: &Summary) -> Result<Chart, Error> {
    curves::over_time(
        summary,
        "Send lag over time",
        "How late we were ourselves, each second; log scale.",
        Quantity::Duration,
        &TRACKS,
    )
}

pub(crate) fn draw_by_percentile(summary: &Summary) -> Result<Chart, Error> {
    curves::by_percentile(
        summary,
        "Send lag by percentile",
        "Before the write call: a wait for a free connection, then our own lag; log scale.",
        &KINDS,
    )
}
