//! Impossible travel: a copied card shows up in a shop far away, minutes after its holder used the true one.
//!
//! Invariant: the first purchase of a campaign is farther from the genuine one before it than anybody gets in that
//! time.

use super::Typology;
use super::campaign::{Campaign, Charge};
use super::scene::{self, Scene};
use crate::dist::{self, AliasTable};
use crate::event_time::MS_PER_MINUTE;
use crate::fields::amount;
use crate::fields::entry_mode::EntryMode;
use crate::fields::geo::Point;
use crate::index::{CityIdx, MccIdx};
use crate::numeric::round_half_up;
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::{AnswerCode, Transaction, TransactionType};
use crate::world::World;

/// Distance in kilometers from home, and from the genuine purchase before.
const MIN_KM: f64 = 300.0;

/// Share of campaigns abroad, and draws of a city before the victim is let off.
const ABROAD_SHARE: f64 = 0.5;
const CITY_ATTEMPTS: u32 = 24;

/// Minutes after the genuine purchase, unless a traveler of this speed in kilometers per hour would make it to a shop
/// so many kilometers this side of the city's center.
const MIN_DELAY_MINUTES: f64 = 10.0;
const MAX_DELAY_MINUTES: f64 = 100.0;
const POSSIBLE_KMH: f64 = 900.0;
const OUTSKIRTS_KM: f64 = 50.0;

/// Purchases: the least, and the mean of what comes on top.
const MIN_PURCHASES: u64 = 2;
const MORE_PURCHASES: f64 = 2.2;

/// Minutes from one to the next: the least, and the mean of what comes on top.
const MIN_GAP_MINUTES: f64 = 6.0;
const MORE_GAP_MINUTES: f64 = 35.0;

/// How much more than usual is spent.
const AMOUNT_FACTOR: f64 = 1.9;

/// Shares of the ways to use a copy, summed up: magnetic stripe, chip, else typed in.
const UP_TO_MAGSTRIPE: f64 = 0.62;
const UP_TO_CHIP: f64 = 0.89;

const REFUSED_SHARE: f64 = 0.30;
const REFUSALS: [AnswerCode; 4] = [
    AnswerCode(*b"05"),
    AnswerCode(*b"51"),
    AnswerCode(*b"59"),
    AnswerCode(*b"61"),
];

/// The typology.
#[derive(Debug)]
pub(super) struct ImpossibleTravel;

impl Typology for ImpossibleTravel {
    fn name(&self) -> &'static str {
        "impossible_travel"
    }

    fn export_name(&self) -> &'static str {
        "COUNTERFEIT"
    }

    fn help(&self) -> &'static str {
        "a copied card used in shops too far away from where its holder has just been"
    }

    fn share(&self) -> f64 {
        0.30
    }

    fn lay(&self, scene: &mut Scene<'_>, stream: &mut Stream, campaign: &mut Campaign<'_>) {
        let world = scene.world();
        // Some holders never use a card in a shop: on to the next one.
        let (card, spree) = loop {
            let Some(card) = scene.claim_any(stream) else {
                return;
            };
            let life = scene.life_of(&card);
            if let Some(spree) = Spree::plan(world, &card, &life, stream) {
                break (card, spree);
            }
        };
        let categories = AliasTable::of(&world.tables.mccs, |mcc| {
            let pays_cash = mcc.transaction_type == TransactionType::CashAdvance;
            if pays_cash || !mcc.everyday {
                0.0
            } else {
                mcc.weight * (1.0 - mcc.cnp)
            }
        });
        let more = dist::exponential(stream, MORE_PURCHASES);
        let mut at_ms = spree.starts_at;
        for _ in 0..MIN_PURCHASES + round_half_up(more).unsigned_abs() {
            let mcc = MccIdx::at(categories.draw(stream));
            if let Some(charge) = purchase(world, &card, spree.city, mcc, at_ms, stream) {
                campaign.charge(&card, charge);
            }
            let gap = MIN_GAP_MINUTES + dist::exponential(stream, MORE_GAP_MINUTES);
            at_ms += minutes_to_ms(gap);
        }
    }
}

/// Where and when a copied card starts to be used.
struct Spree {
    city: CityIdx,
    starts_at: u64,
}

impl Spree {
    /// Finds a genuine purchase in a shop to follow, and a city far enough from it.
    fn plan(world: &World, card: &Card, life: &[Transaction], stream: &mut Stream) -> Option<Self> {
        let in_shops: Vec<(&Transaction, Point)> = life
            .iter()
            .filter(|row| row.card_present)
            .map(|row| (row, world.merchant(row.merchant).place))
            .collect();
        if in_shops.is_empty() {
            return None;
        }
        let &(genuine, point) = dist::pick(stream, &in_shops);
        let (city, km) = (0..CITY_ATTEMPTS).find_map(|_| {
            let city = if dist::chance(stream, ABROAD_SHARE) {
                world.atlas.city_abroad(card.country, stream)?
            } else {
                world.atlas.resident_city(card.country, stream)
            };
            let center = world.city(city).center;
            let km = center.distance_km(point);
            let is_far = km > MIN_KM && center.distance_km(card.home) > MIN_KM;
            is_far.then_some((city, km))
        })?;
        let most = MAX_DELAY_MINUTES.min((km - OUTSKIRTS_KM) / POSSIBLE_KMH * 60.0);
        let delay = MIN_DELAY_MINUTES + (most - MIN_DELAY_MINUTES) * dist::unit(stream);
        Some(Self {
            city,
            starts_at: genuine.at_ms + minutes_to_ms(delay),
        })
    }
}

/// Buys something in the city; nothing if it has no such shop.
fn purchase(
    world: &World,
    card: &Card,
    city: CityIdx,
    mcc: MccIdx,
    at_ms: u64,
    stream: &mut Stream,
) -> Option<Charge> {
    let pool = world.merchants.in_city(city, mcc);
    if world.merchants.is_empty(pool) {
        return None;
    }
    let merchant_idx = world.merchants.draw(pool, stream);
    let merchant = world.merchant(merchant_idx);
    let country = world.tables.country(merchant.country);
    let currency = world.tables.currency(country.currency);
    let effects = libm::log(AMOUNT_FACTOR) + merchant.price_effect;
    let countries = (card.country, merchant.country);
    let usd = world.prices.usd(mcc, countries, effects, stream);
    let way = dist::unit(stream);
    Some(Charge {
        at_ms,
        merchant: merchant_idx,
        amount_minor: amount::price(usd, currency, world.mcc(mcc).ending, stream),
        entry_mode: if way < UP_TO_MAGSTRIPE {
            EntryMode::Magstripe
        } else if way < UP_TO_CHIP {
            EntryMode::Chip
        } else {
            EntryMode::Manual
        },
        online: None,
        answer: scene::answer(REFUSED_SHARE, &REFUSALS, stream),
    })
}

fn minutes_to_ms(minutes: f64) -> u64 {
    round_half_up(minutes * MS_PER_MINUTE as f64).unsigned_abs()
}
