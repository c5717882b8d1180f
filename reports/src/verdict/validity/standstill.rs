//! A lane did not look at its connections for a while, although work was due.
//!
//! The lanes say so themselves: the longest stretch between two looks at the kernel while a request was due or an answer could
//! have come. What they did meanwhile is told by the samples that were taken from outside.

use std::cmp::Reverse;

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::LaneFacts;
use crate::measurements::sample::{LaneSample, Sample};
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

const NS_PER_S: u64 = 1_000_000_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let measured_ns = evidence.run.measured_ns;
    let stalled_share = |lane: &LaneFacts| ratio(lane.stalled_ns, measured_ns).unwrap_or(0.0);
    let stands_still = |lane: &LaneFacts| {
        lane.longest_stall_ns >= STALL_MAX_NS || stalled_share(lane) >= STALLED_SHARE_MAX
    };
    let lanes = evidence.run.lanes.iter().enumerate();
    let still = lanes.filter(|(_, lane)| stands_still(lane));
    let Some((idx, lane)) = still.max_by_key(|(_, lane)| (lane.longest_stall_ns, lane.stalled_ns))
    else {
        return Vec::new();
    };
    let second = worst_second(evidence);
    let text = format!(
        "The generator stood still: lane {idx} did not look at its connections for up to {} while work was due (around {} into the \
         measure phase), and for {} in stretches of 10 ms or more ({} of the time). {} Less than {} at a stretch and {} \
         altogether is accepted.",
        format::duration(ms(lane.longest_stall_ns)),
        format::span(seconds(second * NS_PER_S)),
        format::duration(ms(lane.stalled_ns)),
        format::share(stalled_share(lane)),
        meanwhile(evidence, idx, second, lane.longest_stall_ns),
        format::round_duration(ms(STALL_MAX_NS)),
        format::round_share(STALLED_SHARE_MAX),
    );
    vec![(Weight::Fault, text)]
}

/// Gives the second with the longest stall.
fn worst_second(evidence: &Evidence<'_>) -> u64 {
    let stalls = evidence.run.seconds.iter().zip(0_u64..);
    // The first of several that are as long: `max_by_key` alone would give the last.
    let worst = stalls.max_by_key(|(second, idx)| (second.longest_stall_ns, Reverse(*idx)));
    worst.map_or(0, |(_, second)| second)
}

/// Says what a lane did in its longest stall, as far as the samples around it tell.
fn meanwhile(evidence: &Evidence<'_>, lane_idx: usize, second: u64, stall_ns: u64) -> String {
    let ends_ns = (second + 1) * NS_PER_S;
    let begins_ns = (second * NS_PER_S).saturating_sub(stall_ns);
    let overlaps = |sample: &&Sample| sample.from_ns < ends_ns && sample.to_ns > begins_ns;
    let samples: Vec<&Sample> = evidence.run.samples.iter().filter(overlaps).collect();
    let lane = |of: fn(&LaneSample) -> Option<u64>| {
        let parts = samples.iter().map(|sample| of(sample.lanes.get(lane_idx)?));
        parts.sum::<Option<u64>>()
    };
    let span_ns: u64 = samples.iter().map(|sample| sample.span_ns()).sum();
    let stolen_ns: u64 = samples.iter().filter_map(|sample| sample.stolen_ns).sum();
    let faults = lane(|lane| Some(lane.major_faults)).unwrap_or(0);
    let is_most = |ns: u64| ns >= stall_ns / 2;
    let waited_ns = lane(|lane| lane.run_delay_ns);
    let busy_ns = lane(|lane| Some(lane.cpu_ns?.saturating_sub(lane.polled_ns)));
    let time = |ns| format::duration(ms(ns));
    match (waited_ns, busy_ns) {
        (Some(waited_ns), _) if is_most(waited_ns) => format!(
            "Around then it waited for a core for {}, which other work on this machine had.",
            time(waited_ns)
        ),
        _ if is_most(stolen_ns) => format!(
            "Around then the hypervisor gave its core to other guests for {}.",
            time(stolen_ns)
        ),
        _ if faults > 0 => format!(
            "Around then it read pages from the disk {} times.",
            format::count(faults)
        ),
        (_, Some(busy_ns)) if busy_ns + stall_ns / 2 >= span_ns && span_ns > 0 => {
            "Its core was full: it was busy with other requests all the time.".to_owned()
        }
        (Some(_), Some(_)) if span_ns > 0 => {
            "It neither ran nor waited for a core: the process was stopped, its container was frozen or out of its quota, or its \
             virtual machine was paused."
                .to_owned()
        }
        _ => "What it did meanwhile, the kernel does not say.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

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
                "lane 0 did not look at its connections for up to 100 ms while work was due (around 3 s into the measure phase)",
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
                "it waited for a core for 605 ms, which other work",
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
            let mut run = crate::fixture::healthy();
            stopped(&mut run);
            let report = crate::summary::Summary::from_measurements(&run).verdict;
            assert_eq!(report.verdict, Verdict::Invalid);
            assert!(report.reasons[0].contains(says), "{:?}", report.reasons);
        }
    }
}
