//! A lane did not look at its connections for a while, although work was due.
//!
//! The lanes say so themselves: the longest stretch between two looks at the kernel while a request was due or an answer could
//! have come. What they did meanwhile is told by the samples that were taken from outside.

mod doing;

use std::cmp::Reverse;

pub(super) use self::doing::Doing;
use super::evidence::{NS_PER_S, STALL_NOTICED_NS};
use super::{Evidence, Rule, Spoils, Weight, core_taken};
use crate::format;
use crate::summary::{ms, ratio, seconds};

pub(super) const RULE: Rule = Rule {
    name: "standstill",
    spoils: Spoils::Load,
    find,
};

/// Longest stretch that a lane may stand still while work is due, nanoseconds.
pub const STALL_MAX_NS: u64 = 100_000_000;

/// Share of the measure phase that all such stretches of 10 ms or more may make up.
pub const STALLED_SHARE_MAX: f64 = 0.01;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = evidence.run.lanes.iter().enumerate();
    let worst = lanes.max_by_key(|(_, lane)| (lane.longest_stall_ns, lane.stalled_ns));
    let Some((idx, lane)) = worst.filter(|(_, lane)| lane.longest_stall_ns >= STALL_NOTICED_NS)
    else {
        return Vec::new();
    };
    let stalled_share = ratio(lane.stalled_ns, evidence.run.measured_ns).unwrap_or(0.0);
    let is_fault = lane.longest_stall_ns >= STALL_MAX_NS || stalled_share >= STALLED_SHARE_MAX;
    let second = worst_second(evidence);
    let doing = Doing::meanwhile(evidence, idx, second, lane.longest_stall_ns);
    if !is_fault && is_told_elsewhere(evidence, idx, doing) {
        return Vec::new();
    }
    let accepted = format!(
        " Less than {} at a stretch and {} altogether is accepted.",
        format::round_duration(ms(STALL_MAX_NS)),
        format::round_share(STALLED_SHARE_MAX),
    );
    let text = format!(
        "The generator stood still: lane {idx} did not look at its connections for up to {} while work was due ({} into the measure \
         phase), and for {} in stretches of 10 ms or more ({} of the time). {}",
        format::duration(ms(lane.longest_stall_ns)),
        when(second, lane.longest_stall_ns),
        format::duration(ms(lane.stalled_ns)),
        format::share(stalled_share),
        doing.text(),
    );
    vec![if is_fault {
        (Weight::Fault, text + &accepted)
    } else {
        (Weight::Cause, text)
    }]
}

/// Tells whether the rule about what the lane did says all that there is to a short stall.
fn is_told_elsewhere(evidence: &Evidence<'_>, lane_idx: usize, doing: Doing) -> bool {
    match doing {
        Doing::WaitedForCore(_) => core_taken::has_waited(evidence, lane_idx),
        Doing::ReadPages(_) => evidence
            .while_late(lane_idx)
            .is_some_and(|late| late.counted.major_faults > 0),
        _ => false,
    }
}

/// Says when the longest stall of a second was; it may have begun before that second.
fn when(second: u64, stall_ns: u64) -> String {
    let begins_ns = (second * NS_PER_S).saturating_sub(stall_ns / NS_PER_S * NS_PER_S);
    format::between(seconds(begins_ns), seconds((second + 1) * NS_PER_S))
}

