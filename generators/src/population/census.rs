//! The census: how many cards each city has, where a world is so large that cards are looked for by city.
//!
//! Owns the numbering of cards city by city, so that any card of a city is found without drawing others. Knows nothing
//! of the cards themselves.

use std::ops::Range;

use crate::index::{CardIdx, CityIdx};
use crate::numeric::{index_u32, round_half_up};
use crate::population::city::City;
use crate::tables::Tables;

/// Cards numbered city by city.
#[derive(Debug, Clone)]
pub(crate) struct Census {
    /// First card of each city, and one past the last of all.
    firsts: Vec<u32>,
}

impl Census {
    /// Spreads cards over cities as a world does that draws each card's home: by country, and there by population.
    pub(crate) fn take(tables: &Tables, cities: &[City], cards: u32) -> Self {
        let mut sum = 0.0;
        let mut firsts = vec![0];
        for share in shares(tables, cities) {
            sum += share;
            let past = round_half_up(sum * f64::from(cards));
            firsts.push(u32::try_from(past).unwrap_or(cards).min(cards));
        }
        if let Some(last) = firsts.last_mut() {
            *last = cards;
        }
        Self { firsts }
    }

    /// Gives the number of all cards.
    pub(crate) fn cards(&self) -> u32 {
        self.firsts.last().copied().unwrap_or_default()
    }

    /// Gives the number of cities.
    pub(crate) fn cities(&self) -> usize {
        self.firsts.len() - 1
    }

    /// Gives the cards of a city.
    pub(crate) fn cards_of(&self, city: CityIdx) -> Range<u32> {
        self.firsts[city.get()]..self.firsts[city.get() + 1]
    }

    /// Gives the city of a card.
    pub(crate) fn city_of(&self, card: CardIdx) -> CityIdx {
        let past = self.firsts.partition_point(|&first| first <= card.0);
        // Cards beyond the last one, which nobody draws, count for the last city.
        CityIdx::at(past.clamp(1, self.firsts.len() - 1) - 1)
    }

    /// Gives one of `parts` parts of a city's cards, which together are all of them.
    pub(crate) fn part_of(&self, city: CityIdx, part: u32, parts: u32) -> Range<u32> {
        let cards = self.cards_of(city);
        let cut = |part: u32| {
            let offset = u64::from(cards.end - cards.start) * u64::from(part) / u64::from(parts);
            cards.start + index_u32(usize::try_from(offset).unwrap_or_default())
        };
        cut(part)..cut(part + 1)
    }
}

/// Gives the share of all cards that each city has.
pub(crate) fn shares(tables: &Tables, cities: &[City]) -> Vec<f64> {
    let weights: f64 = tables.countries.iter().map(|country| country.weight).sum();
    let mut residents = vec![0.0; tables.countries.len()];
    for city in cities {
        residents[city.country.get()] += city.population;
    }
    let share = |city: &City| {
        let country = city.country;
        tables.country(country).weight / weights * city.population / residents[country.get()]
    };
    cities.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::city;
    use crate::seed::Seed;

    #[test]
    fn every_card_lives_in_one_city_and_one_part_of_it() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(4), &tables);
        let census = Census::take(&tables, &cities, 1_000_003);
        assert_eq!(census.cards(), 1_000_003);
        let mut next = 0;
        for city in (0..cities.len()).map(CityIdx::at) {
            for part in 0..7 {
                let cards = census.part_of(city, part, 7);
                assert_eq!(cards.start, next);
                next = cards.end;
                if !cards.is_empty() {
                    assert_eq!(census.city_of(CardIdx(cards.start)), city);
                    assert_eq!(census.city_of(CardIdx(cards.end - 1)), city);
                }
            }
        }
        assert_eq!(next, census.cards());
    }

    #[test]
    fn countries_have_their_share_of_the_cards() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(4), &tables);
        let census = Census::take(&tables, &cities, 2_000_000_000);
        let weights: f64 = tables.countries.iter().map(|country| country.weight).sum();
        for country in tables.country_idxs() {
            let at_home = (0..cities.len()).filter(|&city| cities[city].country == country);
            let cards: u32 = at_home
                .map(|city| census.cards_of(CityIdx::at(city)).len())
                .map(index_u32)
                .sum();
            let expected = tables.country(country).weight / weights;
            assert!(
                (f64::from(cards) / 2e9 - expected).abs() < 1e-6,
                "{country:?}"
            );
        }
    }
}
