//! Other work ran on a lane's core while the lane was ready to run.
//!
//! Source: the run-queue delay of Linux `schedstat`. Waiting for a core for much of the time is a fault by itself: what a starved lane
//! sends, it sends in bursts, and bursts change what the target does. Less of it is a cause where it exceeds what is usual: where a
//! lane wakes up often, a few percent are the wake-ups themselves.

use super::{Evidence, Rule, Spoils, Weight, listed};
use crate::format;
use crate::measurements::sample::Stretch;
use crate::summary::ms;

pub(super) const RULE: Rule = Rule {
    name: "core_taken",
    spoils: Spoils::Times,
    find,
};

/// Share of the time that a lane may wait for a core.
pub const RUN_DELAY_SHARE_MAX: f64 = 0.20;

/// Share of the time beyond the usual that makes a hundredth of the requests late.
const EXCESS_SHARE: f64 = 0.01;

/// What is usual where no second was on time.
const USUAL_SHARE: f64 = 0.04;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = 0..evidence.run.lanes.len();
    let taken: Vec<String> = lanes
        .clone()
        .filter(|&idx| is_taken(evidence, idx))
        .filter_map(|idx| say(idx, evidence.whole(idx)?))
        .collect();
    if !taken.is_empty() {
        let text = format!(
            "Other work on this machine took the lanes' cores: {}. {}",
            listed(&taken),
            remedy(evidence)
        );
        return vec![(evidence.weigh_times(), text)];
    }
    let taken_while_late: Vec<String> = lanes
        .filter_map(|idx| {
            let late = evidence.while_late_and_running(idx)?;
            is_unusual(evidence, idx, late).then(|| say(idx, late))?
        })
        .collect();
    if taken_while_late.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "{}, other work on this machine took the lanes' cores: {}. {}",
        evidence.when_late(),
        listed(&taken_while_late),
        remedy(evidence)
    );
    vec![(Weight::Cause, text)]
}

/// Says what to do; fewer lanes are advised only where they take every core.
fn remedy(evidence: &Evidence<'_>) -> String {
    let lanes = evidence.run.lanes.len();
    let takes_all = evidence.cores().is_none_or(|cores| lanes >= cores);
    let fewer = if lanes > 1 && takes_all {
        "use fewer --lanes than there are cores, "
    } else {
        ""
    };
    format!(
        "Stop what else runs here, give generator and target cores of their own (taskset), {fewer}or move the target to another \
         machine."
    )
}

/// Tells whether a lane waited for a core for too much of the time.
pub(super) fn is_taken(evidence: &Evidence<'_>, lane_idx: usize) -> bool {
    let waited = evidence
        .whole(lane_idx)
        .and_then(|stretch| stretch.run_delay_share());
    waited.is_some_and(|waited| waited > RUN_DELAY_SHARE_MAX)
}

/// Tells whether a lane waited for a core more than it usually does, over the run or while it was late.
pub(super) fn has_waited(evidence: &Evidence<'_>, lane_idx: usize) -> bool {
    let is_unusual = |late| is_unusual(evidence, lane_idx, late);
    is_taken(evidence, lane_idx)
        || evidence
            .while_late_and_running(lane_idx)
            .is_some_and(is_unusual)
}

fn is_unusual(evidence: &Evidence<'_>, lane_idx: usize, late: Stretch) -> bool {
    let usual = evidence
        .while_on_time(lane_idx)
        .and_then(|stretch| stretch.run_delay_share())
        .unwrap_or(USUAL_SHARE);
    late.run_delay_share()
        .is_some_and(|waited| waited > usual + EXCESS_SHARE)
}

fn say(lane_idx: usize, stretch: Stretch) -> Option<String> {
    Some(format!(
        "lane {lane_idx} waited for a core for {} of {} ({}; {})",
        format::duration(ms(stretch.counted.run_delay_ns?)),
        format::duration(ms(stretch.span_ns)),
        format::share(stretch.run_delay_share()?),
        format::counted(stretch.counted.involuntary_switches, "involuntary switch"),
    ))
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::{MS, gate, healthy};
    use crate::measurements::GateSubject;
    use crate::summary::Summary;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};

    fn wait_in(run: &mut Measurements, seconds: std::ops::Range<usize>, waited_ms: u64) {
        for sample in &mut run.samples[seconds] {
            sample.lanes[0].run_delay_ns = Some(waited_ms * MS);
        }
    }

    #[test]
    fn waiting_for_a_core_is_a_fault_by_itself_unless_every_gate_on_times_held() {
        let says =
            "lane 0 waited for a core for 2.01 s of 10.0 s (20.1 %; 10 involuntary switches)";
        let gated = |limit_ms: u64| {
            move |run: &mut Measurements| {
                wait_in(run, 0..10, 201);
                let limit_ns = (limit_ms * MS) as f64;
                run.gates = vec![gate("p99", GateSubject::ResponseQuantile(0.99), limit_ns)];
            }
        };
        let ungated = |waited_ms: u64| {
            move |run: &mut Measurements| {
                wait_in(run, 0..10, waited_ms);
                run.gates.clear();
            }
        };
        check("beyond the limit", ungated(201), Verdict::Invalid, &[says]);
        check("at the limit", ungated(200), Verdict::Pass, &["sound"]);
        check("the gate held", gated(30), Verdict::Pass, &["sound"]);
        check("the gate was missed", gated(3), Verdict::Invalid, &[says]);
        check(
            "a gate that is not about times",
            |run| {
                wait_in(run, 0..10, 201);
                run.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
            },
            Verdict::SloMissed,
            &["the error share was 2.00 %"],
        );
    }

    #[test]
    fn fewer_lanes_are_advised_only_where_they_take_every_core() {
        let fewer = "use fewer --lanes than there are cores";
        for (lanes, cores, is_advised) in [
            (1, Some("1"), false),
            (1, Some("2"), false),
            (2, Some("4"), false),
            (2, Some("2"), true),
            (2, None, true),
        ] {
            let mut run = healthy();
            run.lanes = vec![run.lanes[0]; lanes];
            run.identity.machine.clear();
            let fact = cores.map(|cores| ("cores".to_owned(), cores.to_owned()));
            run.identity.machine.extend(fact);
            for sample in &mut run.samples {
                sample.lanes = vec![sample.lanes[0]; lanes];
            }
            wait_in(&mut run, 0..10, 300);
            let found = Summary::from_measurements(&run).generator.findings;
            assert_eq!(found[0].rule, "core_taken");
            let text = &found[0].text;
            assert_eq!(
                text.contains(fewer),
                is_advised,
                "{lanes} {cores:?}: {text}"
            );
            assert!(text.contains("(taskset), "), "{text}");
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
                    "In the 2 of 10 seconds with late sends, other work on this machine took the lanes' cores: lane 0 waited for a core for 160 ms of 2.00 s (8.00 %; 2 involuntary switches)",
                ),
            ),
            ("as always", 75, 80, None),
        ] {
            check(
                case,
                |run| {
                    run.gates.clear();
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
