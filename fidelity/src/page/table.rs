//! Every metric in a table.

use maud::{Markup, html};

use super::strip::Strip;
use crate::catalog::GROUPS;
use crate::judgment::{Finding, Judgment};

pub(super) fn section(judgment: &Judgment) -> Markup {
    html! {
        section id="metrics" {
            h2 { "Metrics" }
            div.scroll { table.metrics {
                (head())
                @for group in GROUPS {
                    tbody {
                        tr.group { th colspan="6" { (group.name) } }
                        @for finding in judgment.findings.iter().filter(|finding| finding.metric.group() == group) {
                            (row(finding))
                        }
                    }
                }
            } }
        }
    }
}

/// Shows some of the metrics.
pub(super) fn rows<'j>(findings: impl Iterator<Item = &'j Finding>) -> Markup {
    html! {
        div.scroll { table.metrics {
            (head())
            tbody { @for finding in findings { (row(finding)) } }
        } }
    }
}

fn head() -> Markup {
    html! {
        thead { tr {
            th { "Metric" }
            th.number { "Value" }
            th { "In its interval" }
            th.number { "Interval" }
            th.number { "Reference" }
            th { "Remark" }
        } }
    }
}

fn row(finding: &Finding) -> Markup {
    let metric = &finding.metric;
    html! {
        tr.failed[!finding.passed()] {
            th scope="row" { span.id { (metric.id) } " " (metric.name) }
            td.number {
                @if finding.passed() {
                    span.kept { "✓ " (finding.shown()) }
                } @else {
                    span.broken { "✗ " (finding.shown()) }
                }
            }
            td { (strip(Strip::of(metric, finding.value))) }
            td.number { (metric.interval()) }
            td.number { (metric.form.show(metric.reference)) }
            td.note { (finding.note.as_deref().unwrap_or_default()) }
        }
    }
}

fn strip(strip: Strip) -> Markup {
    let percent = |place: f64| format!("{:.1}%", place * 100.0);
    let (start, end) = strip.band;
    html! {
        span.strip aria-hidden="true" {
            span.band style={ "left:" (percent(start)) ";width:" (percent(end - start)) } {}
            span.notch style={ "left:" (percent(strip.reference)) } {}
            @if let Some(value) = strip.value {
                span.dot style={ "left:" (percent(value)) } {}
            }
        }
    }
}
