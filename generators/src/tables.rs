//! The constants of the world, read from the tables in `generators/tables/`.
//!
//! Owns the meaning of every column; a world file may replace whole tables or single cells. Knows no draws. Numbers are design constants chosen for plausibility, not
//! measurements. Weights need no particular sum.

mod money;
mod people;
mod set;
mod sheet;
mod time;
mod trade;
mod world_file;

pub use money::{Country, Currency, UtcOffset};
pub use people::{Iin, MailDomain, Network, PhonePlan, Refusal, Words};
pub use set::TableSet;
pub use time::{HourProfile, ProfileIdx};
pub use trade::{Ending, Mcc, Reach};

use crate::error::Error;
use crate::index::{CountryIdx, CurrencyIdx, IinIdx, MccIdx};

/// All tables of a world.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Currencies.
    pub currencies: Vec<Currency>,
    /// Countries.
    pub countries: Vec<Country>,
    /// Merchant categories.
    pub mccs: Vec<Mcc>,
    /// Profiles of the hours of a day.
    pub profiles: Vec<HourProfile>,
    /// How busy each day of the week is, Monday first; 1 is average.
    pub weekdays: [f64; 7],
    /// Card networks.
    pub networks: Vec<Network>,
    /// Issuer identification numbers of all networks.
    pub iins: Vec<Iin>,
    /// What issuers answer when they refuse.
    pub refusals: Vec<Refusal>,
    /// Domains of e-mail addresses.
    pub mail_domains: Vec<MailDomain>,
    /// Syllables of names.
    pub words: Words,
}

impl Tables {
    /// Reads the tables built into this crate.
    ///
    /// Errors: `Table` if one is not what it should be.
    pub fn builtin() -> Result<Self, Error> {
        Self::read(&TableSet::builtin()?)
    }

    /// Reads tables.
    ///
    /// Errors: `Table` if one is not what it should be.
    pub fn read(set: &TableSet) -> Result<Self, Error> {
        let currencies = money::currencies(set.sheet(&money::CURRENCIES))?;
        let countries = money::countries(set.sheet(&money::COUNTRIES), &currencies)?;
        let profiles = time::profiles(set.sheet(&time::HOURS))?;
        let mccs = trade::mccs(set.sheet(&trade::MCCS), &profiles)?;
        let (networks, iins) = people::networks(set.sheet(&people::NETWORKS))?;
        Ok(Self {
            weekdays: time::weekdays(set.sheet(&time::WEEKDAYS))?,
            networks,
            iins,
            refusals: people::refusals(set.sheet(&people::REFUSALS))?,
            mail_domains: people::mail_domains(set.sheet(&people::MAIL))?,
            words: people::words(set.sheet(&people::WORDS))?,
            currencies,
            countries,
            mccs,
            profiles,
        })
    }

    /// Leaves only some countries in the world; all of them if none is named.
    ///
    /// Errors: `Option` for a code that no country has.
    pub fn restrict(&mut self, codes: &[String]) -> Result<(), Error> {
        let known = |code: &str| self.countries.iter().any(|country| country.code == code);
        if let Some(unknown) = codes.iter().find(|code| !known(code)) {
            let all: Vec<&str> = self.countries.iter().map(|c| c.code.as_str()).collect();
            return Err(Error::Option {
                option: "country",
                found: format!("{unknown:?}"),
                expected: format!("one of {}", all.join(", ")),
            });
        }
        if !codes.is_empty() {
            self.countries
                .retain(|country| codes.contains(&country.code));
        }
        Ok(())
    }

    /// Gives a currency.
    pub fn currency(&self, idx: CurrencyIdx) -> &Currency {
        &self.currencies[idx.get()]
    }

    /// Gives a country.
    pub fn country(&self, idx: CountryIdx) -> &Country {
        &self.countries[idx.get()]
    }

    /// Gives a merchant category.
    pub fn mcc(&self, idx: MccIdx) -> &Mcc {
        &self.mccs[idx.get()]
    }

    /// Gives the hours of a merchant category.
    pub fn profile(&self, idx: ProfileIdx) -> &HourProfile {
        &self.profiles[idx.0]
    }

    /// Gives an issuer identification number.
    pub fn iin(&self, idx: IinIdx) -> &Iin {
        &self.iins[idx.get()]
    }

    /// Gives every country with its index.
    pub(crate) fn country_idxs(&self) -> impl Iterator<Item = CountryIdx> + use<> {
        (0..self.countries.len()).map(CountryIdx::at)
    }

    /// Gives every merchant category with its index.
    pub(crate) fn mcc_idxs(&self) -> impl Iterator<Item = MccIdx> + use<> {
        (0..self.mccs.len()).map(MccIdx::at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_are_complete() {
        let tables = Tables::builtin().unwrap();
        let counts = [
            tables.currencies.len(),
            tables.countries.len(),
            tables.mccs.len(),
            tables.profiles.len(),
            tables.networks.len(),
            tables.iins.len(),
            tables.refusals.len(),
            tables.mail_domains.len(),
        ];
        assert_eq!(counts, [24, 28, 47, 9, 5, 30, 7, 6]);
        let week: f64 = tables.weekdays.iter().sum();
        assert!((week - 7.0).abs() < 1e-9, "{week}");
        let everyday = tables.mccs.iter().filter(|mcc| mcc.everyday).count();
        assert_eq!(everyday, 20);
    }

    #[test]
    fn issuer_numbers_belong_to_their_network() {
        let tables = Tables::builtin().unwrap();
        for iin in &tables.iins {
            let name = tables.networks[iin.network].name.as_str();
            let first_digits: &[u8] = match name {
                "VISA" => b"4",
                "MASTERCARD" => b"25",
                "AMEX" | "JCB" => b"3",
                "DISCOVER" => b"6",
                other => panic!("unexpected network {other}"),
            };
            assert!(first_digits.contains(&iin.digits[0]), "{name}");
        }
    }

    #[test]
    fn codes_are_unique() {
        let tables = Tables::builtin().unwrap();
        let mut codes: Vec<String> = tables
            .mccs
            .iter()
            .map(|mcc| mcc.code.to_string())
            .chain(tables.countries.iter().map(|country| country.code.clone()))
            .chain(
                tables
                    .currencies
                    .iter()
                    .map(|currency| currency.code.clone()),
            )
            .collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
