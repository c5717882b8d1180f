//! One row per endpoint, and the failures with samples.

use maud::{Markup, html};

use crate::format;
use crate::summary::durations::{DurationsSummary, ResponseSummary};
use crate::summary::endpoints::EndpointSummary;
use crate::summary::traffic::{LedgerSummary, RatesSummary};
use crate::summary::{Summary, quantiles};

pub(super) fn section(summary: &Summary) -> Markup {
    html! {
        section id="endpoints" {
            h2 { "Endpoints" }
            div.scroll { table {
                thead {
                    tr.groups {
                        th {}
                        th.number {}
                        th.number colspan="2" { "Rate" }
                        th.number {}
                        th.number colspan="4" { "Response time" }
                        th.number colspan="2" { "Service time" }
                    }
                    tr {
                        th { "Endpoint" }
                        th.number { "Requests" }
                        th.number { "achieved" }
                        th.number { "good" }
                        th.number { "Errors" }
                        th.number { "p50" } th.number { "p95" } th.number { "p99" } th.number { "max" }
                        th.number { "p50" } th.number { "p99" }
                    }
                }
                tbody {
                    @for endpoint in &summary.endpoints {
                        (row(&endpoint.name, &endpoint.ledger, &endpoint.rates, &endpoint.response_ms, &endpoint.service_ms))
                    }
                }
                tfoot {
                    (row("Total", &summary.ledger, &summary.rates, &summary.latency.response_ms, &summary.latency.service_ms))
                }
            } }
            @for mark in quantiles::marks_of_endpoints(summary) { p.remark { (mark) } }
            @for endpoint in &summary.endpoints { (answers(endpoint)) }
            (ledger(summary))
        }
    }
}

fn row(
    name: &str,
    ledger: &LedgerSummary,
    rates: &RatesSummary,
    response: &ResponseSummary,
    service: &DurationsSummary,
) -> Markup {
    let duration = |ms| format::or_na(ms, format::duration);
    let responses = response.texts(["p50", "p95", "p99", "max"]);
    html! {
        tr {
            th scope="row" { (name) }
            td.number { (format::count(ledger.planned)) }
            td.number { (format::or_na(rates.achieved_per_s, format::rate)) }
            td.number { (format::or_na(rates.good_per_s, format::rate)) }
            td.number { (format::or_na(rates.error_share, format::share)) }
            @for response in responses { td.number { (response) } }
            td.number { (duration(service.figures.p50)) }
            td.number { (duration(service.figures.p99)) }
        }
    }
}

/// Lists the status codes of an endpoint and the checks that failed.
fn answers(endpoint: &EndpointSummary) -> Markup {
    html! {
        p.remark {
            b { (endpoint.name) } ": "
            @for (idx, status) in endpoint.statuses.iter().enumerate() {
                @if idx > 0 { ", " }
                "status " (status.status) " × " (format::count(status.count))
            }
            @if endpoint.statuses.is_empty() { "no answers" }
            "; checks failed: "
            @let failing: Vec<String> = endpoint
                .checks
                .iter()
                .filter(|check| check.failed > 0)
                .map(|check| format!("{} × {}", check.name, format::count(check.failed)))
                .collect();
            @if failing.is_empty() { "none" } @else { (failing.join(", ")) }
            "."
        }
    }
}

/// Shows where every planned request went.
fn ledger(summary: &Summary) -> Markup {
    let ledger = &summary.ledger;
    let group = |whole: (&str, u64), parts: &[(&str, u64)]| {
        html! {
            div.equation {
                span.part { b { (format::count(whole.1)) } " " (whole.0) }
                @for (idx, (name, count)) in parts.iter().enumerate() {
                    span.operator { (if idx == 0 { "=" } else { "+" }) }
                    span.part.zero[*count == 0] { b { (format::count(*count)) } " " (name) }
                }
            }
        }
    };
    html! {
        h3 { "Ledger" }
        div.ledger {
            (group(("planned", ledger.planned), &[("sent", ledger.sent), ("dropped", ledger.dropped), ("unsent", ledger.unsent)]))
            (group(("sent", ledger.sent), &[("completed", ledger.completed), ("failed", ledger.failed), ("timed out", ledger.timed_out), ("cut", ledger.cut)]))
            (group(("completed", ledger.completed), &[("good", ledger.good), ("rejected", ledger.rejected)]))
        }
        p.remark { (deferred(summary)) }
    }
}

/// Says how many requests had to wait for a connection, and whose doing that was.
fn deferred(summary: &Summary) -> String {
    let (deferred, ours) = (summary.ledger.deferred, summary.generator.held_up);
    if deferred == 0 {
        return "No request was deferred: a connection was free for each that was sent.".to_owned();
    }
    let theirs = deferred.saturating_sub(ours);
    let mut sentences = vec![format!(
        "Deferred, because every connection was busy when they were due: {}.",
        format::counted(deferred, "request")
    )];
    if theirs > 0 {
        let count = format::count(theirs);
        sentences.push(format!("The target kept {count} of them waiting: a generator without lag would have waited as well."));
    }
    if ours > 0 {
        let count = format::count(ours);
        sentences.push(format!("Our own lag kept {count} of them waiting: a generator without lag would have sent them as planned."));
    }
    sentences.join(" ")
}

pub(super) fn failures(summary: &Summary) -> Markup {
    html! {
        section id="failures" {
            h2 { "Failures" }
            @if summary.failures.is_empty() {
                p.empty { "None." }
            } @else {
                div.scroll { table {
                    thead { tr { th { "Kind" } th.number { "Requests" } th.number { "Share" } th { "Samples" } } }
                    tbody {
                        @for failure in &summary.failures {
                            tr {
                                th scope="row" { code { (failure.kind) } }
                                td.number { (format::count(failure.count)) }
                                td.number { (format::or_na(failure.share, format::share)) }
                                td.samples { @for sample in &failure.samples { code { (sample) } } }
                            }
                        }
                    }
                } }
                p.remark { "A request that fails several checks counts under each." }
            }
        }
    }
}
