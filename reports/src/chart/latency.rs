//! Response-time quantiles over time.

use super::curves::{self, Quantity, Track};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const TRACKS: [Track; 4] = [
    (line("maximum", Ink::Gray, Stroke::Dashed), |bucket| {
        bucket.worst(|second| Some(second.response_ms?.max))
    }),
    (line("p99", Ink::Orange, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.response_ms?.p99))
    }),
    (line("p95", Ink::Blue, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.response_ms?.p95))
    }),
    (line("p50", Ink::Teal, Stroke::Solid), |bucket| {
        bucket.worst(|second| Some(second.response_ms?.p50))
    }),
];

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    curves::over_time(
        summary,
        "Response time over time",
        "Quantiles of the answers of each second, every wait included; requests without an answer are not in there; log scale.",
        Quantity::Duration,
        &TRACKS,
    )
}
