//! Our own lag makes up too much of a response time that the verdict rests on.
//!
//! With gates on response times only these count: one that is missed, but would have been kept without our lag, is not decided. Where
//! there is no such gate, p50, p95 and p99 stand in for one.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::ranked::Ranked;
use crate::summary::quantiles::QuantileRow;
use crate::verdict::gates::{GateOutcome, GateResult};

pub(super) const RULE: Rule = Rule {
    name: "distorted",
    spoils: Spoils::Times,
    find,
};

/// Share of a judged quantile that our own lag may make up.
pub const DISTORTION_SHARE_MAX: f64 = 0.10;

/// Distortion that is always forgiven, nanoseconds.
pub const DISTORTION_FORGIVEN_NS: u64 = 100_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let texts: Vec<String> = if evidence.latency_gates().next().is_some() {
        let is_undecided = |gate: &&GateResult| gate.outcome == GateOutcome::Inconclusive;
        let undecided = evidence.latency_gates().filter(is_undecided);
        undecided.filter_map(GateResult::miss).collect()
    } else {
        headline(evidence).into_iter().collect()
    };
    texts
        .into_iter()
        .map(|text| (Weight::Fault, text))
        .collect()
}

/// Says which of the quantiles that stand in for gates are distorted, if any are.
fn headline(evidence: &Evidence<'_>) -> Option<String> {
    let describe = |row: &QuantileRow| {
        format!(
            "{} of {} ({} of {})",
            format::or_na(row.distortion_share, format::share),
            row.name,
            format::or_na(row.distortion_ms, format::duration),
            format::or_na(row.response_ms, format::duration),
        )
    };
    let distorted = |row: &&QuantileRow| row.judged && row.excessive;
    let rows = evidence.quantiles.iter().filter(distorted).map(describe);
    let rows: Vec<String> = rows.collect();
    (!rows.is_empty()).then(|| {
        format!(
            "Our own lag makes up too much of the response time: {}; at most {} is accepted. Remove what is named below; where \
             nothing is, measure longer, or set a promise that leaves room for our lag (--slo).",
            rows.join(", "),
            format::round_share(DISTORTION_SHARE_MAX),
        )
    })
}

/// Tells whether our lag makes up more of a response-time quantile than a judged quantile may bear.
fn is_excessive(response_ns: u64, undisturbed_ns: u64) -> bool {
    let distortion_ns = response_ns.saturating_sub(undisturbed_ns);
    distortion_ns > DISTORTION_FORGIVEN_NS
        && distortion_ns as f64 > response_ns as f64 * DISTORTION_SHARE_MAX
}

/// Tells whether our lag makes up more than that of a quantile of response times. One that falls among requests without an answer
/// is a lower bound, whatever our lag.
pub(crate) fn is_upper_bound(felt: Ranked<'_>, undisturbed: Ranked<'_>, quantile: f64) -> bool {
    let answered_ns = |ranked: Ranked<'_>| ranked.resolved(quantile)?.answered_ns();
    let pair = answered_ns(felt).zip(answered_ns(undisturbed));
    pair.is_some_and(|(felt_ns, undisturbed_ns)| is_excessive(felt_ns, undisturbed_ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measurements;
    use crate::fixture::{MS, gate};
    use crate::measurements::GateSubject;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, constant, lag_by};

    #[test]
    fn distortion_must_be_large_both_in_time_and_in_share() {
        for (response_ns, without_lag_ns, excessive) in [
            (10 * MS, 9 * MS, false),
            (10 * MS, 9 * MS - 1, true),
            (200_000, 200_000 - DISTORTION_FORGIVEN_NS, false),
            (200_000, 200_000 - DISTORTION_FORGIVEN_NS - 1, true),
            (10 * MS, 10 * MS, false),
            (10 * MS, 11 * MS, false),
            (0, 0, false),
        ] {
            assert_eq!(
                is_excessive(response_ns, without_lag_ns),
                excessive,
                "{response_ns} {without_lag_ns}"
            );
        }
    }

    /// Gives eleven of 1,000 requests a long response time that is all our lag.
    fn lag_in_tail(run: &mut Measurements) {
        lag_by(run, 10 * MS, 10 * MS);
        run.endpoints[0].response = constant(10 * MS, 484);
        run.endpoints[0].response.record_many(50 * MS, 11);
    }

    #[test]
    fn without_a_gate_on_times_the_headline_quantiles_are_judged() {
        check(
            "all quantiles",
            |run| {
                run.gates.clear();
                lag_by(run, 10 * MS, 8 * MS);
            },
            Verdict::Invalid,
            &[
                "20.0 % of p50 (2.00 ms of 10.0 ms), 20.0 % of p95 (2.00 ms of 10.0 ms), 20.0 % of p99 (2.00 ms of 10.0 ms); at most 10 %",
            ],
        );
        check(
            "the tail",
            |run| {
                run.gates = vec![gate("errors<3%", GateSubject::ErrorShare, 0.03)];
                lag_in_tail(run);
            },
            Verdict::Invalid,
            &["response time: 80.0 % of p99 (40.0 ms of 50.0 ms); at most"],
        );
    }

    #[test]
    fn a_gate_that_holds_with_our_lag_included_holds_and_its_figure_is_an_upper_bound() {
        check(
            "held",
            |run| lag_by(run, 12 * MS, 8 * MS),
            Verdict::Pass,
            &[
                "Every gate held, our own lag included: p99<30ms (≤ 12.0 ms, an upper bound: 4.00 ms of it are our own lag), errors<3% (2.00 %).",
            ],
        );
        check(
            "distorted only where no gate looks",
            |run| {
                lag_in_tail(run);
                run.gates = vec![gate("p50<30ms", GateSubject::ResponseQuantile(0.5), 30e6)];
            },
            Verdict::Pass,
            &["The measurement is sound and every gate held: p50<30ms (10.0 ms)."],
        );
    }

    #[test]
    fn a_gate_that_only_our_lag_broke_is_not_decided() {
        check(
            "would have held",
            |run| lag_by(run, 40 * MS, 20 * MS),
            Verdict::Invalid,
            &[
                "Gate p99<30ms not decided: the p99 response time was ≤ 40.0 ms, allowed is below 30 ms. Without our own lag of 20.0 ms it would have been 20.0 ms, which keeps the gate.",
            ],
        );
        check(
            "missed without our lag, too",
            |run| lag_by(run, 60 * MS, 40 * MS),
            Verdict::SloMissed,
            &[
                "Gate p99<30ms missed: the p99 response time was ≤ 60.0 ms, allowed is below 30 ms. Without our own lag of 20.0 ms it would have been 40.0 ms, which misses the gate as well.",
            ],
        );
        check(
            "one that was missed anyway does not decide for one that only our lag broke",
            |run| {
                lag_by(run, 60 * MS, 40 * MS);
                run.gates
                    .push(gate("p50<50ms", GateSubject::ResponseQuantile(0.5), 50e6));
            },
            Verdict::Invalid,
            &["Gate p50<50ms not decided"],
        );
    }

    #[test]
    fn a_gate_that_our_lag_has_no_part_in_is_decided_however_distorted_the_times_are() {
        check(
            "errors",
            |run| {
                lag_by(run, 40 * MS, 20 * MS);
                run.gates[1] = gate("errors<1%", GateSubject::ErrorShare, 0.01);
            },
            Verdict::SloMissed,
            &["Gate errors<1% missed", "Gate p99<30ms not decided"],
        );
    }
}
