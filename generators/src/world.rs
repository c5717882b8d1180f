//! The world: everything that exists before anybody spends.
//!
//! A function of (seed, options). Knows places, merchants and choices; cards are drawn when needed (see
//! `population::card`). Nothing here changes once built, so any number of threads read it.

use crate::behavior::prices::Prices;
use crate::behavior::rhythm::Rhythm;
use crate::behavior::shopping::Curiosity;
use crate::dist::{AliasTable, LogNormalSteps};
use crate::error::Error;
use crate::event_time::{EventTime, MS_PER_DAY};
use crate::fields::address::{AddressPlan, IpAddress};
use crate::fields::contact::MailDomains;
use crate::fields::dialect::Dialect;
use crate::fields::geo::Point;
use crate::index::{CardIdx, CityIdx, CountryIdx, MccIdx, MerchantIdx};
use crate::numeric::round_half_up;
use crate::population::atlas::Atlas;
use crate::population::census::Census;
use crate::population::city::{self, City};
use crate::population::merchant::{Merchant, Merchants};
use crate::population::residents::Residents;
use crate::seed::{Seed, Stream};
use crate::tables::{Mcc, Reach, Tables};

/// The stretch of event time that a world covers.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Start.
    pub start: EventTime,
    /// Length in days.
    pub days: u32,
}

impl Span {
    /// Gives the length in milliseconds.
    pub(crate) fn length_ms(self) -> i64 {
        i64::from(self.days) * MS_PER_DAY
    }

    /// Gives the offset from the start at a fraction of the length.
    pub(crate) fn at_fraction(self, fraction: f64) -> i64 {
        round_half_up(fraction * self.length_ms() as f64)
    }
}

/// What a world is made from, its size apart.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What everything grows from.
    pub seed: Seed,
    /// The stretch of event time.
    pub span: Span,
    /// The constants.
    pub tables: Tables,
    /// Whether some purchases in shops are undone right away.
    pub reversals: bool,
    /// How ids are written.
    pub dialect: Dialect,
}

/// Everything that exists before anybody spends.
#[derive(Debug)]
pub struct World {
    pub(crate) seed: Seed,
    pub(crate) span: Span,
    pub(crate) tables: Tables,
    pub(crate) reversals: bool,
    pub(crate) dialect: Dialect,
    pub(crate) cities: Vec<City>,
    pub(crate) merchants: Merchants,
    pub(crate) atlas: Atlas,
    /// How many cards each city has, where the world is too large to draw each card's home.
    pub(crate) census: Option<Census>,
    /// How much more than others holders like a category, where each is met only once or twice.
    pub(crate) likings: Option<LogNormalSteps>,
    pub(crate) addresses: AddressPlan,
    pub(crate) mail_domains: MailDomains,
    pub(crate) rhythm: Rhythm,
    pub(crate) prices: Prices,
    pub(crate) curiosity: Curiosity,
    pub(crate) choices: Choices,
}

impl World {
    /// Builds the world that so many cards live in, with everything else as usual.
    ///
    /// Errors: `Table` if a built-in table is not what it should be.
    pub fn build(seed: Seed, span: Span, cards: u64) -> Result<Self, Error> {
        let setting = Setting {
            seed,
            span,
            tables: Tables::builtin()?,
            reversals: false,
            dialect: Dialect::Plain,
        };
        Self::of(setting, cards)
    }

    /// Builds the world that so many cards live in.
    ///
    /// Errors: `Table` if the tables ask for what cannot be.
    pub fn of(setting: Setting, cards: u64) -> Result<Self, Error> {
        let Setting {
            seed,
            span,
            tables,
            reversals,
            dialect,
        } = setting;
        let cities = city::found_all(seed, &tables);
        let residents = Residents::count(&tables, &cities);
        let merchants = Merchants::open(seed, &tables, &cities, &residents, cards);
        let addresses = AddressPlan::new(&tables.countries).ok_or(Error::Table {
            origin: "countries".to_owned(),
            line: 1,
            detail: "more countries than blocks of addresses".to_owned(),
        })?;
        Ok(Self {
            seed,
            span,
            reversals,
            dialect,
            atlas: Atlas::survey(&tables, &cities, residents, &merchants),
            census: None,
            likings: None,
            addresses,
            mail_domains: MailDomains::new(&tables.mail_domains),
            rhythm: Rhythm::new(&tables, span),
            prices: Prices::new(&tables),
            curiosity: Curiosity::new(),
            choices: Choices::new(&tables),
            cities,
            merchants,
            tables,
        })
    }

