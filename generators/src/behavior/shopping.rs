//! Which merchant a holder goes to: back to a known one, or to a new one.
//!
//! Exploration slows down with every merchant known, and one that was visited often is visited again more often.
//! Source: exploration and preferential return, Song et al., Nature Physics 6:818 (2010), applied within each pool.

use crate::dist;
use crate::index::{CityIdx, MccIdx, MerchantIdx};
use crate::numeric::scale_to_index;
use crate::population::card::Card;
use crate::population::pool::PoolIdx;
use crate::seed::{Entity, Purpose, Stream};
use crate::world::World;

/// Probability to explore with S merchants known: this, times S to the power of the exponent.
const EXPLORE: f64 = 0.45;
const EXPLORE_EXPONENT: f64 = -0.30;

/// Beyond so many known merchants the probability stays as it is.
const EXPLORE_STEPS: usize = 512;
const MOST_KNOWN: f64 = EXPLORE_STEPS as f64;

/// Days of the past that a holder remembers whose life was not told, and the most visits of one pool in it.
const PAST_DAYS: f64 = 60.0;
const MOST_VISITS: u64 = 1_000;

/// Probabilities to explore, by the number of merchants known, 0 included.
#[derive(Debug)]
pub(crate) struct Curiosity {
    known: [f64; EXPLORE_STEPS],
    /// The same by the number of visits made, given how many merchants those have led to on average.
    visits: [f64; EXPLORE_STEPS],
}

impl Curiosity {
    pub(crate) fn new() -> Self {
        let mut probabilities = [1.0; EXPLORE_STEPS];
        for (known, probability) in probabilities.iter_mut().enumerate().skip(1) {
            *probability = EXPLORE * libm::pow(known as f64, EXPLORE_EXPONENT);
        }
        let mut known = 0.0;
        let visits = std::array::from_fn(|_| {
            let probability = probabilities[scale_to_index(known / MOST_KNOWN, EXPLORE_STEPS)];
            known += probability;
            probability
        });
        Self {
            known: probabilities,
            visits,
        }
    }

    fn of(&self, known: usize) -> f64 {
        self.known[known.min(EXPLORE_STEPS - 1)]
    }

    /// Gives the probability to explore after so many visits; certain before the first.
    fn at_visit(&self, visits: u64) -> f64 {
        let last = EXPLORE_STEPS - 1;
        self.visits[usize::try_from(visits).map_or(last, |visits| visits.min(last))]
    }
}

/// What a holder remembers of merchants; kept from card to card for its allocations.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Pools in use, and what was seen in each; entries beyond the pools are spare.
    pools: Vec<PoolIdx>,
    acquaintances: Vec<Acquaintance>,
}

#[derive(Debug, Default)]
struct Acquaintance {
    /// Every visit, so that a draw among them is in proportion to the visits of each.
    visits: Vec<MerchantIdx>,
    known: usize,
}

impl Memory {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.pools.clear();
    }

    /// Notes a visit.
    pub(crate) fn note(&mut self, pool: PoolIdx, merchant: MerchantIdx) {
        let place = self.place(pool).unwrap_or_else(|| self.open(pool));
        let acquaintance = &mut self.acquaintances[place];
        if !acquaintance.visits.contains(&merchant) {
            acquaintance.known += 1;
        }
        acquaintance.visits.push(merchant);
    }

    fn seen(&self, pool: PoolIdx) -> Option<&Acquaintance> {
        self.place(pool).map(|place| &self.acquaintances[place])
    }

    fn place(&self, pool: PoolIdx) -> Option<usize> {
        self.pools.iter().position(|&other| other == pool)
    }

    fn open(&mut self, pool: PoolIdx) -> usize {
        let place = self.pools.len();
        self.pools.push(pool);
        match self.acquaintances.get_mut(place) {
            Some(spare) => {
                spare.visits.clear();
                spare.known = 0;
            }
            None => self.acquaintances.push(Acquaintance::default()),
        }
        place
    }
}

/// Chooses merchants for one holder.
pub(crate) struct Shopper<'w> {
    world: &'w World,
    card: &'w Card,
    stream: Stream,
}

impl<'w> Shopper<'w> {
    pub(crate) fn new(world: &'w World, card: &'w Card, stream: Stream) -> Self {
        Self {
            world,
            card,
            stream,
        }
    }

    /// Tosses a coin about where to shop.
    pub(crate) fn tosses(&mut self, probability: f64) -> bool {
        dist::chance(&mut self.stream, probability)
    }

    /// Chooses a merchant of a pool, which is not empty.
    ///
    /// In the home city a new one is the nearer to home of two.
    pub(crate) fn choose(
        &mut self,
        memory: &Memory,
        pool: PoolIdx,
        city: Option<CityIdx>,
    ) -> MerchantIdx {
        if let Some(seen) = memory.seen(pool)
            && !dist::chance(&mut self.stream, self.world.curiosity.of(seen.known))
        {
            return *dist::pick(&mut self.stream, &seen.visits);
        }
        self.explore(pool, city)
    }

    /// Chooses a merchant of a pool whatever is known.
    fn explore(&mut self, pool: PoolIdx, city: Option<CityIdx>) -> MerchantIdx {
        let first = self.world.merchants.draw(pool, &mut self.stream);
        if city != Some(self.card.city) {
            return first;
        }
        let second = self.world.merchants.draw(pool, &mut self.stream);
        if self.distance(second) < self.distance(first) {
            second
        } else {
            first
        }
    }

