//! The pacing sleeps until the very instant, and waking up takes longer than the figures can bear.

use super::{Evidence, Rule, Spoils, Weight};

pub(super) const RULE: Rule = Rule {
    name: "slow_wake_up",
    spoils: Spoils::Times,
    find,
};

/// The pacing that sleeps until the instant.
const SLEEPS: &str = "timer";

/// Share of a core up to which a lane has slept often enough for its wake-ups to matter.
const BUSY_SHARE_MAX: f64 = 0.90;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let has_slept = evidence
        .run
        .lanes
        .iter()
        .all(|lane| lane.cpu_share < BUSY_SHARE_MAX);
    if !evidence.is_distorted() || evidence.run.identity.pacing != SLEEPS || !has_slept {
        return Vec::new();
    }
    let text = "Pacing by timer makes a request as late as its lane takes to wake up: choose --pacing hybrid, or spin where a \
                core per lane can be spared.";
    vec![(Weight::Cause, text.to_owned())]
}

#[cfg(test)]
mod tests {
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by};

    #[test]
    fn only_lanes_that_sleep_are_late_from_waking_up() {
        for (pacing, cpu_share, says) in [
            ("timer", 0.4, Some("choose --pacing hybrid")),
            ("timer", 0.95, None),
            ("hybrid", 0.4, None),
        ] {
            check(
                pacing,
                |run| {
                    run.gates.clear();
                    lag_by(run, 10 * MS, 8 * MS);
                    run.identity.pacing = pacing.to_owned();
                    run.lanes[0].cpu_share = cpu_share;
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
