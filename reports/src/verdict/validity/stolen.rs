//! The hypervisor gave our cores to other guests.
//!
//! Source: the steal time of `/proc/stat`, which the kernel counts in hundredths of a second.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::sample;

pub(super) const RULE: Rule = Rule {
    name: "stolen",
    spoils: Spoils::Times,
    find,
};

/// Share of the cores' time that may be stolen.
pub const STOLEN_SHARE_MAX: f64 = 0.20;

/// Share of the time beyond the usual that makes a hundredth of the requests late.
const EXCESS_SHARE: f64 = 0.01;

const REMEDY: &str =
    "Run again when the host is quieter, ask for cores of your own, or use another machine.";

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let share_of = |share| {
        format!(
            "{} of the cores' time went to other guests",
            format::share(share)
        )
    };
    let over_all = sample::stolen_share(&evidence.run.samples);
    if let Some(stolen) = over_all.filter(|stolen| *stolen > STOLEN_SHARE_MAX) {
        let text = format!(
            "The hypervisor took the cores: {}. {REMEDY}",
            share_of(stolen)
        );
        return vec![(evidence.weigh_times(), text)];
    }
    let usual = sample::stolen_share(evidence.on_time().iter().copied()).unwrap_or(0.0);
    let stolen = sample::stolen_share(evidence.late().iter().copied());
    match stolen.filter(|stolen| *stolen > usual + EXCESS_SHARE) {
        Some(stolen) => {
            let text = format!(
                "{}, the hypervisor took the cores: {}. {REMEDY}",
                evidence.when_late(),
                share_of(stolen)
            );
            vec![(Weight::Cause, text)]
        }
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, lag_by, late_in};

    #[test]
    fn cores_that_were_stolen_for_much_of_the_time_are_a_fault_by_themselves() {
        for (stolen_ms, verdict, says) in [
            (
                201,
                Verdict::Invalid,
                "The hypervisor took the cores: 20.1 % of the cores' time went to other guests.",
            ),
            (200, Verdict::Pass, "sound"),
        ] {
            check(
                says,
                |run| {
                    for sample in &mut run.samples {
                        sample.stolen_ns = Some(stolen_ms * MS);
                    }
                    run.gates.clear();
                },
                verdict,
                &[says],
            );
        }
    }

    #[test]
    fn theft_in_the_late_seconds_is_the_cause() {
        check(
            "two stolen seconds",
            |run| {
                run.gates.clear();
                lag_by(run, 10 * MS, 8 * MS);
                late_in(run, &[0, 1]);
                for sample in &mut run.samples[..2] {
                    sample.stolen_ns = Some(120 * MS);
                }
            },
            Verdict::Invalid,
            &[
                "20.0 % of p50",
                "In the 2 of 10 seconds with late sends, the hypervisor took the cores: 12.0 % of",
            ],
        );
    }
}
