//! Neither the lanes nor the thread that looks at them ran for a while, although nothing else took their cores.

use super::{Evidence, Rule, Weight};
use crate::format;
use crate::measurements::sample::{LaneSample, Sample};
use crate::summary::{ms, seconds};

pub(super) const RULE: Rule = Rule {
    name: "standstill",
    find,
};

/// How often the lanes are looked at when nothing is wrong, nanoseconds.
const USUAL_SPAN_NS: u64 = 1_000_000_000;

/// A look that comes later than that by so much says something, nanoseconds.
const NOTICED_NS: u64 = 300_000_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let samples = evidence.run.samples.iter();
    let stood: Vec<(&Sample, u64)> = samples
        .filter_map(|sample| Some((sample, stood_ns(evidence, sample)?)))
        .collect();
    let Some((first, _)) = stood.first() else {
        return Vec::new();
    };
    let all_ns = stood.iter().map(|(_, stood_ns)| stood_ns).sum();
    let text = format!(
        "The process stood still for {}, first around {} into the measure phase: it was stopped, its container was \
         frozen, or its virtual machine was paused. Nothing was sent meanwhile; run again where nobody does that.",
        format::duration(ms(all_ns)),
        format::span(seconds(first.from_ns + USUAL_SPAN_NS).round()),
    );
    vec![(Weight::Cause, text)]
}

/// Gives the time of a sample in which nothing of ours ran, if there was any.
///
/// The look was late by that much, no lane used CPU or waited for it in the meantime, and a request was late by at least
/// half of it.
fn stood_ns(evidence: &Evidence<'_>, sample: &Sample) -> Option<u64> {
    let stood_ns = sample.span_ns().saturating_sub(USUAL_SPAN_NS);
    let ran = |lane: &LaneSample| {
        lane.cpu_ns
            .zip(lane.run_delay_ns)
            .map(|(cpu, delay)| cpu + delay)
    };
    let slept = |lane| ran(lane).is_some_and(|ran_ns| ran_ns <= USUAL_SPAN_NS + stood_ns / 10);
    let is_standstill = stood_ns > NOTICED_NS
        && sample.lanes.iter().all(slept)
        && evidence.worst_lag_ns(sample) >= stood_ns / 2;
    is_standstill.then_some(stood_ns)
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by};

    /// A run of which the lanes were not seen from second 3 to second 7, and what they did meanwhile.
    fn unseen(run: &mut Measurements, cpu_ns: u64, lag_ns: u64) {
        lag_by(run, 10 * MS, 8 * MS);
        run.samples[3].to_ns = run.samples[6].to_ns;
        run.samples[3].lanes[0].cpu_ns = Some(cpu_ns);
        run.samples.drain(4..7);
        run.seconds[6].send_lag_ns = Some([5_000, lag_ns, lag_ns]);
    }

    #[test]
    fn a_process_that_was_stopped_is_told_apart_from_a_watcher_that_was_late() {
        check(
            "stopped",
            |run| unseen(run, 300 * MS, 2_900 * MS),
            Verdict::Invalid,
            &[
                "20.0 % of p50",
                "stood still for 3.00 s, first around 4 s into",
            ],
        );
        check(
            "lanes went on working",
            |run| unseen(run, 2_000 * MS, 2_900 * MS),
            Verdict::Invalid,
            &["20.0 % of p50"],
        );
        check(
            "no request was late",
            |run| unseen(run, 300 * MS, 20 * MS),
            Verdict::Invalid,
            &["20.0 % of p50"],
        );
    }
}
