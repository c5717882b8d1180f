//! `summary.csv`: one row per endpoint and one for the whole run, for spreadsheets.
//!
//! The columns and their order are stable; new ones are added at the end. Fields are quoted as RFC 4180 asks; a figure
//! that does not exist is an empty field.

use super::Renderer;
use crate::summary::durations::{DurationsSummary, ResponseSummary};
use crate::summary::traffic::{LedgerSummary, RatesSummary};
use crate::{Error, Measurements, Summary};

/// Name of the row over all endpoints.
pub const TOTAL: &str = "Total";

/// Writes the table of endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Csv;

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn file_name(&self) -> &'static str {
        "summary.csv"
    }

    fn help(&self) -> &'static str {
        "one row per endpoint and one in total, for spreadsheets"
    }

    fn render(&self, summary: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        let mut text = line(COLUMNS.map(|(name, _)| name));
        let endpoints = summary.endpoints.iter().map(|endpoint| Row {
            endpoint: &endpoint.name,
            ledger: &endpoint.ledger,
            rates: &endpoint.rates,
            response: &endpoint.response_ms,
            service: &endpoint.service_ms,
            first_byte: &endpoint.first_byte_ms,
            left_out: endpoint.skipped,
            lags: None,
        });
        let total = Row {
            endpoint: TOTAL,
            ledger: &summary.ledger,
            rates: &summary.rates,
            response: &summary.latency.response_ms,
            service: &summary.latency.service_ms,
            first_byte: &summary.latency.first_byte_ms,
            left_out: summary.left_out(),
            lags: Some([&summary.latency.send_lag_ms, &summary.latency.read_lag_ms]),
        };
        for row in endpoints.chain([total]) {
            text.push_str(&line(COLUMNS.map(|(_, field)| field(&row))));
        }
        Ok(text.into_bytes())
    }
}

/// What one row is about.
struct Row<'a> {
    endpoint: &'a str,
    ledger: &'a LedgerSummary,
    rates: &'a RatesSummary,
    response: &'a ResponseSummary,
    service: &'a DurationsSummary,
    first_byte: &'a DurationsSummary,
    left_out: u64,
    /// Send lag and read lag; those of single endpoints are not told apart.
    lags: Option<[&'a DurationsSummary; 2]>,
}

impl Row<'_> {
    /// Writes a figure of the send lag (0) or the read lag (1).
    fn lag(&self, which: usize, figure: fn(&DurationsSummary) -> Option<f64>) -> String {
        number(self.lags.and_then(|lags| figure(lags[which])))
    }
}

/// A column: its name and the field it takes out of a row.
type Column = (&'static str, fn(&Row<'_>) -> String);

