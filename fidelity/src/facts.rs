//! What metrics and charts ask of an export again and again: who a row belongs to and what kind of row it is.
//!
//! Owns the words of the judge: legit, monetized, local hour, distance from home. Everything here is computed once.

use tapdeck_generators::tables::{Currency, Tables};
use tapdeck_generators::{Point, TypologyInfo};

use crate::export::{Degrees, Export, Words};
use crate::groups::Groups;

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Fraud that tries cards out instead of buying with them.
const TRYING: [&str; 2] = ["CARD_TESTING", "BIN_ATTACK"];

/// Code of cash machines.
const ATM: &str = "6011";

/// An export with what follows from it.
#[derive(Debug)]
pub(crate) struct Facts<'e> {
    pub(crate) export: &'e Export,
    pub(crate) tables: &'e Tables,
    /// The kinds of fraud there should be.
    pub(crate) typologies: Vec<TypologyInfo>,
    /// Rows that are not fraud, of cards that were issued.
    pub(crate) legit: Vec<u32>,
    /// All rows of each card, in order of time.
    pub(crate) cards: Groups,
    /// The legit rows of each card, in order of time.
    pub(crate) legit_cards: Groups,
    /// First and last instant, milliseconds since 1970.
    pub(crate) span_ms: (i64, i64),
    category: Vec<Option<usize>>,
    currency: Vec<Option<usize>>,
    country_currency: Vec<Option<usize>>,
    typology: Vec<Option<usize>>,
    atm: Vec<bool>,
    approved: Vec<bool>,
    refund: Vec<bool>,
    money_back: Vec<bool>,
}

impl<'e> Facts<'e> {
    /// Prepares an export.
    pub(crate) fn new(export: &'e Export, tables: &'e Tables) -> Self {
        let typologies: Vec<TypologyInfo> = tapdeck_generators::typologies().collect();
        let is_legit = |row: usize| !export.is_fraud[row] && export.card_known[row];
        let legit: Vec<u32> = row_numbers(export)
            .filter(|row| is_legit(*row as usize))
            .collect();
        let codes = export.card_id.codes();
        let card_count = export.card_id.code_count();
        let cards = Groups::new(codes, card_count, row_numbers(export), &export.ts_ms);
        let legit_cards = Groups::new(codes, card_count, legit.iter().copied(), &export.ts_ms);
        let first = export.ts_ms.iter().copied().min().unwrap_or(0);
        let last = export.ts_ms.iter().copied().max().unwrap_or(0);
        let position_of = |word: &str| {
            tables
                .mccs
                .iter()
                .position(|mcc| mcc.code.to_string() == word)
        };
        let currency_of = |word: &str| {
            tables
                .currencies
                .iter()
                .position(|other| other.code == word)
        };
        let home_currency = |word: &str| {
            let country = tables.countries.iter().find(|country| country.code == word);
            country.map(|country| country.currency.get())
        };
        Self {
            category: export.mcc.map(position_of),
            currency: export.currency.map(currency_of),
            country_currency: export.merchant_country.map(home_currency),
            typology: export.fraud_type.map(|word| {
                typologies
                    .iter()
                    .position(|typology| typology.export_name == word)
            }),
            atm: export.mcc.map(|word| word == ATM),
            approved: export.auth_resp.map(|word| word == "00"),
            refund: export.txn_type.map(|word| word == "REFUND"),
            money_back: export
                .txn_type
                .map(|word| matches!(word, "REFUND" | "REVERSAL")),
            span_ms: (first, last),
            export,
            tables,
            typologies,
            legit,
            cards,
            legit_cards,
        }
    }

