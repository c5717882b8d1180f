//! What things cost: the law of amounts by category, country, holder and merchant.

use crate::dist;
use crate::index::{CountryIdx, MccIdx};
use crate::population::card::AMOUNT_SPREAD;
use crate::population::merchant::PRICE_SPREAD;
use crate::seed::Stream;
use crate::tables::Tables;

/// Least variance that remains for the single purchase once holder and merchant are known.
const MIN_VARIANCE: f64 = 0.15;

/// Logarithms of medians, levels and spreads.
#[derive(Debug)]
pub(crate) struct Prices {
    mccs: Vec<MccPrice>,
    /// Logarithm of the mean price level of any two countries.
    levels: Vec<f64>,
    countries: usize,
}

#[derive(Debug)]
struct MccPrice {
    log_median_usd: f64,
    spread: f64,
}

impl Prices {
    pub(crate) fn new(tables: &Tables) -> Self {
        let explained = AMOUNT_SPREAD * AMOUNT_SPREAD + PRICE_SPREAD * PRICE_SPREAD;
        let mccs = tables.mccs.iter().map(|mcc| MccPrice {
            log_median_usd: libm::log(mcc.median_usd),
            spread: (mcc.sigma * mcc.sigma - explained).max(MIN_VARIANCE).sqrt(),
        });
        let pairs = tables
            .countries
            .iter()
            .flat_map(|one| tables.countries.iter().map(move |other| (one, other)));
        Self {
            mccs: mccs.collect(),
            levels: pairs
                .map(|(one, other)| libm::log(f64::midpoint(one.price, other.price)))
                .collect(),
            countries: tables.countries.len(),
        }
    }

    /// Draws an amount in dollars, given the sum of what holder and merchant add to its logarithm.
    ///
    /// The price level is the mean of two countries': that of the card, and that of the shop or again of the card.
    pub(crate) fn usd(
        &self,
        mcc: MccIdx,
        countries: (CountryIdx, CountryIdx),
        effects: f64,
        stream: &mut Stream,
    ) -> f64 {
        let log_median = self.log_median_usd(mcc, countries);
        dist::log_normal(stream, log_median + effects, self.mccs[mcc.get()].spread)
    }

    /// Gives the logarithm of the median amount in dollars, whoever buys from whom in the two countries.
    pub(crate) fn log_median_usd(&self, mcc: MccIdx, countries: (CountryIdx, CountryIdx)) -> f64 {
        let level = self.levels[countries.0.get() * self.countries + countries.1.get()];
        self.mccs[mcc.get()].log_median_usd + level
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Purpose, Seed};

    #[test]
    fn medians_follow_category_and_price_level() {
        let tables = Tables::builtin().unwrap();
        let prices = Prices::new(&tables);
        let mut stream = Seed(1).stream(Entity::Card, 0, Purpose::Amounts);
        let index = |code: &str| {
            let found = tables
                .countries
                .iter()
                .position(|country| country.code == code);
            CountryIdx::at(found.unwrap())
        };
        let rows = [("US", "US", 1.0), ("IN", "IN", 0.35), ("US", "IN", 0.675)];
        for mcc in tables.mcc_idxs() {
            for (card, shop, level) in rows {
                let countries = (index(card), index(shop));
                let mut draws: Vec<f64> = (0..2_001)
                    .map(|_| prices.usd(mcc, countries, 0.0, &mut stream))
                    .collect();
                draws.sort_unstable_by(f64::total_cmp);
                let expected = tables.mcc(mcc).median_usd * level;
                let ratio = draws[1_000] / expected;
                assert!(
                    (0.85..1.18).contains(&ratio),
                    "{mcc:?} {card} {shop}: {ratio}"
                );
            }
        }
    }
}
