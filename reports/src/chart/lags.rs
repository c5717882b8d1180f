//! Our own lateness over time, and by percentile beside the wait for a connection.

use super::curves::{self, Kind, Quantity, Track};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const SEND_TRACKS: [Track; 4] = [
    (line("longest stall", Ink::Blue, Stroke::Dashed), |bucket| {
        bucket.worst(|second| Some(second.longest_stall_ms).filter(|stall_ms| *stall_ms > 0.0))
    }),
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

const READ_TRACKS: [Track; 3] = [
    (line("maximum", Ink::Gray, Stroke::Dashed), |bucket| {
        bucket.worst(|second| Some(second.read_lag_ms?.max))
    }),
    (line("p99", Ink::Orange, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.read_lag_ms?.p99))
    }),
    (line("p50", Ink::Teal, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.read_lag_ms?.p50))
    }),
];

const KINDS: [Kind; 3] = [
    (line("connection wait", Ink::Blue, Stroke::Solid), |point| {
        point.connection_wait_ms
    }),
    (
        line("send lag (ours)", Ink::Orange, Stroke::Solid),
        |point| point.send_lag_ms,
    ),
    (
        line("read lag (ours)", Ink::Teal, Stroke::Dashed),
        |point| point.read_lag_ms,
    ),
];

pub(crate) fn draw_send_over_time(summary: &Summary) -> Result<Chart, Error> {
    curves::over_time(
        summary,
        "Send lag and stalls over time",
        "How late we sent, and how long a lane did not look at its connections, each second; log scale.",
        Quantity::Duration,
        &SEND_TRACKS,
    )
}

pub(crate) fn draw_read_over_time(summary: &Summary) -> Result<Chart, Error> {
    curves::over_time(
        summary,
        "Read lag over time",
        "How late we read the answers of each second after the kernel had received them; log scale.",
        Quantity::Duration,
        &READ_TRACKS,
    )
}

pub(crate) fn draw_by_percentile(summary: &Summary) -> Result<Chart, Error> {
    curves::by_percentile(
        summary,
        "Lags by percentile",
        "Before the write call a wait for a free connection, then our own lag; after the arrival our own again; log scale.",
        &KINDS,
    )
}
