//! How well the target decided: money first, then the confusion matrix.

use maud::{Markup, html};

use super::figure::figure;
use super::overview::tile;
use crate::chart::Chart;
use crate::format;
use crate::summary::decisions::{LabelSummary, TallySummary};
use crate::summary::{Summary, ratio};

pub(super) fn section(summary: &Summary, chart: &Chart) -> Markup {
    let decisions = &summary.decisions;
    html! {
        @if !decisions.labels.is_empty() {
            section id="decisions" {
                h2 { "Decisions" }
                div.split {
                    (figures(summary))
                    (figure(chart))
                }
                div.scroll { table.matrix {
                    thead { tr {
                        th { "Label" }
                        th.number { "Requests" }
                        th.number { "Declined" }
                        th.number { "Review" }
                        th.number { "Approved" }
                        th.number { "Unjudged" }
                        th.number { "Flagged" }
                    } }
                    tbody { @for row in &decisions.labels { (label(row)) } }
                } }
                p.remark {
                    "Flagged: declined or sent to review; for fraud that is recall, for legitimate requests the "
                    "false-positive rate. Unjudged requests were waved through without judgment (load shed, failed "
                    "open, or no answer) and count as not flagged; the lower figure leaves them out. Amounts are in US "
                    "dollars."
                }
            }
        }
    }
}

fn figures(summary: &Summary) -> Markup {
    let decisions = &summary.decisions;
    let share = |share: Option<f64>| format::or_na(share, format::share);
    let judged =
        |share: Option<f64>| format!("{} of what was judged", format::or_na(share, format::share));
    let requests = |tally: TallySummary| format::counted(tally.count, "request");
    let tiles = [
        (
            "Fraud caught (recall)",
            share(decisions.overall.recall),
            judged(decisions.overall.recall_judged),
        ),
        (
            "False positives",
            share(decisions.overall.false_positive_rate),
            judged(decisions.overall.false_positive_rate_judged),
        ),
        (
            "Precision",
            share(decisions.precision),
            "fraud among what was flagged".to_owned(),
        ),
        (
            "Fraud approved",
            format::usd(decisions.fraud_approved.value_usd_cents),
            requests(decisions.fraud_approved),
        ),
        (
            "Fraud unjudged",
            format::usd(decisions.fraud_unjudged.value_usd_cents),
            requests(decisions.fraud_unjudged),
        ),
    ];
    html! {
        div.figures {
            @for (name, value, detail) in &tiles {
                (tile(name, value, detail))
            }
        }
    }
}

fn label(row: &LabelSummary) -> Markup {
    let quality = &row.quality;
    let (flagged, flagged_judged) = if row.is_fraud {
        (quality.recall, quality.recall_judged)
    } else {
        (
            quality.false_positive_rate,
            quality.false_positive_rate_judged,
        )
    };
    html! {
        tr {
            th scope="row" {
                (row.label)
                span.sub {
                    (if row.is_fraud { "fraud" } else { "no fraud" })
                    @if let Some(expected) = &row.expected { ", best answer: " (expected) }
                }
            }
            td.number { (format::count(row.total.count)) span.sub { (format::usd(row.total.value_usd_cents)) } }
            @for tally in [row.declined, row.reviewed, row.approved, row.unjudged] {
                td.number {
                    (format::count(tally.count))
                    @if tally.count > 0 {
                        span.sub {
                            (format::or_na(ratio(tally.count, row.total.count), format::share))
                            " · " (format::usd(tally.value_usd_cents))
                        }
                    }
                }
            }
            td.number {
                (format::or_na(flagged, format::share))
                span.sub { (format::or_na(flagged_judged, format::share)) " judged" }
            }
        }
    }
}
