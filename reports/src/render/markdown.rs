//! `results.md`: the result on one page of Markdown, to be pasted into a ticket or a pull request.

mod identity;
pub(crate) mod table;
mod traffic;

use self::identity::identity;
use self::table::{Table, text};
use self::traffic::{endpoints, failures, latency, sessions};
use super::Renderer;
use crate::format;
use crate::{Error, Measurements, Summary, Verdict};

/// Writes the page.
#[derive(Debug, Clone, Copy)]
pub struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn file_name(&self) -> &'static str {
        "results.md"
    }

    fn help(&self) -> &'static str {
        "the result on one page, to be pasted into a ticket"
    }

    fn render(&self, summary: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        let sections = [
            Some(verdict(summary)),
            Some(identity(summary)),
            Some(latency(summary)),
            Some(endpoints(summary)),
            sessions(summary),
            gates(summary),
            decisions(summary),
            failures(summary),
            generator(summary),
        ];
        let shown: Vec<String> = sections.into_iter().flatten().collect();
        Ok(shown.join("\n").into_bytes())
    }
}

fn verdict(summary: &Summary) -> String {
    let report = &summary.verdict;
    let partial = if report.partial { " (partial)" } else { "" };
    let title = report.verdict.title();
    let service = text(&summary.identity.service);
    let reasons = report
        .reasons
        .iter()
        .map(|reason| format!("- {}\n", text(reason)));
    let notes = summary
        .notes
        .iter()
        .map(|note| format!("- Note: {}\n", text(note)));
    let items: String = reasons.chain(notes).collect();
    format!("# {service}: {title}{partial}\n\n{items}")
}

fn gates(summary: &Summary) -> Option<String> {
    let mut table = Table::figures(["gate", "measured", "allowed", "outcome", "remark"]);
    for gate in &summary.gates {
        table.row([
            gate.text.clone(),
            gate.measured_text(),
            gate.limit_text(),
            gate.outcome.text().to_owned(),
            gate.note.clone().unwrap_or_default(),
        ]);
    }
    let void = if summary.verdict.verdict == Verdict::Invalid {
        " (void: the run is invalid)"
    } else {
        ""
    };
    (!summary.gates.is_empty()).then(|| format!("## Gates{void}\n\n{}", table.text()))
}

fn decisions(summary: &Summary) -> Option<String> {
    let decisions = &summary.decisions;
    let mut table = Table::figures([
        "label", "requests", "approved", "review", "declined", "unjudged", "flagged",
    ]);
    for row in &decisions.labels {
        table.row(row.cells());
    }
    (!decisions.labels.is_empty()).then(|| {
        format!(
            "## Decisions\n\n{}\nRecall {}, false positives {}; fraud waved through unjudged: {} in {}.\n",
            table.text(),
            format::or_na(decisions.overall.recall, format::share),
            format::or_na(decisions.overall.false_positive_rate, format::share),
            text(&format::usd(decisions.fraud_unjudged.value_usd_cents)),
            format::counted(decisions.fraud_unjudged.count, "request"),
        )
    })
}

fn generator(summary: &Summary) -> Option<String> {
    let lanes = &summary.generator.lanes;
    let mut table = Table::figures(["lane", "sent", "CPU", "waited for a core", "longest stall"]);
    for lane in lanes {
        let cpu = if lane.spins {
            "spins".to_owned()
        } else {
            format::share(lane.cpu_share)
        };
        table.row([
            lane.lane.to_string(),
            format::count(lane.sent),
            cpu,
            format::or_na(lane.run_delay_share, format::share),
            format::duration(lane.longest_stall_ms),
        ]);
    }
    let mut section = format!("## Generator\n\n{}", table.text());
    let asides: Vec<String> = summary
        .asides()
        .map(|finding| format!("- {}\n", text(&finding.text)))
        .collect();
    if !asides.is_empty() {
        section.push('\n');
        section.push_str(&asides.concat());
    }
    (!lanes.is_empty() || !asides.is_empty()).then_some(section)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::healthy;

    fn render(measurements: &Measurements) -> String {
        let summary = Summary::from_measurements(measurements);
        String::from_utf8(Markdown.render(&summary, measurements).unwrap()).unwrap()
    }

    #[test]
    fn a_healthy_run_reads_like_this() {
        insta::assert_snapshot!(render(&healthy()));
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_header() {
        let mut measurements = healthy();
        measurements.failures[1].samples = vec!["a | b\\| c\n| d `|`".to_owned()];
        for block in render(&measurements).split("\n\n") {
            let rows: Vec<&str> = block.lines().filter(|row| row.starts_with('|')).collect();
            let cells = |row: &str| {
                row.replace("\\\\", "")
                    .replace("\\|", "")
                    .matches('|')
                    .count()
            };
            assert!(
                rows.iter().all(|row| cells(row) == cells(rows[0])),
                "{block}"
            );
        }
    }
}