const COLUMNS: [Column; 48] = [
    ("endpoint", |row| row.endpoint.to_owned()),
    ("planned", |row| row.ledger.planned.to_string()),
    ("sent", |row| row.ledger.sent.to_string()),
    ("dropped", |row| row.ledger.dropped.to_string()),
    ("unsent", |row| row.ledger.unsent.to_string()),
    ("completed", |row| row.ledger.completed.to_string()),
    ("good", |row| row.ledger.good.to_string()),
    ("rejected", |row| row.ledger.rejected.to_string()),
    ("failed", |row| row.ledger.failed.to_string()),
    ("timed_out", |row| row.ledger.timed_out.to_string()),
    ("cut", |row| row.ledger.cut.to_string()),
    ("deferred", |row| row.ledger.deferred.to_string()),
    ("offered_per_s", |row| number(row.rates.offered_per_s)),
    ("achieved_per_s", |row| number(row.rates.achieved_per_s)),
    ("good_per_s", |row| number(row.rates.good_per_s)),
    ("achieved_share", |row| number(row.rates.achieved_share)),
    ("error_share", |row| number(row.rates.error_share)),
    ("response_ms_mean", |row| number(row.response.figures.mean)),
    ("response_ms_p50", |row| number(row.response.figures.p50)),
    ("response_ms_p75", |row| number(row.response.figures.p75)),
    ("response_ms_p90", |row| number(row.response.figures.p90)),
    ("response_ms_p95", |row| number(row.response.figures.p95)),
    ("response_ms_p99", |row| number(row.response.figures.p99)),
    ("response_ms_p99_9", |row| {
        number(row.response.figures.p99_9)
    }),
    ("response_ms_p99_99", |row| {
        number(row.response.figures.p99_99)
    }),
    ("response_ms_max", |row| number(row.response.figures.max)),
    ("service_ms_mean", |row| number(row.service.figures.mean)),
    ("service_ms_p50", |row| number(row.service.figures.p50)),
    ("service_ms_p75", |row| number(row.service.figures.p75)),
    ("service_ms_p90", |row| number(row.service.figures.p90)),
    ("service_ms_p95", |row| number(row.service.figures.p95)),
    ("service_ms_p99", |row| number(row.service.figures.p99)),
    ("service_ms_p99_9", |row| number(row.service.figures.p99_9)),
    ("service_ms_p99_99", |row| {
        number(row.service.figures.p99_99)
    }),
    ("service_ms_max", |row| number(row.service.figures.max)),
    ("first_byte_ms_p50", |row| {
        number(row.first_byte.figures.p50)
    }),
    ("first_byte_ms_p99", |row| {
        number(row.first_byte.figures.p99)
    }),
    ("first_byte_ms_max", |row| {
        number(row.first_byte.figures.max)
    }),
    ("unanswered_count", |row| {
        row.response.unanswered_count.to_string()
    }),
    ("lower_bounds", |row| row.response.lower_bounds.join(" ")),
    ("skipped", |row| row.left_out.to_string()),
    ("send_lag_ms_p50", |row| row.lag(0, |lag| lag.figures.p50)),
    ("send_lag_ms_p99", |row| row.lag(0, |lag| lag.figures.p99)),
    ("send_lag_ms_max", |row| row.lag(0, |lag| lag.figures.max)),
    ("read_lag_ms_p50", |row| row.lag(1, |lag| lag.figures.p50)),
    ("read_lag_ms_p99", |row| row.lag(1, |lag| lag.figures.p99)),
    ("read_lag_ms_max", |row| row.lag(1, |lag| lag.figures.max)),
    ("upper_bounds", |row| row.response.upper_bounds.join(" ")),
];

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Writes one row with its end, fields quoted where they need it.
pub(crate) fn line(fields: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let fields: Vec<String> = fields
        .into_iter()
        .map(|field| quoted(field.as_ref()))
        .collect();
    format!("{}\r\n", fields.join(","))
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::healthy;

    fn lines(measurements: &Measurements) -> Vec<Vec<String>> {
        let summary = Summary::from_measurements(measurements);
        let text = String::from_utf8(Csv.render(&summary, measurements).unwrap()).unwrap();
        let fields = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().map(fields).collect()
    }

    #[test]
    fn the_header_is_the_documented_one() {
        let documentation = include_str!("../../../docs/metrics.md");
        let documented = |text: &str| documentation.contains(&format!("`{text}`"));
        for name in &lines(&healthy())[0] {
            // A family of quantiles is named by its first and last column.
            let first_of_family = name.rsplit_once("_p").map(|(family, _)| family);
            let is_documented = documented(name)
                || first_of_family.is_some_and(|family| documented(&format!("{family}_max")));
            assert!(is_documented, "docs/metrics.md does not mention {name}");
        }
    }

    #[test]
    fn there_is_a_row_per_endpoint_and_a_total_that_adds_up() {
        let lines = lines(&healthy());
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|fields| fields.len() == COLUMNS.len()));
        assert_eq!(lines[3][0], TOTAL);
        let counts = |row: usize| -> Vec<u64> {
            let ledger = &lines[row][1..=11];
            ledger.iter().map(|field| field.parse().unwrap()).collect()
        };
        let summed = counts(1).into_iter().zip(counts(2));
        let summed: Vec<u64> = summed.map(|(auth, monitoring)| auth + monitoring).collect();
        assert_eq!(counts(3), summed);
    }

    #[test]
    fn fields_that_need_it_are_quoted() {
        assert_eq!(quoted("GET /v1"), "GET /v1");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn a_missing_figure_is_an_empty_field() {
        let lines = lines(&Measurements::default());
        assert_eq!(lines[1][1], "0");
        assert_eq!(lines[1][12], "");
    }
}
