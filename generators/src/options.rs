//! What a corpus is to be.

use std::collections::{BTreeMap, BTreeSet};

use tapdeck_services::{Mix, ServiceDefinition};

use crate::error::Error;
use crate::event_time::EventTime;
use crate::fields::dialect::Dialect;
use crate::fraud::TypologyShares;
use crate::seed::Seed;
use crate::slice::Slice;
use crate::tables::{TableSet, Tables};
use crate::world::{Setting, Span};

/// Longest span.
const MAX_DAYS: u32 = 3_660;

/// Most fraud among all transactions. The number of victims usually sets a lower limit.
const MAX_FRAUD_RATE: f64 = 0.5;

/// What a corpus is to be; the same options give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// Seed of the world.
    pub seed: u64,
    /// Requests on the tape.
    pub count: u64,
    /// Whether the tape holds exactly so many requests; where they would end within a session, it ends with the session
    /// or the request before. If not, it holds all of a world planned for so many.
    pub exact: bool,
    /// Length of the span that the world covers. The tape ends a little before, where the count is reached.
    pub days: u32,
    /// Share of fraud among all transactions of the world.
    pub fraud_rate: f64,
    /// How that is divided among the typologies.
    pub typologies: TypologyShares,
    /// Start of the span.
    pub start: EventTime,
    /// Codes of the only countries in the world; all if none is named.
    pub countries: Vec<String>,
    /// Whether some purchases in shops are undone right away.
    pub reversals: bool,
    /// How ids are written.
    pub dialect: Dialect,
    /// Tables in the place of the built-in ones.
    pub tables: Option<TableSet>,
    /// A slice of a population instead of whole lives; count, days and start then say nothing.
    pub slice: Option<Slice>,
    /// Weights in the place of those that the service states.
    pub mix: Mix,
}

impl GenerateOptions {
    /// Days if nobody says otherwise.
    pub const DEFAULT_DAYS: u32 = 90;

    /// Fraud rate if nobody says otherwise.
    pub const DEFAULT_FRAUD_RATE: f64 = 0.003;

    /// Takes seed and count, and for the rest what is usual.
    pub const fn new(seed: u64, count: u64) -> Self {
        Self {
            seed,
            count,
            exact: true,
            days: Self::DEFAULT_DAYS,
            fraud_rate: Self::DEFAULT_FRAUD_RATE,
            typologies: TypologyShares::USUAL,
            start: EventTime::DEFAULT_START,
            countries: Vec::new(),
            reversals: false,
            dialect: Dialect::Plain,
            tables: None,
            slice: None,
            mix: Mix::NONE,
        }
    }

