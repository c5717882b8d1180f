//! Several runs side by side: a page and a table of Markdown with the columns of the earlier harness.

mod run;

use maud::html;

pub use self::run::CombinedRun;
use self::run::Status;
use crate::format;
use crate::render::html::document;
use crate::render::html::overview::tile;
use crate::render::markdown::table::text;

/// The columns, in order.
const COLUMNS: [&str; 9] = [
    "Run ID",
    "Scenario",
    "Requests",
    "Failures",
    "Avg Latency",
    "P95",
    "P99",
    "RPS",
    "Status",
];

/// Several runs.
#[derive(Debug, Clone)]
pub struct Combined {
    /// When this was put together, for people.
    pub generated: String,
    /// The runs, the oldest first.
    runs: Vec<CombinedRun>,
}

impl Combined {
    /// Puts runs in the order of their beginnings.
    pub fn new(generated: String, mut runs: Vec<CombinedRun>) -> Self {
        runs.sort_by(|left, right| {
            (&left.start_time, &left.run_id).cmp(&(&right.start_time, &right.run_id))
        });
        Self { generated, runs }
    }

    fn counts(&self) -> [(&'static str, u64); 4] {
        let of = |status| {
            let runs = self.runs.iter().filter(|run| run.status() == status);
            runs.count() as u64
        };
        [
            ("Total Runs", self.runs.len() as u64),
            ("Passed", of(Status::Pass)),
            ("Failed", of(Status::Fail)),
            ("Invalid", of(Status::Invalid)),
        ]
    }

    /// Explains what the table cannot say by itself, as far as it occurs.
    fn remarks(&self) -> Vec<&'static str> {
        let is_invalid = |run: &CombinedRun| run.status() == Status::Invalid;
        let has_mark = |mark: char| {
            let cells = self.runs.iter().flat_map(CombinedRun::cells);
            cells.into_iter().any(|cell| cell.starts_with(mark))
        };
        [
            (
                self.runs.iter().any(is_invalid),
                "INVALID: the generator, not the target, shaped the figures; they must not be quoted.",
            ),
            (has_mark('≥'), "≥: a lower bound. The percentile falls among requests without an answer."),
            (has_mark('≤'), "≤: an upper bound. The generator's own lag makes up too much of it."),
        ]
        .into_iter()
        .filter_map(|(occurs, remark)| occurs.then_some(remark))
        .collect()
    }

    /// Writes the page.
    pub fn to_html(&self) -> Vec<u8> {
        let body = html! {
            header {
                p.run { b { "tapdeck report" } " · Generated " (self.generated) }
            }
            main {
                section.figures aria-label="Key figures" {
                    @for (name, count) in self.counts() { (tile(name, &format::count(count), "")) }
                }
                section id="runs" {
                    h2 { "Runs" }
                    div.scroll { table {
                        thead { tr { @for column in COLUMNS { th { (column) } } } }
                        tbody {
                            @for run in &self.runs {
                                tr { @for cell in run.cells() { td { (cell) } } }
                            }
                        }
                    } }
                    @for remark in self.remarks() { p.remark { (remark) } }
                }
            }
        };
        document("Runs side by side", &body)
            .into_string()
            .into_bytes()
    }

