//! The wall clock was set while the run went on.
//!
//! Durations and instants are taken on the monotonic clock and do not notice. The times of day stamped into requests
//! count on from the wall clock at the start, and do not notice either: from the step on they differ from what the clock
//! says.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::sample::Sample;
use crate::summary::{ms, seconds};

pub(super) const RULE: Rule = Rule {
    name: "clock_step",
    spoils: Spoils::Times,
    find,
};

/// Time synchronization may make a clock run faster or slower by this share without it being a step.
const SLEW_SHARE: u64 = 1_000;

/// Smaller differences come from reading two clocks one after the other, nanoseconds.
const NOTICED_NS: u64 = 5_000_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let is_step = |sample: &&Sample| {
        sample.suspended_ns < NOTICED_NS
            && sample.clock_step_ns.unsigned_abs() > NOTICED_NS + sample.span_ns() / SLEW_SHARE
    };
    let describe = |sample: &Sample| {
        let direction = if sample.clock_step_ns < 0 {
            "back"
        } else {
            "forward"
        };
        let text = format!(
            "The wall clock was set {direction} by {} {} into the measure phase, by time synchronization or by hand. \
             Durations are not affected; times of day in requests differ from the clock by as much from then on.",
            format::duration(ms(sample.clock_step_ns.unsigned_abs())),
            format::between(seconds(sample.from_ns), seconds(sample.to_ns)),
        );
        (Weight::Remark, text)
    };
    let samples = evidence.run.samples.iter();
    samples.filter(is_step).map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::NOTICED_NS;
    use crate::fixture::healthy;
    use crate::summary::Summary;
    use crate::verdict::Verdict;
    use crate::verdict::validity::Weight;

    #[test]
    fn a_step_is_remarked_and_judges_nothing() {
        for (step_ns, says) in [
            (
                -1_300_000_000,
                Some("set back by 1.30 s between 2 s and 3 s into"),
            ),
            (20_000_000, Some("set forward by 20.0 ms")),
            (NOTICED_NS.cast_signed(), None),
        ] {
            let mut run = healthy();
            run.samples[2].clock_step_ns = step_ns;
            let summary = Summary::from_measurements(&run);
            assert_eq!(summary.verdict.verdict, Verdict::Pass);
            let findings = &summary.generator.findings;
            assert_eq!(findings.len(), usize::from(says.is_some()), "{findings:?}");
            for (finding, says) in findings.iter().zip(says) {
                assert_eq!(
                    (finding.rule, finding.weight),
                    ("clock_step", Weight::Remark)
                );
                assert!(finding.text.contains(says), "{}", finding.text);
            }
        }
    }
}
