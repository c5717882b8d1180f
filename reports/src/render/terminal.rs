//! The table a terminal shows at the end of a run: verdict, latency, rates, gates, decisions and the generator in plain
//! text.
//!
//! No line is longer than the width asked for; no colors, so that it reads the same in a log.

mod generator;
pub(crate) mod table;

use self::table::Table;
use crate::format;
use crate::summary::quantiles::{self, QuantileRow};
use crate::summary::sessions::CaptureSummary;
use crate::verdict::validity::Finding;
use crate::{Summary, Verdict};

/// Columns of a terminal, from [`Width::NARROWEST`] to [`Width::WIDEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(usize);

impl Width {
    /// Fewest columns the tables fit in.
    pub const NARROWEST: usize = 72;

    /// Most columns used, however wide the terminal is.
    pub const WIDEST: usize = 100;

    /// Takes the columns of a terminal, as far as they can be used.
    pub fn new(columns: usize) -> Self {
        Self(columns.clamp(Self::NARROWEST, Self::WIDEST))
    }
}

impl Default for Width {
    fn default() -> Self {
        Self(Self::WIDEST)
    }
}

/// Gives the table as lines of text, the last one ended too.
pub fn render(summary: &Summary, width: Width) -> String {
    let mut page = Page {
        width: width.0,
        text: String::new(),
    };
    page.verdict(summary);
    page.latency(summary);
    page.traffic(summary);
    page.transport(summary);
    page.sessions(summary);
    page.gates(summary);
    page.decisions(summary);
    page.generator(summary);
    page.text
}

