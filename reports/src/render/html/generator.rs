//! How the generator itself fared: send lag, lanes, and what kept them from being on time.

use maud::{Markup, html};

use super::figure::figure;
use crate::chart::Chart;
use crate::format;
use crate::summary::Summary;
use crate::summary::durations::DurationsSummary;
use crate::summary::generator::LaneSummary;
use crate::summary::ms;
use crate::verdict::validity::{STALL_MAX_NS, Weight};

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
                    th.number { "Longest stall" }
                    th.number { "Involuntary switches" }
                    th.number { "Disk page faults" }
                    th { "State" }
                } }
                tbody { @for lane in &generator.lanes { (row(lane)) } }
            } } }
            p.remark {
                "Send lag: " (lag(&summary.latency.send_lag_ms)) ". Read lag: " (lag(&summary.latency.read_lag_ms)) ", arrivals "
                (summary.transport.arrivals.text()) ". Withheld requests: " (format::count(generator.withheld)) " ("
                (format::or_na(generator.withheld_share, format::share)) " of planned). "
                @for hit in &generator.own_limits { "Limit of ours: " (hit.limit) ", hit " (format::counted(hit.count, "time")) ". " }
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

/// Writes a lag at its median, its p99 and its largest.
fn lag(lag: &DurationsSummary) -> String {
    let [p50, p99, max] = [lag.figures.p50, lag.figures.p99, lag.figures.max]
        .map(|ms| format::or_na(ms, format::duration));
    format!("p50 {p50}, p99 {p99}, max {max}")
}

fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Fault => "Fault",
        Weight::Cause => "Cause",
        Weight::Remark => "Remark",
    }
}

fn row(lane: &LaneSummary) -> Markup {
    let stood_still = lane.longest_stall_ms >= ms(STALL_MAX_NS);
    let state = match (stood_still, lane.out_of_cpu, lane.spins) {
        (true, ..) => "✗ stood still",
        (_, true, _) => "✗ short of CPU",
        (_, false, true) => "✓ spins, CPU share means nothing",
        (_, false, false) => "✓ had headroom",
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
            td.number { (format::duration(lane.longest_stall_ms)) }
            td.number { (format::or_na(lane.involuntary_switches, format::count)) }
            td.number { (format::or_na(lane.major_faults, format::count)) }
            td { span.broken[lane.out_of_cpu].kept[!lane.out_of_cpu] { (state) } }
        }
    }
}