/// Gives the second with the longest stall.
fn worst_second(evidence: &Evidence<'_>) -> u64 {
    let stalls = evidence.run.seconds.iter().zip(0_u64..);
    // The first of several that are as long: `max_by_key` alone would give the last.
    let worst = stalls.max_by_key(|(second, idx)| (second.longest_stall_ns, Reverse(*idx)));
    worst.map_or(0, |(_, second)| second)
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::{MS, healthy};
    use crate::summary::Summary;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};
    use crate::verdict::validity::Weight;

    /// Lets the lane stand still once, in the fourth second, and for so long altogether.
    fn still(run: &mut Measurements, longest_ms: u64, stalled_ms: u64) {
        run.lanes[0].longest_stall_ns = longest_ms * MS;
        run.lanes[0].stalled_ns = stalled_ms * MS;
        run.seconds[3].longest_stall_ns = longest_ms * MS;
    }

    #[test]
    fn a_long_stall_and_many_short_ones_are_faults_although_every_gate_held() {
        for (longest_ms, stalled_ms, verdict, says) in [
            (99, 99, Verdict::Pass, "sound"),
            (
                100,
                0,
                Verdict::Invalid,
                "lane 0 did not look at its connections for up to 100 ms while work was due (between 3 s and 4 s into the measure phase)",
            ),
            (
                20,
                100,
                Verdict::Invalid,
                "and for 100 ms in stretches of 10 ms or more (1.00 % of the time)",
            ),
        ] {
            check(
                says,
                |run| still(run, longest_ms, stalled_ms),
                verdict,
                &[says],
            );
        }
    }

    #[test]
    fn the_samples_say_what_the_lane_did_meanwhile() {
        type Change = fn(&mut Measurements);
        let cases: [(Change, &str); 6] = [
            (
                |run| run.samples[3].lanes[0].run_delay_ns = Some(600 * MS),
                "it waited for a core for 595 ms longer than at other times, which other work",
            ),
            (
                |run| run.samples[2].stolen_ns = Some(700 * MS),
                "the hypervisor gave its core to other guests for 700 ms",
            ),
            (
                |run| run.samples[3].lanes[0].major_faults = 9,
                "it read pages from the disk 9 times",
            ),
            (
                |run| {
                    for sample in &mut run.samples {
                        sample.lanes[0].cpu_ns = Some(990 * MS);
                    }
                },
                "Its core was full",
            ),
            (|_| {}, "the process was stopped, its container was frozen"),
            (|run| run.samples.clear(), "the kernel does not say"),
        ];
        for (change, says) in cases {
            let stopped = |run: &mut Measurements| {
                still(run, 1_000, 1_000);
                change(run);
            };
            let mut run = healthy();
            stopped(&mut run);
            let report = Summary::from_measurements(&run).verdict;
            assert_eq!(report.verdict, Verdict::Invalid);
            assert!(report.reasons[0].contains(says), "{:?}", report.reasons);
        }
    }

    #[test]
    fn a_short_stall_is_the_cause_of_what_was_late_in_its_second() {
        let stopped = |run: &mut Measurements, waited_ms| {
            lag_by(run, 12 * MS, 8 * MS);
            still(run, 60, 60);
            late_in(run, &[3]);
            // After the stop there is more to do than the core can take for a moment.
            run.samples[3].lanes[0].run_delay_ns = Some(waited_ms * MS);
        };
        let stall = "lane 0 did not look at its connections for up to 60.0 ms while work was due (between 3 s and 4 s into";
        check(
            "the process was stopped",
            |run| stopped(run, 29),
            Verdict::Pass,
            &["an upper bound", stall],
        );
        check(
            "other work had its core: that rule says more",
            |run| stopped(run, 65),
            Verdict::Pass,
            &[
                "an upper bound",
                "In the one of 10 seconds with late sends, other work on this machine took the lanes' cores",
            ],
        );
        check(
            "other work had its core all along",
            |run| {
                stopped(run, 300);
                for sample in &mut run.samples {
                    sample.lanes[0].run_delay_ns = Some(150 * MS);
                }
            },
            Verdict::Pass,
            &["an upper bound", "cannot be told"],
        );
        let (mut run, mut longer) = (healthy(), healthy());
        still(&mut run, 9, 0);
        still(&mut longer, 10, 10);
        let weights = |run| {
            let found = Summary::from_measurements(run).generator.findings;
            found.iter().map(|it| it.weight).collect::<Vec<_>>()
        };
        assert_eq!(weights(&run), []);
        assert_eq!(weights(&longer), [Weight::Cause]);
    }
}
