//! The plan of a slice: how large the population is, how often its cards are used, and how the districts are told.
//!
//! Invariant: whatever the tables say, the requests of a slice come out at the rate asked for. Districts are told in
//! three rounds, each with a part of every city: a first, small one shows how many requests an errand leads to, the
//! second is paced by that, and a last, small one makes up for the chance in the others.

use std::ops::Range;

use super::Slice;
use super::district::District;
use super::sieve::Sieve;
use super::teller::Teller;
use super::tempo::Tempo;
use super::window::Window;
use crate::behavior::arrivals::appointed::{charges_per_day, outings_per_day};
use crate::emit::Emitted;
use crate::error::Error;
use crate::event_time::MS_PER_DAY;
use crate::index::{CardIdx, CityIdx};
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::population::card::{self, Habits};
use crate::population::census::Census;
use crate::population::taste::Taste;
use crate::progress::{Progress, Stage};
use crate::requests::RequestMix;
use crate::seed::Seed;
use crate::spill::Spill;
use crate::world::World;

/// Mean number of transactions that an errand leads to, as far as the first round needs to know.
const ROWS_PER_ERRAND: f64 = 1.40;

/// Requests that have to be found before the next round trusts them more than that.
const ENOUGH_REQUESTS: u64 = 500;

/// Cards whose habits tell those of all.
const SAMPLED_CARDS: u32 = 1 << 16;

/// Parts of each city, of which the first and the last round take one in so many; more if those would be too large.
const LEAST_PARTS: u32 = 20;

/// Errands in the average part of the largest cities, at most: what a district keeps in memory.
const ERRANDS_PER_PART: f64 = 2_048.0;

/// Errands of a shard: about as many transactions as fit into a cache, and few enough that the threads of a small round
/// end together.
const ERRANDS_PER_SHARD: f64 = 8_192.0;

/// A world has merchants for so many cards at most: 336,000 merchants, where 900 million cards would ask for 135
/// million.
const MOST_SUPPLIED_CARDS: u64 = 2_000_000;

/// One more than the most cards a slice can have: the numbers from here on are those of cards that were never issued.
pub(super) const CARDS_END: f64 = (1u64 << 31) as f64;

/// The plan of a slice.
#[derive(Debug)]
pub(crate) struct Plan {
    window: Window,
    tempo: Tempo,
    sieve: Sieve,
    census: Census,
    outings_per_ms: f64,
    charges_per_ms: f64,
    /// Requests of genuine transactions that are to come out.
    requests: f64,
    requests_per_errand: f64,
    parts: u32,
}

/// How the cards of a population are used, per card and day.
struct Usage {
    outings: f64,
    charges: f64,
}

impl Usage {
    fn sample(seed: Seed) -> Self {
        let cards = (0..SAMPLED_CARDS).map(CardIdx);
        let activity: f64 = cards
            .clone()
            .map(|idx| card::activity(Habits::activity_word(card::member(seed, idx))))
            .sum();
        let charges = cards.map(|idx| {
            let word = Habits::online_affinity_word(card::member(seed, idx));
            charges_per_day(card::online_affinity(word))
        });
        Self {
            outings: outings_per_day(activity / f64::from(SAMPLED_CARDS)),
            charges: charges.sum::<f64>() / f64::from(SAMPLED_CARDS),
        }
    }
}

impl Plan {
    /// Founds the world that a slice is cut from, and plans the slice.
    ///
    /// Errors: `Option` if the population would be too large.
    pub(super) fn new(
        slice: &Slice,
        options: &GenerateOptions,
        mix: &RequestMix,
    ) -> Result<(World, Self), Error> {
        let seed = Seed(options.seed);
        let usage = Usage::sample(seed);
        let window = Window::new(slice.span_ms);
        let requests = slice.natural_rate * slice.span_ms as f64 / 1e3 * (1.0 - options.fraud_rate);
        let requests_per_errand = ROWS_PER_ERRAND * mix.requests_per_transaction();
        let errands_per_ms = requests / requests_per_errand / slice.span_ms as f64;
        let errands_per_card = usage.outings + usage.charges;
        let outings_per_ms = errands_per_ms * usage.outings / errands_per_card;
        let average_cards = outings_per_ms * MS_PER_DAY as f64 / usage.outings;
        let supplied = round_half_up(average_cards).unsigned_abs();
        let mut world = World::of(options.setting()?, supplied.clamp(1, MOST_SUPPLIED_CARDS))?;
        let tempo = Tempo::new(&world, &window.begun());
        // At a busy hour fewer cards offer the rate than at an average one.
        let cards = average_cards / tempo.swing();
        slice.check_cards(cards)?;
        let cards = u32::try_from(round_half_up(cards).max(1)).unwrap_or(u32::MAX);
        let census = Census::take(&world.tables, &world.cities, cards);
        world.census = Some(census.clone());
        world.likings = Some(Taste::likings());
        let plan = Self {
            parts: parts(requests / requests_per_errand, &census),
            window,
            tempo,
            sieve: Sieve::new(),
            census,
            outings_per_ms,
            charges_per_ms: errands_per_ms - outings_per_ms,
            requests,
            requests_per_errand,
        };
        Ok((world, plan))
    }

