//! Other work ran on a lane's core while the lane was ready to run.
//!
//! Source: the run-queue delay of Linux `schedstat`. Where a lane wakes up often, a few percent of it are the wake-ups
//! themselves, so that only what exceeds the seconds without late sends counts as a cause.

use super::{Evidence, Rule, Weight, listed};
use crate::format;
use crate::measurements::sample::Stretch;

pub(super) const RULE: Rule = Rule {
    name: "core_taken",
    find,
};

/// Share of the time that a lane may wait for a core.
pub const RUN_DELAY_SHARE_MAX: f64 = 0.20;

/// Share of the time beyond the usual that makes a hundredth of the requests late.
const EXCESS_SHARE: f64 = 0.01;

/// What is usual where no second was on time.
const USUAL_SHARE: f64 = 0.04;

const REMEDY: &str = "Stop what else runs here, give generator and target cores of their own (taskset), use fewer \
                      --lanes than there are cores, or move the target to another machine.";

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = 0..evidence.run.lanes.len();
    let taken: Vec<String> = lanes
        .clone()
        .filter(|&idx| is_taken(evidence, idx))
        .filter_map(|idx| say(idx, evidence.whole(idx)?))
        .collect();
    if !taken.is_empty() {
        let text = format!(
            "Other work took the lanes' cores: {} {}. {REMEDY}",
            listed(&taken),
            evidence.how_late()
        );
        return vec![(Weight::Fault, text)];
    }
    let taken_while_late: Vec<String> = lanes
        .filter_map(|idx| {
            let late = evidence.while_late(idx)?;
            let usual = evidence
                .while_on_time(idx)
                .and_then(|stretch| stretch.run_delay_share());
            let is_unusual = late.run_delay_share()? > usual.unwrap_or(USUAL_SHARE) + EXCESS_SHARE;
            is_unusual.then(|| say(idx, late))?
        })
        .collect();
    if taken_while_late.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "{}, other work took the lanes' cores: {}. {REMEDY}",
        evidence.when_late(),
        listed(&taken_while_late)
    );
    vec![(Weight::Cause, text)]
}

/// Tells whether a lane waited for a core so long over the run as a whole that requests were late.
pub(super) fn is_taken(evidence: &Evidence<'_>, lane_idx: usize) -> bool {
    let waited = evidence
        .whole(lane_idx)
        .and_then(|stretch| stretch.run_delay_share());
    waited.is_some_and(|waited| waited > RUN_DELAY_SHARE_MAX) && evidence.is_late()
}

fn say(lane_idx: usize, stretch: Stretch) -> Option<String> {
    Some(format!(
        "lane {lane_idx} waited for a core {} of the time ({} involuntary switches)",
        format::share(stretch.run_delay_share()?),
        format::count(stretch.counted.involuntary_switches),
    ))
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, constant, lag_by, late_in};
    use crate::verdict::validity::SEND_LAG_P99_FORGIVEN_NS;

    fn wait_in(run: &mut Measurements, seconds: std::ops::Range<usize>, waited_ms: u64) {
        for sample in &mut run.samples[seconds] {
            sample.lanes[0].run_delay_ns = Some(waited_ms * MS);
        }
    }

    #[test]
    fn waiting_for_a_core_counts_only_when_it_delayed_requests() {
        let late_ns = SEND_LAG_P99_FORGIVEN_NS + 10_000;
        let cases = [
            (
                "long wait, late requests",
                201,
                late_ns,
                Verdict::Invalid,
                "lane 0 waited for a core 20.1 % of the time (10 involuntary switches) while the send lag p99 was 1.01 ms",
            ),
            ("wait at the limit", 200, late_ns, Verdict::Pass, "sound"),
            (
                "long wait, punctual requests",
                900,
                900_000,
                Verdict::Pass,
                "sound",
            ),
        ];
        for (case, waited_ms, lag_ns, verdict, says) in cases {
            check(
                case,
                |run| {
                    wait_in(run, 0..10, waited_ms);
                    run.send_lag = constant(lag_ns, 1_000);
                },
                verdict,
                &[says],
            );
        }
    }

    #[test]
    fn waits_in_the_late_seconds_are_the_cause_only_beyond_what_is_usual() {
        for (case, usual_ms, waited_ms, says) in [
            (
                "a thief",
                5,
                80,
                Some(
                    "In the 2 of 10 seconds with late sends, other work took the lanes' cores: lane 0 waited for a core 8.00 % of the time (2 involuntary switches)",
                ),
            ),
            ("as always", 75, 80, None),
        ] {
            check(
                case,
                |run| {
                    lag_by(run, 10 * MS, 8 * MS);
                    late_in(run, &[3, 4]);
                    wait_in(run, 0..10, usual_ms);
                    wait_in(run, 3..5, waited_ms);
                },
                Verdict::Invalid,
                &["20.0 % of p50"]
                    .into_iter()
                    .chain(says)
                    .collect::<Vec<_>>(),
            );
        }
    }
}
