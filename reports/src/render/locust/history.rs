//! `stats_history.csv`: one row per second with the rates of that second and the totals so far.
//!
//! The totals of the last row are those of `stats.csv`: answers that came while the run drained are in there.

use super::{AGGREGATED, PERCENTILES, Tally, started_ns};
use crate::measurements::distribution::Distribution;
use crate::render::Renderer;
use crate::render::csv::line;
use crate::summary::{Totals, seconds};
use crate::{Error, Measurements, Summary};

/// Headers before the percentiles.
const CURRENT: [&str; 6] = [
    "Timestamp",
    "User Count",
    "Type",
    "Name",
    "Requests/s",
    "Failures/s",
];

/// Headers after the percentiles.
const TOTAL: [&str; 7] = [
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
];

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;

/// Writes the run second by second.
#[derive(Debug, Clone, Copy)]
pub struct LocustHistory;

impl Renderer for LocustHistory {
    fn name(&self) -> &'static str {
        "locust-history"
    }

    fn file_name(&self) -> &'static str {
        "stats_history.csv"
    }

    fn help(&self) -> &'static str {
        "the run second by second, as Locust writes it"
    }

    fn render(&self, _: &Summary, measurements: &Measurements) -> Result<Vec<u8>, Error> {
        let mut text = line(CURRENT.into_iter().chain(PERCENTILES).chain(TOTAL));
        let started_ns = started_ns(measurements);
        let totals = Totals::over_endpoints(measurements);
        let whole = Distribution::over(&totals.response, &totals.unanswered);
        let last = measurements.seconds.len().saturating_sub(1);
        let mut tally = Tally::default();
        let mut durations = None;
        for (idx, second) in measurements.seconds.iter().enumerate() {
            let from_ns = idx as u64 * SECOND_NS;
            let length_s = seconds(length_ns(from_ns, measurements.measured_ns));
            // Also for a second that was cut short, so that no two rows have one timestamp.
            let ends_ns = started_ns + i128::from(from_ns + SECOND_NS);
            let ended = second.good + second.failed;
            tally.requests += ended;
            tally.failures += second.failed;
            tally.answer_bytes += second.answer_bytes;
            durations = second.so_far.as_ref().or(durations);
            if idx == last {
                tally = Tally::over_all(measurements);
                durations = whole.as_ref();
            }
            let current = [
                (ends_ns / i128::from(SECOND_NS)).to_string(),
                second.users.to_string(),
                String::new(),
                AGGREGATED.to_owned(),
                format!("{:.6}", ended as f64 / length_s),
                format!("{:.6}", second.failed as f64 / length_s),
            ];
            text.push_str(&line(
                current
                    .into_iter()
                    .chain(tally.percentiles(durations))
                    .chain(tally.fields(durations)),
            ));
        }
        Ok(text.into_bytes())
    }
}

/// Gives how long the second from `from_ns` was; the last one may have been cut short.
fn length_ns(from_ns: u64, measured_ns: u64) -> u64 {
    match measured_ns.saturating_sub(from_ns) {
        0 => SECOND_NS,
        left_ns => left_ns.min(SECOND_NS),
    }
}
