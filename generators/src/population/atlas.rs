//! The atlas: what lies how far from where, and where people go from there.
//!
//! Derived from cities, merchants and tables alone; holds no randomness of its own.

use std::ops::Range;

use crate::dist::AliasTable;
use crate::index::{CityIdx, CountryIdx, MccIdx};
use crate::population::city::City;
use crate::population::merchant::Merchants;
use crate::population::residents::Residents;
use crate::seed::Stream;
use crate::tables::Tables;

/// How far a day trip goes.
const DAY_TRIP_KM: f64 = 150.0;

/// Derived geography.
#[derive(Debug)]
pub(crate) struct Atlas {
    distances: Distances,
    residents: Residents,
    /// Other cities of the same country by how much they attract travelers from each city, if there is one.
    getaways: Vec<Option<AliasTable>>,
    /// Cities near each city by how much they attract visitors for a day, if there is one.
    day_trips: Vec<Option<AliasTable>>,
    /// Other countries by how much they attract travelers from each country, if there is one.
    abroad: Vec<Option<AliasTable>>,
    /// Where to go from each city for each category: the city itself if it has a shop.
    nearest_shops: Vec<Option<CityIdx>>,
}

impl Atlas {
    pub(crate) fn survey(
        tables: &Tables,
        cities: &[City],
        residents: Residents,
        merchants: &Merchants,
    ) -> Self {
        let distances = Distances::measure(cities);
        let attraction = |from: usize, pull: &dyn Fn(f64) -> f64| {
            let domestic = residents.cities(cities[from].country);
            attracted(domestic, from, |to| {
                cities[to].population * pull(distances.between(from, to))
            })
        };
        let getaway = |km: f64| libm::pow(km + 50.0, -0.75);
        let day_trip = |km: f64| {
            if km > DAY_TRIP_KM {
                return 0.0;
            }
            libm::pow(km + 10.0, -1.6) * libm::exp(-km / 80.0)
        };
        let nearest_shop = |from: usize, mcc: MccIdx| {
            residents
                .cities(cities[from].country)
                .filter(|&to| !merchants.is_empty(merchants.in_city(CityIdx::at(to), mcc)))
                .min_by(|&a, &b| {
                    let distance = |to| distances.between(from, to);
                    distance(a).total_cmp(&distance(b))
                })
                .map(CityIdx::at)
        };
        let from_all = 0..cities.len();
        Self {
            getaways: from_all
                .clone()
                .map(|from| attraction(from, &getaway))
                .collect(),
            day_trips: from_all
                .clone()
                .map(|from| attraction(from, &day_trip))
                .collect(),
            abroad: (0..tables.countries.len())
                .map(|home| {
                    attracted(0..tables.countries.len(), home, |to| {
                        tables.countries[to].weight * tables.countries[to].trip_pull
                    })
                })
                .collect(),
            nearest_shops: from_all
                .flat_map(|from| tables.mcc_idxs().map(move |mcc| (from, mcc)))
                .map(|(from, mcc)| nearest_shop(from, mcc))
                .collect(),
            distances,
            residents,
        }
    }

    /// Gives the distance between the centers of two cities.
    pub(crate) fn distance_km(&self, from: CityIdx, to: CityIdx) -> f64 {
        self.distances.between(from.get(), to.get())
    }

    /// Draws a city of a country by population.
    pub(crate) fn resident_city(&self, country: CountryIdx, stream: &mut Stream) -> CityIdx {
        self.residents.draw(country, stream)
    }

    /// Draws where a trip within the country goes; nothing if there is no other city.
    pub(crate) fn getaway(
        &self,
        country: CountryIdx,
        from: CityIdx,
        stream: &mut Stream,
    ) -> Option<CityIdx> {
        let table = self.getaways[from.get()].as_ref()?;
        Some(self.city_in(country, table, stream))
    }

    /// Draws where a day trip goes; nothing if no other city is near.
    pub(crate) fn day_trip(
        &self,
        country: CountryIdx,
        from: CityIdx,
        stream: &mut Stream,
    ) -> Option<CityIdx> {
        let table = self.day_trips[from.get()].as_ref()?;
        Some(self.city_in(country, table, stream))
    }