    /// Checks every option on its own.
    ///
    /// Errors: `Option` names the first one that is out of range; `Table` for a table that is not what it should be.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |option, found: &dyn ToString, expected: String| {
            Err(Error::Option {
                option,
                found: found.to_string(),
                expected,
            })
        };
        if !(0.0..=MAX_FRAUD_RATE).contains(&self.fraud_rate) {
            let expected = format!("a share from 0 to {MAX_FRAUD_RATE}");
            return refuse("fraud rate", &self.fraud_rate, expected);
        }
        if let Some(slice) = &self.slice {
            slice.validate()?;
            return self.setting().map(drop);
        }
        if self.count == 0 {
            return refuse("count", &self.count, "at least 1".to_owned());
        }
        if !(1..=MAX_DAYS).contains(&self.days) {
            return refuse("days", &self.days, format!("1 to {MAX_DAYS}"));
        }
        if self.end().is_none() {
            let expected = "a start whose span ends before the year 10000".to_owned();
            return refuse("start", &self.start, expected);
        }
        self.setting().map(drop)
    }

    /// Gives what the world is made from.
    pub(crate) fn setting(&self) -> Result<Setting, Error> {
        let mut tables = match &self.tables {
            Some(set) => Tables::read(set)?,
            None => Tables::builtin()?,
        };
        tables.restrict(&self.countries)?;
        Ok(Setting {
            seed: Seed(self.seed),
            span: match &self.slice {
                Some(slice) => slice.world_span()?,
                None => self.span(),
            },
            tables,
            reversals: self.reversals,
            dialect: self.dialect,
        })
    }

    /// Gives the service with the weights that count.
    ///
    /// Errors: `Service` if the mix weighs what the service does not have.
    pub(crate) fn weigh(&self, service: &ServiceDefinition) -> Result<ServiceDefinition, Error> {
        service.mixed(&self.mix).map_err(|error| Error::Service {
            service: service.name.clone(),
            detail: error.to_string(),
        })
    }

    pub(crate) fn span(&self) -> Span {
        Span {
            start: self.start,
            days: self.days,
        }
    }

    /// Gives the options as a tape records them, the seed apart; tables by the digest of all of them.
    ///
    /// Errors: `Table`.
    pub fn parameters(&self) -> Result<BTreeMap<String, String>, Error> {
        let tables = match &self.tables {
            Some(set) => set.digest(),
            None => TableSet::builtin()?.digest(),
        };
        let codes: BTreeSet<&str> = self.countries.iter().map(String::as_str).collect();
        let countries = match codes.len() {
            0 => "all".to_owned(),
            _ => Vec::from_iter(codes).join(","),
        };
        let mut parameters = vec![
            ("countries", countries),
            ("dialect", self.dialect.name().to_owned()),
            ("fraud_rate", self.fraud_rate.to_string()),
            ("reversals", self.reversals.to_string()),
            ("tables", tables.to_string()),
            ("typologies", self.typologies.to_string()),
        ];
        match &self.slice {
            Some(slice) => parameters.extend(slice.parameters()),
            None => parameters.extend([
                ("count", self.count.to_string()),
                ("days", self.days.to_string()),
                ("exact", self.exact.to_string()),
                ("start", self.start.to_string()),
            ]),
        }
        if !self.mix.is_empty() {
            parameters.push(("mix", self.mix.to_string()));
        }
        let named = parameters.into_iter();
        Ok(named
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }

    fn end(&self) -> Option<EventTime> {
        EventTime::from_unix_ms(self.start.unix_ms() + self.span().length_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_options_are_named() {
        let good = GenerateOptions::new(1, 10);
        assert!(good.validate().is_ok());
        let late = "9999-12-30".parse().unwrap();
        let rows = [
            (
                GenerateOptions {
                    count: 0,
                    ..good.clone()
                },
                "count is 0, expected at least 1",
            ),
            (
                GenerateOptions {
                    days: 0,
                    ..good.clone()
                },
                "days is 0, expected 1 to 3660",
            ),
            (
                GenerateOptions {
                    days: 3_661,
                    ..good.clone()
                },
                "days is 3661, expected 1 to 3660",
            ),
            (
                GenerateOptions {
                    fraud_rate: 0.6,
                    ..good.clone()
                },
                "fraud rate is 0.6, expected a share from 0 to 0.5",
            ),
            (
                GenerateOptions {
                    fraud_rate: -0.1,
                    ..good.clone()
                },
                "fraud rate is -0.1, expected a share from 0 to 0.5",
            ),
            (
                GenerateOptions {
                    fraud_rate: f64::NAN,
                    ..good.clone()
                },
                "fraud rate is NaN, expected a share from 0 to 0.5",
            ),
            (
                GenerateOptions {
                    countries: vec!["SE".to_owned(), "XX".to_owned()],
                    ..good.clone()
                },
                "country is \"XX\", expected one of US, GB, IN, DE, FR, CA, BR, AU, JP, ES, IT, MX, NL, PL, KR, SE, TR, \
                 ZA, SG, CN, AE, NG, CL, UA, RU, PK, KW, BD",
            ),
            (
                GenerateOptions {
                    start: late,
                    ..good
                },
                "start is 9999-12-30T00:00:00.000Z, expected a start whose span ends before the year 10000",
            ),
        ];
        for (options, expected) in rows {
            assert_eq!(options.validate().unwrap_err().to_string(), expected);
        }
    }
}
