//! Nothing was planned, or nothing was sent.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;

pub(super) const RULE: Rule = Rule {
    name: "nothing_sent",
    spoils: Spoils::Load,
    find,
};

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let ledger = &evidence.run.ledger;
    let what = if ledger.planned == 0 {
        "No request was planned in the measure phase, so there is nothing to judge: raise the rate or measure longer."
            .to_owned()
    } else if ledger.sent == 0 {
        format!(
            "None of {} planned requests was sent, so nothing was measured: check that the target accepts connections.",
            format::count(ledger.planned)
        )
    } else {
        return Vec::new();
    };
    vec![(Weight::Fault, what)]
}

#[cfg(test)]
mod tests {
    use crate::Measurements;
    use crate::measurements::Ledger;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

    #[test]
    fn a_run_that_sent_nothing_is_invalid() {
        check(
            "nothing planned",
            |run| *run = Measurements::default(),
            Verdict::Invalid,
            &["No request was planned"],
        );
        check(
            "nothing sent",
            |run| {
                run.endpoints.clear();
                run.ledger = Ledger {
                    planned: 1_000,
                    dropped: 1_000,
                    ..Ledger::default()
                };
            },
            Verdict::Invalid,
            &["None of 1,000 planned requests was sent"],
        );
    }
}
