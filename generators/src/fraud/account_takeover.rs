//! Account takeover: somebody signs in as the holder, changes how to be reached, and spends more from time to time.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Count, Delay, Refusals};
use super::job::{Job, Plot};
use super::means::OnlineChoice;
use super::price::Price;
use super::{Profile, Typology, means};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::MerchantIdx;
use crate::numeric::scale_to_index;
use crate::population::card::Card;
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::Transaction;
use crate::world::World;

/// Holders fall for it in proportion to their susceptibility, whose logarithm is standard normal, up to this limit; and
/// how many are looked at before anybody will do.
const MAX_SUSCEPTIBILITY: f64 = 8.0;
const VICTIM_ATTEMPTS: u32 = 64;

/// Transactions of the holder before the takeover, in a span of at least so many days; fewer in a shorter one.
const MIN_HISTORY: f64 = 15.0;
const MIN_HISTORY_DAYS: f64 = 90.0;

const PURCHASES: Count = Count {
    least: 2,
    mean_more: 3.5,
};

/// Share of purchases that follow the one before at once; the time until then, and until the others.
const FOLLOWING_SHARE: f64 = 0.70;
const SHORT_GAP: Delay = Delay::minutes(3.0, 50.0);
const LONG_GAP: Delay = Delay::days(0.0, 0.5);

/// Share of purchases at merchants that the holder buys from.
const KNOWN_MERCHANT_SHARE: f64 = 0.45;

/// How much more than usual is spent: at first, how that grows with every purchase, and where it stops.
const FIRST_FACTOR: f64 = 1.3;
const GROWTH: f64 = 1.2;
const MAX_FACTOR: f64 = 3.0;

const NEW_DEVICE_SHARE: f64 = 0.85;

/// The contact given is no longer the holder's.
const NEW_CONTACT: u8 = 1;

const REFUSALS: Refusals = Refusals {
    share: 0.18,
    codes: &[*b"51", *b"05", *b"61", *b"59"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct AccountTakeover;

impl Typology for AccountTakeover {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "account_takeover",
            export_name: "ATO",
            help: "accounts taken over, with a new e-mail address and growing purchases, some where the holder buys",
            share: 0.09,
            campaign_rows: 5.5,
            label_days: 3.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        job.lay(
            |scene, _, stream| {
                let world = scene.world();
                let falls_for_it = |card: &Card, stream: &mut Stream| {
                    dist::chance(stream, susceptibility(world, card) / MAX_SUSCEPTIBILITY)
                };
                let card = scene
                    .claim_fitting(VICTIM_ATTEMPTS, stream, falls_for_it)
                    .or_else(|| scene.claim(stream))?;
                Some(Plot::at_large(card))
            },
            take_over,
        )
    }
}

fn susceptibility(world: &World, card: &Card) -> f64 {
    let id = u64::from(card.idx.0);
    let mut stream = world.seed.stream(Entity::Card, id, Purpose::Susceptibility);
    dist::log_normal(&mut stream, 0.0, 1.0)
}

fn take_over(card: &Card, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let life = campaign.life_of(card);
    let days = f64::from(world.span.days);
    let history = (MIN_HISTORY * days / MIN_HISTORY_DAYS)
        .clamp(1.0, MIN_HISTORY)
        .ceil();
    // The span ends after every transaction, so the fraction of what is left of it stays inside.
    let Some(last_needed) = life
        .iter()
        .zip(1..)
        .find_map(|(row, count)| (f64::from(count) >= history).then_some(row.at_ms))
    else {
        return;
    };
    let span_ms = world.span.length_ms().unsigned_abs();
    let mut at_ms = last_needed + dist::below(stream, span_ms - last_needed);
    let intruder = Intruder {
        address: means::thief_address(world, card.country, stream),
        device: means::thief_device(card, NEW_DEVICE_SHARE, stream),
    };
    let mut factor = FIRST_FACTOR;
    for _ in 0..PURCHASES.draw(stream) {
        if let Some(merchant) = merchant(world, card, &life, stream) {
            let charge = intruder.purchase(world, card, merchant, factor, stream);
            campaign.charge(Plastic::from(card), Charge { at_ms, ..charge });
        }
        factor = (factor * GROWTH).min(MAX_FACTOR);
        at_ms += if dist::chance(stream, FOLLOWING_SHARE) {
            SHORT_GAP.draw(stream)
        } else {
            LONG_GAP.draw(stream)
        };
    }
    campaign.block(&life, None, stream);
}

/// Chooses a merchant: one that the holder bought from online, or any.
fn merchant(
    world: &World,
    card: &Card,
    life: &[Transaction],
    stream: &mut Stream,
) -> Option<MerchantIdx> {
    let known: Vec<MerchantIdx> = life
        .iter()
        .filter(|row| row.device.is_some())
        .map(|row| row.merchant)
        .collect();
    let place = dist::unit(stream);
    if dist::chance(stream, KNOWN_MERCHANT_SHARE) && !known.is_empty() {
        return Some(known[scale_to_index(place, known.len())]);
    }
    let mcc = OnlineChoice::new(world, &means::COVETED).draw(stream)?;
    let hub_share = world.tables.country(card.country).hub_share;
    means::online_merchant(world, card.country, mcc, hub_share, stream)
}

struct Intruder {
    address: IpAddress,
    device: DeviceId,
}

impl Intruder {
    /// Buys something, at no particular time.
    fn purchase(
        &self,
        world: &World,
        card: &Card,
        merchant: MerchantIdx,
        factor: f64,
        stream: &mut Stream,
    ) -> Charge {
        Charge {
            at_ms: 0,
            merchant,
            price: Price::online(world, card, merchant, libm::log(factor), stream),
            channel: Channel::Absent,
            entry_mode: EntryMode::Ecom,
            online: Some((self.address, self.device)),
            answer: REFUSALS.answer(stream),
            contact: NEW_CONTACT,
        }
    }
}
