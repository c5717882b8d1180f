//! The short result as a table of two columns.

use super::RunSummary;
use crate::render::csv::line;

/// A row: its name and what it takes out of the result.
type Row = (&'static str, fn(&RunSummary) -> String);

const ROWS: [Row; 27] = [
    ("Run ID", |run| run.run_id.clone()),
    ("Start Time", |run| run.start_time.clone()),
    ("End Time", |run| run.end_time.clone()),
    ("Total Requests", |run| run.total_requests.to_string()),
    ("Total Failures", |run| run.total_failures.to_string()),
    ("Avg Response Time (ms)", |run| {
        two_places(Some(run.avg_response_time_ms))
    }),
    ("P95 Response Time (ms)", |run| {
        two_places(Some(run.p95_response_time_ms))
    }),
    ("P99 Response Time (ms)", |run| {
        two_places(Some(run.p99_response_time_ms))
    }),
    ("RPS", |run| two_places(Some(run.rps))),
    ("Pass/Fail", |run| run.pass_fail.to_owned()),
    ("Service", |run| run.service.clone()),
    ("Scenario", |run| run.scenario.clone()),
    ("Auth Mode", |run| run.auth_mode.clone()),
    ("Verdict", |run| run.verdict.title().to_owned()),
    ("Planned Requests", |run| run.planned_requests.to_string()),
    ("Offered RPS", |run| two_places(run.offered_rps)),
    ("Achieved RPS", |run| two_places(run.achieved_rps)),
    ("Good RPS", |run| two_places(run.good_rps)),
    ("Error Share", |run| plain(run.error_share)),
    ("P50 Response Time (ms)", |run| {
        two_places(run.p50_response_time_ms)
    }),
    ("P99.9 Response Time (ms)", |run| {
        two_places(run.p99_9_response_time_ms)
    }),
    ("Max Response Time (ms)", |run| {
        two_places(run.max_response_time_ms)
    }),
    ("Unanswered Requests", |run| {
        run.unanswered_requests.to_string()
    }),
    ("Lower Bounds", |run| run.lower_bounds.join(" ")),
    ("Recall", |run| plain(run.recall)),
    ("False Positive Rate", |run| plain(run.false_positive_rate)),
    ("Upper Bounds", |run| run.upper_bounds.join(" ")),
];

pub(super) fn text(run: &RunSummary) -> String {
    let rows = ROWS.iter().map(|(name, value)| line([*name, &value(run)]));
    std::iter::once(line(["Metric", "Value"]))
        .chain(rows)
        .collect()
}

/// Writes a number as the earlier harness did; one that does not exist is an empty field.
fn two_places(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.2}")).unwrap_or_default()
}

/// Writes a share, of which two decimals would leave nothing.
fn plain(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