    /// Writes the table of Markdown.
    pub fn to_markdown(&self) -> Vec<u8> {
        let mut lines = vec![
            "# Load test report".to_owned(),
            String::new(),
            format!("Generated: {}", text(&self.generated)),
            String::new(),
        ];
        lines.extend(
            self.counts()
                .map(|(name, count)| format!("- {name}: {count}")),
        );
        lines.push(String::new());
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| text(cell)).collect();
            format!("| {} |", cells.join(" | "))
        };
        lines.push(row(&COLUMNS.map(str::to_owned)));
        lines.push(format!("|{}", "---|".repeat(COLUMNS.len())));
        lines.extend(self.runs.iter().map(|run| row(&run.cells())));
        for remark in self.remarks() {
            lines.extend([String::new(), remark.to_owned()]);
        }
        lines.push(String::new());
        lines.join("\n").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, healthy};
    use crate::{Part, RunIdentity, RunSummary, Summary};

    fn run(id: &str, start: &str, pass: &str) -> CombinedRun {
        let json = format!(
            r#"{{"run_id": "{id}", "start_time": "{start}", "end_time": "", "scenario": "a|<b>", "total_requests": 1000,
                "total_failures": 3, "avg_response_time_ms": 1.234, "p95_response_time_ms": 2, "p99_response_time_ms": 3,
                "rps": 100, "threshold_violations": [], "pass_fail": "{pass}"}}"#
        );
        CombinedRun::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn runs_stand_in_order_under_the_columns_of_old() {
        let runs = vec![
            run("later", "2026-01-02", "FAIL"),
            run("first", "2026-01-01", "PASS"),
        ];
        let combined = Combined::new("today".to_owned(), runs);
        let text = String::from_utf8(combined.to_markdown()).unwrap();
        let expected = "\
# Load test report

Generated: today

- Total Runs: 2
- Passed: 1
- Failed: 1
- Invalid: 0

| Run ID | Scenario | Requests | Failures | Avg Latency | P95 | P99 | RPS | Status |
|---|---|---|---|---|---|---|---|---|
| first | a\\|&lt;b&gt; | 1,000 | 3 | 1.23 ms | 2.00 ms | 3.00 ms | 100.00 | ✅ PASS |
| later | a\\|&lt;b&gt; | 1,000 | 3 | 1.23 ms | 2.00 ms | 3.00 ms | 100.00 | ❌ FAIL |
";
        assert_eq!(text, expected);
        let page = String::from_utf8(combined.to_html()).unwrap();
        assert!(page.contains("a|&lt;b&gt;") && !page.contains("<b>a"));
    }

    #[test]
    fn a_percentile_among_requests_without_an_answer_is_marked() {
        let json = r#"{"run_id": "x", "start_time": "", "scenario": "", "total_requests": 10, "total_failures": 3,
            "avg_response_time_ms": 1, "p95_response_time_ms": 2, "p99_response_time_ms": 3, "rps": 1, "pass_fail": "FAIL",
            "lower_bounds": ["p99", "max"]}"#;
        let [.., p95, p99, _, _] = CombinedRun::from_json(json.as_bytes()).unwrap().cells();
        assert_eq!((p95.as_str(), p99.as_str()), ("2.00 ms", "≥ 3.00 ms"));
    }

    #[test]
    fn an_invalid_run_is_called_that_and_its_upper_bounds_are_marked() {
        let json = r#"{"run_id": "x", "start_time": "", "scenario": "", "total_requests": 10, "total_failures": 3,
            "avg_response_time_ms": 1, "p95_response_time_ms": 2, "p99_response_time_ms": 3, "rps": 1, "pass_fail": "FAIL",
            "verdict": "invalid", "lower_bounds": [], "upper_bounds": ["p99"]}"#;
        let runs = vec![
            CombinedRun::from_json(json.as_bytes()).unwrap(),
            run("y", "", "PASS"),
        ];
        let combined = Combined::new(String::new(), runs);
        for text in [combined.to_markdown(), combined.to_html()] {
            let text = String::from_utf8(text).unwrap();
            for said in [
                "⚠️ INVALID",
                "≤ 3.00 ms",
                "must not be quoted",
                "≤: an upper bound",
            ] {
                assert!(text.contains(said), "{said}: {text}");
            }
            assert!(!text.contains("FAIL"), "{text}");
        }
        let text = String::from_utf8(combined.to_markdown()).unwrap();
        assert!(text.contains("- Failed: 0\n- Invalid: 1"), "{text}");
    }

    #[test]
    fn a_single_report_shows_what_the_summary_of_a_whole_run_would() {
        let mut measurements = healthy();
        fixture::undisturbed(&mut measurements, 1_000_000);
        let summary = Summary::from_measurements(&measurements);
        let part = Part {
            name: "one",
            summary: &summary,
            measurements: &measurements,
        };
        let whole = RunSummary::over(&RunIdentity::default(), &[part]);
        let whole = CombinedRun::from_json(&whole.to_json().unwrap()).unwrap();
        let bytes = serde_json::to_vec(&summary).unwrap();
        let single = CombinedRun::from_summary("folder".to_owned(), &bytes).unwrap();
        let [name, scenario, figures @ ..] = single.cells();
        assert_eq!(
            (name.as_str(), scenario.as_str()),
            ("folder", "rule-engine, poisson 100")
        );
        let [_, _, expected @ ..] = whole.cells();
        assert_eq!(figures, expected);
        assert!(figures[4].starts_with("≤ "), "{figures:?}");
        let old = include_bytes!("../tests/data/summary-v1.json");
        let old = CombinedRun::from_summary("old".to_owned(), old).unwrap();
        assert_eq!(old.cells()[2], "1,000");
        let newer = br#"{"schema": "tapdeck-summary-v3"}"#;
        assert!(CombinedRun::from_summary("new".to_owned(), newer).is_err());
    }

    #[test]
    fn a_document_that_is_no_run_is_refused() {
        assert!(
            CombinedRun::from_json(b"{}")
                .unwrap_err()
                .contains("run_id")
        );
    }
}
