//! The judgment as a table for people: one line per metric, by group, failures marked.

use std::fmt::Write;

use tapdeck_fidelity::Judgment;
use tapdeck_fidelity::catalog::GROUPS;
use tapdeck_fidelity::judgment::Finding;

use crate::units::show_count;

/// Writes the table and a last line with the verdict.
pub(super) fn render(judgment: &Judgment) -> String {
    let mut text = String::new();
    for group in GROUPS {
        let members = judgment.findings.iter();
        let members = members.filter(|finding| finding.metric.group() == group);
        text.push_str(group.name);
        text.push('\n');
        for finding in members {
            line(&mut text, finding);
        }
        text.push('\n');
    }
    text.push_str(&verdict(judgment));
    text
}

fn line(text: &mut String, finding: &Finding) {
    let metric = &finding.metric;
    let mark = if finding.passed() { ' ' } else { '✗' };
    let reference = metric.form.show(metric.reference);
    let note = finding.note.as_deref().unwrap_or_default();
    let row = format!(
        "{mark} {:<4} {:<50} {:>10}  {:<20} ref {reference:<9} {note}",
        metric.id,
        metric.name,
        finding.shown(),
        metric.interval(),
    );
    // Writing to a string cannot fail.
    let _written = writeln!(text, "{}", row.trim_end());
}

fn verdict(judgment: &Judgment) -> String {
    let (all, failed) = (judgment.findings.len(), judgment.failed().count());
    let rows = show_count(judgment.rows as u64);
    if failed == 0 {
        return format!("pass: all {all} metrics of {rows} rows lie in their intervals\n");
    }
    let ids: Vec<&str> = judgment.failed().map(|finding| finding.metric.id).collect();
    format!(
        "fail: {failed} of {all} metrics of {rows} rows do not lie in their intervals: {}\n",
        ids.join(" ")
    )
}
