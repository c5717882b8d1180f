//! Labelled fraud: every typology lays whole campaigns over the genuine transactions until its share is used up.
//!
//! Owns the registry and the rules all typologies share: budgets are exact (the last campaign is cut), a card is the
//! victim of one campaign only, and nothing lies outside the span. Adding a typology takes its file and a row in
//! [`TYPOLOGIES`].

mod campaign;
mod card_testing;
mod impossible_travel;
mod scene;

use std::fmt;

use self::campaign::{Campaign, Identity};
use self::scene::Scene;
use crate::dist;
use crate::error::Error;
use crate::numeric::round_half_up;
use crate::progress::{Progress, Stage};
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::{Label, Transaction};
use crate::world::World;

/// A kind of fraud.
pub(crate) trait Typology: fmt::Debug + Sync {
    /// Gives its name, as labels and reports use it.
    fn name(&self) -> &'static str;

    /// Gives its name in exports.
    fn export_name(&self) -> &'static str;

    /// Gives one line on what it is.
    fn help(&self) -> &'static str;

    /// Gives its share of the fraud transactions, in relation to the shares of the others.
    fn share(&self) -> f64;

    /// Lays one campaign, until it is over, its budget is used up or no victim is left.
    fn lay(&self, scene: &mut Scene<'_>, stream: &mut Stream, campaign: &mut Campaign<'_>);
}

/// Every typology, in the order of their labels, which count from 1; new ones go to the end, since labels are part of
/// the bytes.
pub(crate) static TYPOLOGIES: &[&dyn Typology] = &[
    &card_testing::CardTesting,
    &impossible_travel::ImpossibleTravel,
];

/// What is known of a typology outside this crate.
#[derive(Debug, Clone, Copy)]
pub struct TypologyInfo {
    /// Name, as labels and reports use it.
    pub name: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
}

/// Lists the typologies in the order of their labels, which count from 1.
pub fn typologies() -> impl Iterator<Item = TypologyInfo> {
    TYPOLOGIES.iter().map(|typology| TypologyInfo {
        name: typology.name(),
        help: typology.help(),
    })
}

/// Gives the name of a label in exports.
pub(crate) fn export_name(label: Label) -> &'static str {
    let place = usize::from(label.0).checked_sub(1);
    let typology = place.and_then(|place| TYPOLOGIES.get(place));
    typology.map_or("NONE", |typology| typology.export_name())
}

/// Gives when it becomes known that a transaction was fraud, in milliseconds since the start of the span; nothing for
/// genuine ones.
pub(crate) fn label_at_ms(world: &World, transaction: &Transaction) -> Option<u64> {
    const MS_PER_DAY: f64 = 86_400_000.0;
    const LEAST_MS: u64 = 60_000;
    const SPREAD: f64 = 0.8;
    let median_days = match export_name(transaction.label) {
        "NONE" => return None,
        "COUNTERFEIT" => 4.0,
        _ => 3.0,
    };
    let mut stream = world
        .seed
        .stream(Entity::Identifiers, transaction.dice, Purpose::Requests);
    let days = median_days * dist::log_normal(&mut stream, 0.0, SPREAD);
    let delay_ms = round_half_up(days * MS_PER_DAY).unsigned_abs();
    Some(transaction.at_ms + delay_ms + LEAST_MS)
}

/// Lays the fraud that makes up `rate` of all transactions, given the genuine ones.
///
/// Shape: ordered by card and number. Errors: `VictimsExhausted`, `Cancelled`.
pub(crate) fn lay_all(
    world: &World,
    cards: u32,
    genuine_rows: u64,
    rate: f64,
    progress: &(dyn Progress + Sync),
) -> Result<Vec<Transaction>, Error> {
    let total = rate * genuine_rows as f64 / (1.0 - rate);
    let shares: f64 = TYPOLOGIES.iter().map(|typology| typology.share()).sum();
    let budget =
        |typology: &dyn Typology| round_half_up(total * typology.share() / shares).unsigned_abs();
    let budgets: Vec<u64> = TYPOLOGIES
        .iter()
        .map(|typology| budget(*typology))
        .collect();
    progress.stage(Stage::Fraud, budgets.iter().sum());
    let mut scene = Scene::new(world, cards);
    let mut rows = Vec::new();
    let mut campaigns = 0;
    let labelled = (1..).map(Label).zip(TYPOLOGIES);
    for ((label, typology), budget) in labelled.zip(budgets) {
        let (mut laid, mut number) = (0, 0);
        while laid < budget {
            if progress.cancelled() {
                return Err(Error::Cancelled);
            }
            if scene.is_exhausted() {
                return Err(Error::VictimsExhausted {
                    typology: typology.name(),
                    laid,
                    budget,
                });
            }
            let id = (u64::from(label.0) << 32) | number;
            let stream = |purpose| world.seed.stream(Entity::Campaign, id, purpose);
            let identity = Identity {
                label,
                number: campaigns + 1,
            };
            let dice = stream(Purpose::Requests);
            let mut campaign = Campaign::new(world, identity, budget - laid, dice, &mut rows);
            typology.lay(&mut scene, &mut stream(Purpose::Plot), &mut campaign);
            let charged = campaign.charged();
            campaigns += u32::from(charged > 0);
            laid += charged;
            number += 1;
            progress.advance(charged);
        }
    }
    rows.sort_unstable_by_key(|row| (row.card, row.seq));
    Ok(rows)
}

#[cfg(test)]
mod tests;
