//! A lane used up its core: it cannot be on time, however fast the target is.
//!
//! That alone spoils nothing where the kernel tells when answers arrived: what the lag did to the load and to the times is measured, and
//! judged by its own rules. Where our own read calls have to stand for the arrival, a lane that comes late to read charges that to
//! the target, and nothing shows it: there it is a fault.

use super::{Evidence, Rule, Spoils, Weight, core_taken, listed};
use crate::format;

pub(super) const RULE: Rule = Rule {
    name: "full_core",
    spoils: Spoils::Times,
    find,
};

const NS_PER_S: u64 = 1_000_000_000;

/// Share of a core from which a lane that does not spin counts as out of CPU.
pub const CPU_SHARE_LIMIT: f64 = 0.97;

const REMEDY: &str = "A lane cannot use more than one core: add lanes (--lanes) where cores are free, use fewer --connections, or \
                      move the target to another machine";

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = evidence.run.lanes.iter().enumerate();
    let full: Vec<String> = lanes
        .clone()
        .filter(|(idx, _)| is_full(evidence, *idx))
        .map(|(idx, lane)| say(idx, lane.cpu_share))
        .collect();
    if !full.is_empty() {
        let text = format!(
            "The generator ran out of CPU: {}. {}",
            listed(&full),
            remedy(evidence)
        );
        let stamps = &evidence.run.stamps;
        // The first answers of a run may come without a stamp.
        return vec![if stamps.read > stamps.kernel / 100 {
            let blind =
                "Answers were timed by our own read calls, so what reading late adds is not known.";
            (evidence.weigh_times(), format!("{text} {blind}"))
        } else {
            (Weight::Cause, text)
        }];
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
        "{}, the generator was out of CPU: {}. {}",
        evidence.when_late(),
        listed(&full_while_late),
        remedy(evidence)
    );
    vec![(Weight::Cause, text)]
}

/// Says what to do; a lower rate is advised only where our own CPU was the limit, and never below what was just sent.
fn remedy(evidence: &Evidence<'_>) -> String {
    let seconds = || evidence.run.seconds.iter();
    let most_sent = seconds().map(|second| second.sent).max().unwrap_or(0);
    // What was left over was sent when the measure phase was over.
    let measured_s = evidence.run.measured_ns.div_ceil(NS_PER_S).max(1);
    let most_sent = most_sent.max(evidence.run.ledger.sent / measured_s);
    let most_offered = seconds().map(|second| second.offered).max().unwrap_or(0);
    let mut lanes = 0..evidence.run.lanes.len();
    let was_alone = !lanes.any(|idx| core_taken::has_waited(evidence, idx));
    if was_alone && (1..most_offered).contains(&most_sent) {
        format!(
            "{REMEDY}; or offer no more than the {}/s that were sent here at best.",
            format::count(most_sent)
        )
    } else {
        format!("{REMEDY}.")
    }
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
    use crate::Measurements;
    use crate::fixture::{MS, healthy};
    use crate::summary::Summary;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};

    /// Gives what the rule finds in a run.
    fn found(change: impl FnOnce(&mut Measurements)) -> Vec<(Weight, String)> {
        let mut run = healthy();
        run.gates.clear();
        change(&mut run);
        let findings = Summary::from_measurements(&run).generator.findings;
        let found = findings.into_iter().filter(|found| found.rule == RULE.name);
        found.map(|found| (found.weight, found.text)).collect()
    }

    #[test]
    fn a_lane_at_the_limit_of_its_core_is_a_cause_unless_it_spins() {
        let limit = CPU_SHARE_LIMIT;
        assert_eq!(found(|run| run.lanes[0].cpu_share = limit - 1e-9), []);
        let at_limit = found(|run| run.lanes[0].cpu_share = limit);
        assert_eq!(at_limit[0].0, Weight::Cause);
        assert!(at_limit[0].1.contains("lane 0 was busy 97.0 % of the time"));
        let spinning = found(|run| {
            run.lanes[0].cpu_share = 1.0;
            run.lanes[0].spins = true;
        });
        assert_eq!(spinning, []);
        let many = found(|run| {
            run.lanes[0].cpu_share = 1.0;
            run.lanes = vec![run.lanes[0]; 5];
        });
        assert!(
            many[0]
                .1
                .contains("lane 2 was busy 100 % of the time and 2 more"),
            "{many:?}"
        );
        check(
            "a full core by itself",
            |run| run.lanes[0].cpu_share = 1.0,
            Verdict::Pass,
            &["sound"],
        );
    }

    #[test]
    fn a_full_core_is_a_fault_where_nobody_else_saw_the_answers_arrive() {
        check(
            "our read calls are the only witness",
            |run| {
                run.gates.clear();
                run.lanes[0].cpu_share = 1.0;
                run.stamps.read = 1 + run.stamps.kernel / 100;
            },
            Verdict::Invalid,
            &["ran out of CPU"],
        );
        check(
            "every gate held with all of it",
            |run| {
                run.lanes[0].cpu_share = 1.0;
                run.stamps.read = 990;
            },
            Verdict::Pass,
            &["sound"],
        );
    }

    #[test]
    fn a_lower_rate_is_advised_only_where_our_cpu_was_the_limit_and_never_below_what_was_sent() {
        let full = |sent: u64, waited_ms: u64| {
            let texts = found(|run| {
                run.lanes[0].cpu_share = 1.0;
                run.seconds[3].sent = sent;
                for second in &mut run.seconds {
                    second.offered = 2_000;
                }
                for sample in &mut run.samples {
                    sample.lanes[0].run_delay_ns = Some(waited_ms * MS);
                }
            });
            texts[0].1.clone()
        };
        assert!(full(1_234, 5).ends_with("no more than the 1,234/s that were sent here at best."));
        for text in [full(2_000, 5), full(1_234, 300)] {
            assert!(!text.contains("/s"), "{text}");
        }
    }

    #[test]
    fn a_core_that_is_full_only_while_sends_are_late_is_the_cause() {
        check(
            "full in the last two seconds",
            |run| {
                run.gates.clear();
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
                run.gates.clear();
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
