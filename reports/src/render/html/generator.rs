//! How the generator itself fared: send lag, lanes, and what kept them from being on time.

use maud::{Markup, html};

use super::figure::figure;
use crate::chart::Chart;
use crate::format;
use crate::summary::Summary;
use crate::summary::generator::LaneSummary;
use crate::verdict::validity::Weight;

pub(super) fn section(summary: &Summary, charts: &[Chart]) -> Markup {
    let generator = &summary.generator;
    html! {
        section id="generator" {
            h2 { "Generator health" }
            div.charts { @for chart in charts { (figure(chart)) } }
            @for finding in summary.asides() { p.remark { b { (weight(finding.weight)) } ": " (finding.text) } }
            @if !generator.lanes.is_empty() { div.scroll { table {
                thead { tr {
                    th { "Lane" }
                    th.number { "CPU" }
                    th.number { "CPU time" }
                    th.number { "Requests sent" }
                    th.number { "Waited for a core" }
                    th.number { "Involuntary switches" }
                    th.number { "Disk page faults" }
                    th { "State" }
                } }
                tbody { @for lane in &generator.lanes { (row(lane)) } }
            } } }
            p.remark {
                "CPU per request: "
                (format::or_na(generator.cpu_us_per_request, |us| format::duration(us / 1e3)))
                @if generator.lanes.iter().any(|lane| lane.spins) { " (spinning while waiting included)" }
                ". Requests that overlapped with another one of the same card: "
                (format::count(generator.overlapping)) " ("
                (format::or_na(generator.overlapping_share, format::share)) "). "
                "Taken by the hypervisor: " (format::or_na(generator.stolen_share, format::share)) " of the cores' time."
            }
        }
    }
}

fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Fault => "Fault",
        Weight::Cause => "Sends were late",
        Weight::Remark => "Remark",
    }
}

fn row(lane: &LaneSummary) -> Markup {
    let state = match (lane.out_of_cpu, lane.spins) {
        (true, _) => "✗ out of CPU",
        (false, true) => "✓ spins, CPU share means nothing",
        (false, false) => "✓ had headroom",
    };
    html! {
        tr {
            th scope="row" { (lane.lane) }
            td.number { (format::share(lane.cpu_share)) }
            td.number { (format::duration(lane.cpu_ms)) }
            td.number { (format::count(lane.sent)) }
            td.number {
                (format::or_na(lane.run_delay_ms, format::duration))
                @if let Some(share) = lane.run_delay_share { " (" (format::share(share)) ")" }
            }
            td.number { (format::or_na(lane.involuntary_switches, format::count)) }
            td.number { (format::or_na(lane.major_faults, format::count)) }
            td { span.broken[lane.out_of_cpu].kept[!lane.out_of_cpu] { (state) } }
        }
    }
}
