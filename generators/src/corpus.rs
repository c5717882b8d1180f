//! A corpus before it is rendered: all transactions of a world, sorted in runs.
//!
//! Owns how large a world has to be for a number of requests. The world is planned a little too large and its last
//! requests in time are left out; where it still falls short, cards are added to the same world, so the outcome
//! depends on the options alone.

use std::ops::Range;
use std::path::Path;

use tapdeck_services::ServiceDefinition;

use crate::emit::{Emitted, Emitter, ROWS_PER_CARD_DAY, spill_rows};
use crate::error::Error;
use crate::fraud::{self, Amendments, Candidates, crossing};
use crate::merge::Merge;
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::progress::{Progress, Stage};
use crate::requests::{RequestMix, Timeline};
use crate::slice::{Slice, Window};
use crate::spill::Spill;
use crate::transaction::Transaction;
use crate::truth::Truths;
use crate::world::World;

/// Cards beyond those that the number of transactions asks for, as a multiple of its square root: chance makes the
/// total stray by about as much.
const SPARE_DEVIATIONS: f64 = 1.0;

/// Genuine transactions that do not happen since the card is blocked, per fraudulent one; measured over many seeds.
const DROPPED_PER_FRAUD: f64 = 0.5;

/// All transactions of a world.
#[derive(Debug)]
pub struct Corpus {
    world: World,
    mix: RequestMix,
    spill: Spill,
    emitted: Emitted,
    amendments: Amendments,
    extent: Extent,
}

/// How much of a world's requests is wanted.
#[derive(Debug)]
enum Extent {
    /// The first ones in time.
    First(u64),
    /// Those of a window, about so many.
    Within(Window, u64),
}

impl Corpus {
    /// Lets a world live, for at least as many requests to a service as the options ask for.
    ///
    /// Temporary data goes to a nameless file in `folder`. Errors: `Option`, `Service`, `VictimsExhausted`, `Spill`,
    /// `Cancelled`.
    pub fn build(
        service: &ServiceDefinition,
        options: &GenerateOptions,
        folder: &Path,
        progress: &(dyn Progress + Sync),
    ) -> Result<Self, Error> {
        options.validate()?;
        let mix = RequestMix::new(service)?;
        if let Some(slice) = &options.slice {
            return Self::cut(slice, options, mix, folder, progress);
        }
        if options.exact && options.count < mix.longest_arrival() {
            return Err(Error::Option {
                option: "count",
                found: options.count.to_string(),
                expected: format!(
                    "at least {}, the steps of the longest session",
                    mix.longest_arrival()
                ),
            });
        }
        let mut cards = planned_cards(options, &mix)?;
        progress.stage(Stage::World, 0);
        let world = World::of(options.setting()?, u64::from(cards))?;
        let spill = Spill::create(folder)?;
        let candidates = Candidates::choose(&world, cards, options.fraud_rate);
        let emitter = Emitter::new(&world, &spill, &candidates);
        let mut emitted = Emitted::default();
        loop {
            progress.stage(Stage::Spending, u64::from(cards - emitted.cards));
            emitter.emit(&mut emitted, cards, progress)?;
            let laid = fraud::lay_all(&world, &emitted, options, progress)?;
            let found = mix.requests(emitted.rows + laid.rows.len() as u64 - laid.dropped);
            if found >= options.count || !options.exact {
                emitted.runs.extend(spill_rows(&spill, &laid.rows)?);
                return Ok(Self {
                    amendments: laid.amendments,
                    extent: Extent::First(if options.exact { options.count } else { found }),
                    world,
                    mix,
                    spill,
                    emitted,
                });
            }
            cards = more_cards(cards, found, options.count)?;
        }
    }

