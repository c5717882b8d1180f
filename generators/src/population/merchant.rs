//! Merchants: each with one category and one place that never moves, its shop or the office it sells from online.
//!
//! Invariants: merchants are numbered pool by pool (see [`super::pool`]), so a pool is a range. A merchant's weight
//! depends on its rank in its pool alone.

use crate::dist::{self, AliasTable};
use crate::fields::geo::Point;
use crate::index::{CityIdx, CountryIdx, MccIdx, MerchantIdx};
use crate::numeric::{high_half, index_u32, low_half, mix64, round_half_up};
use crate::population::city::City;
use crate::population::pool::{Layout, PoolIdx, Site};
use crate::population::repute::Repute;
use crate::population::residents::Residents;
use crate::seed::{Entity, Purpose, Seed, Stream};
use crate::tables::Tables;
use crate::text;

/// Weight of rank r in its pool is (r + 1) to this power, negated.
const RANK_EXPONENT: f64 = 1.1;

/// Spread of shops around the center, in radii of the city.
const SPREAD: f64 = 0.8;

/// Spread of the logarithm of a merchant's price level.
pub(crate) const PRICE_SPREAD: f64 = 0.30;

/// Terminals of the leading shop of a pool beyond the one that every shop has; others have them by weight.
const MORE_TERMINALS: f64 = 11.0;

/// Digits of a merchant's id, and of the number of a terminal in it; together too few for a card number.
const ID_DIGITS: usize = 8;
const TERMINAL_DIGITS: usize = 2;

/// A merchant.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Category.
    pub mcc: MccIdx,
    /// Country it sits in.
    pub country: CountryIdx,
    /// City it sits in.
    pub city: CityIdx,
    /// Where its shop is, or the office it sells from online.
    pub place: Point,
    /// Terminals in its shop; none if it only sells online.
    pub terminals: u8,
    /// What is known of it.
    pub repute: Repute,
    /// Logarithm of its price level.
    pub price_effect: f64,
}

impl Merchant {
    /// Tells whether it has a shop, so that the card can be present.
    pub fn has_shop(&self) -> bool {
        self.terminals > 0
    }

    /// Gives the number of the terminal that a transaction's dice choose, counted from 1; nothing without a shop.
    pub(crate) fn terminal(&self, dice: u64) -> Option<u8> {
        let place = (u64::from(high_half(mix64(!dice))) * u64::from(self.terminals)) >> 32;
        self.has_shop()
            .then_some(u8::try_from(place + 1).unwrap_or(self.terminals))
    }
}

/// All merchants.
#[derive(Debug, Clone)]
pub(crate) struct Merchants {
    list: Vec<Merchant>,
    layout: Layout,
    /// First merchant of each pool, and one past the last of all.
    pool_starts: Vec<u32>,
    /// Sum of the weights of all ranks below an index, in units of 2^-32.
    rank_weights: Vec<u64>,
}

impl Merchants {
    /// Opens the merchants that a world of so many cards has.
    pub(crate) fn open(
        seed: Seed,
        tables: &Tables,
        cities: &[City],
        residents: &Residents,
        cards: u64,
    ) -> Self {
        let layout = Layout::new(tables, cities);
        let counts = layout.count_merchants(seed, tables, cities, cards);
        let hubs = AliasTable::of(&tables.countries, |country| country.hubs);
        let mut pool_starts = Vec::with_capacity(counts.len() + 1);
        let mut list = Vec::new();
        for (pool, &count) in counts.iter().enumerate() {
            pool_starts.push(index_u32(list.len()));
            let (site, mcc) = layout.pool(pool);
            for rank in 0..count {
                let id = list.len() as u64;
                let mut stream = seed.stream(Entity::Merchant, id, Purpose::Place);
                let (city, terminals) = match site {
                    Site::City(city) => (city, terminals(rank)),
                    Site::Country(country) => (residents.draw(country, &mut stream), 0),
                    Site::World => {
                        let country = CountryIdx::at(hubs.draw(&mut stream));
                        (residents.draw(country, &mut stream), 0)
                    }
                };
                let place = place(&cities[city.get()], &mut stream);
                let price_effect = PRICE_SPREAD * dist::normal(&mut stream);
                list.push(Merchant {
                    mcc,
                    country: cities[city.get()].country,
                    city,
                    place,
                    terminals,
                    repute: Repute::draw(seed, id, tables.mcc(mcc).risk),
                    price_effect,
                });
            }
        }
        pool_starts.push(index_u32(list.len()));
        Self {
            list,
            layout,
            pool_starts,
            rank_weights: rank_weights(counts.into_iter().max().unwrap_or_default()),
        }
    }