    /// Gives the window that the slice shows.
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    pub(super) fn tempo(&self) -> &Tempo {
        &self.tempo
    }

    pub(super) fn sieve(&self) -> &Sieve {
        &self.sieve
    }

    /// Gives the number of all cards.
    pub(super) fn cards(&self) -> f64 {
        f64::from(self.census.cards())
    }

    /// Gives how many outings begin per millisecond.
    pub(super) fn outings_per_ms(&self) -> f64 {
        self.outings_per_ms
    }

    /// Gives how many standing charges fall due per millisecond.
    pub(super) fn charges_per_ms(&self) -> f64 {
        self.charges_per_ms
    }

    /// Tells the genuine transactions of the slice and spills them.
    ///
    /// Shape: rows and requests count those inside the window. Errors: `Cancelled`, and whatever the spill file says.
    pub(crate) fn tell(
        &self,
        world: &World,
        mix: &RequestMix,
        spill: &Spill,
        progress: &(dyn Progress + Sync),
    ) -> Result<Emitted, Error> {
        self.tell_in_shards(ERRANDS_PER_SHARD, world, mix, spill, progress)
    }

    /// Does so with shards of about so many errands.
    pub(super) fn tell_in_shards(
        &self,
        errands_per_shard: f64,
        world: &World,
        mix: &RequestMix,
        spill: &Spill,
        progress: &(dyn Progress + Sync),
    ) -> Result<Emitted, Error> {
        progress.stage(Stage::Spending, u64::from(self.census.cards()));
        let teller = Teller {
            world,
            plan: self,
            spill,
            errands_per_shard,
        };
        let mut emitted = Emitted::default();
        // Errands told so far, and the share of all cards they are of.
        let (mut errands, mut told) = (0.0, 0.0);
        for parts in self.rounds() {
            let districts = self.districts(parts);
            let cards: f64 = districts
                .iter()
                .map(|district| district.cards.len() as f64)
                .sum();
            let share = cards / self.cards();
            let found = mix.requests(emitted.rows);
            let per_errand = if found < ENOUGH_REQUESTS {
                self.requests_per_errand
            } else {
                found as f64 / errands
            };
            let missing = self.requests * (told + share) - found as f64;
            let asked = (missing / per_errand).max(0.0);
            let pace = asked / (share * self.errands()).max(f64::MIN_POSITIVE);
            teller.tell(&districts, pace, &mut emitted, progress)?;
            errands += asked;
            told += share;
        }
        Ok(emitted)
    }

    /// Gives how many errands each card runs while the window is open.
    pub(super) fn errands_per_card(&self) -> f64 {
        self.errands() / self.cards()
    }

    /// Gives how many errands begin while the window is open, if all goes as expected.
    fn errands(&self) -> f64 {
        self.requests / self.requests_per_errand
    }

    /// Gives the parts of each city that each round tells.
    fn rounds(&self) -> [Range<u32>; 3] {
        let few = self.parts / LEAST_PARTS;
        [0..few, few..self.parts - few, self.parts - few..self.parts]
    }

    /// Gives some parts of every city, in the order of their cards.
    pub(super) fn districts(&self, parts: Range<u32>) -> Vec<District> {
        let cities = (0..self.census.cities()).map(CityIdx::at);
        cities
            .flat_map(|city| parts.clone().map(move |part| (city, part)))
            .map(|(city, part)| District {
                city,
                part,
                cards: self.census.part_of(city, part, self.parts),
            })
            .filter(|district| !district.cards.is_empty())
            .collect()
    }
}

/// Gives the number of parts that every city is cut into.
fn parts(errands: f64, census: &Census) -> u32 {
    let cities = (0..census.cities()).map(CityIdx::at);
    let largest = cities.map(|city| census.cards_of(city).len()).max();
    let share = largest.unwrap_or_default() as f64 / f64::from(census.cards());
    let wanted = round_half_up(errands * share / ERRANDS_PER_PART);
    u32::try_from(wanted).unwrap_or(u32::MAX).max(LEAST_PARTS)
}
