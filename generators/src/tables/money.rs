//! Currencies and countries.

use super::people::PhonePlan;
use super::sheet::{Form, Sheet};
use crate::error::Error;
use crate::index::CurrencyIdx;

/// Most cities of all countries, since the distance between any two of them is kept at hand.
const MAX_CITIES: usize = 2_000;

/// A currency.
#[derive(Debug, Clone)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// Digits after the point.
    pub minor_digits: u32,
    /// Millionths of a US dollar per major unit, frozen.
    pub micro_usd: i64,
    /// Note that a cash machine pays out, in major units.
    pub cash_note: i64,
}

impl Currency {
    /// Gives the minor units of one major unit.
    pub const fn minor_per_major(&self) -> i64 {
        10_i64.pow(self.minor_digits)
    }

    /// Converts an amount to US cents, halves up: the only conversion anywhere.
    ///
    /// Amounts beyond any that is ever paid, as a damaged export may hold them, end at the largest number of cents.
    pub fn usd_cents(&self, amount_minor: i64) -> i64 {
        let divisor = i128::from(self.minor_per_major()) * 1_000_000;
        let dividend = i128::from(amount_minor) * i128::from(self.micro_usd) * 100;
        i64::try_from((dividend + divisor / 2) / divisor).unwrap_or(i64::MAX)
    }
}

/// How a country sets its clocks; there is no daylight saving.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UtcOffset {
    /// Every city the same, in minutes.
    Minutes(i64),
    /// One hour per 15 degrees of longitude.
    Solar,
}

/// A country.
#[derive(Debug, Clone)]
pub struct Country {
    /// ISO 3166-1 alpha-2 code.
    pub code: String,
    /// Currency.
    pub currency: CurrencyIdx,
    /// Share of cardholders.
    pub weight: f64,
    /// Number of cities.
    pub cities: usize,
    /// Latitude of the bounding box in degrees, south to north.
    pub lat: (f64, f64),
    /// Longitude of the bounding box in degrees, west to east.
    pub lon: (f64, f64),
    /// Local time.
    pub utc_offset: UtcOffset,
    /// Price level; 1 is the United States.
    pub price: f64,
    /// Share of contactless reads.
    pub contactless: f64,
    /// Share of magnetic-stripe reads.
    pub magstripe: f64,
    /// Multiplier of the share of purchases made without the card.
    pub cnp: f64,
    /// Attraction for trips from abroad, beside the weight.
    pub trip_pull: f64,
    /// Share of the merchants that sell online worldwide and sit there.
    pub hubs: f64,
    /// Share of its holders' online purchases made at merchants that sell worldwide.
    pub hub_share: f64,
    /// Telephone numbers.
    pub phone: PhonePlan,
}

pub(super) const CURRENCIES: Form = Form {
    name: "currencies",
    columns: &["code", "minor_digits", "micro_usd", "cash_note"],
    builtin: include_str!("../../tables/currencies.tsv"),
};

pub(super) const COUNTRIES: Form = Form {
    name: "countries",
    columns: &[
        "code",
        "currency",
        "weight",
        "cities",
        "lat_min",
        "lat_max",
        "lon_min",
        "lon_max",
        "utc_offset",
        "price_pct",
        "contactless_pct",
        "magstripe_pct",
        "cnp_pct",
        "trip_pull",
        "hubs",
        "hub_pct",
        "phone",
    ],
    builtin: include_str!("../../tables/countries.tsv"),
};

pub(super) fn currencies(sheet: &Sheet) -> Result<Vec<Currency>, Error> {
    sheet.read(|row| {
        Ok(Currency {
            code: row.letters("code", 3)?,
            minor_digits: row.number("minor_digits", 0..=3)?,
            micro_usd: row.number("micro_usd", 1..=1_000_000_000)?,
            cash_note: row.number("cash_note", 1..=1_000_000)?,
        })
    })
}

pub(super) fn countries(sheet: &Sheet, currencies: &[Currency]) -> Result<Vec<Country>, Error> {
    let codes = currencies.iter().enumerate();
    let codes: Vec<(&str, CurrencyIdx)> = codes
        .map(|(idx, currency)| (currency.code.as_str(), CurrencyIdx::at(idx)))
        .collect();
    let countries = sheet.read(|row| {
        let lat_min = row.number("lat_min", -66.0..=66.0)?;
        let lon_min = row.number("lon_min", -180.0..=180.0)?;
        let utc_offset = match row.text("utc_offset")? {
            "solar" => UtcOffset::Solar,
            _ => UtcOffset::Minutes(row.number("utc_offset", -720..=840)?),
        };
        Ok(Country {
            code: row.letters("code", 2)?,
            currency: row.one_of("currency", &codes)?,
            weight: row.number("weight", 0.0..=1e6)?,
            cities: row.number("cities", 1..=200)?,
            lat: (lat_min, row.number("lat_max", lat_min..=66.0)?),
            lon: (lon_min, row.number("lon_max", lon_min..=180.0)?),
            utc_offset,
            price: row.percent("price_pct", 1.0..=1_000.0)?,
            contactless: row.percent("contactless_pct", 0.0..=100.0)?,
            magstripe: row.percent("magstripe_pct", 0.0..=100.0)?,
            cnp: row.percent("cnp_pct", 0.0..=1_000.0)?,
            trip_pull: row.number("trip_pull", 0.0..=100.0)?,
            hubs: row.number("hubs", 0.0..=1e6)?,
            hub_share: row.percent("hub_pct", 0.0..=100.0)?,
            phone: row.one_of(
                "phone",
                &[
                    ("nanp", PhonePlan::NorthAmerican),
                    ("unassigned", PhonePlan::Unassigned),
                ],
            )?,
        })
    })?;
    let cities: usize = countries.iter().map(|country| country.cities).sum();
    if cities > MAX_CITIES {
        let detail = format!("found {cities} cities, expected at most {MAX_CITIES} in all");
        return Err(sheet.error(&detail));
    }
    Ok(countries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_converted_halves_up_and_never_overflow() {
        let yen = Currency {
            code: "JPY".to_owned(),
            minor_digits: 0,
            micro_usd: 6_500,
            cash_note: 1_000,
        };
        for (amount_minor, expected) in [
            (100, 65),
            (1, 1),
            (-100, -64),
            (i64::MAX, 5_995_191_823_955_604_275),
        ] {
            assert_eq!(yen.usd_cents(amount_minor), expected, "{amount_minor}");
        }
        let large = Currency {
            micro_usd: 3_000_000,
            ..yen
        };
        assert_eq!(large.usd_cents(i64::MAX), i64::MAX);
    }
}
