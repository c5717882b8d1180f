//! Bust-out: a holder with a good name uses up the credit line within days and does not mean to pay.
//!
//! Everything is the holder's own: device, address, town and hours. Only the amounts and their pace stand out.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Delay, Refusals, between, within};
use super::job::{Job, Plot};
use super::means::{self, OnlineChoice, ShopChoice};
use super::price::Price;
use super::{Profile, Typology};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::fields::entry_mode::EntryMode;
use crate::index::MerchantIdx;
use crate::population::card::Card;
use crate::seed::Stream;

/// Part of the span in which it happens, from the middle on.
const WHEN: (f64, f64) = (0.5, 1.0);

/// Purchases, least and most, and the time from one to the next.
const PURCHASES: (u64, u64) = (8, 21);
const GAP: Delay = Delay::days(0.0, 0.35);

/// Share of purchases in shops near home; the others are made online.
const SHOP_SHARE: f64 = 0.5;

/// Median in dollars, drawn once per holder, and spread of the logarithm.
const MEDIAN_USD: (f64, f64) = (180.0, 220.0);
const AMOUNT_SPREAD: f64 = 0.7;

const REFUSALS: Refusals = Refusals {
    share: 0.25,
    codes: &[*b"51", *b"61"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct BustOut;

impl Typology for BustOut {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "bust_out",
            export_name: "BUST_OUT",
            help: "holders who use up their credit within days, as themselves, and will not pay",
            share: 0.04,
            campaign_rows: 14.5,
            label_days: 40.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        job.lay(
            |scene, _, stream| scene.claim(stream).map(Plot::at_large),
            spend,
        )
    }
}

fn spend(card: &Card, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let starts_at = world.span.at_fraction(within(WHEN, stream)).unsigned_abs();
    if !means::is_in_use(world, card, starts_at) {
        return;
    }
    let shops = ShopChoice::new(world);
    let categories = OnlineChoice::new(world, &means::COVETED);
    let hub_share = world.tables.country(card.country).hub_share;
    let log_median = libm::log(within(MEDIAN_USD, stream));
    let mut at_ms = starts_at;
    for _ in 0..between(PURCHASES, stream) {
        let in_shop = dist::chance(stream, SHOP_SHARE);
        let merchant = if in_shop {
            shops.draw(world, card.city, stream)
        } else {
            let mcc = categories.draw(stream);
            mcc.and_then(|mcc| means::online_merchant(world, card.country, mcc, hub_share, stream))
        };
        if let Some(merchant) = merchant {
            let mcc = world.merchant(merchant).mcc;
            at_ms =
                means::at_usual_hour(world, card, mcc, stream, |stream| at_ms + GAP.draw(stream));
            let usd = dist::log_normal(stream, log_median, AMOUNT_SPREAD);
            let charge = purchase(campaign, card, merchant, usd, stream);
            campaign.charge(Plastic::from(card), Charge { at_ms, ..charge });
        }
    }
}

/// Buys something, at no particular time.
fn purchase(
    campaign: &Campaign<'_>,
    card: &Card,
    merchant: MerchantIdx,
    usd: f64,
    stream: &mut Stream,
) -> Charge {
    let world = campaign.world;
    let in_shop = world.shop_of(merchant).is_some();
    let (price, channel, entry_mode) = if in_shop {
        let price = Price::marked(world, merchant, usd, stream);
        (price, Channel::Present, EntryMode::Chip)
    } else {
        let price = Price::billed(world, card.country, merchant, usd, stream);
        (price, Channel::Absent, EntryMode::Ecom)
    };
    Charge {
        at_ms: 0,
        merchant,
        price,
        channel,
        entry_mode,
        online: (!in_shop).then(|| (card.household, card.device(0))),
        answer: REFUSALS.answer(stream),
        contact: 0,
    }
}
