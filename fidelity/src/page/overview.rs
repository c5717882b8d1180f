//! The top of the page: verdict, key figures, what failed.

use maud::{Markup, html};
use tapdeck_reports::render::html::overview::tile;

use crate::facts::{DAY_MS, Facts};
use crate::judgment::Judgment;
use crate::statistics::share;

/// Gives the verdict in a word.
pub(super) fn verdict(judgment: &Judgment) -> &'static str {
    if judgment.passed() { "Pass" } else { "Fail" }
}

pub(super) fn header(judgment: &Judgment, name: &str) -> Markup {
    let (all, failed) = (judgment.findings.len(), judgment.failed().count());
    let (tone, mark) = if failed == 0 {
        ("pass", "✓")
    } else {
        ("missed", "✗")
    };
    html! {
        header class=(tone) {
            p.run { b { "tapdeck fidelity" } " · " span.target { (name) } }
            h1 { span.badge { span.mark aria-hidden="true" { (mark) } " " (verdict(judgment)) } }
            p.reason {
                @if failed == 0 {
                    "All " (all) " metrics lie in their intervals."
                } @else {
                    (failed) " of " (all) " metrics do not lie in their intervals."
                }
            }
        }
    }
}

pub(super) fn key_figures(facts: &Facts<'_>, judgment: &Judgment) -> Markup {
    let export = facts.export;
    let (first, last) = facts.span_ms;
    let days = (last - first) as f64 / DAY_MS as f64;
    let fraud = facts.fraud().count();
    let rows_per_card = share(facts.legit.len(), facts.legit_cards.sizes().len()).unwrap_or(0.0);
    let fraud_share = share(fraud, export.len()).unwrap_or(0.0) * 100.0;
    let good = judgment.findings.iter().filter(|finding| finding.passed());
    html! {
        section.figures aria-label="Key figures" {
            (tile("Metrics passed", &good.count().to_string(), &format!("of {}", judgment.findings.len())))
            (tile("Rows", &grouped(export.len()), &format!("over {days:.1} days")))
            (tile(
                "Cards",
                &grouped(export.card_id.distinct()),
                &format!(
                    "{rows_per_card:.0} legit rows each, at {} merchants",
                    grouped(export.merchant_id.distinct())
                ),
            ))
            (tile("Fraud rows", &grouped(fraud), &format!("{fraud_share:.3} % of rows")))
        }
    }
}

pub(super) fn failures(judgment: &Judgment) -> Markup {
    html! {
        @if !judgment.passed() {
            section id="failures" {
                h2 { "Not in their intervals" }
                (super::table::rows(judgment.failed()))
            }
        }
    }
}

/// Writes a count with a comma between every three digits.
pub(super) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
