//! A lane used up its core: it cannot be on time, however fast the target is.

use super::{Evidence, Rule, Weight, listed};
use crate::format;

pub(super) const RULE: Rule = Rule {
    name: "full_core",
    find,
};

/// Share of a core from which a lane that does not spin counts as out of CPU.
pub const CPU_SHARE_LIMIT: f64 = 0.97;

const REMEDY: &str = "A lane cannot use more than one core: lower the rate, add lanes (--lanes) where cores are free, \
                      use fewer --connections, or move the target to another machine.";

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = evidence.run.lanes.iter().enumerate();
    let full: Vec<String> = lanes
        .clone()
        .filter(|(idx, _)| is_full(evidence, *idx))
        .map(|(idx, lane)| say(idx, lane.cpu_share))
        .collect();
    if !full.is_empty() {
        let text = format!("The generator ran out of CPU: {}. {REMEDY}", listed(&full));
        return vec![(Weight::Fault, text)];
    }
    let full_while_late: Vec<String> = lanes
        .filter(|(_, lane)| !lane.spins)
        .filter_map(|(idx, _)| Some((idx, evidence.while_late(idx)?.busy_share()?)))
        .filter(|(_, busy)| *busy >= CPU_SHARE_LIMIT)
        .map(|(idx, busy)| say(idx, busy))
        .collect();
    if full_while_late.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "{}, the generator was out of CPU: {}. {REMEDY}",
        evidence.when_late(),
        listed(&full_while_late)
    );
    vec![(Weight::Cause, text)]
}

/// Tells whether a lane used up its core over the whole run.
pub(super) fn is_full(evidence: &Evidence<'_>, lane_idx: usize) -> bool {
    let lane = &evidence.run.lanes[lane_idx];
    !lane.spins && lane.cpu_share >= CPU_SHARE_LIMIT
}

fn say(lane_idx: usize, share: f64) -> String {
    format!(
        "lane {lane_idx} was busy {} of the time",
        // More than all of it can only come from clocks that were read apart.
        format::share(share.min(1.0))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};

    #[test]
    fn a_lane_at_the_limit_of_its_core_makes_the_run_invalid_unless_it_spins() {
        check(
            "just below",
            |run| run.lanes[0].cpu_share = CPU_SHARE_LIMIT - 1e-9,
            Verdict::Pass,
            &["sound"],
        );
        check(
            "at the limit",
            |run| run.lanes[0].cpu_share = CPU_SHARE_LIMIT,
            Verdict::Invalid,
            &["lane 0 was busy 97.0 % of the time"],
        );
        check(
            "spinning",
            |run| {
                run.lanes[0].cpu_share = 1.0;
                run.lanes[0].spins = true;
            },
            Verdict::Pass,
            &["sound"],
        );
        check(
            "many lanes",
            |run| {
                run.lanes[0].cpu_share = 1.0;
                run.lanes = vec![run.lanes[0]; 5];
            },
            Verdict::Invalid,
            &[
                "lane 0 was busy 100 % of the time, lane 1 was busy 100 % of the time, lane 2 was busy 100 % of the time and 2 more",
            ],
        );
    }

    #[test]
    fn a_core_that_is_full_only_while_sends_are_late_is_the_cause() {
        check(
            "full in the last two seconds",
            |run| {
                lag_by(run, 10 * MS, 8 * MS);
                late_in(run, &[8, 9]);
                for sample in &mut run.samples[8..] {
                    sample.lanes[0].cpu_ns = Some(985 * MS);
                }
            },
            Verdict::Invalid,
            &[
                "20.0 % of p50",
                "In the 2 of 10 seconds with late sends, the generator was out of CPU: lane 0 was busy 98.5 % of the time",
            ],
        );
        check(
            "polling is no work",
            |run| {
                lag_by(run, 10 * MS, 8 * MS);
                late_in(run, &[8]);
                run.samples[8].lanes[0].cpu_ns = Some(985 * MS);
                run.samples[8].lanes[0].polled_ns = 500 * MS;
            },
            Verdict::Invalid,
            &["20.0 % of p50"],
        );
    }
}
