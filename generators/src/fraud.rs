//! Labelled fraud: every typology lays whole campaigns over the genuine transactions until its share is used up.
//!
//! Owns the registry and the rules all typologies share: budgets are exact (the last campaign is cut), a card is the
//! victim of one campaign only, and nothing lies outside the span. Adding a typology takes its file and a row in
//! [`TYPOLOGIES`].
//!
//! ```text
//! purchases at candidate shops -> purchase points -> sources -.
//! cards -----------------------------------------> victims ---+-> campaigns -> transactions, blocks, relabels
//! ```

mod account_takeover;
mod amendments;
mod bin_attack;
mod bust_out;
mod campaign;
mod card_set;
mod card_testing;
mod cast;
mod cnp_stolen;
mod counterfeit;
mod crew;
pub(crate) mod crossing;
mod draws;
mod first_party;
mod job;
mod lost_stolen;
mod means;
mod merchant_collusion;
mod price;
mod purchase_point;
mod scene;
mod shares;
mod source;

use std::fmt;

pub(crate) use self::amendments::Amendments;
use self::job::Job;
pub(crate) use self::purchase_point::{Candidates, Hit};
use self::scene::Scene;
pub use self::shares::{ParseTypologySharesError, TypologyShares};
use crate::dist;
use crate::emit::Emitted;
use crate::error::Error;
use crate::event_time::{MS_PER_DAY, MS_PER_MINUTE};
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::progress::{Progress, Stage};
use crate::seed::{Entity, Purpose};
use crate::transaction::{Label, Transaction};
use crate::world::World;

/// Spread of the logarithm of the time until fraud becomes known, and the least time in milliseconds.
const LABEL_SPREAD: f64 = 0.8;
const MIN_LABEL_DELAY_MS: u64 = MS_PER_MINUTE.unsigned_abs();

/// What is known of a typology.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Name, as labels and reports use it.
    name: &'static str,
    /// Name in exports.
    export_name: &'static str,
    /// What it is, in one line.
    help: &'static str,
    /// Share of the fraud transactions, in relation to the shares of the others.
    share: f64,
    /// Transactions of a campaign, about: how many of them are laid side by side.
    campaign_rows: f64,
    /// Median of the days until it becomes known.
    label_days: f64,
    /// Whether anybody can know when it happens.
    is_knowable: bool,
}

/// A kind of fraud.
pub(crate) trait Typology: fmt::Debug + Sync {
    /// Gives what is known of it.
    fn profile(&self) -> &'static Profile;

    /// Lays campaigns until its share is used up.
    ///
    /// Errors: `VictimsExhausted`, `Cancelled`.
    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error>;
}

/// Every typology, in the order of their labels, which count from 1; new ones go to the end, since labels are part of
/// the bytes.
pub(crate) static TYPOLOGIES: &[&dyn Typology] = &[
    &card_testing::CardTesting,
    &counterfeit::Counterfeit,
    &cnp_stolen::CnpStolen,
    &bin_attack::BinAttack,
    &account_takeover::AccountTakeover,
    &lost_stolen::LostStolen,
    &bust_out::BustOut,
    &merchant_collusion::MerchantCollusion,
    &first_party::FirstParty,
];

/// What is known of a typology outside this crate.
#[derive(Debug, Clone, Copy)]
pub struct TypologyInfo {
    /// Name, as labels and reports use it.
    pub name: &'static str,
    /// Name in exports.
    pub export_name: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
    /// Share of the fraud transactions, unless somebody says otherwise.
    pub share: f64,
    /// Whether anybody can know when it happens, so that declining it is right.
    pub is_knowable: bool,
}

/// Lists the typologies in the order of their labels, which count from 1.
pub fn typologies() -> impl Iterator<Item = TypologyInfo> {
    TYPOLOGIES.iter().map(|typology| {
        let profile = typology.profile();
        TypologyInfo {
            name: profile.name,
            export_name: profile.export_name,
            help: profile.help,
            share: profile.share,
            is_knowable: profile.is_knowable,
        }
    })
}

/// Tells whether a transaction is fraud that can be known when it happens.
pub(crate) fn is_knowable(label: Label) -> bool {
    profile_of(label).is_some_and(|profile| profile.is_knowable)
}

/// Gives when it becomes known that a transaction is fraud; nothing for a genuine one.
///
/// Units: milliseconds since the start of the span; it may lie beyond the end.
pub fn label_at_ms(world: &World, transaction: &Transaction) -> Option<u64> {
    let profile = profile_of(transaction.label)?;
    let id = transaction.dice;
    let mut stream = world.seed.stream(Entity::Campaign, id, Purpose::LabelTime);
    let median_ms = profile.label_days * MS_PER_DAY as f64;
    let delay_ms = dist::log_normal(&mut stream, libm::log(median_ms), LABEL_SPREAD);
    Some(transaction.at_ms + round_half_up(delay_ms).unsigned_abs() + MIN_LABEL_DELAY_MS)
}

/// Gives the name of a label in exports.
pub(crate) fn export_name(label: Label) -> &'static str {
    profile_of(label).map_or("NONE", |profile| profile.export_name)
}

fn profile_of(label: Label) -> Option<&'static Profile> {
    let place = usize::from(label.0).checked_sub(1)?;
    TYPOLOGIES.get(place).map(|typology| typology.profile())
}

/// Everything that the fraudsters of a world do.
#[derive(Debug)]
pub(crate) struct Laid {
    /// Fraudulent transactions, by card and number.
    pub(crate) rows: Vec<Transaction>,
    /// What becomes of genuine ones.
    pub(crate) amendments: Amendments,
    /// Genuine ones that do not happen.
    pub(crate) dropped: u64,
}

/// Lays the fraud that makes up its share of all transactions, given the genuine ones.
///
/// Errors: `VictimsExhausted`, `Cancelled`.
pub(crate) fn lay_all(
    world: &World,
    emitted: &Emitted,
    options: &GenerateOptions,
    progress: &(dyn Progress + Sync),
) -> Result<Laid, Error> {
    let budgets = budgets(emitted.rows, options);
    progress.stage(Stage::Fraud, budgets.iter().sum());
    let scene = Scene::new(world, emitted.cards, &emitted.hits, 0);
    lay(scene, &budgets, progress)
}

/// Gives the number of transactions of each typology, given the number of genuine ones.
fn budgets(genuine_rows: u64, options: &GenerateOptions) -> Vec<u64> {
    let rate = options.fraud_rate;
    let total = round_half_up(rate * genuine_rows as f64 / (1.0 - rate)) as f64;
    let shares = options.typologies.normalized().into_iter();
    shares
        .map(|share| round_half_up(share * total).unsigned_abs())
        .collect()
}

/// Lays so many transactions of each typology.
///
/// Errors: `VictimsExhausted`, `Cancelled`.
fn lay(
    mut scene: Scene<'_>,
    budgets: &[u64],
    progress: &(dyn Progress + Sync),
) -> Result<Laid, Error> {
    let labelled = (1..).map(Label).zip(TYPOLOGIES);
    for ((label, typology), budget) in labelled.zip(budgets.iter().copied()) {
        typology.lay(Job::new(&mut scene, label, *typology, budget, progress))?;
    }
    Ok(scene.finish())
}

#[cfg(test)]
mod tests;
