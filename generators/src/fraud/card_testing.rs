//! Card testing: stolen numbers are tried out one after the other at one online merchant, for next to nothing.

use super::campaign::{Campaign, Plastic};
use super::crew::{Craft, Crew};
use super::draws::{Delay, Refusals, between};
use super::job::{Job, Plot};
use super::source::{Need, Source};
use super::{Profile, Typology};
use crate::error::Error;
use crate::population::card::Card;
use crate::seed::Stream;

/// Tries of each card, least and most, and the time from one try to the next.
const TRIES: (u64, u64) = (1, 3);
const GAP: Delay = Delay::seconds(0.0, 14.0);

/// Digital goods, charities, telephone top-ups and rides are picked on.
const CRAFT: Craft = Craft {
    categories: &[5815, 5816, 8398, 5968, 5969, 5999, 4814, 5814, 4121],
    fixed_share: 0.60,
    fixed_usd: &[0.50, 0.99, 1.00, 1.49, 1.99, 2.99],
    other_usd: (0.5, 5.0),
    addresses: (3, 8),
    devices: (2, 6),
};

const REFUSALS: Refusals = Refusals {
    share: 0.55,
    codes: &[*b"05", *b"14", *b"N7", *b"54", *b"59"],
};

/// The typology.
#[derive(Debug)]
pub(super) struct CardTesting;

impl Typology for CardTesting {
    fn profile(&self) -> &'static Profile {
        &Profile {
            name: "card_testing",
            export_name: "CARD_TESTING",
            help: "stolen numbers tried out in a burst of tiny purchases at one online merchant",
            share: 0.20,
            campaign_rows: 40.0,
            label_days: 3.0,
            is_knowable: true,
        }
    }

    fn lay(&self, job: Job<'_, '_>) -> Result<(), Error> {
        let mut next = 0;
        job.lay(
            |scene, rows, _| {
                let (number, source) = scene.next_source(&mut next, Need::Tests, rows)?;
                Some(Plot::from_source(number, source))
            },
            test,
        )
    }
}

fn test(source: &Source, stream: &mut Stream, campaign: &mut Campaign<'_>) {
    let world = campaign.world;
    let country = world.choices.country(stream);
    let Some(crew) = Crew::gather(world, &CRAFT, country, stream) else {
        return;
    };
    let mut at_ms = source.used_from_ms;
    for &idx in &source.numbers {
        let plastic = Plastic::from(&Card::draw(world, idx));
        for _ in 0..between(TRIES, stream) {
            crew.attempt(campaign, plastic, at_ms, REFUSALS, stream);
            at_ms += GAP.draw(stream);
        }
    }
}
