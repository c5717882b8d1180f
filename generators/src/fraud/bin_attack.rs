//! BIN attack: numbers of one issuer are made up and tried at one online merchant, several per second at times.
//!
//! Most of them were never issued; a few happen to be somebody's.

use super::campaign::{Campaign, Plastic};
use super::crew::{Craft, Crew};
use super::draws::{Count, Delay, Refusals};
use super::job::{Job, Plot};
use super::{Profile, Typology};
use crate::dist;
use crate::error::Error;
use crate::index::{CountryIdx, IinIdx};
use crate::population::card::Card;
use crate::seed::Stream;

/// Tries, and the time from one number to the next.
const TRIES: Count = Count {
    least: 80,
    mean_more: 260.0,
};
const GAP: Delay = Delay::seconds(0.0, 3.0);

/// Share of numbers tried twice, and the time within which that happens, in milliseconds.
const AGAIN_SHARE: f64 = 0.30;
const AGAIN_WITHIN_MS: u64 = 4_000;

/// Share of numbers that were issued, and draws of a card until one of the same issuer and country is found.
const HIT_SHARE: f64 = 0.02;
const HIT_ATTEMPTS: u32 = 1_024;

/// Digital goods, charities, software and telephone top-ups are picked on.
const CRAFT: Craft = Craft {
    categories: &[5815, 5816, 8398, 5968, 5969, 5734, 4814, 5999],
    fixed_share: 0.70,
    fixed_usd: &[0.01, 0.50, 1.00, 1.99, 4.99],
    other_usd: (0.01, 5.0),
    addresses: (8, 68),
    devices: (3, 22),
};

/// What happens to made-up numbers, and to those that were issued.
const REFUSALS: Refusals = Refusals {
    share: 0.95,
    codes: &[*b"14", *b"14", *b"14", *b"54", *b"N7", *b"05"],
};
const HIT_REFUSALS: Refusals = Refusals {
    share: 0.40,
    codes: &[*b"54", *b"N7", *b"05"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct BinAttack;

/// Whose numbers are made up, and who is hit by chance.
struct Attack {
    country: CountryIdx,
    iin: IinIdx,
    tries: u64,
    hits: Vec<Card>,
}

impl Typology for BinAttack {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "bin_attack",
            export_name: "BIN_ATTACK",
            help: "made-up numbers of one issuer tried at one online merchant, hundreds within minutes",
            share: 0.16,
            campaign_rows: 340.0,
            label_days: 1.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        job.lay(
            |scene, rows, stream| {
                let Card { country, iin, .. } = scene.any_card(stream);
                let tries = TRIES.draw(stream).min(rows);
                let wanted = dist::poisson(stream, HIT_SHARE * tries as f64);
                let hits = (0..wanted).map_while(|_| {
                    scene.claim_fitting(HIT_ATTEMPTS, stream, |card, _| {
                        (card.country, card.iin) == (country, iin)
                    })
                });
                Some(Plot::at_large(Attack {
                    country,
                    iin,
                    tries,
                    hits: hits.collect(),
                }))
            },
            attack,
        )
    }
}

fn attack(plan: &Attack, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let Some(crew) = Crew::gather(world, &CRAFT, plan.country, stream) else {
        return;
    };
    let mut at_ms = world.span.at_fraction(dist::unit(stream)).unsigned_abs();
    let mut hits = plan.hits.iter();
    let mut left = plan.tries;
    while left > 0 && !campaign.is_over() {
        let is_hit = dist::chance(stream, hits.len() as f64 / left as f64);
        let hit = if is_hit { hits.next() } else { None };
        let (plastic, refusals) = match hit {
            Some(card) => (Plastic::from(card), HIT_REFUSALS),
            None => (campaign.ghost(plan.country, plan.iin), REFUSALS),
        };
        crew.attempt(campaign, plastic, at_ms, refusals, stream);
        left -= 1;
        if dist::chance(stream, AGAIN_SHARE) {
            let again_ms = at_ms + dist::below(stream, AGAIN_WITHIN_MS);
            crew.attempt(campaign, plastic, again_ms, refusals, stream);
            left = left.saturating_sub(1);
        }
        at_ms += GAP.draw(stream);
    }
}
