//! Latency by percentile: response time, what it would have been without our lag, and service time on one axis.

use super::curves::{self, Kind};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const KINDS: [Kind; 4] = [
    // Where the solid curve ends, requests without an answer begin.
    (
        line("at least (no answer)", Ink::Gray, Stroke::Dashed),
        |point| point.response_ms.filter(|_| point.lower_bound),
    ),
    (line("response time", Ink::Blue, Stroke::Solid), |point| {
        point.response_ms.filter(|_| !point.lower_bound)
    }),
    // Dotted, for the same reason: it runs with the one or with the other.
    (line("undisturbed", Ink::Orange, Stroke::Dotted), |point| {
        point.undisturbed_ms
    }),
    // Dashed, so that the curves beneath show where they run together.
    (line("service time", Ink::Teal, Stroke::Dashed), |point| {
        point.service_ms
    }),
];

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    curves::by_percentile(
        summary,
        "Latency by percentile",
        "Where response time is above undisturbed, our own lag is in it; where undisturbed is above service time, requests waited for \
         a connection; log scale.",
        &KINDS,
    )
}
