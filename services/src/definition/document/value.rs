//! A value of any type, until somebody asks for one.

use serde_json::{Number, Value as Json};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::{Document, Site, Table, Text};
use crate::definition::keys::TableKeys;
use crate::error::{Error, Fault};
use crate::scalar::Scalar;

/// A value of any type.
pub(in crate::definition) struct Value<'d> {
    site: Site<'d>,
    value: DeValue<'d>,
}

/// A string, or a whole number below 2^32.
pub(in crate::definition) enum WordOrNumber<'d> {
    Word(Text<'d>),
    Number(u32),
}

impl<'d> Value<'d> {
    pub(super) fn new(document: Document<'d>, key: String, spanned: Spanned<DeValue<'d>>) -> Self {
        let site = Site {
            document,
            key,
            span: spanned.span(),
        };
        let value = spanned.into_inner();
        Self { site, value }
    }

    pub(in crate::definition) fn text(self) -> Result<Text<'d>, Error> {
        match self.value {
            DeValue::String(text) => Ok(Text::new(self.site, text)),
            other => Err(self.site.wrong_type("a string", &other)),
        }
    }

    /// Reads a whole number that fits its type and a range, which `expected` words.
    pub(in crate::definition) fn whole<N: TryFrom<u64>>(
        self,
        expected: &'static str,
        fits: fn(&N) -> bool,
    ) -> Result<N, Error> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.site.wrong_type(expected, &self.value));
        };
        u64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| N::try_from(number).ok())
            .filter(fits)
            .ok_or_else(|| self.site.unfit(expected, integer.to_string()))
    }

    /// Reads a finite number above zero.
    pub(in crate::definition) fn above_zero(self) -> Result<f64, Error> {
        let expected = "a number above 0";
        let digits = match &self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            other => return Err(self.site.wrong_type(expected, other)),
        };
        let number = digits.parse().ok();
        number
            .filter(|&number: &f64| number.is_finite() && number > 0.0)
            .ok_or_else(|| self.site.unfit(expected, digits.to_owned()))
    }

    /// Reads a string or a whole number, which `expected` words.
    pub(in crate::definition) fn word_or_number(
        self,
        expected: &'static str,
    ) -> Result<WordOrNumber<'d>, Error> {
        match self.value {
            DeValue::String(text) => Ok(WordOrNumber::Word(Text::new(self.site, text))),
            _ => self.whole(expected, |_| true).map(WordOrNumber::Number),
        }
    }

    pub(in crate::definition) fn boolean(self) -> Result<bool, Error> {
        match self.value {
            DeValue::Boolean(boolean) => Ok(boolean),
            other => Err(self.site.wrong_type("true or false", &other)),
        }
    }

    pub(in crate::definition) fn items(self) -> Result<Vec<Self>, Error> {
        let Site {
            document, ref key, ..
        } = self.site;
        match self.value {
            DeValue::Array(items) => Ok(items
                .into_iter()
                .map(|item| Self::new(document, key.clone(), item))
                .collect()),
            other => Err(self.site.wrong_type("an array", &other)),
        }
    }

    /// Reads an array that must not be empty.
    pub(in crate::definition) fn some_items(self) -> Result<Vec<Self>, Error> {
        let nothing = self
            .site
            .unfit("an array of at least one", "an empty one".to_owned());
        let items = self.items()?;
        if items.is_empty() {
            Err(nothing)
        } else {
            Ok(items)
        }
    }

    pub(in crate::definition) fn table(self, keys: &'static TableKeys) -> Result<Table<'d>, Error> {
        let (site, entries) = self.into_table()?;
        Table::open(site, keys, entries)
    }

    /// Reads a table whose keys are free, in file order.
    pub(in crate::definition) fn pairs(self) -> Result<Vec<(Text<'d>, Self)>, Error> {
        let (
            Site {
                document,
                key: table,
                ..
            },
            entries,
        ) = self.into_table()?;
        let mut pairs: Vec<_> = entries.into_iter().collect();
        pairs.sort_by_key(|(name, _)| name.span().start);
        let pair = |(name, value): (Spanned<_>, _)| {
            let site = Site {
                document,
                key: table.clone(),
                span: name.span(),
            };
            let name = Text::new(site, name.into_inner());
            let value = Self::new(document, name.as_str().to_owned(), value);
            (name, value)
        };
        Ok(pairs.into_iter().map(pair).collect())
    }

    /// Reads a string, number or boolean as the JSON value it stands for.
    pub(in crate::definition) fn scalar(self) -> Result<Json, Error> {
        let json = match &self.value {
            DeValue::String(text) => Some(Json::from(text.as_ref())),
            DeValue::Boolean(boolean) => Some(Json::from(*boolean)),
            DeValue::Integer(integer) => integer_as_json(integer),
            DeValue::Float(float) => float_as_json(float.as_str()),
            DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        };
        let expected = "a string, a boolean or a finite number of at most 64 bits";
        json.ok_or_else(|| self.site.wrong_type(expected, &self.value))
    }

    /// Reads a string, number or boolean that an answer must hold, digit for digit.
    pub(in crate::definition) fn expected(self) -> Result<Scalar, Error> {
        let number = match &self.value {
            DeValue::String(text) => return Ok(Scalar::Text(text.clone().into_owned())),
            DeValue::Boolean(boolean) => return Ok(Scalar::Boolean(*boolean)),
            DeValue::Integer(integer) => {
                let too_long = "at most 128 bits long, unless it is in decimal notation";
                let number = whole_number(integer);
                Some(number.ok_or_else(|| self.site.unfit(too_long, integer.to_string()))?)
            }
            DeValue::Float(float) => finite_number(float.as_str()),
            DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        };
        let expected = "a string, a boolean or a finite number";
        let number = number.ok_or_else(|| self.site.wrong_type(expected, &self.value))?;
        Ok(Scalar::Number(number))
    }

    /// Reads a string, number or boolean, or an array of them, as the JSON value it stands for.
    pub(in crate::definition) fn scalar_or_list(self) -> Result<Json, Error> {
        if !matches!(self.value, DeValue::Array(_)) {
            return self.scalar();
        }
        let items = self.items()?.into_iter().map(Self::scalar);
        Ok(Json::Array(items.collect::<Result<_, _>>()?))
    }

    /// Makes the report of a fault of the value as a whole.
    pub(in crate::definition) fn error(&self, fault: Fault) -> Error {
        self.site.error(fault)
    }

    /// Keeps the way to report a fault of the value as a whole after it has been read.
    pub(in crate::definition) fn reporter(&self) -> impl Fn(Fault) -> Error + 'd {
        let site = self.site.clone();
        move |fault| site.error(fault)
    }

    fn into_table(self) -> Result<(Site<'d>, DeTable<'d>), Error> {
        match self.value {
            DeValue::Table(entries) => Ok((self.site, entries)),
            other => Err(self.site.wrong_type("a table", &other)),
        }
    }
}

fn integer_as_json(integer: &DeInteger<'_>) -> Option<Json> {
    let number = i64::from_str_radix(integer.as_str(), integer.radix());
    number.ok().map(Json::from)
}

/// Writes an integer in decimal notation; one in that notation may have any number of digits.
fn whole_number(integer: &DeInteger<'_>) -> Option<String> {
    if integer.radix() == 10 {
        return Some(integer.as_str().trim_start_matches('+').to_owned());
    }
    let number = u128::from_str_radix(integer.as_str(), integer.radix());
    number.ok().map(|number| number.to_string())
}

/// Takes the digits of a float as they are; `inf` and `nan` have none.
fn finite_number(digits: &str) -> Option<String> {
    let is_finite = digits.bytes().any(|byte| byte.is_ascii_digit());
    is_finite.then(|| digits.trim_start_matches('+').to_owned())
}

fn float_as_json(digits: &str) -> Option<Json> {
    let number = digits.parse().ok().and_then(Number::from_f64);
    number.map(Json::from)
}
