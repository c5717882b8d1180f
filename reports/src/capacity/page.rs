//! The page for people: the finding, its curves, and every run.

use maud::{Markup, html};

use super::{CapacityReport, CapacityStep, Outcome, StepVerdict, chart};
use crate::render::html::document;
use crate::render::html::figure::figure;
use crate::render::html::overview::tile;
use crate::{Error, format};

/// Writes the page.
///
/// Errors: `Chart` if a chart cannot be drawn.
pub(super) fn render(report: &CapacityReport) -> Result<Vec<u8>, Error> {
    let result = &report.result;
    let title = format!(
        "{}: {} at {}",
        result.title(),
        report.identity.service,
        report.identity.target
    );
    let body = html! {
        (header(report))
        main {
            (key_figures(report))
            section id="curves" {
                h2 { "Response time and errors against the offered rate" }
                div.charts {
                    (figure(&chart::latency(report)?))
                    (figure(&chart::errors(report)?))
                }
            }
            (runs(report))
            (identity(report))
        }
        footer { p { "In the same folder: " code { "capacity.json" } " – the same for programs, and what " code { "--resume" } " goes on from; " code { "latency.svg" } " and " code { "errors.svg" } "." } }
    };
    Ok(document(&title, &body).into_string().into_bytes())
}

fn header(report: &CapacityReport) -> Markup {
    let (tone, mark) = match report.result.outcome {
        Outcome::Found | Outcome::AtLeast => ("pass", "✓"),
        Outcome::Nowhere => ("missed", "✗"),
        Outcome::Unknown => ("invalid", "!"),
    };
    let slos: Vec<&str> = report
        .identity
        .slos
        .iter()
        .map(|slo| slo.text.as_str())
        .collect();
    html! {
        header class=(tone) {
            p.run {
                b { "tapdeck capacity" } " · " (report.identity.service) " at " span.target { (report.identity.target) }
                " · " (slos.join(", "))
            }
            h1 { span.badge { span.mark aria-hidden="true" { (mark) } " " (report.result.title()) } }
            @for reason in &report.result.reasons { p.reason { (reason) } }
        }
    }
}

fn key_figures(report: &CapacityReport) -> Markup {
    let result = &report.result;
    let rate = |rate: Option<f64>| format::or_na(rate, format::rate);
    let repeats = format!("in {}", format::counted(report.rules.repeats.into(), "run"));
    let held = if result.proven {
        repeats.as_str()
    } else {
        "not repeated often enough"
    };
    let count = |verdict| {
        let of_verdict = |step: &&CapacityStep| step.verdict == verdict;
        report.steps.iter().filter(of_verdict).count() as u64
    };
    let runs = format!(
        "{} held, {} missed, {} spoiled by us",
        format::count(count(StepVerdict::Held)),
        format::count(count(StepVerdict::Missed)),
        format::count(count(StepVerdict::Spoiled)),
    );
    html! {
        section.figures aria-label="Key figures" {
            (tile("Highest rate that holds", &rate(result.holds_per_s), held))
            (tile("Lowest that does not", &rate(result.fails_per_s), ""))
            (tile("Knee of the p99", &rate(result.knee_per_s), "where the curve bends"))
            (tile("Runs", &format::count(report.steps.len() as u64), &runs))
        }
    }
}

fn runs(report: &CapacityReport) -> Markup {
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    html! {
        section id="runs" {
            h2 { "Runs" }
            div.scroll { table {
                thead { tr {
                    th.number { "Rate" } th { "For" } th {} th.number { "p50" } th.number { "p95" }
                    th.number { "p99" } th.number { "Errors" } th.number { "Send lag p99" } th.number { "Read lag p99" } th { "Why" }
                } }
                tbody {
                    @for step in &report.steps {
                        tr {
                            th.number scope="row" { (format::rate(step.rate_per_s)) }
                            td { (step.purpose.name()) }
                            td { (verdict(step)) }
                            td.number { (step.response_text("p50")) }
                            td.number { (step.response_text("p95")) }
                            td.number { (step.response_text("p99")) }
                            td.number { (format::or_na(step.error_share, format::share)) }
                            td.number { (duration(step.send_lag_ms_p99)) }
                            td.number { (duration(step.read_lag_ms_p99)) }
                            td.prose {
                                @if step.verdict != StepVerdict::Held { (step.reasons.join(" ")) }
                            }
                        }
                    }
                }
            } }
        }
    }
}

fn verdict(step: &CapacityStep) -> Markup {
    let name = step.verdict.name();
    match step.verdict {
        StepVerdict::Held => html! { span.kept { "✓ " (name) } },
        StepVerdict::Missed => html! { span.broken { "✗ " (name) } },
        StepVerdict::Spoiled => html! { "! " (name) },
    }
}

fn identity(report: &CapacityReport) -> Markup {
    let (identity, rules) = (&report.identity, &report.rules);
    let facts = [
        ("Tapdeck", identity.tapdeck_version.clone()),
        (
            "Tape",
            format!(
                "{} ({})",
                identity.tape.file,
                format::counted(identity.tape.records, "request")
            ),
        ),
        ("Tape digest", identity.tape.digest.clone()),
        (
            "Arrivals",
            format!("{}, seeds from {}", identity.arrivals, identity.seed),
        ),
        (
            "Each run",
            format!(
                "settles {}, measures {}",
                format::span(identity.settle_s),
                format::span(identity.measure_s)
            ),
        ),
        (
            "Connections",
            format::count(u64::from(identity.connections)),
        ),
        ("Timeout", format::round_duration(identity.timeout_ms)),
        (
            "Search",
            format!(
                "from {} by {}, to a gap of {}, {}",
                format::rate(rules.start_per_s),
                format::factor(rules.climb),
                format::round_share(rules.precision),
                format::counted(rules.repeats.into(), "repeat")
            ),
        ),
    ];
    html! {
        section id="identity" {
            h2 { "What was run" }
            dl.identity {
                @for (name, value) in facts { div { dt { (name) } dd { (value) } } }
                @for fact in &identity.machine { div { dt { (fact.name) } dd { (fact.value) } } }
            }
        }
    }
}
