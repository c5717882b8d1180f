//! `failures.csv`: what failed where, how often, and when first and last.

use jiff::Timestamp;

use super::{entries, started_ns};
use crate::measurements::EndpointFailure;
use crate::render::Renderer;
use crate::render::csv::line;
use crate::{Error, Measurements, Summary};

/// Headers; those before Locust 2.44 are the first four.
const COLUMNS: [&str; 6] = [
    "Method",
    "Name",
    "Error",
    "Occurrences",
    "First Seen",
    "Last Seen",
];

/// Writes the table of failures.
#[derive(Debug, Clone, Copy)]
pub struct LocustFailures;

impl Renderer for LocustFailures {
    fn name(&self) -> &'static str {
        "locust-failures"
    }

    fn file_name(&self) -> &'static str {
        "failures.csv"
    }

    fn help(&self) -> &'static str {
        "kinds of failure per entry, as Locust writes them"
    }

    fn render(&self, _: &Summary, measurements: &Measurements) -> Result<Vec<u8>, Error> {
        let started_ns = started_ns(measurements);
        let mut text = line(COLUMNS);
        for entry in entries(measurements) {
            let mut failures: Vec<&EndpointFailure> = entry.endpoint.failures.iter().collect();
            failures
                .sort_by(|left, right| (right.count, &left.kind).cmp(&(left.count, &right.kind)));
            for failure in failures {
                text.push_str(&line([
                    entry.method,
                    &entry.name,
                    &failure.kind,
                    &failure.count.to_string(),
                    &instant(started_ns, failure.first_ns),
                    &instant(started_ns, failure.last_ns),
                ]));
            }
        }
        Ok(text.into_bytes())
    }
}

/// Writes an instant to the second, in UTC; an instant no calendar holds is left empty.
fn instant(started_ns: i128, offset_ns: u64) -> String {
    let at = Timestamp::from_nanosecond(started_ns + i128::from(offset_ns));
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}