    /// Chooses a merchant of a pool, which is not empty, as somebody does who has made so many purchases per day for a
    /// while.
    ///
    /// Who returns goes where one of the visits before went, each alike; so did those, unless they explored. This goes
    /// back from visit to visit until one did. What a visit did is a function of card, pool and its number, so the holder
    /// has the same past whenever they are met, and nobody has to tell it.
    pub(crate) fn recall(
        &mut self,
        activity: f64,
        mcc: MccIdx,
        pool: PoolIdx,
        city: Option<CityIdx>,
    ) -> MerchantIdx {
        let visits = PAST_DAYS * activity * self.world.choices.errand_share(mcc);
        let visits = dist::poisson(&mut self.stream, visits).min(MOST_VISITS);
        if dist::chance(&mut self.stream, self.world.curiosity.at_visit(visits)) {
            return self.explore(pool, city);
        }
        let mut number = dist::below(&mut self.stream, visits);
        loop {
            let id = (number << 52) | (u64::from(pool.0) << 32) | u64::from(self.card.idx.0);
            let past = self
                .world
                .seed
                .stream(Entity::Memory, id, Purpose::Merchants);
            let present = std::mem::replace(&mut self.stream, past);
            let explored = dist::chance(&mut self.stream, self.world.curiosity.at_visit(number));
            let found = explored.then(|| self.explore(pool, city));
            let earlier = dist::below(&mut self.stream, number);
            self.stream = present;
            match found {
                Some(merchant) => return merchant,
                None => number = earlier,
            }
        }
    }

    /// Gives the distance of a shop from home; only good for comparing.
    fn distance(&self, merchant: MerchantIdx) -> f64 {
        let cosine = self.world.city(self.card.city).lat_cosine;
        let place = self.world.merchant(merchant).place;
        self.card.home.map_distance_squared(place, cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use crate::world::Span;

    #[test]
    fn holders_return_to_what_they_know_and_prefer_what_is_near() {
        let start = crate::EventTime::DEFAULT_START;
        let world = World::build(Seed(3), Span { start, days: 1 }, 60_000).unwrap();
        let groceries = MccIdx(0);
        let (mut returned, mut nearer, mut draws) = (0u32, 0u32, 0u32);
        for idx in 0..60 {
            let card = Card::draw(&world, crate::index::CardIdx(idx));
            let stream = world
                .seed
                .stream(Entity::Card, u64::from(idx), Purpose::Merchants);
            let mut shopper = Shopper::new(&world, &card, stream);
            let pool = world.merchants.in_city(card.city, groceries);
            let mut memory = Memory::default();
            for _ in 0..30 {
                let shop = shopper.choose(&memory, pool, Some(card.city));
                let known = memory
                    .seen(pool)
                    .is_some_and(|seen| seen.visits.contains(&shop));
                returned += u32::from(known);
                memory.note(pool, shop);
                let any = world.merchants.draw(pool, &mut shopper.stream);
                nearer += u32::from(shopper.distance(shop) <= shopper.distance(any));
                draws += 1;
            }
        }
        let share = |count: u32| f64::from(count) / f64::from(draws);
        assert!(
            (0.6..0.95).contains(&share(returned)),
            "{}",
            share(returned)
        );
        assert!(share(nearer) > 0.55, "{}", share(nearer));
    }

    #[test]
    fn a_past_that_nobody_told_is_remembered_as_if_it_was() {
        let start = crate::EventTime::DEFAULT_START;
        let world = World::build(Seed(3), Span { start, days: 1 }, 60_000).unwrap();
        let groceries = MccIdx(0);
        let activity = 3.0;
        let (mut told, mut recalled) = (0, 0);
        for idx in (0..400).map(crate::index::CardIdx) {
            let card = Card::draw(&world, idx);
            let stream = |purpose| world.seed.stream(Entity::Card, u64::from(idx.0), purpose);
            let pool = world.merchants.in_city(card.city, groceries);
            let mut shopper = Shopper::new(&world, &card, stream(Purpose::Merchants));
            // How often two visits lead to the same place, once a life is told and once it is not.
            let mut memory = Memory::default();
            let visits = PAST_DAYS * activity * world.choices.errand_share(groceries);
            for _ in 0..dist::poisson(&mut shopper.stream, visits) {
                let shop = shopper.choose(&memory, pool, Some(card.city));
                memory.note(pool, shop);
            }
            let mut told_visit = || shopper.choose(&memory, pool, Some(card.city));
            told += i32::from(told_visit() == told_visit());
            let mut recall = || shopper.recall(activity, groceries, pool, Some(card.city));
            recalled += i32::from(recall() == recall());
        }
        assert!(told > 40, "{told}");
        assert!((told - recalled).abs() < 45, "{told} {recalled}");
    }

    #[test]
    fn a_cleared_memory_knows_nothing() {
        let pool = PoolIdx(5);
        let mut memory = Memory::default();
        for merchant in [1, 2, 1] {
            memory.note(pool, MerchantIdx(merchant));
        }
        let seen = memory.seen(pool).unwrap();
        assert_eq!((seen.known, seen.visits.len()), (2, 3));
        assert!(memory.seen(PoolIdx(6)).is_none());
        memory.clear();
        assert!(memory.seen(pool).is_none());
        memory.note(PoolIdx(6), MerchantIdx(9));
        assert_eq!(memory.seen(PoolIdx(6)).unwrap().visits, [MerchantIdx(9)]);
    }

    #[test]
    fn curiosity_falls_with_experience() {
        let curiosity = Curiosity::new();
        for (known, expected) in [(0, 1.0), (1, 0.45), (10, 0.2255), (10_000, 0.0693)] {
            let found = curiosity.of(known);
            assert!((found - expected).abs() < 1e-4, "{known}: {found}");
        }
    }
}
