//! Our own send lag makes up too much of a response time that the verdict rests on.

use super::{Evidence, Rule, Weight};
use crate::format;
use crate::summary::quantiles::QuantileRow;

pub(super) const RULE: Rule = Rule {
    name: "distorted",
    find,
};

/// Share of a judged quantile that our own lag may make up.
pub const DISTORTION_SHARE_MAX: f64 = 0.10;

/// Distortion that is always forgiven, nanoseconds.
pub const DISTORTION_FORGIVEN_NS: u64 = 100_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    if !evidence.is_distorted() {
        return Vec::new();
    }
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
    let rows: Vec<String> = evidence
        .quantiles
        .iter()
        .filter(distorted)
        .map(describe)
        .collect();
    let text = format!(
        "Our own send lag makes up too much of the response time: {}; at most {} is accepted. Lower the rate, or remove \
         what made sends late.",
        rows.join(", "),
        format::round_share(DISTORTION_SHARE_MAX),
    );
    vec![(Weight::Fault, text)]
}

/// Tells whether our lag makes up more of a response-time quantile than a judged quantile may bear.
pub(crate) fn is_excessive(response_ns: u64, without_lag_ns: u64) -> bool {
    let distortion_ns = response_ns.saturating_sub(without_lag_ns);
    distortion_ns > DISTORTION_FORGIVEN_NS
        && distortion_ns as f64 > response_ns as f64 * DISTORTION_SHARE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measurements;
    use crate::fixture::{MS, gate};
    use crate::measurements::GateSubject;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by};

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

    /// Gives two of 1,002 requests a long response time that is all our lag.
    fn lag_in_tail(run: &mut Measurements) {
        lag_by(run, 10 * MS, 10 * MS);
        for _ in 0..2 {
            run.endpoints[0].response.record(50 * MS);
            run.undisturbed.record(10 * MS);
        }
    }

    #[test]
    fn our_own_lag_in_a_judged_quantile_makes_the_run_invalid() {
        check(
            "all quantiles",
            |run| lag_by(run, 10 * MS, 8 * MS),
            Verdict::Invalid,
            &[
                "20.0 % of p50 (2.00 ms of 10.0 ms), 20.0 % of p95 (2.00 ms of 10.0 ms), 20.0 % of p99 (2.00 ms of 10.0 ms); at most 10 %",
            ],
        );
        check(
            "a tail nobody judges",
            |run| {
                lag_in_tail(run);
            },
            Verdict::Pass,
            &["sound"],
        );
        check(
            "the same tail under a gate",
            |run| {
                lag_in_tail(run);
                run.gates = vec![gate("p99.9<1s", GateSubject::ResponseQuantile(0.999), 1e9)];
            },
            Verdict::Invalid,
            &["response time: 80.0 % of p99.9 (40.0 ms of 50.0 ms); at most"],
        );
    }
}
