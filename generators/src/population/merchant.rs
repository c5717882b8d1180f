//! Merchants: each with one category and, unless it only sells online, one place that never moves.
//!
//! Invariants: merchants are numbered pool by pool (see [`super::pool`]), so a pool is a range. A merchant's weight
//! depends on its rank in its pool alone.

use crate::dist::{self, AliasTable};
use crate::fields::geo::Point;
use crate::index::{CityIdx, CountryIdx, MccIdx, MerchantIdx};
use crate::numeric::{high_half, index_u32, low_half, round_half_up};
use crate::population::city::City;
use crate::population::pool::{Layout, PoolIdx, Site};
use crate::seed::{Entity, Purpose, Seed, Stream};
use crate::tables::Tables;
use crate::text;

/// Weight of rank r in its pool is (r + 1) to this power, negated.
const RANK_EXPONENT: f64 = 1.1;

/// Spread of shops around the center, in radii of the city.
const SPREAD: f64 = 0.8;

/// Spread of the logarithm of a merchant's price level.
pub(crate) const PRICE_SPREAD: f64 = 0.30;

/// Digits of a merchant's id; too few for a card number.
const ID_DIGITS: usize = 8;

/// A merchant.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Category.
    pub mcc: MccIdx,
    /// Country it sits in.
    pub country: CountryIdx,
    /// City and place of its shop; none if it only sells online.
    pub shop: Option<(CityIdx, Point)>,
    /// Logarithm of its price level.
    pub price_effect: f64,
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
    pub(crate) fn open(seed: Seed, tables: &Tables, cities: &[City], cards: u64) -> Self {
        let layout = Layout::new(tables, cities);
        let counts = layout.count_merchants(seed, tables, cities, cards);
        let hubs = AliasTable::of(&tables.countries, |country| country.hubs);
        let mut pool_starts = Vec::with_capacity(counts.len() + 1);
        let mut list = Vec::new();
        for (pool, &count) in counts.iter().enumerate() {
            pool_starts.push(index_u32(list.len()));
            let (site, mcc) = layout.pool(pool);
            for _ in 0..count {
                let id = list.len() as u64;
                let mut stream = seed.stream(Entity::Merchant, id, Purpose::Place);
                let (country, shop) = match site {
                    Site::City(idx) => {
                        let city = &cities[idx.get()];
                        (city.country, Some((idx, shop_place(city, &mut stream))))
                    }
                    Site::Country(country) => (country, None),
                    Site::World => (CountryIdx::at(hubs.draw(&mut stream)), None),
                };
                list.push(Merchant {
                    mcc,
                    country,
                    shop,
                    price_effect: PRICE_SPREAD * dist::normal(&mut stream),
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

fn shop_place(city: &City, stream: &mut Stream) -> Point {
    let spread = SPREAD * city.radius_km;
    let north = spread * dist::normal(stream);
    city.center.offset_km(north, spread * dist::normal(stream))
}

fn rank_weights(ranks: usize) -> Vec<u64> {
    let mut sum = 0;
    let mut sums = vec![sum];
    sums.extend((0..ranks).map(|rank| {
        let weight = libm::pow(rank as f64 + 1.0, -RANK_EXPONENT);
        sum += round_half_up(weight * (1u64 << 32) as f64).unsigned_abs();
        sum
    }));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::city;

    #[test]
    fn every_pool_holds_merchants_of_its_place_and_category() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(2), &tables);
        let merchants = Merchants::open(Seed(2), &tables, &cities, 500);
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
                let (found, point) = merchant.shop.unwrap();
                assert_eq!(found, city);
                let distance = point.distance_km(cities[city.get()].center);
                assert!(distance < 60.0, "{distance}");
            }
            if tables.mcc(mcc).sells_online() {
                for country in tables.country_idxs() {
                    let pool = merchants.online_in(country, mcc);
                    let merchant = merchants.get(merchants.draw(pool, &mut stream));
                    assert_eq!((merchant.mcc, merchant.country), (mcc, country));
                    assert!(merchant.shop.is_none());
                }
                let hub =
                    merchants.get(merchants.draw(merchants.online_everywhere(mcc), &mut stream));
                assert!(tables.country(hub.country).hubs > 0.0);
            }
        }
    }

    #[test]
    fn merchants_are_drawn_by_rank() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(3), &tables);
        let merchants = Merchants::open(Seed(3), &tables, &cities, 40_000);
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
