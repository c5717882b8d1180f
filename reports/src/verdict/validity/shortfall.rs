//! Requests never left while the generator was short of CPU: the target was offered less than planned.

use super::{Evidence, Rule, Weight, is_starved, stolen};
use crate::format;
use crate::summary::ratio;

pub(super) const RULE: Rule = Rule {
    name: "shortfall",
    find,
};

/// Share of planned requests that may go unsent while lanes are out of CPU.
pub const SHORTFALL_SHARE_MAX: f64 = 0.001;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let ledger = &evidence.run.ledger;
    let unsent = ledger.dropped + ledger.unsent;
    let share = ratio(unsent, ledger.planned).unwrap_or(0.0);
    let mut lanes = 0..evidence.run.lanes.len();
    let starved = lanes.any(|idx| is_starved(evidence, idx)) || stolen::excess(evidence).is_some();
    if share <= SHORTFALL_SHARE_MAX || !starved {
        return Vec::new();
    }
    let text = format!(
        "{} of {} planned requests ({}) never left while the generator was out of CPU, so the target was offered less \
         than planned. Free CPU for the lanes first; only then do drops speak of the target.",
        format::count(unsent),
        format::count(ledger.planned),
        format::share(share),
    );
    vec![(Weight::Fault, text)]
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::MS;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, constant};

    /// Moves requests from sent to dropped, in the run and in its first endpoint.
    fn drop_requests(run: &mut Measurements, dropped: u64) {
        for ledger in [&mut run.ledger, &mut run.endpoints[0].ledger] {
            ledger.sent -= dropped;
            ledger.completed -= dropped;
            ledger.good -= dropped;
            ledger.dropped += dropped;
        }
    }

    #[test]
    fn drops_are_ours_only_while_lanes_are_out_of_cpu() {
        check(
            "headroom",
            |run| drop_requests(run, 2),
            Verdict::Pass,
            &["sound"],
        );
        check(
            "out of CPU, drops at the limit",
            |run| {
                drop_requests(run, 1);
                run.lanes[0].cpu_share = 1.0;
            },
            Verdict::Invalid,
            &["ran out of CPU"],
        );
        check(
            "out of CPU, drops above the limit",
            |run| {
                drop_requests(run, 2);
                run.lanes[0].cpu_share = 1.0;
            },
            Verdict::Invalid,
            &[
                "ran out of CPU",
                "2 of 1,000 planned requests (0.20 %) never left",
            ],
        );
        check(
            "stolen cores",
            |run| {
                drop_requests(run, 2);
                run.send_lag = constant(2 * MS, 1_000);
                for sample in &mut run.samples {
                    sample.stolen_ns = Some(300 * MS);
                }
            },
            Verdict::Invalid,
            &["The hypervisor took the cores", "never left"],
        );
        check(
            "a silent target with headroom misses its promise instead",
            |run| drop_requests(run, 400),
            Verdict::SloMissed,
            &["the error share was 42.0 %"],
        );
    }
}