/// A row of the latency table: its name and what it takes out of a quantile.
pub(super) type Figure = (&'static str, fn(&QuantileRow) -> String);

/// The rows of the latency table; what is part of the row above is indented.
pub(super) const FIGURES: [Figure; 5] = [
    ("response time", QuantileRow::response_text),
    ("  of it our lag", |row| {
        format::or_na(row.distortion_texts(), |(lag, _)| lag)
    }),
    ("service time", |row| {
        format::or_na(row.service_ms, format::duration)
    }),
    ("send lag", |row| {
        format::or_na(row.send_lag_ms, format::duration)
    }),
    ("read lag", |row| {
        format::or_na(row.read_lag_ms, format::duration)
    }),
];

/// Text so far, and its width.
struct Page {
    width: usize,
    text: String,
}

impl Page {
    fn verdict(&mut self, summary: &Summary) {
        let report = &summary.verdict;
        let mark = match report.verdict {
            Verdict::Pass => "✓",
            Verdict::SloMissed => "✗",
            Verdict::Invalid => "!",
        };
        let partial = if report.partial { " (partial)" } else { "" };
        let title = format!("{mark} {}{partial}", report.verdict.title().to_uppercase());
        self.rule('═', &title);
        for reason in &report.reasons {
            self.item(reason);
        }
        for note in &summary.notes {
            self.item(&format!("Note: {note}"));
        }
    }

    fn latency(&mut self, summary: &Summary) {
        self.rule('─', "Latency");
        let shown = if self.width < ROOMY { NARROW } else { WIDE };
        let is_shown = |row: &&QuantileRow| shown.contains(&row.name.as_str());
        let columns: Vec<&QuantileRow> = summary.quantiles.iter().filter(is_shown).collect();
        let mut table = Table::new(
            std::iter::once("").chain(columns.iter().map(|column| column.name.as_str())),
        );
        for (name, figure) in FIGURES {
            let cells = columns.iter().map(|column| figure(column));
            table.row(std::iter::once(name.to_owned()).chain(cells));
        }
        self.table(&table);
        for mark in quantiles::marks(summary) {
            self.item(&mark);
        }
    }

    fn traffic(&mut self, summary: &Summary) {
        self.rule('─', "Requests");
        let (ledger, rates) = (&summary.ledger, &summary.rates);
        let mut table = Table::new(["", "requests", "rate", "share"]);
        let share = |count: u64| format::or_na(summary.share_of_due(count), format::share);
        let left_out = summary.left_out();
        for (name, count, rate) in [
            ("offered", ledger.planned, rates.offered_per_s),
            ("achieved", ledger.completed, rates.achieved_per_s),
            ("good", ledger.good, rates.good_per_s),
        ] {
            table.row([
                name.to_owned(),
                format::count(count),
                format::or_na(rate, format::rate),
                share(count),
            ]);
        }
        for (name, count) in [
            ("dropped", ledger.dropped),
            ("unsent", ledger.unsent),
            ("timed out", ledger.timed_out),
            ("failed", ledger.failed),
            ("rejected", ledger.rejected),
            ("cut short", ledger.cut),
            ("steps left out", left_out),
        ] {
            if count > 0 {
                let count_text = format::count(count);
                table.row([name.to_owned(), count_text, String::new(), share(count)]);
            }
        }
        self.table(&table);
        if left_out > 0 {
            self.item("Shares are of offered requests and steps left out together.");
        }
        let failures: Vec<String> = summary
            .failures
            .iter()
            .map(|failure| format!("{} {}", failure.kind, format::count(failure.count)))
            .collect();
        if !failures.is_empty() {
            self.item(&format!("Failures: {}.", failures.join(", ")));
        }
    }

    fn sessions(&mut self, summary: &Summary) {
        if summary.sessions.is_empty() {
            return;
        }
        self.rule('─', "Sessions");
        let columns = [
            "",
            "started",
            "good",
            "broken",
            "unfinished",
            "p50",
            "p95",
            "max",
        ];
        let mut table = Table::new(columns);
        for session in &summary.sessions {
            table.row(session.cells());
        }
        self.table(&table);
        for endpoint in &summary.endpoints {
            if endpoint.skipped > 0 {
                let times = format::counted(endpoint.skipped, "time");
                let name = &endpoint.name;
                self.item(&format!(
                    "{name}: left out {times} for lack of a captured value."
                ));
            }
        }
        let captures = summary
            .sessions
            .iter()
            .flat_map(|session| &session.captures);
        for missing in captures.filter_map(CaptureSummary::missing_text) {
            self.item(&missing);
        }
    }

    fn transport(&mut self, summary: &Summary) {
        let transport = &summary.transport;
        let median = |ms: Option<f64>| format::or_na(ms, format::duration);
        let handshake = if transport.tls.is_some() {
            let handshake = median(transport.tls_handshake_ms.figures.p50);
            format!(", TLS handshake p50 {handshake}")
        } else {
            String::new()
        };
        self.item(&format!(
            "Transport: {}; {} opened, connect p50 {}{handshake}. Arrival of answers: {}.",
            transport.way_text(),
            format::counted(transport.connections.opened, "connection"),
            median(transport.connect_ms.figures.p50),
            transport.arrivals.text(),
        ));
    }

    fn gates(&mut self, summary: &Summary) {
        if summary.gates.is_empty() {
            return;
        }
        let is_void = summary.verdict.verdict == Verdict::Invalid;
        self.rule(
            '─',
            if is_void {
                "Gates (void: the run is invalid)"
            } else {
                "Gates"
            },
        );
        let mut table = Table::new(["", "measured", "allowed", ""]);
        for gate in &summary.gates {
            table.row([
                gate.text.clone(),
                gate.measured_text(),
                gate.limit_text(),
                gate.outcome.text().to_owned(),
            ]);
        }
        self.table(&table);
        for gate in &summary.gates {
            if let Some(lag_ms) = gate.upper_bound_by_ms {
                let lag = format::duration(lag_ms);
                let text = &gate.text;
                self.item(&format!(
                    "{text}: an upper bound, {lag} of it are our own lag."
                ));
            }
        }
    }

    fn decisions(&mut self, summary: &Summary) {
        let decisions = &summary.decisions;
        if decisions.labels.is_empty() {
            return;
        }
        self.rule('─', "Decisions");
        let mut table = Table::new([
            "", "requests", "approved", "review", "declined", "unjudged", "flagged",
        ]);
        for row in &decisions.labels {
            table.row(row.cells());
        }
        self.table(&table);
        let overall = &decisions.overall;
        self.item(&format!(
            "Recall {}, false positives {}; fraud waved through unjudged: {} in {}.",
            format::or_na(overall.recall, format::share),
            format::or_na(overall.false_positive_rate, format::share),
            format::usd(decisions.fraud_unjudged.value_usd_cents),
            format::counted(decisions.fraud_unjudged.count, "request"),
        ));
    }

    fn generator(&mut self, summary: &Summary) {
        let lanes = &summary.generator.lanes;
        let asides: Vec<&Finding> = summary.asides().collect();
        if lanes.is_empty() && asides.is_empty() {
            return;
        }
        self.rule('─', "Generator");
        if !lanes.is_empty() {
            self.table(&generator::lanes(lanes));
        }
        for finding in asides {
            self.item(&finding.text);
        }
    }

    /// Draws a line across with a title in it.
    fn rule(&mut self, stroke: char, title: &str) {
        let title = format!("{stroke}{stroke} {title} ");
        let rest = self.width.saturating_sub(title.chars().count());
        let line: String = std::iter::repeat_n(stroke, rest).collect();
        self.push(&format!("{title}{line}"));
    }

    /// Writes a sentence, wrapped and indented.
    fn item(&mut self, sentence: &str) {
        for line in table::wrapped(sentence, self.width - 2) {
            self.push(&format!("  {line}"));
        }
    }

    fn table(&mut self, table: &Table) {
        for line in table.lines(self.width - 2) {
            self.push(&format!("  {line}"));
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// Quantiles shown on a wide and on a narrow terminal.
const WIDE: &[&str] = &["p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"];
const NARROW: &[&str] = &["p50", "p95", "p99", "p99.9", "max"];

/// Columns from which a terminal counts as wide.
const ROOMY: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measurements;
    use crate::fixture::healthy;

    #[test]
    fn a_healthy_run_reads_like_this() {
        let summary = Summary::from_measurements(&healthy());
        insta::assert_snapshot!(render(&summary, Width::default()));
    }

    #[test]
    fn an_empty_run_reads_like_this() {
        let summary = Summary::from_measurements(&Measurements::default());
        insta::assert_snapshot!(render(&summary, Width::default()));
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        let mut measurements = healthy();
        measurements.lanes[0].cpu_share = 1.0;
        measurements.notes.push("x".repeat(300));
        measurements.confusion[1].label = "a_typology_with_a_very_long_name_".repeat(4);
        for columns in [0, 72, 80, 100, 300] {
            let width = Width::new(columns);
            let summary = Summary::from_measurements(&measurements);
            for line in render(&summary, width).lines() {
                assert!(line.chars().count() <= width.0, "{columns}: {line}");
            }
        }
    }
}
