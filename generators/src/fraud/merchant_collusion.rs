//! Merchant collusion: a merchant keys in cards of its customers for round sums, one after the other.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Delay, Refusals, between};
use super::job::{Job, Plot};
use super::means::OnlineChoice;
use super::price::{Price, local_currency};
use super::{Profile, Typology, means};
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::error::Error;
use crate::fields::entry_mode::EntryMode;
use crate::population::card::Card;
use crate::seed::Stream;

/// Cards keyed in, least and most, and draws of a card until one of the merchant's country is found.
const CARDS: (u64, u64) = (8, 29);
const CARD_ATTEMPTS: u32 = 256;

/// Time from one card to the next.
const GAP: Delay = Delay::minutes(4.0, 45.0);

/// Sums in dollars: step, and number of steps, least and most.
const STEP_USD: f64 = 20.0;
const STEPS: (u64, u64) = (3, 17);

/// Sums in currencies without minor units end like prices there do.
const COARSE_STEP: i64 = 10;

/// Share of orders said to have come by mail or telephone; the others are typed in at the counter.
const MOTO_SHARE: f64 = 0.5;

const REFUSALS: Refusals = Refusals {
    share: 0.15,
    codes: &[*b"05", *b"51", *b"61"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct MerchantCollusion;

/// Cards that a merchant of their country keys in from some moment on.
struct Racket {
    cards: Vec<Card>,
    starts_at: u64,
}

impl Typology for MerchantCollusion {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "merchant_collusion",
            export_name: "MERCHANT_COLLUSION",
            help: "a merchant who keys in cards of its country for round sums",
            share: 0.03,
            campaign_rows: 18.0,
            label_days: 15.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        job.lay(
            |scene, rows, stream| {
                let world = scene.world();
                let starts_at = world.span.at_fraction(dist::unit(stream)).unsigned_abs();
                let first = scene.claim(stream)?;
                let country = first.country;
                let others = between(CARDS, stream).min(rows) - 1;
                let fits = |card: &Card, _: &mut Stream| {
                    card.country == country && means::is_in_use(world, card, starts_at)
                };
                let mut cards = vec![first];
                cards.extend(
                    (0..others).map_while(|_| scene.claim_fitting(CARD_ATTEMPTS, stream, fits)),
                );
                Some(Plot::at_large(Racket { cards, starts_at }))
            },
            key_in,
        )
    }
}

fn key_in(racket: &Racket, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let Some(country) = racket.cards.first().map(|card| card.country) else {
        return;
    };
    let categories =
        OnlineChoice::new(world, &means::COVETED).preferring(|mcc| world.mcc(mcc).moto);
    let Some(merchant) = categories
        .draw(stream)
        .and_then(|mcc| means::online_merchant(world, country, mcc, 0.0, stream))
    else {
        return;
    };
    let currency = world.tables.currency(local_currency(world, merchant));
    let round_to = match currency.minor_digits {
        0 => COARSE_STEP,
        _ => currency.minor_per_major(),
    };
    let mut at_ms = racket.starts_at;
    for card in &racket.cards {
        let usd = STEP_USD * between(STEPS, stream) as f64;
        let exact = Price::exactly(world, merchant, usd);
        let rounded = (exact.amount_minor + round_to / 2) / round_to * round_to;
        let charge = Charge {
            at_ms,
            merchant,
            price: Price {
                amount_minor: rounded.max(round_to),
                ..exact
            },
            channel: Channel::Absent,
            entry_mode: if dist::chance(stream, MOTO_SHARE) {
                EntryMode::Moto
            } else {
                EntryMode::Manual
            },
            online: None,
            answer: REFUSALS.answer(stream),
            contact: 0,
        };
        campaign.charge(Plastic::from(card), charge);
        at_ms += GAP.draw(stream);
    }
}
