//! The ledger does not add up, for the run or for an endpoint.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::{EndpointMeasurements, Ledger};

pub(super) const RULE: Rule = Rule {
    name: "unbalanced",
    spoils: Spoils::Load,
    find,
};

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let run = evidence.run;
    let endpoints = &run.endpoints;
    let mut imbalances = imbalances("the run", &run.ledger);
    for endpoint in endpoints {
        imbalances.extend(self::imbalances(&endpoint.name, &endpoint.ledger));
        imbalances.extend(untimed(endpoint));
    }
    let over_endpoints: u64 = endpoints
        .iter()
        .map(|endpoint| endpoint.ledger.planned)
        .sum();
    if !endpoints.is_empty() && over_endpoints != run.ledger.planned {
        imbalances.push(format!(
            "the run planned {}, but its endpoints planned {}",
            format::count(run.ledger.planned),
            format::count(over_endpoints)
        ));
    }
    let complain = |imbalance| {
        let text = format!(
            "The ledger does not balance: {imbalance}. Requests were lost or counted twice; this is a bug in tapdeck, \
             please report it with summary.json."
        );
        (Weight::Fault, text)
    };
    imbalances.into_iter().map(complain).collect()
}

/// Checks that every planned request of an endpoint has its response time or its wait.
fn untimed(endpoint: &EndpointMeasurements) -> Vec<String> {
    let ledger = &endpoint.ledger;
    [
        (
            "completed",
            ledger.completed,
            "response times",
            &endpoint.response,
        ),
        (
            "planned - completed",
            ledger.planned.saturating_sub(ledger.completed),
            "waits without an answer",
            &endpoint.unanswered,
        ),
    ]
    .into_iter()
    .filter(|(_, count, _, times)| *count != times.len())
    .map(|(name, count, what, times)| {
        format!(
            "for {}, {name} is {}, but there are {} {what}",
            endpoint.name,
            format::count(count),
            format::count(times.len())
        )
    })
    .collect()
}

/// Checks the three equations of a ledger.
fn imbalances(whose: &str, ledger: &Ledger) -> Vec<String> {
    let outcomes = ledger.completed + ledger.failed + ledger.timed_out + ledger.cut;
    [
        (
            "planned",
            ledger.planned,
            "sent + dropped + unsent",
            ledger.sent + ledger.dropped + ledger.unsent,
        ),
        (
            "sent",
            ledger.sent,
            "completed + failed + timed out + cut",
            outcomes,
        ),
        (
            "completed",
            ledger.completed,
            "good + rejected",
            ledger.good + ledger.rejected,
        ),
    ]
    .into_iter()
    .filter(|(_, whole, _, parts)| whole != parts)
    .map(|(name, whole, sum, parts)| {
        format!(
            "for {whose}, {name} is {}, but {sum} is {}",
            format::count(whole),
            format::count(parts)
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::Ledger;
    use crate::fixture::{MS, ledger};
    use crate::verdict::Verdict;
    use crate::verdict::tests::{check, constant};

    #[test]
    fn each_broken_equation_of_the_ledger_is_named() {
        type Breakage = fn(&mut Ledger);
        let breakages: [(Breakage, &str); 7] = [
            (
                |ledger| ledger.unsent += 1,
                "planned is 1,000, but sent + dropped + unsent is 1,001",
            ),
            (
                |ledger| ledger.dropped += 1,
                "planned is 1,000, but sent + dropped + unsent is 1,001",
            ),
            (
                |ledger| ledger.cut += 1,
                "sent is 1,000, but completed + failed + timed out + cut is 1,001",
            ),
            (
                |ledger| ledger.failed += 1,
                "sent is 1,000, but completed + failed + timed out + cut is 1,001",
            ),
            (
                |ledger| ledger.timed_out -= 1,
                "sent is 1,000, but completed + failed + timed out + cut is 999",
            ),
            (
                |ledger| ledger.good += 1,
                "completed is 990, but good + rejected is 991",
            ),
            (
                |ledger| ledger.rejected -= 1,
                "completed is 990, but good + rejected is 989",
            ),
        ];
        for (breakage, says) in breakages {
            check(
                says,
                |run| breakage(&mut run.ledger),
                Verdict::Invalid,
                &[says],
            );
        }
        check(
            "an endpoint",
            |run| run.endpoints[1].ledger.good += 1,
            Verdict::Invalid,
            &["for POST /v1/evaluate/monitoring, completed is 495, but good + rejected is 496"],
        );
        check(
            "endpoints against the run",
            |run| {
                run.endpoints[0].ledger = ledger(400);
                run.endpoints[0].response = constant(MS, 396);
                run.endpoints[0].unanswered = constant(MS, 4);
            },
            Verdict::Invalid,
            &["the run planned 1,000, but its endpoints planned 900"],
        );
        check(
            "a response time that was not recorded",
            |run| run.endpoints[0].response = constant(MS, 494),
            Verdict::Invalid,
            &["completed is 495, but there are 494 response times"],
        );
        check(
            "a request without answer and wait",
            |run| run.endpoints[0].unanswered = constant(MS, 4),
            Verdict::Invalid,
            &["planned - completed is 5, but there are 4 waits without an answer"],
        );
    }
}
