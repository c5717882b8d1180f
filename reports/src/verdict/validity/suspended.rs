//! The machine was suspended while it measured.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::summary::ms;

pub(super) const RULE: Rule = Rule {
    name: "suspended",
    spoils: Spoils::Load,
    find,
};

/// Shorter differences of the two clocks come from reading them one after the other, nanoseconds.
const NOTICED_NS: u64 = 10_000_000;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let samples = evidence.run.samples.iter();
    let suspended_ns: u64 = samples
        .map(|sample| sample.suspended_ns)
        .filter(|&suspended_ns| suspended_ns > NOTICED_NS)
        .sum();
    if suspended_ns == 0 {
        return Vec::new();
    }
    let text = format!(
        "The machine was suspended for {} in the measure phase, so what was in flight then says nothing about the target: \
         run again on a machine that stays awake.",
        format::duration(ms(suspended_ns))
    );
    vec![(Weight::Fault, text)]
}

#[cfg(test)]
mod tests {
    use super::NOTICED_NS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

    #[test]
    fn a_machine_that_slept_has_not_measured() {
        for (suspended_ns, verdict, says) in [
            (NOTICED_NS, Verdict::Pass, "sound"),
            (4_000_000_000, Verdict::Invalid, "suspended for 4.00 s"),
        ] {
            check(
                says,
                |run| run.samples[3].suspended_ns = suspended_ns,
                verdict,
                &[says],
            );
        }
    }
}