    /// Gives a merchant.
    pub(crate) fn get(&self, idx: MerchantIdx) -> &Merchant {
        &self.list[idx.get()]
    }

    /// Gives all merchants in the order of their indices.
    pub(crate) fn all(&self) -> &[Merchant] {
        &self.list
    }

    /// Gives the shops of a category in a city.
    pub(crate) fn in_city(&self, city: CityIdx, mcc: MccIdx) -> PoolIdx {
        self.layout.pool_idx(Site::City(city), mcc)
    }

    /// Gives the merchants of a category that sell online in one country.
    pub(crate) fn online_in(&self, country: CountryIdx, mcc: MccIdx) -> PoolIdx {
        self.layout.pool_idx(Site::Country(country), mcc)
    }

    /// Gives the merchants of a category that sell online everywhere.
    pub(crate) fn online_everywhere(&self, mcc: MccIdx) -> PoolIdx {
        self.layout.pool_idx(Site::World, mcc)
    }

    /// Tells whether a pool has no merchants.
    pub(crate) fn is_empty(&self, pool: PoolIdx) -> bool {
        self.range(pool).1 == 0
    }

    /// Draws a merchant of a pool by weight.
    ///
    /// Panics: if the pool is empty.
    pub(crate) fn draw(&self, pool: PoolIdx, stream: &mut Stream) -> MerchantIdx {
        let (first, count) = self.range(pool);
        let weights = &self.rank_weights[1..=count as usize];
        let place = dist::below(stream, weights[weights.len() - 1]);
        let rank = weights.partition_point(|&below| below <= place);
        MerchantIdx(first + index_u32(rank))
    }

    fn range(&self, pool: PoolIdx) -> (u32, u32) {
        let first = self.pool_starts[pool.0 as usize];
        (first, self.pool_starts[pool.0 as usize + 1] - first)
    }
}

/// Appends the id of a merchant.
pub(crate) fn write_id(idx: MerchantIdx, out: &mut Vec<u8>) {
    out.push(b'M');
    text::padded_decimal(out, u64::from(idx.0), ID_DIGITS);
}

/// Appends what makes a merchant's id that of one of its terminals.
pub(crate) fn write_terminal(number: u8, out: &mut Vec<u8>) {
    out.push(b'-');
    text::padded_decimal(out, u64::from(number), TERMINAL_DIGITS);
}

/// Appends the invented name of a merchant, which tells what it sells.
pub(crate) fn write_name(
    seed: Seed,
    tables: &Tables,
    idx: MerchantIdx,
    mcc: MccIdx,
    out: &mut Vec<u8>,
) {
    let word = seed.word(Entity::Merchant, u64::from(idx.0), Purpose::Name);
    let words = &tables.words;
    let mut pick = |words: &[String], fraction: u32| {
        let place = (u64::from(fraction) * words.len() as u64) >> 32;
        out.extend_from_slice(words[place as usize].as_bytes());
    };
    pick(&words.merchant_starts, high_half(word));
    pick(&words.merchant_ends, low_half(word));
    out.push(b' ');
    out.extend_from_slice(tables.mcc(mcc).noun.as_bytes());
}

fn place(city: &City, stream: &mut Stream) -> Point {
    let spread = SPREAD * city.radius_km;
    let north = spread * dist::normal(stream);
    city.center.offset_km(north, spread * dist::normal(stream))
}

