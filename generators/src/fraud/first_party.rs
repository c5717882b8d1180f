//! First-party fraud: a holder denies a purchase that was made in good order.
//!
//! No field tells it from what is genuine: nobody can know when it happens.

use super::campaign::Campaign;
use super::job::{Job, Plot};
use super::{Profile, Typology};
use crate::dist;
use crate::error::Error;
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::{Transaction, TransactionType};

/// From this many US cents on it is worth the trouble.
const MIN_USD_CENTS: i64 = 3_000;

/// The typology.
#[derive(Debug)]
pub(super) struct FirstParty;

impl Typology for FirstParty {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "first_party",
            export_name: "FIRST_PARTY",
            help: "genuine online purchases that their holders will deny, which nobody can know beforehand",
            share: 0.03,
            campaign_rows: 0.6,
            label_days: 25.0,
            is_knowable: false,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        job.lay(
            |scene, _, stream| scene.claim(stream).map(Plot::at_large),
            deny,
        )
    }
}

fn deny(card: &Card, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let mut purchases = campaign.life_of(card);
    purchases.retain(|row: &Transaction| {
        let currency = world.tables.currency(row.currency);
        row.transaction_type == TransactionType::Purchase
            && !row.card_present
            && row.ip.is_some()
            && row.answer.is_approved()
            && currency.usd_cents(row.amount_minor) > MIN_USD_CENTS
    });
    if !purchases.is_empty() {
        campaign.confess(dist::pick(stream, &purchases));
    }
}
