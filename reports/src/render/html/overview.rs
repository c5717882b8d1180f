//! The top of the page: verdict with reasons, key figures, gates.

use maud::{Markup, html};

use crate::format;
use crate::summary::quantiles::QuantileRow;
use crate::verdict::gates::GateOutcome;
use crate::{Summary, Verdict};

pub(super) fn header(summary: &Summary) -> Markup {
    let identity = &summary.identity;
    let report = &summary.verdict;
    let (tone, mark) = report.verdict.tone_and_mark();
    html! {
        header class=(tone) {
            p.run {
                b { "tapdeck" } " · " (identity.service) " at " span.target { (identity.target) }
                @if !identity.started_at.is_empty() {
                    " · " time datetime=(identity.started_at) { (identity.started_at) }
                }
            }
            h1 {
                span.badge { span.mark aria-hidden="true" { (mark) } " " (report.verdict.title()) }
                @if report.partial { span.partial { "partial" } }
            }
            @for reason in &report.reasons { p.reason { (reason) } }
            @for note in &summary.notes { p.note { b { "Note: " } (note) } }
        }
    }
}

pub(super) fn key_figures(summary: &Summary) -> Markup {
    let (ledger, rates) = (&summary.ledger, &summary.rates);
    let rate = |rate: Option<f64>| format::or_na(rate, format::rate);
    let requests = |count: u64| format::counted(count, "request");
    let left_out = summary.left_out();
    let of_what = if left_out > 0 {
        "of offered and left out"
    } else {
        "of offered"
    };
    let of_offered = |count: u64| {
        let share = summary.share_of_due(count);
        share.map_or_else(String::new, |share| {
            format!("{} {of_what}", format::share(share))
        })
    };
    let bad = ledger.planned.saturating_sub(ledger.good);
    let headline = ["p50", "p95", "p99"];
    let is_headline = |row: &&QuantileRow| headline.contains(&row.name.as_str());
    let (lag, read_lag) = (&summary.latency.send_lag_ms, &summary.latency.read_lag_ms);
    html! {
        section.figures aria-label="Key figures" {
            (tile("Offered rate", &rate(rates.offered_per_s), &requests(ledger.planned)))
            (tile("Achieved rate", &rate(rates.achieved_per_s), &of_offered(ledger.completed)))
            (tile("Good rate", &rate(rates.good_per_s), &of_offered(ledger.good)))
            (tile(
                "Error share",
                &format::or_na(rates.error_share, format::share),
                &if left_out > 0 {
                    format!("{}, {} left out", requests(bad), format::counted(left_out, "step"))
                } else {
                    requests(bad)
                },
            ))
            @for row in summary.quantiles.iter().filter(is_headline) {
                (tile(&format!("Response {}", row.name), &row.response_text(), &distortion(row)))
            }
            (tile(
                "Send lag p99",
                &format::or_na(lag.figures.p99, format::duration),
                &format!("read lag p99 {}", format::or_na(read_lag.figures.p99, format::duration)),
            ))
        }
    }
}

/// Shows one figure with its name above and a remark below.
pub fn tile(name: &str, value: &str, detail: &str) -> Markup {
    html! {
        div.tile {
            span.name { (name) }
            span.value { (value) }
            span.detail { (detail) }
        }
    }
}

fn distortion(row: &QuantileRow) -> String {
    let texts = row.distortion_texts().map(|(duration, share)| {
        // The share stays in one piece where the line has to break.
        format!("our lag: {duration} ({})", share.replace(' ', "\u{a0}"))
    });
    texts.unwrap_or_default()
}

pub(super) fn gates(summary: &Summary) -> Markup {
    let is_void = summary.verdict.verdict == Verdict::Invalid;
    html! {
        @if !summary.gates.is_empty() {
            section id="gates" {
                h2 { "Gates" }
                div.scroll { table {
                    thead { tr { th { "Gate" } th {} th.number { "Measured" } th.number { "Allowed" } th { "Remark" } } }
                    tbody {
                        @for gate in &summary.gates {
                            tr.void[is_void] {
                                th scope="row" { code { (gate.text) } }
                                td {
                                    (outcome(gate.outcome))
                                }
                                td.number { (gate.measured_text()) }
                                td.number { (gate.limit_text()) }
                                td.prose { (gate.note.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                } }
                @if is_void {
                    p.remark { "The run is invalid, so these are no statement about the target." }
                }
            }
        }
    }
}

/// Shows what became of a gate.
pub(crate) fn outcome(outcome: GateOutcome) -> Markup {
    let text = outcome.text();
    match outcome {
        GateOutcome::Kept => html! { span.kept { (text) } },
        GateOutcome::Missed => html! { span.broken { (text) } },
        GateOutcome::Inconclusive | GateOutcome::NotJudged => html! { (text) },
    }
}