/// Gives the weight of a rank in its pool, the leading one's being 1.
fn weight(rank: usize) -> f64 {
    libm::pow(rank as f64 + 1.0, -RANK_EXPONENT)
}

fn terminals(rank: usize) -> u8 {
    let more = (MORE_TERMINALS * weight(rank)).floor();
    u8::try_from(round_half_up(1.0 + more)).unwrap_or(u8::MAX)
}

fn rank_weights(ranks: usize) -> Vec<u64> {
    let mut sum = 0;
    let mut sums = vec![sum];
    sums.extend((0..ranks).map(|rank| {
        sum += round_half_up(weight(rank) * (1u64 << 32) as f64).unsigned_abs();
        sum
    }));
    sums
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::population::city;

    #[test]
    fn every_pool_holds_merchants_of_its_place_and_category() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(2), &tables);
        let residents = Residents::count(&tables, &cities);
        let merchants = Merchants::open(Seed(2), &tables, &cities, &residents, 500);
        let mut stream = Seed(2).stream(Entity::Card, 0, Purpose::Merchants);
        for mcc in tables.mcc_idxs() {
            for city in (0..cities.len()).map(CityIdx::at) {
                let pool = merchants.in_city(city, mcc);
                if merchants.is_empty(pool) {
                    assert!(!tables.mcc(mcc).everyday);
                    continue;
                }
                let merchant = merchants.get(merchants.draw(pool, &mut stream));
                assert_eq!(merchant.mcc, mcc);
                assert!(merchant.has_shop());
                assert_eq!(merchant.city, city);
                let distance = merchant.place.distance_km(cities[city.get()].center);
                assert!(distance < 60.0, "{distance}");
            }
            if tables.mcc(mcc).sells_online() {
                for country in tables.country_idxs() {
                    let pool = merchants.online_in(country, mcc);
                    let merchant = merchants.get(merchants.draw(pool, &mut stream));
                    assert_eq!((merchant.mcc, merchant.country), (mcc, country));
                    assert!(!merchant.has_shop());
                }
                let hub =
                    merchants.get(merchants.draw(merchants.online_everywhere(mcc), &mut stream));
                assert!(tables.country(hub.country).hubs > 0.0);
            }
        }
    }

    #[test]
    fn leading_shops_have_more_terminals_and_every_one_is_used() {
        let counts: Vec<u8> = (0..10).map(terminals).collect();
        assert_eq!(counts, [12, 6, 4, 3, 2, 2, 2, 2, 1, 1]);
        let mut merchant = Merchant {
            mcc: MccIdx(0),
            country: CountryIdx(0),
            city: CityIdx(0),
            place: Point { lat: 0, lon: 0 },
            terminals: 12,
            repute: Repute::draw(Seed(4), 0, 1.0),
            price_effect: 0.0,
        };
        let used: BTreeSet<u8> = (0..400)
            .filter_map(|dice| merchant.terminal(dice))
            .collect();
        assert!(used.into_iter().eq(1..=12));
        merchant.terminals = 0;
        assert_eq!(merchant.terminal(5), None);
    }

    #[test]
    fn merchants_are_drawn_by_rank() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(3), &tables);
        let residents = Residents::count(&tables, &cities);
        let merchants = Merchants::open(Seed(3), &tables, &cities, &residents, 40_000);
        let pool = merchants.in_city(CityIdx(0), MccIdx(0));
        let (first, count) = merchants.range(pool);
        assert!(count > 20, "{count}");
        let mut stream = Seed(3).stream(Entity::Card, 0, Purpose::Merchants);
        let draws = 20_000;
        let leaders = (0..draws).filter(|_| merchants.draw(pool, &mut stream).0 == first);
        let weights = (1..=count).map(|rank| libm::pow(f64::from(rank), -RANK_EXPONENT));
        let expected = 1.0 / weights.sum::<f64>();
        let found = leaders.count() as f64 / f64::from(draws);
        assert!((found - expected).abs() < 0.02, "{found} {expected}");
    }
}
