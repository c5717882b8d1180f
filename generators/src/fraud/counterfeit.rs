//! Counterfeit: a copied card shows up in shops far away, often minutes after its holder used the true one.
//!
//! Invariant: a campaign that follows a genuine purchase starts farther from it than anybody gets in that time, if the
//! world is large enough.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Count, Delay, Refusals, round};
use super::job::{Job, Plot};
use super::means::ShopChoice;
use super::price::Price;
use super::source::{Need, Source};
use super::{Profile, Typology};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::event_time::MS_PER_MINUTE;
use crate::fields::entry_mode::EntryMode;
use crate::fields::geo::Point;
use crate::index::{CityIdx, MerchantIdx};
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::Transaction;
use crate::world::World;

/// Distance in kilometers from home, and from the genuine purchase before.
const MIN_KM: f64 = 300.0;

/// Share of campaigns abroad, and draws of a city before a nearer one will do.
const ABROAD_SHARE: f64 = 0.5;
const CITY_ATTEMPTS: u32 = 24;

/// Time until a copy is used.
const STARTS_AFTER: Delay = Delay::days(0.0, 2.0);

/// Share of campaigns that follow a genuine purchase, by so many minutes, unless a traveler of this speed in kilometers
/// per hour would make it to a shop so many kilometers this side of the city's center.
const FOLLOWING_SHARE: f64 = 0.60;
const MIN_DELAY_MINUTES: f64 = 10.0;
const MAX_DELAY_MINUTES: f64 = 100.0;
const POSSIBLE_KMH: f64 = 900.0;
const OUTSKIRTS_KM: f64 = 50.0;

const PURCHASES: Count = Count {
    least: 2,
    mean_more: 2.2,
};
const GAP: Delay = Delay::minutes(6.0, 35.0);

/// How much more than usual is spent.
const AMOUNT_FACTOR: f64 = 1.9;

/// Shares of the ways to use a copy, summed up: magnetic stripe, chip, else typed in.
const UP_TO_MAGSTRIPE: f64 = 0.62;
const UP_TO_CHIP: f64 = 0.89;

const REFUSALS: Refusals = Refusals {
    share: 0.30,
    codes: &[*b"05", *b"51", *b"59", *b"61"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct Counterfeit;

impl Typology for Counterfeit {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "counterfeit",
            export_name: "COUNTERFEIT",
            help: "copied cards used in shops too far away from where their holders have just been",
            share: 0.07,
            campaign_rows: 25.0,
            label_days: 4.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        let mut next = 0;
        job.lay(
            |scene, rows, _| {
                let (number, source) = scene.next_source(&mut next, Need::Copies, rows)?;
                Some(Plot::from_source(number, source))
            },
            spend,
        )
    }
}

fn spend(source: &Source, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let shops = ShopChoice::new(world);
    for &idx in &source.copies {
        if campaign.is_over() {
            return;
        }
        let card = Card::draw(world, idx);
        let life = campaign.life_of(&card);
        let spree = Spree::plan(world, &card, &life, source.used_from_ms, stream);
        let mut at_ms = spree.starts_at;
        for _ in 0..PURCHASES.draw(stream) {
            if let Some(merchant) = shops.draw(world, spree.city, stream) {
                campaign.charge(
                    Plastic::from(&card),
                    purchase(world, &card, merchant, at_ms, stream),
                );
            }
            at_ms += GAP.draw(stream);
        }
        campaign.block(&life, None, stream);
    }
}

/// Where and when a copied card starts to be used.
struct Spree {
    city: CityIdx,
    starts_at: u64,
}

impl Spree {
    /// Finds a city far enough from home, and from the genuine purchase in a shop if there is one to follow.
    fn plan(
        world: &World,
        card: &Card,
        life: &[Transaction],
        from_ms: u64,
        stream: &mut Stream,
    ) -> Self {
        let ready_at = from_ms + STARTS_AFTER.draw(stream);
        let follows = dist::chance(stream, FOLLOWING_SHARE);
        let genuine = life
            .iter()
            .filter(|row| follows && row.card_present && row.at_ms >= ready_at)
            .find_map(|row| Some((row.at_ms, world.shop_of(row.merchant)?.1)));
        let point = genuine.map_or(card.home, |(_, point)| point);
        let (city, km) = far_city(world, card, point, stream);
        let most = if km > MIN_KM {
            MAX_DELAY_MINUTES.min((km - OUTSKIRTS_KM) / POSSIBLE_KMH * 60.0)
        } else {
            MAX_DELAY_MINUTES
        };
        let delay = MIN_DELAY_MINUTES + (most - MIN_DELAY_MINUTES) * dist::unit(stream);
        let starts_at = match genuine {
            Some((at_ms, _)) => at_ms + round(delay * MS_PER_MINUTE as f64),
            None => ready_at,
        };
        Self { city, starts_at }
    }
}

/// Draws a city far from home and from another place, with the shorter of the two distances.
///
/// In a world that is too small it is the farthest one drawn.
fn far_city(world: &World, card: &Card, point: Point, stream: &mut Stream) -> (CityIdx, f64) {
    let mut farthest = (card.city, 0.0);
    for _ in 0..CITY_ATTEMPTS {
        let goes_abroad = dist::chance(stream, ABROAD_SHARE);
        let abroad = world.atlas.city_abroad(card.country, stream);
        let domestic = world.atlas.resident_city(card.country, stream);
        let city = abroad.filter(|_| goes_abroad).unwrap_or(domestic);
        let center = world.city(city).center;
        let km = center.distance_km(point).min(center.distance_km(card.home));
        if km > farthest.1 {
            farthest = (city, km);
        }
        if km > MIN_KM {
            break;
        }
    }
    farthest
}

fn purchase(
    world: &World,
    card: &Card,
    merchant: MerchantIdx,
    at_ms: u64,
    stream: &mut Stream,
) -> Charge {
    let way = dist::unit(stream);
    Charge {
        at_ms,
        merchant,
        price: Price::in_shop(world, card, merchant, libm::log(AMOUNT_FACTOR), stream),
        channel: Channel::Present,
        entry_mode: if way < UP_TO_MAGSTRIPE {
            EntryMode::Magstripe
        } else if way < UP_TO_CHIP {
            EntryMode::Chip
        } else {
            EntryMode::Manual
        },
        online: None,
        answer: REFUSALS.answer(stream),
        contact: 0,
    }
}
