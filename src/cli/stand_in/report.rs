//! What a stand-in has seen, as text for people.

use crate::cli::layout::fact;
use crate::cli::output::Output;
use crate::error::Error;
use crate::stand_in::{ApprovalsAudit, Audit, RouteCount, RuleBookAudit, Seen, TransactionsAudit};
use crate::units::show_count;

/// Prints every counter that counted something, the requests by route, and what the role itself keeps count of.
pub(super) fn write(out: &mut Output, seen: &Seen, audit: &Audit) -> Result<(), Error> {
    let counters = [
        ("connections", seen.connections),
        ("auth", seen.auth_requests),
        ("monitoring", seen.monitoring_requests),
        ("other", seen.other_requests),
        ("refused", seen.refused),
        ("approved", seen.approved),
        ("declined", seen.declined),
        ("reviewed", seen.reviewed),
        ("failed open", seen.fail_open),
        ("degraded", seen.degraded),
        ("shed", seen.shed),
        ("wrong ids", seen.wrong_ids),
        ("resets", seen.resets),
        ("garbage", seen.garbage),
        ("hangs", seen.hangs),
        ("stalled", seen.stalled),
        ("tokens given", seen.tokens_given),
        ("tokens", seen.tokens),
        ("turned away", seen.turned_away),
        ("distinct ids", audit.distinct_ids),
        ("repeated ids", audit.repeated_ids),
    ];
    writeln!(out, "\nit has seen")?;
    for (name, count) in counters.into_iter().filter(|&(_, count)| count > 0) {
        fact(out, name, &show_count(count))?;
    }
    if !audit.routes.is_empty() {
        writeln!(out, "\nby route")?;
    }
    for (name, count) in &audit.routes {
        writeln!(out, "  {name:<18} {}", route(count))?;
    }
    match (&audit.approvals, &audit.transactions, &audit.rule_book) {
        (Some(audit), _, _) => write_counters(out, &approvals(audit)),
        (_, Some(audit), _) => write_counters(out, &transactions(audit)),
        (_, _, Some(audit)) => write_counters(out, &rule_book(audit)),
        _ => Ok(()),
    }
}

/// Words how the requests to a route were answered.
fn route(count: &RouteCount) -> String {
    let statuses = count.statuses.iter();
    let mut parts: Vec<String> = statuses
        .map(|(status, count)| format!("{} with {status}", show_count(*count)))
        .collect();
    if count.unanswered > 0 {
        parts.push(format!("{} not at all", show_count(count.unanswered)));
    }
    format!(
        "{}, answered {}",
        show_count(count.requests),
        parts.join(", ")
    )
}

fn write_counters(out: &mut Output, counters: &[(&str, u64)]) -> Result<(), Error> {
    writeln!(out, "\nits audit")?;
    for (name, count) in counters {
        fact(out, name, &show_count(*count))?;
    }
    Ok(())
}

fn approvals(audit: &ApprovalsAudit) -> [(&'static str, u64); 12] {
    [
        ("sessions", audit.sessions),
        ("created", audit.deployments_created),
        ("read by owner", audit.deployments_read_by_creator),
        ("read by others", audit.deployments_read_by_others),
        ("submitted", audit.items_submitted),
        ("approved", audit.items_approved),
        ("rejected", audit.items_rejected),
        ("by owner", audit.items_decided_by_submitter),
        ("by others", audit.items_decided_by_others),
        ("decided twice", audit.items_decided_twice),
        ("forgeries", audit.forgeries_refused),
        ("throttled", audit.throttled),
    ]
}

fn transactions(audit: &TransactionsAudit) -> [(&'static str, u64); 3] {
    [
        ("recorded", audit.events_recorded),
        ("repeated", audit.events_repeated),
        ("ids replaced", audit.ids_replaced),
    ]
}

fn rule_book(audit: &RuleBookAudit) -> [(&'static str, u64); 8] {
    [
        ("created", audit.rules_created),
        ("revised", audit.versions_added),
        ("conflicts", audit.conflicts),
        ("submitted", audit.submitted),
        ("approved", audit.approved),
        ("rejected", audit.rejected),
        ("own refused", audit.own_decisions_refused),
        ("throttled", audit.throttled),
    ]
}
