//! The page of a run of several services: what all of them came to, a row and a link for each, and every gate.

use maud::{Markup, html};

use crate::format::{self, BoundMark};
use crate::render::html::document;
use crate::render::html::overview::{outcome, tile};
use crate::run_summary::{RunSummary, ServiceResult};
use crate::verdict::Verdict;

/// Writes the page; each service's own page is expected at `SERVICE/index.html`.
pub fn render(run: &RunSummary) -> Vec<u8> {
    let title = format!(
        "{}: {} of {}",
        run.verdict.title(),
        run.scenario,
        run.service
    );
    let body = html! {
        (header(run))
        main {
            (figures(run))
            (services(run))
            (gates(run))
        }
        footer { p { "Beside this folder: " code { "run-summary-" (run.run_id) ".json" } " – the same for programs; "
            code { "run-metadata-" (run.run_id) ".json" } " – how it was run." } }
    };
    document(&title, &body).into_string().into_bytes()
}

fn header(run: &RunSummary) -> Markup {
    let (tone, mark) = run.verdict.tone_and_mark();
    html! {
        header class=(tone) {
            p.run {
                b { "tapdeck run" } " · " (run.service) " · " (run.scenario) " · " (run.run_id) " · " (run.start_time)
            }
            h1 { span.badge { span.mark aria-hidden="true" { (mark) } " " (run.verdict.title()) } }
            @for reason in &run.reasons { p.reason { (reason) } }
        }
    }
}

fn figures(run: &RunSummary) -> Markup {
    let rate = |rate: Option<f64>| format::or_na(rate, format::rate);
    let offered = format!("of {} offered", rate(run.offered_rps));
    html! {
        section.figures aria-label="Key figures" {
            (tile("Requests", &format::count(run.total_requests), ""))
            (tile("Achieved", &rate(run.achieved_rps), &offered))
            (tile("Errors", &format::or_na(run.error_share, format::share), &format::count(run.total_failures)))
            (tile("p99", &percentile(Some(run.p99_response_time_ms), "p99", [&run.lower_bounds, &run.upper_bounds]), "over all services"))
        }
    }
}

fn services(run: &RunSummary) -> Markup {
    let rate = |rate: Option<f64>| format::or_na(rate, format::rate);
    html! {
        section id="services" {
            h2 { "Services" }
            div.scroll { table {
                thead { tr {
                    th { "Service" } th {} th { "Target" } th.number { "Requests" } th.number { "Offered" } th.number { "Achieved" }
                    th.number { "p50" } th.number { "p95" } th.number { "p99" } th.number { "Errors" }
                } }
                tbody {
                    @for service in &run.services {
                        tr {
                            th scope="row" { a href=(format!("{}/index.html", service.service)) { (service.service) } }
                            td { (verdict(service)) }
                            td { (service.target) }
                            td.number { (format::count(service.total_requests)) }
                            td.number { (rate(service.offered_rps)) }
                            td.number { (rate(service.achieved_rps)) }
                            td.number { (percentile(service.p50_response_time_ms, "p50", [&service.lower_bounds, &service.upper_bounds])) }
                            td.number { (percentile(service.p95_response_time_ms, "p95", [&service.lower_bounds, &service.upper_bounds])) }
                            td.number { (percentile(service.p99_response_time_ms, "p99", [&service.lower_bounds, &service.upper_bounds])) }
                            td.number { (format::or_na(service.error_share, format::share)) }
                        }
                    }
                }
            } }
        }
    }
}

/// Writes a percentile, marked where it is a bound, given the keys of the lower and of the upper ones.
fn percentile(ms: Option<f64>, key: &str, [lower, upper]: [&[&str]; 2]) -> String {
    let bound = BoundMark::listed(key, lower, upper);
    format::or_na(ms, |ms| bound.duration(ms))
}

fn verdict(service: &ServiceResult) -> Markup {
    let title = service.verdict.title();
    match service.verdict {
        Verdict::Pass => html! { span.kept { "✓ " (title) } },
        Verdict::SloMissed => html! { span.broken { "✗ " (title) } },
        Verdict::Invalid => html! { "! " (title) },
    }
}

fn gates(run: &RunSummary) -> Markup {
    html! {
        section id="gates" {
            h2 { "Gates" }
            div.scroll { table {
                thead { tr { th { "Gate" } th {} th.number { "Measured" } th { "Allowed" } } }
                tbody {
                    @for gate in &run.gates {
                        tr {
                            th scope="row" { (gate.text) }
                            td {
                                (outcome(gate.outcome))
                            }
                            td.number { (gate.measured_text()) }
                            td { (gate.limit_text()) }
                        }
                    }
                }
            } }
            @if run.verdict == Verdict::Invalid {
                p.remark { "Where a service's run is invalid, its gates are no statement about the target." }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::healthy;
    use crate::{Part, RunIdentity, Summary};

    #[test]
    fn every_service_and_gate_has_its_row_and_names_are_escaped() {
        let run = healthy();
        let summary = Summary::from_measurements(&run);
        let part = |name| Part {
            name,
            summary: &summary,
            measurements: &run,
        };
        let identity = RunIdentity {
            run_id: "lt-1".to_owned(),
            service: "all".to_owned(),
            services_tested: Vec::new(),
            scenario: "<b>".to_owned(),
            auth_mode: "none".to_owned(),
        };
        let short = RunSummary::over(&identity, &[part("one"), part("two")]);
        let page = String::from_utf8(render(&short)).unwrap();
        for expected in [
            "href=\"one/index.html\"",
            "href=\"two/index.html\"",
            "one: p99&lt;30ms",
            "two: errors&lt;3%",
            "&lt;b&gt;",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
        let said = "no statement about the target";
        assert!(!page.contains(said));
        let invalid = RunSummary {
            verdict: Verdict::Invalid,
            ..short
        };
        assert!(String::from_utf8(render(&invalid)).unwrap().contains(said));
    }
}
