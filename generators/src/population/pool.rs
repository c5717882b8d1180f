//! Pools: the merchants a cardholder chooses among, one pool per place and category.
//!
//! Owns how pools are numbered and how many merchants each has. A place is a city, a country for merchants that sell
//! online there, or the whole world for the few that sell everywhere.

use crate::dist::AliasTable;
use crate::index::{CityIdx, CountryIdx, MccIdx};
use crate::numeric::{index_u32, round_half_up};
use crate::population::city::City;
use crate::seed::{Entity, Purpose, Seed};
use crate::tables::{Mcc, Tables};

/// Merchants per category that sell online to the whole world.
const HUBS: usize = 3;

/// Merchants beyond the ones every place has: shops and online ones per card, and the slope of both above the knee.
const SHOPS_PER_CARD: f64 = 0.77;
const ONLINE_PER_CARD: f64 = 0.10;
const KNEE_CARDS: f64 = 50_000.0;
const SLOPE_ABOVE_KNEE: f64 = 0.15;

/// The merchants of one category at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolIdx(pub(crate) u32);

/// Where the merchants of a pool are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    City(CityIdx),
    Country(CountryIdx),
    World,
}

/// How pools are numbered: site by site (cities, countries, the world), and by category within.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    mccs: usize,
    cities: usize,
    countries: usize,
}

impl Layout {
    pub(crate) fn new(tables: &Tables, cities: &[City]) -> Self {
        Self {
            mccs: tables.mccs.len(),
            cities: cities.len(),
            countries: tables.countries.len(),
        }
    }

    pub(crate) fn pool_idx(self, site: Site, mcc: MccIdx) -> PoolIdx {
        let site = match site {
            Site::City(city) => city.get(),
            Site::Country(country) => self.cities + country.get(),
            Site::World => self.cities + self.countries,
        };
        PoolIdx(index_u32(site * self.mccs + mcc.get()))
    }

    pub(crate) fn pool(self, pool: usize) -> (Site, MccIdx) {
        let mcc = MccIdx::at(pool % self.mccs);
        let site = pool / self.mccs;
        if site < self.cities {
            (Site::City(CityIdx::at(site)), mcc)
        } else if site < self.cities + self.countries {
            (Site::Country(CountryIdx::at(site - self.cities)), mcc)
        } else {
            (Site::World, mcc)
        }
    }

    /// Counts the merchants of every pool in a world of so many cards: those that every place has, and the drawn ones
    /// that come with its size.
    pub(crate) fn count_merchants(
        self,
        seed: Seed,
        tables: &Tables,
        cities: &[City],
        cards: u64,
    ) -> Vec<usize> {
        let pools = (self.cities + self.countries + 1) * self.mccs;
        let everywhere = |pool| {
            let (site, mcc) = self.pool(pool);
            let mcc = tables.mcc(mcc);
            match site {
                Site::City(_) => usize::from(mcc.everyday),
                Site::Country(_) => usize::from(mcc.sells_online()),
                Site::World => usize::from(mcc.sells_online()) * HUBS,
            }
        };
        let mut counts: Vec<usize> = (0..pools).map(everywhere).collect();
        for growth in growths(tables, cities, cards) {
            for id in 0..growth.count {
                let mut stream = seed.stream(Entity::Merchant, id, growth.purpose);
                let site = (growth.site)(growth.sites.draw(&mut stream));
                let mcc = MccIdx::at(growth.mccs.draw(&mut stream));
                counts[self.pool_idx(site, mcc).0 as usize] += 1;
            }
        }
        counts
    }
}

/// Merchants that come with the size of a world: how many, where, and what they sell.
struct Growth {
    purpose: Purpose,
    count: u64,
    sites: AliasTable,
    site: fn(usize) -> Site,
    mccs: AliasTable,
}

fn growths(tables: &Tables, cities: &[City], cards: u64) -> [Growth; 2] {
    let (shops, online) = growth_counts(cards);
    let shop_share = |mcc: &Mcc| if mcc.has_shops() { 1.0 - mcc.cnp } else { 0.0 };
    [
        Growth {
            purpose: Purpose::Shops,
            count: shops,
            sites: AliasTable::of(cities, |city| {
                city.population * tables.country(city.country).weight
            }),
            site: |city| Site::City(CityIdx::at(city)),
            mccs: AliasTable::of(&tables.mccs, |mcc| mcc.weight * shop_share(mcc)),
        },
        Growth {
            purpose: Purpose::OnlineShops,
            count: online,
            sites: AliasTable::of(&tables.countries, |country| country.weight),
            site: |country| Site::Country(CountryIdx::at(country)),
            mccs: AliasTable::of(&tables.mccs, |mcc| mcc.weight * mcc.cnp),
        },
    ]
}

/// Gives the number of shops and of online merchants that come with so many cards.
fn growth_counts(cards: u64) -> (u64, u64) {
    let below_knee = (cards as f64).min(KNEE_CARDS);
    let above_knee = cards as f64 - below_knee;
    let slope = SLOPE_ABOVE_KNEE / (SHOPS_PER_CARD + ONLINE_PER_CARD);
    let effective = below_knee + above_knee * slope;
    let rounded = |count: f64| round_half_up(count).unsigned_abs();
    (
        rounded(effective * SHOPS_PER_CARD),
        rounded(effective * ONLINE_PER_CARD),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::city;

    #[test]
    fn the_number_of_merchants_follows_the_number_of_cards() {
        assert_eq!(growth_counts(10_000), (7_700, 1_000));
        let (shops, online) = growth_counts(1_180_000);
        assert_eq!(shops + online, 43_500 + 169_500);
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(1), &tables);
        let layout = Layout::new(&tables, &cities);
        let counts = layout.count_merchants(Seed(1), &tables, &cities, 10_000);
        let total: usize = counts.iter().sum();
        assert!((13_500..16_000).contains(&total), "{total}");
    }

    #[test]
    fn pools_are_numbered_without_gaps() {
        let layout = Layout {
            mccs: 3,
            cities: 4,
            countries: 2,
        };
        for number in 0..(4 + 2 + 1) * 3 {
            let (site, mcc) = layout.pool(number);
            assert_eq!(layout.pool_idx(site, mcc), PoolIdx(index_u32(number)));
        }
        assert_eq!(layout.pool(20), (Site::World, MccIdx(2)));
    }
}
