//! `stats.csv`: one row per entry and one over all of them, for the whole run.

use super::{AGGREGATED, PERCENTILES, Tally, entries, float};
use crate::measurements::distribution::Distribution;
use crate::render::Renderer;
use crate::render::csv::line;
use crate::summary::{Totals, seconds};
use crate::{Error, Measurements, Summary};

/// Headers before the percentiles.
const COLUMNS: [&str; 11] = [
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
];

/// Writes the table of entries.
#[derive(Debug, Clone, Copy)]
pub struct LocustStats;

impl Renderer for LocustStats {
    fn name(&self) -> &'static str {
        "locust-stats"
    }

    fn file_name(&self) -> &'static str {
        "stats.csv"
    }

    fn help(&self) -> &'static str {
        "requests and response times per entry, as Locust writes them"
    }

    fn render(&self, _: &Summary, measurements: &Measurements) -> Result<Vec<u8>, Error> {
        let measured_s = seconds(measurements.measured_ns);
        let row = |method: &str, name: &str, tally: Tally, durations: Option<&Distribution>| {
            let per_second = |count: u64| {
                float(if measured_s > 0.0 {
                    count as f64 / measured_s
                } else {
                    0.0
                })
            };
            let named = [method.to_owned(), name.to_owned()];
            let rates = [per_second(tally.requests), per_second(tally.failures)];
            line(
                named
                    .into_iter()
                    .chain(tally.fields(durations))
                    .chain(rates)
                    .chain(tally.percentiles(durations)),
            )
        };
        let mut text = line(COLUMNS.into_iter().chain(PERCENTILES));
        for entry in entries(measurements) {
            let tally = Tally::new(entry.endpoint.ledger, entry.endpoint.answer_bytes);
            let durations =
                Distribution::over(&entry.endpoint.response, &entry.endpoint.unanswered);
            text.push_str(&row(entry.method, &entry.name, tally, durations.as_ref()));
        }
        let totals = Totals::over_endpoints(measurements);
        let durations = Distribution::over(&totals.response, &totals.unanswered);
        let tally = Tally::over_all(measurements);
        text.push_str(&row("", AGGREGATED, tally, durations.as_ref()));
        Ok(text.into_bytes())
    }
}