    /// Draws a city abroad; nothing if the world has one country.
    pub(crate) fn city_abroad(&self, home: CountryIdx, stream: &mut Stream) -> Option<CityIdx> {
        let table = self.abroad[home.get()].as_ref()?;
        let country = CountryIdx::at(table.draw(stream));
        Some(self.resident_city(country, stream))
    }

    /// Gives the nearest city of the same country with a shop of a category.
    pub(crate) fn nearest_shop(&self, from: CityIdx, mcc: MccIdx) -> Option<CityIdx> {
        let mccs = self.nearest_shops.len() / self.distances.cities;
        self.nearest_shops[from.get() * mccs + mcc.get()]
    }

    fn city_in(&self, country: CountryIdx, table: &AliasTable, stream: &mut Stream) -> CityIdx {
        CityIdx::at(self.residents.cities(country).start + table.draw(stream))
    }
}

/// Distances between the centers of any two cities.
#[derive(Debug)]
struct Distances {
    cities: usize,
    km: Vec<f64>,
}

impl Distances {
    fn measure(cities: &[City]) -> Self {
        let pairs = cities
            .iter()
            .flat_map(|from| cities.iter().map(move |to| (from, to)));
        Self {
            cities: cities.len(),
            km: pairs
                .map(|(from, to)| from.center.distance_km(to.center))
                .collect(),
        }
    }

    fn between(&self, from: usize, to: usize) -> f64 {
        self.km[from * self.cities + to]
    }
}

/// Builds the choice among all places but one's own; nothing if none of them attracts.
fn attracted(
    places: Range<usize>,
    own: usize,
    weight: impl Fn(usize) -> f64,
) -> Option<AliasTable> {
    let weights: Vec<f64> = places
        .map(|place| if place == own { 0.0 } else { weight(place) })
        .collect();
    let attracts = weights.iter().any(|&weight| weight > 0.0);
    attracts.then(|| AliasTable::new(&weights))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::city;
    use crate::seed::{Entity, Purpose, Seed};

    #[test]
    fn journeys_lead_where_they_say() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(5), &tables);
        let residents = Residents::count(&tables, &cities);
        let merchants = Merchants::open(Seed(5), &tables, &cities, &residents, 100);
        let atlas = Atlas::survey(&tables, &cities, residents, &merchants);
        let mut stream = Seed(5).stream(Entity::Card, 0, Purpose::Trips);
        for from in (0..cities.len()).map(CityIdx::at) {
            let country = cities[from.get()].country;
            let only_city = tables.country(country).cities == 1;
            let getaway = atlas.getaway(country, from, &mut stream);
            assert_eq!(getaway.is_none(), only_city);
            if let Some(to) = getaway {
                assert_eq!(cities[to.get()].country, country);
                assert_ne!(to, from);
            }
            if let Some(to) = atlas.day_trip(country, from, &mut stream) {
                assert!(atlas.distance_km(from, to) <= DAY_TRIP_KM);
            }
            let abroad = atlas.city_abroad(country, &mut stream).unwrap();
            assert_ne!(cities[abroad.get()].country, country);
            for mcc in tables.mcc_idxs().filter(|&mcc| tables.mcc(mcc).everyday) {
                assert_eq!(atlas.nearest_shop(from, mcc), Some(from));
            }
        }
    }

    #[test]
    fn a_missing_shop_is_looked_for_in_the_country_only() {
        let tables = Tables::builtin().unwrap();
        let cities = city::found_all(Seed(6), &tables);
        let residents = Residents::count(&tables, &cities);
        let merchants = Merchants::open(Seed(6), &tables, &cities, &residents, 400);
        let atlas = Atlas::survey(&tables, &cities, residents, &merchants);
        for from in (0..cities.len()).map(CityIdx::at) {
            for mcc in tables.mcc_idxs() {
                if let Some(to) = atlas.nearest_shop(from, mcc) {
                    assert_eq!(cities[to.get()].country, cities[from.get()].country);
                    assert!(!merchants.is_empty(merchants.in_city(to, mcc)));
                    assert!(tables.mcc(mcc).has_shops());
                }
            }
        }
    }
}