    /// Draws where the holder of a card lives, or looks it up in the census.
    pub(crate) fn home_of(&self, idx: CardIdx, stream: &mut Stream) -> (CountryIdx, CityIdx) {
        if let Some(census) = &self.census {
            let city = census.city_of(idx);
            return (self.city(city).country, city);
        }
        let country = self.choices.country(stream);
        (country, self.atlas.resident_city(country, stream))
    }

    /// Gives the constants of the world.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Gives the stretch of event time it covers.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Gives all cities, country by country.
    pub fn cities(&self) -> &[City] {
        &self.cities
    }

    /// Gives all merchants.
    pub fn merchants(&self) -> &[Merchant] {
        self.merchants.all()
    }

    /// Gives a city.
    pub fn city(&self, idx: CityIdx) -> &City {
        &self.cities[idx.get()]
    }

    /// Gives a merchant.
    pub fn merchant(&self, idx: MerchantIdx) -> &Merchant {
        self.merchants.get(idx)
    }

    /// Gives city and place of a merchant's shop; nothing if it only sells online.
    pub(crate) fn shop_of(&self, idx: MerchantIdx) -> Option<(CityIdx, Point)> {
        let merchant = self.merchant(idx);
        merchant
            .has_shop()
            .then_some((merchant.city, merchant.place))
    }

    /// Gives the country a network address lies in, by what anybody could look up.
    pub fn country_of(&self, address: IpAddress) -> CountryIdx {
        self.addresses.country_of(address)
    }

    pub(crate) fn mcc(&self, idx: MccIdx) -> &Mcc {
        self.tables.mcc(idx)
    }
}

/// Weighted choices that do not depend on who chooses.
#[derive(Debug)]
pub(crate) struct Choices {
    countries: AliasTable,
    networks: AliasTable,
    subscriptions: AliasTable,
    refusals: AliasTable,
    /// Share of each category among the goals of outings.
    errands: Vec<f64>,
}

impl Choices {
    fn new(tables: &Tables) -> Self {
        let errand = |mcc: &Mcc| {
            if mcc.starts_outings() {
                mcc.weight
            } else {
                0.0
            }
        };
        let errands: f64 = tables.mccs.iter().map(errand).sum();
        Self {
            errands: tables
                .mccs
                .iter()
                .map(|mcc| errand(mcc) / errands)
                .collect(),
            countries: AliasTable::of(&tables.countries, |country| country.weight),
            networks: AliasTable::of(&tables.networks, |network| network.weight),
            subscriptions: AliasTable::of(&tables.mccs, |mcc| match mcc.reach {
                Reach::Subscription => mcc.weight,
                _ => 0.0,
            }),
            refusals: AliasTable::of(&tables.refusals, |refusal| refusal.weight),
        }
    }

    /// Draws the country of a cardholder.
    pub(crate) fn country(&self, stream: &mut Stream) -> CountryIdx {
        CountryIdx::at(self.countries.draw(stream))
    }

    /// Draws the network of a card, by its place in the table.
    pub(crate) fn network(&self, stream: &mut Stream) -> usize {
        self.networks.draw(stream)
    }

    /// Draws the category of a standing charge.
    pub(crate) fn subscription(&self, stream: &mut Stream) -> MccIdx {
        MccIdx::at(self.subscriptions.draw(stream))
    }

    /// Gives the share of a category among the goals of outings, over all holders.
    pub(crate) fn errand_share(&self, mcc: MccIdx) -> f64 {
        self.errands[mcc.get()]
    }

    /// Draws why an issuer refuses, by its place in the table.
    pub(crate) fn refusal(&self, stream: &mut Stream) -> usize {
        self.refusals.draw(stream)
    }
}
