//! Who lives where: the cities of each country, by population.

use std::ops::Range;

use crate::dist::AliasTable;
use crate::index::{CityIdx, CountryIdx};
use crate::population::city::City;
use crate::seed::Stream;
use crate::tables::Tables;

/// The cities of each country, and the choice among them by population.
#[derive(Debug)]
pub(crate) struct Residents {
    countries: Vec<(Range<usize>, AliasTable)>,
}

impl Residents {
    /// Counts the people of all cities, which come country by country.
    pub(crate) fn count(tables: &Tables, cities: &[City]) -> Self {
        let country = |country: CountryIdx| {
            let start = cities.partition_point(|city| city.country < country);
            let range = start..cities.partition_point(|city| city.country <= country);
            let table = AliasTable::of(&cities[range.clone()], |city| city.population);
            (range, table)
        };
        Self {
            countries: tables.country_idxs().map(country).collect(),
        }
    }

    /// Gives the places of a country's cities in the list of all.
    pub(crate) fn cities(&self, country: CountryIdx) -> Range<usize> {
        self.countries[country.get()].0.clone()
    }

    /// Draws a city of a country by population.
    pub(crate) fn draw(&self, country: CountryIdx, stream: &mut Stream) -> CityIdx {
        let (range, table) = &self.countries[country.get()];
        CityIdx::at(range.start + table.draw(stream))
    }
}
