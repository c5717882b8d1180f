//! The ladder of quantiles with the distortion beside each.

use maud::{Markup, html};

use crate::format;
use crate::summary::Summary;

pub(super) fn table(summary: &Summary) -> Markup {
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    html! {
        h3 { "Quantiles over all endpoints" }
        div.scroll { table {
            thead { tr {
                th { "Quantile" }
                th.number { "Response time" }
                th.number { "Without our lag" }
                th.number { "Distortion" }
                th.number { "Share" }
                th.number { "Service time" }
                th.number { "Send lag" }
            } }
            tbody {
                @for row in &summary.quantiles {
                    @let (distortion, share) = row.distortion_texts().unwrap_or_else(|| {
                        (format::NOT_AVAILABLE.to_owned(), format::NOT_AVAILABLE.to_owned())
                    });
                    tr.judged[row.judged] {
                        th scope="row" { (row.name) }
                        td.number { (row.response_text()) }
                        td.number { (duration(row.response_without_lag_ms)) }
                        td.number { (distortion) }
                        td.number.broken[row.judged && row.excessive] { (share) }
                        td.number { (duration(row.service_ms)) }
                        td.number { (duration(row.send_lag_ms)) }
                    }
                }
                tr {
                    th scope="row" { "mean" }
                    td.number { (duration(summary.latency.response_ms.mean)) }
                    td.number { (duration(summary.latency.response_without_lag_ms.mean)) }
                    td.number {}
                    td.number {}
                    td.number { (duration(summary.latency.service_ms.mean)) }
                    td.number { (duration(summary.latency.send_lag_ms.mean)) }
                }
            }
        } }
        p.remark {
            "The verdict rests on the rows in bold. "
            @if summary.quantiles.iter().any(|row| row.lower_bound) {
                "≥: requests without an answer reach into this quantile; they count as having taken the timeout or longer. "
            }
            @if summary.quantiles.iter().any(|row| row.response_ms.is_none()) {
                (format::NOT_AVAILABLE) ": fewer requests than it takes to tell this quantile."
            }
        }
    }
}
