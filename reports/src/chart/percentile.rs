//! Latency by percentile: response and service time on one axis.

use super::curves::{self, Kind};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const KINDS: [Kind; 3] = [
    // Where the solid curve ends, requests without an answer begin.
    (
        line("at least (no answer)", Ink::Gray, Stroke::Dashed),
        |point| point.response_ms.filter(|_| point.lower_bound),
    ),
    (line("response time", Ink::Blue, Stroke::Solid), |point| {
        point.response_ms.filter(|_| !point.lower_bound)
    }),
    // Dashed, so that the curve beneath shows where both run together.
    (line("service time", Ink::Teal, Stroke::Dashed), |point| {
        point.service_ms
    }),
];

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    curves::by_percentile(
        summary,
        "Latency by percentile",
        "Where the curves part, requests waited before they could be sent; log scale.",
        &KINDS,
    )
}
