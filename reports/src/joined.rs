//! One result for services that were sent to side by side.
//!
//! Counts add up, histograms merge, decisions meet by label. What cannot be joined is left out: seconds and sessions are in the
//! result of each service. The verdict is the worst of them, and their gates stand side by side under their names.

use crate::measurements::{
    ConfusionRow, DecisionTally, FailureCount, Ledger, LimitHit, Measurements, StampTally,
};
use crate::summary::Summary;
use crate::verdict::VerdictReport;
use crate::{Verdict, verdict::gates::GateResult};

/// The result of one service.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The service as the run knows it.
    pub name: &'a str,
    /// Its figures.
    pub summary: &'a Summary,
    /// What they were made from.
    pub measurements: &'a Measurements,
}

/// Joins the results of a run; that of a single service stays as it is.
pub fn join(service: &str, parts: &[Part<'_>]) -> Summary {
    if let [only] = parts {
        return only.summary.clone();
    }
    let mut summary = Summary::from_measurements(&measurements(service, parts));
    let gates = parts.iter().flat_map(|part| gates_of(part, parts.len()));
    summary.gates = gates.collect();
    summary.verdict = verdict(parts);
    summary
}

fn measurements(service: &str, parts: &[Part<'_>]) -> Measurements {
    let mut joined = Measurements::default();
    for part in parts {
        let own = part.measurements;
        let first = joined.endpoints.is_empty();
        if first {
            joined.identity = own.identity.clone();
            joined.ending = own.ending;
        } else {
            joined.identity.target = format!("{}, {}", joined.identity.target, own.identity.target);
            joined.identity.tape_digest.push_str(", ");
            joined
                .identity
                .tape_digest
                .push_str(&own.identity.tape_digest);
            joined.identity.planned_rate += own.identity.planned_rate;
        }
        if own.identity.started_at < joined.identity.started_at {
            joined
                .identity
                .started_at
                .clone_from(&own.identity.started_at);
        }
        joined.measured_ns = joined.measured_ns.max(own.measured_ns);
        add_ledger(&mut joined.ledger, &own.ledger);
        joined
            .endpoints
            .extend(own.endpoints.iter().map(|endpoint| {
                let mut endpoint = endpoint.clone();
                endpoint.name = format!("{}/{}", part.name, endpoint.name);
                endpoint
            }));
        joined.send_lag.merge(&own.send_lag);
        joined.read_lag.merge(&own.read_lag);
        joined.connection_wait.merge(&own.connection_wait);
        add_stamps(&mut joined.stamps, own.stamps);
        add_limits(&mut joined.own_limits, &own.own_limits);
        joined.overlapping += own.overlapping;
        add_failures(&mut joined.failures, &own.failures);
        add_decisions(&mut joined.confusion, &own.confusion);
    }
    service.clone_into(&mut joined.identity.service);
    joined
}

/// Gives the gates of one of so many services, under its name if there are several.
pub(crate) fn gates_of(part: &Part<'_>, parts: usize) -> Vec<GateResult> {
    let named = |gate: &GateResult| GateResult {
        text: match parts {
            1 => gate.text.clone(),
            _ => format!("{}: {}", part.name, gate.text),
        },
        ..gate.clone()
    };
    part.summary.gates.iter().map(named).collect()
}

/// Gives the worst verdict; the reasons of all that are as bad.
fn verdict(parts: &[Part<'_>]) -> VerdictReport {
    let rank = |verdict: Verdict| match verdict {
        Verdict::Pass => 0,
        Verdict::SloMissed => 1,
        Verdict::Invalid => 2,
    };
    let reports = || parts.iter().map(|part| (part.name, &part.summary.verdict));
    let worst = reports()
        .map(|(_, report)| report.verdict)
        .max_by_key(|&verdict| rank(verdict))
        .unwrap_or(Verdict::Invalid);
    let reasons = reports()
        .filter(|(_, report)| report.verdict == worst)
        .flat_map(|(name, report)| {
            let named = move |reason: &String| format!("{name}: {reason}");
            report.reasons.iter().map(named)
        });
    VerdictReport {
        verdict: worst,
        partial: reports().any(|(_, report)| report.partial),
        reasons: reasons.collect(),
    }
}

fn add_ledger(sum: &mut Ledger, own: &Ledger) {
    sum.planned += own.planned;
    sum.sent += own.sent;
    sum.dropped += own.dropped;
    sum.unsent += own.unsent;
    sum.completed += own.completed;
    sum.good += own.good;
    sum.rejected += own.rejected;
    sum.failed += own.failed;
    sum.timed_out += own.timed_out;
    sum.cut += own.cut;
    sum.deferred += own.deferred;
}

fn add_stamps(sum: &mut StampTally, own: StampTally) {
    sum.kernel += own.kernel;
    sum.read += own.read;
    sum.clock_steps += own.clock_steps;
}

fn add_limits(sum: &mut Vec<LimitHit>, own: &[LimitHit]) {
    for hit in own {
        match sum.iter_mut().find(|held| held.limit == hit.limit) {
            Some(held) => held.count += hit.count,
            None => sum.push(hit.clone()),
        }
    }
}

fn add_failures(sum: &mut Vec<FailureCount>, own: &[FailureCount]) {
    for failure in own {
        match sum.iter_mut().find(|held| held.kind == failure.kind) {
            Some(held) => held.count += failure.count,
            None => sum.push(failure.clone()),
        }
    }
}

fn add_decisions(sum: &mut Vec<ConfusionRow>, own: &[ConfusionRow]) {
    for row in own {
        let Some(held) = sum.iter_mut().find(|held| held.label == row.label) else {
            sum.push(row.clone());
            continue;
        };
        let add = |held: &mut DecisionTally, own: DecisionTally| {
            held.count += own.count;
            held.value_cents += own.value_cents;
        };
        add(&mut held.approved, row.approved);
        add(&mut held.declined, row.declined);
        add(&mut held.reviewed, row.reviewed);
        add(&mut held.unjudged, row.unjudged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{gate, healthy};
    use crate::measurements::GateSubject;

    fn joined(left: &Measurements, right: &Measurements) -> Summary {
        let summaries = [left, right].map(Summary::from_measurements);
        let parts = [
            Part {
                name: "left",
                summary: &summaries[0],
                measurements: left,
            },
            Part {
                name: "right",
                summary: &summaries[1],
                measurements: right,
            },
        ];
        join("all", &parts)
    }

    #[test]
    fn counts_add_up_and_quantiles_are_over_all_answers() {
        let run = healthy();
        let one = Summary::from_measurements(&run);
        let two = joined(&run, &run);
        assert_eq!(two.ledger.planned, 2 * one.ledger.planned);
        assert_eq!(
            two.latency.response_ms.figures.p95,
            one.latency.response_ms.figures.p95
        );
        assert_eq!(two.decisions.overall, one.decisions.overall);
        assert_eq!(two.failures[0].count, 2 * one.failures[0].count);
        assert_eq!(two.endpoints.len(), 2 * one.endpoints.len());
        assert!(two.endpoints[0].name.starts_with("left/"));
        assert_eq!(two.identity.service, "all");
    }

    #[test]
    fn the_worst_verdict_is_that_of_the_run() {
        let good = healthy();
        let mut missed = healthy();
        missed.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
        let mut invalid = healthy();
        invalid.samples[0].suspended_ns = 1_000_000_000;
        for (left, right, worst, reason) in [
            (&good, &good, Verdict::Pass, "left: The measurement"),
            (&good, &missed, Verdict::SloMissed, "right: Gate errors<1%"),
            (&invalid, &missed, Verdict::Invalid, "left: "),
        ] {
            let summary = joined(left, right);
            assert_eq!(summary.verdict.verdict, worst);
            assert!(
                summary.verdict.reasons[0].starts_with(reason),
                "{:?}",
                summary.verdict.reasons
            );
        }
        let gates = joined(&good, &missed).gates;
        assert_eq!(gates[0].text, "left: p99<30ms");
        assert_eq!(gates.last().unwrap().text, "right: errors<1%");
    }
}
