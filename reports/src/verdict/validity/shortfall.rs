//! Requests never left although an undisturbed generator would have sent them: the target was offered less than planned.
//!
//! It stands on its own evidence: an arrival that never left is withheld by us if the undisturbed run, with the same service times,
//! had sent it by then. What the target's slowness kept from leaving is not among these.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::summary::ratio;

pub(super) const RULE: Rule = Rule {
    name: "shortfall",
    spoils: Spoils::Load,
    find,
};

/// Share of the planned requests that may be withheld.
pub const SHORTFALL_SHARE_MAX: f64 = 0.01;

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let (withheld, planned) = (evidence.run.withheld(), evidence.run.ledger.planned);
    let share = ratio(withheld, planned).unwrap_or(0.0);
    if share <= SHORTFALL_SHARE_MAX {
        return Vec::new();
    }
    let text = format!(
        "The load was not the planned one: {} of {} ({}) never left, although a generator without lag would have \
         sent them by then; at most {} is accepted.",
        format::count(withheld),
        format::counted(planned, "planned request"),
        format::share(share),
        format::round_share(SHORTFALL_SHARE_MAX),
    );
    vec![(Weight::Fault, text)]
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::fixture::{MS, gate};
    use crate::measurements::GateSubject;
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, drop_requests};

    fn withhold(run: &mut Measurements, withheld: u64) {
        drop_requests(run, withheld);
        run.endpoints[0].withheld = withheld;
        run.gates.clear();
    }

    #[test]
    fn requests_that_we_withheld_are_a_fault_whatever_the_send_lag() {
        check(
            "at the limit",
            |run| withhold(run, 10),
            Verdict::Pass,
            &["sound"],
        );
        check(
            "above the limit",
            |run| withhold(run, 11),
            Verdict::Invalid,
            &["11 of 1,000 planned requests (1.10 %) never left"],
        );
        check(
            "the cause follows",
            |run| {
                withhold(run, 400);
                run.lanes[0].cpu_share = 1.0;
            },
            Verdict::Invalid,
            &["400 of 1,000", "ran out of CPU"],
        );
    }

    #[test]
    fn a_load_that_was_not_the_planned_one_decides_before_any_gate() {
        check(
            "errors missed as well",
            |run| {
                withhold(run, 400);
                run.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
            },
            Verdict::Invalid,
            &["never left"],
        );
    }

    #[test]
    fn what_the_target_kept_from_leaving_is_its_own_failure() {
        check(
            "dropped, but an undisturbed generator would have dropped them, too",
            |run| drop_requests(run, 400),
            Verdict::SloMissed,
            &["the error share was 42.0 %", "p99<30ms missed"],
        );
    }

    #[test]
    fn a_gate_that_only_withheld_requests_broke_is_not_decided() {
        check(
            "errors of ours",
            |run| {
                withhold(run, 8);
                run.gates = vec![gate("errors<=2%", GateSubject::ErrorShare, 0.02)];
                run.send_lag.record(MS);
            },
            Verdict::Invalid,
            &["Gate errors<=2% not decided: the error share was 2.80 %"],
        );
    }
}
