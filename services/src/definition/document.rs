//! A strict reader over TOML that never forgets where a value stands.
//!
//! Owns types and positions: every key is known, every value has the type its key asks for, every error has a place.
//! Knows nothing of what the keys mean. Serde would give neither typed reasons nor the place of a fault that lies
//! inside a string, so this reads the parser's own tables.

mod text;
mod value;

pub(super) use text::Text;
pub(super) use value::{Value, WordOrNumber};

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::TableKeys;
use crate::error::{Error, Fault, Located, Place, line_and_column, nearest};

/// A definition file.
#[derive(Clone, Copy)]
pub(super) struct Document<'d> {
    source: &'d str,
    origin: &'d str,
}

/// Where something stands in a document, and under which key.
#[derive(Clone)]
struct Site<'d> {
    document: Document<'d>,
    key: String,
    span: Range<usize>,
}

/// A table whose keys are all known.
pub(super) struct Table<'d> {
    site: Site<'d>,
    keys: &'static TableKeys,
    entries: DeTable<'d>,
}

impl<'d> Document<'d> {
    /// Parses a file whose top level holds `keys`.
    pub(super) fn open(
        source: &'d str,
        origin: &'d str,
        keys: &'static TableKeys,
    ) -> Result<Table<'d>, Error> {
        let document = Self { source, origin };
        let root = DeTable::parse(source).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().to_owned();
            document.error(Fault::Syntax { message }.at(offset))
        })?;
        let site = Site {
            document,
            key: String::new(),
            span: 0..0,
        };
        Table::open(site, keys, root.into_inner())
    }

    fn error(self, located: Located) -> Error {
        let (line, column) = line_and_column(self.source, located.offset);
        Error::Definition {
            place: Place {
                origin: self.origin.to_owned(),
                line,
                column,
            },
            fault: Box::new(located.fault),
        }
    }
}

impl<'d> Site<'d> {
    fn raw(&self) -> &'d str {
        &self.document.source[self.span.clone()]
    }

    fn error(&self, fault: Fault) -> Error {
        self.document.error(fault.at(self.span.start))
    }

    fn unfit(&self, expected: &'static str, found: String) -> Error {
        self.error(Fault::Unfit {
            key: self.key.clone(),
            expected,
            found,
        })
    }

    fn wrong_type(&self, expected: &'static str, found: &DeValue<'_>) -> Error {
        self.error(Fault::WrongType {
            key: self.key.clone(),
            expected,
            found: type_with_article(found),
        })
    }
}

impl<'d> Table<'d> {
    fn open(site: Site<'d>, keys: &'static TableKeys, entries: DeTable<'d>) -> Result<Self, Error> {
        let is_unknown = |key: &&Spanned<_>| keys.names().all(|known| key.get_ref() != known);
        // The first in the file, not the first in the alphabet.
        let unknown = entries
            .keys()
            .filter(is_unknown)
            .min_by_key(|key| key.span().start);
        if let Some(key) = unknown {
            let fault = Fault::UnknownKey {
                key: key.get_ref().to_string(),
                table: keys.table,
                nearest: nearest(key.get_ref(), keys.names()),
                known: keys.names().collect(),
            };
            return Err(site.document.error(fault.at(key.span().start)));
        }
        Ok(Self {
            site,
            keys,
            entries,
        })
    }

    /// Takes a value that may be left out.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<Value<'d>> {
        let is_listed = self.keys.names().any(|known| known == key);
        debug_assert!(
            is_listed,
            "{key} is not among the keys of {}",
            self.keys.table
        );
        let spanned = self.entries.remove(key)?;
        Some(Value::new(self.site.document, key.to_owned(), spanned))
    }

    /// Takes a value that must be there.
    pub(super) fn required(&mut self, key: &'static str) -> Result<Value<'d>, Error> {
        let table = self.keys.table;
        self.optional(key)
            .ok_or_else(|| self.error(Fault::MissingKey { key, table }))
    }

    /// Takes an array that may be left out, which is as good as empty.
    pub(super) fn items(&mut self, key: &'static str) -> Result<Vec<Value<'d>>, Error> {
        self.optional(key).map_or(Ok(Vec::new()), Value::items)
    }

    /// Reports that too few or too many of some keys are there.
    pub(super) fn one_of(&self, need: &'static str, keys: &'static str) -> Error {
        let table = self.keys.table;
        self.error(Fault::OneOf { table, need, keys })
    }

    /// Reports a fault of the table as a whole.
    pub(super) fn error(&self, fault: Fault) -> Error {
        self.site.error(fault)
    }
}

fn type_with_article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
