//! Latency, endpoints, sessions and failures in tables.

use super::table::{Table, text};
use crate::format;
use crate::render::csv::TOTAL;
use crate::render::terminal::FIGURES;
use crate::summary::Summary;
use crate::summary::durations::ResponseSummary;
use crate::summary::quantiles::{self, QuantileRow};
use crate::summary::sessions::CaptureSummary;
use crate::summary::traffic::{LedgerSummary, RatesSummary};

/// Quantiles shown.
const QUANTILES: [&str; 6] = ["p50", "p90", "p95", "p99", "p99.9", "max"];

pub(super) fn latency(summary: &Summary) -> String {
    let shown: Vec<&QuantileRow> = summary
        .quantiles
        .iter()
        .filter(|row| QUANTILES.contains(&row.name.as_str()))
        .collect();
    let names = shown.iter().map(|row| row.name.as_str());
    let mut table = Table::figures(std::iter::once("").chain(names));
    for (name, figure) in FIGURES {
        let cells = shown.iter().map(|row| figure(row));
        table.row(std::iter::once(name.trim().to_owned()).chain(cells));
    }
    let marks = paragraphs(&quantiles::marks(summary));
    format!("## Latency\n\n{}{marks}", table.text())
}

/// Writes each sentence as a paragraph below a table.
fn paragraphs(sentences: &[String]) -> String {
    let paragraphs = sentences.iter().map(|sentence| format!("\n{sentence}\n"));
    paragraphs.collect()
}

pub(super) fn endpoints(summary: &Summary) -> String {
    let mut table = Table::figures([
        "endpoint", "planned", "good", "errors", "achieved", "p50", "p95", "p99", "p99.9", "max",
    ]);
    let mut row =
        |name: &str, ledger: &LedgerSummary, rates: &RatesSummary, took: &ResponseSummary| {
            let counts = [ledger.planned, ledger.good].map(format::count);
            let errors = format::or_na(rates.error_share, format::share);
            let achieved = format::or_na(rates.achieved_per_s, format::rate);
            let durations = took.texts(["p50", "p95", "p99", "p99_9", "max"]);
            table.row(
                std::iter::once(name.to_owned())
                    .chain(counts)
                    .chain([errors, achieved])
                    .chain(durations),
            );
        };
    for endpoint in &summary.endpoints {
        row(
            &endpoint.name,
            &endpoint.ledger,
            &endpoint.rates,
            &endpoint.response_ms,
        );
    }
    row(
        TOTAL,
        &summary.ledger,
        &summary.rates,
        &summary.latency.response_ms,
    );
    let marks = paragraphs(&quantiles::marks_of_endpoints(summary));
    format!("## Endpoints\n\n{}{marks}", table.text())
}

pub(super) fn sessions(summary: &Summary) -> Option<String> {
    let mut table = Table::figures([
        "session",
        "started",
        "good",
        "broken",
        "unfinished",
        "p50",
        "p95",
        "max",
    ]);
    for session in &summary.sessions {
        table.row(session.cells());
    }
    let captures = summary
        .sessions
        .iter()
        .flat_map(|session| &session.captures);
    let missing: Vec<String> = captures
        .filter_map(CaptureSummary::missing_text)
        .map(|missing| format!("- {}\n", text(&missing)))
        .collect();
    let missing = missing.concat();
    let gap = if missing.is_empty() { "" } else { "\n" };
    (!summary.sessions.is_empty()).then(|| format!("## Sessions\n\n{}{gap}{missing}", table.text()))
}

pub(super) fn failures(summary: &Summary) -> Option<String> {
    let mut table = Table::words(["failure", "requests", "share", "example"]);
    for failure in &summary.failures {
        table.row([
            failure.kind.clone(),
            format::count(failure.count),
            format::or_na(failure.share, format::share),
            failure.samples.first().cloned().unwrap_or_default(),
        ]);
    }
    (!summary.failures.is_empty()).then(|| format!("## Failures\n\n{}", table.text()))
}