    /// Lists all rows.
    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        0..self.export.len()
    }

    /// Lists the legit rows.
    pub(crate) fn legit(&self) -> impl Iterator<Item = usize> + Clone {
        self.legit.iter().map(|row| *row as usize)
    }

    /// Lists the legit rows with the card present.
    pub(crate) fn legit_present(&self) -> impl Iterator<Item = usize> + Clone {
        self.legit().filter(|row| self.export.card_present[*row])
    }

    /// Lists the fraud rows.
    pub(crate) fn fraud(&self) -> impl Iterator<Item = usize> + Clone {
        self.rows().filter(|row| self.export.is_fraud[*row])
    }

    /// Lists the fraud rows of a typology.
    pub(crate) fn fraud_named(&self, name: &str) -> impl Iterator<Item = usize> + Clone {
        let wanted = self.export.fraud_type.map(|word| word == name);
        self.fraud()
            .filter(move |row| wanted[self.export.fraud_type.code(*row) as usize])
    }

    /// Lists the fraud rows that buy with cards instead of trying them out.
    pub(crate) fn monetized(&self) -> impl Iterator<Item = usize> + Clone {
        let trying = self.export.fraud_type.map(|word| TRYING.contains(&word));
        self.fraud()
            .filter(move |row| !trying[self.export.fraud_type.code(*row) as usize])
    }

    /// Gives the place of the row's kind of fraud in the list of typologies; `None` if it is not there.
    pub(crate) fn typology(&self, row: usize) -> Option<usize> {
        by_word(&self.typology, &self.export.fraud_type, row)
    }

    /// Gives the place of the row's merchant category in the table; `None` if it is not there.
    pub(crate) fn category_idx(&self, row: usize) -> Option<usize> {
        by_word(&self.category, &self.export.mcc, row)
    }

    /// Gives the row's currency; `None` if it is not in the table.
    pub(crate) fn currency(&self, row: usize) -> Option<&'e Currency> {
        let idx = by_word(&self.currency, &self.export.currency, row);
        idx.map(|idx| &self.tables.currencies[idx])
    }

    /// Tells whether the row is in the currency of the merchant's country.
    pub(crate) fn is_in_local_currency(&self, row: usize) -> bool {
        let local = by_word(&self.country_currency, &self.export.merchant_country, row);
        local.is_some() && local == by_word(&self.currency, &self.export.currency, row)
    }

    pub(crate) fn is_atm(&self, row: usize) -> bool {
        by_word(&self.atm, &self.export.mcc, row)
    }

    pub(crate) fn is_declined(&self, row: usize) -> bool {
        !by_word(&self.approved, &self.export.auth_resp, row)
    }

    pub(crate) fn is_refund(&self, row: usize) -> bool {
        by_word(&self.refund, &self.export.txn_type, row)
    }

    /// Tells whether money goes back: a refund or a reversal.
    pub(crate) fn is_money_back(&self, row: usize) -> bool {
        by_word(&self.money_back, &self.export.txn_type, row)
    }

    /// Tells whether the merchant sits in another country than the card.
    pub(crate) fn is_abroad(&self, row: usize) -> bool {
        self.export.merchant_country.text(row) != self.export.card_country.text(row)
    }

    /// Gives the natural logarithm of the amount in US cents; less than a cent counts as one.
    pub(crate) fn ln_amount(&self, row: usize) -> f64 {
        (self.export.usd_cents[row].max(1) as f64).ln()
    }

    /// Gives the hour of the local day.
    pub(crate) fn local_hour(&self, row: usize) -> usize {
        let hour = self.local_ms(row).rem_euclid(DAY_MS) / HOUR_MS;
        usize::try_from(hour).unwrap_or(0)
    }

    /// Gives the local day of the week, Monday is 0.
    pub(crate) fn local_weekday(&self, row: usize) -> usize {
        weekday(self.local_ms(row))
    }

    fn local_ms(&self, row: usize) -> i64 {
        let offset = i64::from(self.export.tz_offset_min[row]);
        self.export.ts_ms[row] + offset * MINUTE_MS
    }

    /// Gives where the merchant is.
    pub(crate) fn merchant_place(&self, row: usize) -> Point {
        point(self.export.merchant_lat[row], self.export.merchant_lon[row])
    }

    /// Gives where the holder lives.
    pub(crate) fn home(&self, row: usize) -> Option<Point> {
        let (lat, lon) = (self.export.home_lat[row]?, self.export.home_lon[row]?);
        Some(point(lat, lon))
    }

    /// Gives how far the merchant is from the holder's home, kilometers.
    pub(crate) fn km_from_home(&self, row: usize) -> Option<f64> {
        Some(self.home(row)?.distance_km(self.merchant_place(row)))
    }
}

/// Gives the day of the week of an instant, Monday is 0.
pub(crate) fn weekday(ms: i64) -> usize {
    // The first of January 1970 was a Thursday.
    usize::try_from((ms.div_euclid(DAY_MS) + 3).rem_euclid(7)).unwrap_or(0)
}

fn by_word<T: Copy>(meanings: &[T], words: &Words, row: usize) -> T {
    meanings[words.code(row) as usize]
}

const fn point(lat: Degrees, lon: Degrees) -> Point {
    Point {
        lat: lat.0,
        lon: lon.0,
    }
}

/// Lists the numbers of all rows; an export of 2^32 rows would not fit into any memory.
fn row_numbers(export: &Export) -> std::ops::Range<u32> {
    0..u32::try_from(export.len()).unwrap_or(u32::MAX)
}