    /// Lets a slice of a population live.
    fn cut(
        slice: &Slice,
        options: &GenerateOptions,
        mix: RequestMix,
        folder: &Path,
        progress: &(dyn Progress + Sync),
    ) -> Result<Self, Error> {
        progress.stage(Stage::World, 0);
        let (mut world, plan) = slice.found(options, &mix)?;
        let spill = Spill::create(folder)?;
        let mut emitted = plan.tell(&world, &mix, &spill, progress)?;
        let window = plan.window();
        let genuine = emitted.rows;
        let fraud = crossing::lay_all(&mut world, &window.requests(), genuine, options, progress)?;
        emitted.runs.extend(spill_rows(&spill, &fraud)?);
        Ok(Self {
            world,
            mix,
            spill,
            emitted,
            amendments: Amendments::default(),
            extent: Extent::Within(window, slice.expected_requests()),
        })
    }

    /// Gives the most requests that are wanted.
    pub(crate) fn most_requests(&self) -> u64 {
        match self.extent {
            Extent::First(count) => count,
            Extent::Within(..) => u64::MAX,
        }
    }

    /// Gives about how many requests there will be.
    pub(crate) fn expected_requests(&self) -> u64 {
        match self.extent {
            Extent::First(count) | Extent::Within(_, count) => count,
        }
    }

    /// Visits every transaction in the order of time, card and number.
    ///
    /// Errors: `Spill`.
    pub fn for_each(&self, mut visit: impl FnMut(&Transaction)) -> Result<(), Error> {
        let mut merge = self.merge()?;
        while let Some(transaction) = merge.next()? {
            visit(&transaction);
        }
        Ok(())
    }

    /// Gives the world the transactions happened in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Gives the rows of the truth in their order.
    pub(crate) fn truths(&self) -> Result<Truths<'_>, Error> {
        Ok(Truths::new(self.world.seed, self.merge()?))
    }

    /// Gives what makes requests of those rows.
    pub(crate) fn timeline(&self) -> Timeline<'_> {
        Timeline::new(&self.mix, self.window())
    }

    /// Gives when what happens is shown, milliseconds from the start of the span.
    pub(crate) fn window(&self) -> Range<u64> {
        match self.extent {
            Extent::First(_) => 0..u64::MAX,
            Extent::Within(window, _) => window.requests(),
        }
    }

    fn merge(&self) -> Result<Merge<'_>, Error> {
        Merge::new(&self.spill, &self.emitted.runs, &self.amendments)
    }
}

/// Gives the number of cards that live for so many requests; a few more where those must suffice.
pub(crate) fn planned_cards(options: &GenerateOptions, mix: &RequestMix) -> Result<u32, Error> {
    let transactions = options.count as f64 / mix.requests_per_transaction();
    let rate = options.fraud_rate;
    let genuine = transactions * (1.0 - rate) / (1.0 - DROPPED_PER_FRAUD * rate);
    let cards = genuine / (ROWS_PER_CARD_DAY * f64::from(options.days));
    let spare = if options.exact {
        SPARE_DEVIATIONS * cards.sqrt() + 1.0
    } else {
        0.0
    };
    checked_cards(cards + spare, options.count)
}

/// Gives a number of cards that makes up for missing requests, if those so far are typical.
fn more_cards(cards: u32, found: u64, count: u64) -> Result<u32, Error> {
    let missing_share = (count - found) as f64 / found.max(1) as f64;
    let missing = f64::from(cards) * missing_share.min(1.0);
    checked_cards(f64::from(cards) + missing + missing.sqrt() + 1.0, count)
}

fn checked_cards(cards: f64, count: u64) -> Result<u32, Error> {
    const MAX_CARDS: u32 = 1 << 30;
    let cards = u32::try_from(round_half_up(cards).max(1)).unwrap_or(u32::MAX);
    if cards > MAX_CARDS {
        return Err(Error::Option {
            option: "count",
            found: count.to_string(),
            expected: format!(
                "requests of at most {MAX_CARDS} cards; more days need fewer of them"
            ),
        });
    }
    Ok(cards)
}
