//! One row per kind of session, and the steps that were left out.

use maud::{Markup, html};

use crate::format;
use crate::summary::Summary;

/// Shows the sessions of a run, if its service has any.
pub(super) fn section(summary: &Summary) -> Markup {
    html! {
        @if !summary.sessions.is_empty() {
            section id="sessions" {
                h2 { "Sessions" }
                div.scroll { table {
                    thead {
                        tr.groups {
                            th {}
                            th.number colspan="5" { "Sessions" }
                            th.number colspan="4" { "Duration, think times included" }
                        }
                        tr {
                            th { "Session" }
                            th.number { "started" } th.number { "good" } th.number { "broken" } th.number { "unfinished" }
                            th.number { "good share" }
                            th.number { "p50" } th.number { "p95" } th.number { "p99" } th.number { "max" }
                        }
                    }
                    tbody {
                        @for session in &summary.sessions {
                            @let duration = &session.duration_ms;
                            tr {
                                th scope="row" { (session.name) }
                                @for count in [session.started, session.good, session.broken, session.unfinished] {
                                    td.number { (format::count(count)) }
                                }
                                td.number { (format::or_na(session.good_share, format::share)) }
                                @for figure in [duration.figures.p50, duration.figures.p95, duration.figures.p99, duration.figures.max] {
                                    td.number { (format::or_na(figure, format::duration)) }
                                }
                            }
                        }
                    }
                } }
                (skipped(summary))
                @for missing in missing(summary) { p.remark { b { "Not found" } ": " (missing) } }
                p.remark {
                    "Each step has its own row among the endpoints. Broken sessions came to the end, but a step failed or was left \
                     out; unfinished ones were under way when the run ended."
                }
            }
        }
    }
}

/// Lists the captures that some answers did not hold, with an example.
fn missing(summary: &Summary) -> impl Iterator<Item = String> {
    let captures = summary
        .sessions
        .iter()
        .flat_map(|session| &session.captures);
    captures.filter_map(|capture| {
        let sample = capture.sample.as_ref();
        let sample = sample.map_or_else(String::new, |sample| format!(" Without it: {sample}"));
        Some(format!("{}{sample}", capture.missing_text()?))
    })
}

/// Lists the steps that lacked a captured value.
fn skipped(summary: &Summary) -> Markup {
    let steps: Vec<String> = summary
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.skipped > 0)
        .map(|endpoint| format!("{} × {}", endpoint.name, format::count(endpoint.skipped)))
        .collect();
    html! {
        p.remark {
            b { "Left out" } " for lack of a captured value: "
            @if steps.is_empty() { "none" } @else { (steps.join(", ")) }
            "."
        }
    }
}
