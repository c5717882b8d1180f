//! F1 to F6: how often issuers refuse, and why.

use super::Measured;
use crate::facts::Facts;
use crate::statistics::share_of;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let declined = |row: usize| facts.is_declined(row);
    let payments = || facts.legit().filter(|row| !facts.is_money_back(*row));
    let no_funds = export.auth_resp.map(|word| word == "51");
    vec![
        Measured::new(
            "F1",
            share_of(payments().filter(|row| export.card_present[*row]), declined),
        ),
        Measured::new(
            "F2",
            share_of(
                payments().filter(|row| !export.card_present[*row]),
                declined,
            ),
        ),
        Measured::new(
            "F3",
            share_of(payments().filter(|row| declined(*row)), |row| {
                no_funds[export.auth_resp.code(row) as usize]
            }),
        ),
        Measured::new("F4", share_of(facts.fraud_named("BIN_ATTACK"), declined)),
        Measured::new("F5", share_of(facts.fraud_named("CARD_TESTING"), declined)),
        Measured::new("F6", share_of(facts.monetized(), declined)),
    ]
}
