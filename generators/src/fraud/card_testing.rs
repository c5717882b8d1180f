//! Card testing: stolen numbers are tried out one after the other at one online merchant, for next to nothing.

use super::Typology;
use super::campaign::{Campaign, Charge};
use super::scene::{self, Scene};
use crate::dist;
use crate::event_time::MS_PER_SECOND;
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::amount;
use crate::fields::entry_mode::EntryMode;
use crate::index::{MccIdx, MerchantIdx};
use crate::numeric::round_half_up;
use crate::seed::Stream;
use crate::transaction::AnswerCode;
use crate::world::World;

/// Categories whose merchants are picked on: digital goods, charities, telephone top-ups, rides.
const CATEGORIES: [u16; 9] = [5815, 5816, 8398, 5968, 5969, 5999, 4814, 5814, 4121];

/// Share of campaigns at a merchant that sells to the whole world.
const HUB_SHARE: f64 = 0.5;

/// Cards tried: the least, and the mean of what comes on top; then the tries of each, least and most.
const MIN_VICTIMS: u64 = 8;
const MORE_VICTIMS: f64 = 18.0;
const TRIES: (u64, u64) = (1, 3);

/// Mean seconds from one try to the next.
const GAP_SECONDS: f64 = 14.0;

/// Share of campaigns that always charge the same amount, which amounts those are, and the range of the others, in
/// dollars.
const FIXED_SHARE: f64 = 0.60;
const FIXED_USD: [f64; 6] = [0.50, 0.99, 1.00, 1.49, 1.99, 2.99];
const MIN_USD: f64 = 0.5;
const MAX_USD: f64 = 5.0;

/// Addresses and devices in use: the least and the most.
const ADDRESSES: (u64, u64) = (3, 8);
const DEVICES: (u64, u64) = (2, 6);

const REFUSED_SHARE: f64 = 0.55;
const REFUSALS: [AnswerCode; 5] = [
    AnswerCode(*b"05"),
    AnswerCode(*b"14"),
    AnswerCode(*b"N7"),
    AnswerCode(*b"54"),
    AnswerCode(*b"59"),
];

/// The typology.
#[derive(Debug)]
pub(super) struct CardTesting;

impl Typology for CardTesting {
    fn name(&self) -> &'static str {
        "card_testing"
    }

    fn export_name(&self) -> &'static str {
        "CARD_TESTING"
    }

    fn help(&self) -> &'static str {
        "stolen cards tried out in a burst of tiny purchases at one online merchant"
    }

    fn share(&self) -> f64 {
        0.70
    }

    fn lay(&self, scene: &mut Scene<'_>, stream: &mut Stream, campaign: &mut Campaign<'_>) {
        let world = scene.world();
        let merchant_idx = merchant(world, stream);
        let country = world.tables.country(world.merchant(merchant_idx).country);
        let currency = world.tables.currency(country.currency);
        let addresses: Vec<IpAddress> = (0..between(ADDRESSES, stream))
            .map(|_| scene.cover_address(stream))
            .collect();
        let crew = stream.next_u64();
        let devices: Vec<DeviceId> = (0..between(DEVICES, stream))
            .map(|number| DeviceId::of(crew, number))
            .collect();
        let fixed_usd = dist::chance(stream, FIXED_SHARE).then(|| *dist::pick(stream, &FIXED_USD));
        let mut at_ms = world.span.at_fraction(dist::unit(stream)).unsigned_abs();
        let victims = MIN_VICTIMS + round(dist::exponential(stream, MORE_VICTIMS));
        for _ in 0..victims {
            if campaign.is_over() {
                return;
            }
            let Some(card) = scene.claim_any(stream) else {
                return;
            };
            for _ in 0..between(TRIES, stream) {
                let any_usd = MIN_USD + (MAX_USD - MIN_USD) * dist::unit(stream);
                let charge = Charge {
                    at_ms,
                    merchant: merchant_idx,
                    amount_minor: amount::from_usd(fixed_usd.unwrap_or(any_usd), currency),
                    entry_mode: EntryMode::Ecom,
                    online: Some((
                        *dist::pick(stream, &addresses),
                        *dist::pick(stream, &devices),
                    )),
                    answer: scene::answer(REFUSED_SHARE, &REFUSALS, stream),
                };
                campaign.charge(&card, charge);
                at_ms += round(dist::exponential(
                    stream,
                    GAP_SECONDS * MS_PER_SECOND as f64,
                ));
            }
        }
    }
}

/// Draws the merchant that is picked on.
fn merchant(world: &World, stream: &mut Stream) -> MerchantIdx {
    let targets: Vec<MccIdx> = world
        .tables
        .mcc_idxs()
        .filter(|&mcc| CATEGORIES.contains(&world.mcc(mcc).code))
        .collect();
    let mcc = *dist::pick(stream, &targets);
    let country = world.choices.country(stream);
    let pool = if dist::chance(stream, HUB_SHARE) {
        world.merchants.online_everywhere(mcc)
    } else {
        world.merchants.online_in(country, mcc)
    };
    world.merchants.draw(pool, stream)
}

fn between((least, most): (u64, u64), stream: &mut Stream) -> u64 {
    least + dist::below(stream, most - least + 1)
}

fn round(value: f64) -> u64 {
    round_half_up(value).unsigned_abs()
}
