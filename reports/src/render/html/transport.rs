//! How the target was reached: protocol, addresses, and what opening connections took.

use maud::{Markup, html};

use crate::format;
use crate::summary::Summary;
use crate::summary::durations::DurationsSummary;

pub(super) fn section(summary: &Summary) -> Markup {
    let transport = &summary.transport;
    let connections = &transport.connections;
    html! {
        section id="transport" {
            h2 { "Transport" }
            dl.identity {
                div { dt { "Protocol" } dd { (transport.way_text()) } }
                div { dt { "Addresses" } dd { (transport.addresses.join(", ")) } }
                @if !transport.addresses_left_out.is_empty() {
                    div { dt { "Left out, nothing listened" } dd { (transport.addresses_left_out.join(", ")) } }
                }
                div { dt { "Arrival of answers" } dd { (transport.arrivals.text()) } }
                div { dt { "Requests at a time on a connection" } dd { (format::count(transport.streams_per_connection)) } }
                @if let Some(lifetime) = transport.connection_lifetime_ms {
                    div { dt { "Longest life of a connection" } dd { (format::round_duration(lifetime)) } }
                }
                @if let Some(rate) = transport.connect_rate_per_s {
                    div { dt { "Connections opened per second at most" } dd { (format::rate(rate)) } }
                }
            }
            div.scroll { table {
                thead { tr {
                    th { "Opening a connection" }
                    th.number { "Count" } th.number { "Median" } th.number { "p99" } th.number { "Maximum" }
                } }
                tbody {
                    (row("Connect", &transport.connect_ms))
                    @if transport.tls.is_some() { (row("TLS handshake", &transport.tls_handshake_ms)) }
                }
            } }
            p.remark {
                "Connections over the whole run: " (format::count(connections.opened)) " opened, "
                (format::count(connections.open_failed)) " could not be opened, " (format::count(connections.lost))
                " closed without our doing, " (format::count(connections.aged)) " closed because of their age."
            }
        }
    }
}

fn row(name: &str, durations: &DurationsSummary) -> Markup {
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    html! {
        tr {
            th scope="row" { (name) }
            td.number { (format::count(durations.count)) }
            td.number { (duration(durations.figures.p50)) }
            td.number { (duration(durations.figures.p99)) }
            td.number { (duration(durations.figures.max)) }
        }
    }
}
