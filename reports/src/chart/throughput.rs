//! Offered against achieved and good rate.

use super::curves::{self, Quantity, Track};
use super::{Chart, Ink, Stroke, line};
use crate::Error;
use crate::summary::Summary;

const TRACKS: [Track; 3] = [
    (line("good", Ink::Teal, Stroke::Solid), |bucket| {
        bucket.rate(|second| second.good)
    }),
    (line("achieved", Ink::Blue, Stroke::Solid), |bucket| {
        bucket.rate(|second| second.achieved)
    }),
    (line("offered", Ink::Text, Stroke::Dashed), |bucket| {
        bucket.rate(|second| second.offered)
    }),
];

pub(crate) fn draw(summary: &Summary) -> Result<Chart, Error> {
    curves::over_time(
        summary,
        "Offered and achieved rate",
        "Requests planned, answered, and answered with every check passed.",
        Quantity::Rate,
        &TRACKS,
    )
}
