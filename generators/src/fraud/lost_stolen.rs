//! Lost and stolen: whoever finds a card, or takes it, uses it in shops nearby until it is blocked.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Count, Delay, Refusals};
use super::job::{Job, Plot};
use super::means::ShopChoice;
use super::price::Price;
use super::{Profile, Typology};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::fields::entry_mode::EntryMode;
use crate::fields::geo::Point;
use crate::index::{CityIdx, MerchantIdx};
use crate::population::card::Card;
use crate::seed::Stream;
use crate::world::World;

/// Time from the holder's last purchase to the first of somebody else.
const STARTS_AFTER: Delay = Delay::minutes(30.0, 180.0);

const PURCHASES: Count = Count {
    least: 3,
    mean_more: 3.0,
};
const GAP: Delay = Delay::minutes(5.0, 22.0);

/// Farthest shop from where the card was lost, in kilometers, and draws of a shop until none is found.
const MAX_KM: f64 = 60.0;
const SHOP_ATTEMPTS: u32 = 8;

/// How amounts grow with every purchase.
const GROWTH: f64 = 1.25;

/// From this many US cents on, tapping does not do.
const CHIP_USD_CENTS: i64 = 6_000;

const REFUSALS: Refusals = Refusals {
    share: 0.25,
    codes: &[*b"55", *b"51", *b"61", *b"43"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct LostStolen;

impl Typology for LostStolen {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "lost_stolen",
            export_name: "LOST_STOLEN",
            help: "lost cards used in shops nearby, for more every time, while their holders stop using them",
            share: 0.08,
            campaign_rows: 6.0,
            label_days: 1.2,
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

/// Where and when a card was lost.
struct Loss {
    at_ms: u64,
    city: CityIdx,
    point: Point,
}

fn spend(card: &Card, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let life = campaign.life_of(card);
    let in_shops = life.iter().filter(|row| row.card_present);
    let losses: Vec<Loss> = in_shops
        .filter_map(|row| {
            let (city, point) = world.shop_of(row.merchant)?;
            let at_ms = row.at_ms;
            Some(Loss { at_ms, city, point })
        })
        .collect();
    if losses.is_empty() {
        return;
    }
    let loss = dist::pick(stream, &losses);
    let shops = ShopChoice::new(world);
    let mut at_ms = loss.at_ms + STARTS_AFTER.draw(stream);
    let mut log_growth = 0.0;
    for _ in 0..PURCHASES.draw(stream) {
        let shop = (0..SHOP_ATTEMPTS).find_map(|_| {
            let shop = shops.draw(world, loss.city, stream)?;
            let (_, point) = world.shop_of(shop)?;
            (point.distance_km(loss.point) <= MAX_KM).then_some(shop)
        });
        if let Some(shop) = shop {
            let charge = purchase(world, card, shop, log_growth, stream);
            campaign.charge(Plastic::from(card), Charge { at_ms, ..charge });
        }
        log_growth += libm::log(GROWTH);
        at_ms += GAP.draw(stream);
    }
    campaign.block(&life, Some(loss.at_ms + 1), stream);
}

/// Buys something, at no particular time.
fn purchase(
    world: &World,
    card: &Card,
    merchant: MerchantIdx,
    log_growth: f64,
    stream: &mut Stream,
) -> Charge {
    let price = Price::in_shop(world, card, merchant, log_growth, stream);
    Charge {
        at_ms: 0,
        merchant,
        price,
        channel: Channel::Present,
        entry_mode: if price.usd_cents(world) < CHIP_USD_CENTS {
            EntryMode::Contactless
        } else {
            EntryMode::Chip
        },
        online: None,
        answer: REFUSALS.answer(stream),
        contact: 0,
    }
}
