//! Stolen numbers: those that passed their test, and some never tested, are spent online for a few days.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Count, Delay, Refusals};
use super::job::{Job, Plot};
use super::means::OnlineChoice;
use super::price::Price;
use super::scene::Scene;
use super::source::{Need, Source};
use super::{Profile, Typology, means};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::{CardIdx, MccIdx};
use crate::population::card::Card;
use crate::seed::Stream;
use crate::world::World;

/// Share of the numbers that nobody tested and that are used all the same.
const UNTESTED_SHARE: f64 = 0.60;

/// Time until a number is used.
const STARTS_AFTER: Delay = Delay::days(0.0, 2.0);

const PURCHASES: Count = Count {
    least: 1,
    mean_more: 2.0,
};

/// Share of purchases that follow the one before at once; the time until then, and until the others.
const FOLLOWING_SHARE: f64 = 0.60;
const SHORT_GAP: Delay = Delay::minutes(2.0, 30.0);
const LONG_GAP: Delay = Delay::days(0.0, 0.7);

/// Share of thieves who keep to hours that are usual for the holder.
const USUAL_HOURS_SHARE: f64 = 0.55;

/// Median in relation to that of the category, and spread of the logarithm.
const AMOUNT_FACTOR: f64 = 1.25;
const AMOUNT_SPREAD: f64 = 0.95;

const ABROAD_SHARE: f64 = 0.35;
const NEW_DEVICE_SHARE: f64 = 0.75;

/// Share of victims who find out, so that their cards are blocked.
const BLOCKED_SHARE: f64 = 0.70;

const REFUSALS: Refusals = Refusals {
    share: 0.22,
    codes: &[*b"05", *b"51", *b"59", *b"61", *b"N7"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct CnpStolen;

/// Numbers that can be used, and since when.
struct Loot(Vec<(CardIdx, u64)>);

impl Typology for CnpStolen {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "cnp_stolen",
            export_name: "CNP_STOLEN",
            help: "stolen numbers, most of them tested before, spent online",
            share: 0.30,
            campaign_rows: 36.0,
            label_days: 8.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        let mut next = 0;
        job.lay(
            |scene, rows, stream| {
                loop {
                    let (number, source) = scene.next_source(&mut next, Need::Numbers, rows)?;
                    let loot = Loot::of(scene, &source, stream);
                    if !loot.0.is_empty() {
                        return Some(Plot::from_source(number, loot));
                    }
                }
            },
            spend,
        )
    }
}

impl Loot {
    /// Takes the numbers that passed their test, and a share of those that were not tested.
    fn of(scene: &Scene<'_>, source: &Source, stream: &mut Stream) -> Self {
        let untested_share = if source.has_purchase_point {
            UNTESTED_SHARE
        } else {
            1.0
        };
        let usable = |&card: &CardIdx| {
            let is_lucky = dist::chance(stream, untested_share);
            match scene.use_of(card) {
                Some(test) => test.is_good.then_some((card, test.last_ms)),
                None => is_lucky.then_some((card, source.used_from_ms)),
            }
        };
        Self(source.numbers.iter().filter_map(usable).collect())
    }
}

fn spend(loot: &Loot, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let categories = OnlineChoice::new(world, &means::COVETED);
    for &(idx, from_ms) in &loot.0 {
        if campaign.is_over() {
            return;
        }
        let card = Card::draw(world, idx);
        let thief = Thief::draw(world, &card, stream);
        let Some(mcc) = categories.draw(stream) else {
            return;
        };
        let mut at_ms = thief.instant(world, &card, mcc, stream, |stream| {
            from_ms + STARTS_AFTER.draw(stream)
        });
        for purchase in 0..PURCHASES.draw(stream) {
            let mcc = categories.draw(stream).unwrap_or(mcc);
            if purchase > 0 {
                at_ms = if dist::chance(stream, FOLLOWING_SHARE) {
                    at_ms + SHORT_GAP.draw(stream)
                } else {
                    thief.instant(world, &card, mcc, stream, |stream| {
                        at_ms + LONG_GAP.draw(stream)
                    })
                };
            }
            if let Some(charge) = thief.purchase(world, &card, mcc, at_ms, stream) {
                campaign.charge(Plastic::from(&card), charge);
            }
        }
        if dist::chance(stream, BLOCKED_SHARE) {
            let life = campaign.life_of(&card);
            campaign.block(&life, None, stream);
        }
    }
}

/// Who uses a number.
struct Thief {
    address: IpAddress,
    device: DeviceId,
    keeps_hours: bool,
}

impl Thief {
    fn draw(world: &World, card: &Card, stream: &mut Stream) -> Self {
        Self {
            address: means::thief_address(world, card.country, stream),
            device: means::thief_device(card, NEW_DEVICE_SHARE, stream),
            keeps_hours: dist::chance(stream, USUAL_HOURS_SHARE),
        }
    }

    fn instant(
        &self,
        world: &World,
        card: &Card,
        mcc: MccIdx,
        stream: &mut Stream,
        mut draw: impl FnMut(&mut Stream) -> u64,
    ) -> u64 {
        if self.keeps_hours {
            means::at_usual_hour(world, card, mcc, stream, draw)
        } else {
            draw(stream)
        }
    }

    fn purchase(
        &self,
        world: &World,
        card: &Card,
        mcc: MccIdx,
        at_ms: u64,
        stream: &mut Stream,
    ) -> Option<Charge> {
        let goes_abroad = dist::chance(stream, ABROAD_SHARE);
        let abroad = world.atlas.city_abroad(card.country, stream);
        let country = match abroad {
            Some(city) if goes_abroad => world.city(city).country,
            _ => card.country,
        };
        let merchant = means::online_merchant(world, country, mcc, 0.0, stream)?;
        let level = world
            .prices
            .log_median_usd(mcc, (card.country, card.country));
        let usd = dist::log_normal(stream, level + libm::log(AMOUNT_FACTOR), AMOUNT_SPREAD);
        Some(Charge {
            at_ms,
            merchant,
            price: Price::billed(world, card.country, merchant, usd, stream),
            channel: Channel::Absent,
            entry_mode: EntryMode::Ecom,
            online: Some((self.address, self.device)),
            answer: REFUSALS.answer(stream),
            contact: 0,
        })
    }
}
