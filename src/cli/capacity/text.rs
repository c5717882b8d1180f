//! A search as lines of text.

use tapdeck_reports::capacity::{CapacityReport, CapacityStep, StepVerdict};
use tapdeck_reports::counted;

use crate::cli::layout::{fact, show_rate, show_share_of};
use crate::cli::output::Output;
use crate::error::Error;
use crate::harness::capacity::Course;

/// Says what is about to happen.
pub(super) fn beginning(course: &Course, earlier: usize) -> String {
    let identity = &course.identity;
    let slos: Vec<&str> = identity.slos.iter().map(|slo| slo.text.as_str()).collect();
    let going_on = match earlier {
        0 => String::new(),
        runs => format!(", going on from {}", counted(runs as u64, "run")),
    };
    format!(
        "searching the highest rate at {} that keeps {}: from {} by {}x, {} arrivals, {:?} + {:?} a run{going_on}",
        identity.target,
        slos.join(", "),
        show_rate(course.rules.start),
        course.rules.climb,
        identity.arrivals,
        course.settle,
        course.measure,
    )
}

/// Tells a run in one line.
pub(super) fn step(step: &CapacityStep) -> String {
    let line = format!(
        "  {:>12}  {:<7}  {:<12}  p50 {:>9}  p99 {:>9}  errors {:>8}",
        show_rate(step.rate_per_s),
        step.purpose.name(),
        step.verdict.name(),
        step.response_text("p50"),
        step.response_text("p99"),
        step.error_share.map_or("n/a".to_owned(), show_share_of),
    );
    match (step.verdict, step.reasons.first()) {
        (StepVerdict::Spoiled, Some(reason)) => format!("{line}\n    {reason}"),
        _ => line,
    }
}

/// Tells the finding.
pub(super) fn finding(out: &mut Output, report: &CapacityReport) -> Result<(), Error> {
    let result = &report.result;
    let rate = |rate: Option<f64>| rate.map_or("n/a".to_owned(), show_rate);
    writeln!(out, "{}", result.title())?;
    for reason in &result.reasons {
        writeln!(out, "  {reason}")?;
    }
    fact(out, "holds", &rate(result.holds_per_s))?;
    fact(out, "does not hold", &rate(result.fails_per_s))?;
    fact(out, "knee", &rate(result.knee_per_s))?;
    fact(out, "runs", &report.steps.len().to_string())
}
