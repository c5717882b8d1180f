//! A lane waited for the disk: a page it touched was not in memory.

use super::{Evidence, Rule, Spoils, Weight, listed};
use crate::format;

pub(super) const RULE: Rule = Rule {
    name: "page_faults",
    spoils: Spoils::Times,
    find,
};

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let lanes = 0..evidence.run.lanes.len();
    let faulted: Vec<String> = lanes
        .filter_map(|idx| Some((idx, evidence.while_late(idx)?.counted.major_faults)))
        .filter(|(_, faults)| *faults > 0)
        .map(|(idx, faults)| format!("lane {idx} {}", format::counted(faults, "time")))
        .collect();
    if faulted.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "{}, lanes waited for pages from the disk: {}. Have the tape in memory (tapdeck verify reads all of it, vmtouch -l \
         locks it there), give the machine more memory, or put the tape on a faster disk.",
        evidence.when_late(),
        listed(&faulted)
    );
    vec![(Weight::Cause, text)]
}

#[cfg(test)]
mod tests {
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};

    #[test]
    fn only_faults_in_the_late_seconds_are_the_cause() {
        for (second, says) in [(2, None), (5, Some("from the disk: lane 0 7 times."))] {
            check(
                "faults",
                |run| {
                    run.gates.clear();
                    lag_by(run, 10 * MS, 8 * MS);
                    late_in(run, &[5]);
                    run.samples[second].lanes[0].major_faults = 7;
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
