//! Several runs side by side, from their `run-summary-*.json`: a page and a table of Markdown with the columns of the earlier
//! harness.

use maud::html;
use serde::Deserialize;

use crate::format;
use crate::render::html::document;
use crate::render::html::overview::tile;
use crate::render::markdown::table::text;

/// What is shown of a run; read from the keys that runs of the earlier harness have, too.
#[derive(Debug, Clone, Deserialize)]
pub struct CombinedRun {
    run_id: String,
    scenario: String,
    total_requests: u64,
    total_failures: u64,
    avg_response_time_ms: f64,
    p95_response_time_ms: f64,
    p99_response_time_ms: f64,
    rps: f64,
    pass_fail: String,
    start_time: String,
    /// Percentiles that are lower bounds; neither the earlier harness nor earlier versions say so.
    #[serde(default)]
    lower_bounds: Vec<String>,
}

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

impl CombinedRun {
    /// Reads a `run-summary-*.json`.
    ///
    /// Errors: says what is wrong with the document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    fn passed(&self) -> bool {
        self.pass_fail == "PASS"
    }

    fn cells(&self) -> [String; 9] {
        let ms = |ms: f64| format!("{ms:.2} ms");
        let percentile = |key: &str, value: f64| {
            let is_lower_bound = self.lower_bounds.iter().any(|bound| bound == key);
            let bound = if is_lower_bound { format::AT_LEAST } else { "" };
            format!("{bound}{}", ms(value))
        };
        [
            self.run_id.clone(),
            self.scenario.clone(),
            format::count(self.total_requests),
            format::count(self.total_failures),
            ms(self.avg_response_time_ms),
            percentile("p95", self.p95_response_time_ms),
            percentile("p99", self.p99_response_time_ms),
            format!("{:.2}", self.rps),
            if self.passed() {
                "✅ PASS"
            } else {
                "❌ FAIL"
            }
            .to_owned(),
        ]
    }
}

impl Combined {
    /// Puts runs in the order of their beginnings.
    pub fn new(generated: String, mut runs: Vec<CombinedRun>) -> Self {
        runs.sort_by(|left, right| {
            (&left.start_time, &left.run_id).cmp(&(&right.start_time, &right.run_id))
        });
        Self { generated, runs }
    }

    fn counts(&self) -> [(&'static str, u64); 3] {
        let all = self.runs.len() as u64;
        let passed = self.runs.iter().filter(|run| run.passed()).count() as u64;
        [
            ("Total Runs", all),
            ("Passed", passed),
            ("Failed", all - passed),
        ]
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
        lines.push(String::new());
        lines.join("\n").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_document_that_is_no_run_is_refused() {
        assert!(
            CombinedRun::from_json(b"{}")
                .unwrap_err()
                .contains("run_id")
        );
    }
}
