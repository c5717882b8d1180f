//! The ladder of quantiles with the distortion beside each.

use maud::{Markup, html};

use crate::format;
use crate::summary::{Summary, quantiles};

pub(super) fn table(summary: &Summary) -> Markup {
    let unanswered = summary.latency.response_ms.unanswered_count;
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    html! {
        h3 { "Quantiles over all endpoints" }
        div.scroll { table {
            thead { tr {
                th { "Quantile" }
                th.number { "Response time" }
                th.number { "Undisturbed" }
                th.number { "Distortion" }
                th.number { "Share" }
                th.number { "Service time" }
                th.number { "Send lag" }
                th.number { "Read lag" }
            } }
            tbody {
                @for row in &summary.quantiles {
                    @let (distortion, share) = row.distortion_texts().unwrap_or_else(|| {
                        (format::NOT_AVAILABLE.to_owned(), format::NOT_AVAILABLE.to_owned())
                    });
                    tr.judged[row.judged] {
                        th scope="row" { (row.name) }
                        td.number { (row.response_text()) }
                        td.number { (duration(row.undisturbed_ms)) }
                        td.number { (distortion) }
                        td.number.broken[row.judged && row.excessive] { (share) }
                        td.number { (duration(row.service_ms)) }
                        td.number { (duration(row.send_lag_ms)) }
                        td.number { (duration(row.read_lag_ms)) }
                    }
                }
                tr {
                    th scope="row" { "mean" }
                    td.number { (duration(summary.latency.response_ms.figures.mean)) }
                    td.number { (duration(summary.latency.undisturbed_ms.figures.mean)) }
                    td.number {}
                    td.number {}
                    td.number { (duration(summary.latency.service_ms.figures.mean)) }
                    td.number { (duration(summary.latency.send_lag_ms.figures.mean)) }
                    td.number { (duration(summary.latency.read_lag_ms.figures.mean)) }
                }
            }
        } }
        p.remark {
            "The verdict rests on the rows in bold. "
            @for mark in quantiles::marks(summary) { (mark) " " }
            @if unanswered > 0 { "Means are over answered requests; " (format::count(unanswered)) " got no answer. " }
            @if summary.quantiles.iter().any(|row| row.response_ms.is_none()) {
                (format::NOT_AVAILABLE) ": fewer requests than it takes to tell this quantile."
            }
        }
    }
}
