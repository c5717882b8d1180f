//! World files: TOML that puts a user's tables in the place of built-in ones, or other texts into single cells.
//!
//! ```toml
//! # A whole table, from a file beside this one.
//! [tables]
//! countries = "countries.tsv"
//!
//! # Single cells: the table, a row by its first column, then columns.
//! [mccs.5411]
//! weight = 1400
//! ```
//!
//! Strict: a table, row or column that does not exist is an error with its line and the nearest one that does. Whole
//! tables come first, wherever they stand in the file. Knows no disk: files are read by whoever asks.

use std::io;

use tapdeck_services::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::set::TableSet;
use super::sheet::Place;
use crate::error::Error;

/// Key of the table that names files.
const FILES: &str = "tables";

impl TableSet {
    /// Takes the built-in tables as a world file changes them; `read` gives the text of a file that it names.
    ///
    /// Errors: `WorldFile`, `Table`.
    pub fn from_world_file(
        source: &str,
        origin: &str,
        read: impl FnMut(&str) -> io::Result<String>,
    ) -> Result<Self, Error> {
        let file = WorldFile { source, origin };
        let mut entries = file.parse()?;
        let mut set = Self::builtin()?;
        if let Some(files) = entries.remove(FILES) {
            file.replace(&mut set, files, read)?;
        }
        for (table, rows) in in_order(entries) {
            file.set_cells(&mut set, &table, rows)?;
        }
        Ok(set)
    }
}

struct WorldFile<'f> {
    source: &'f str,
    origin: &'f str,
}

type Key<'f> = Spanned<std::borrow::Cow<'f, str>>;

/// Gives the entries of a table as they stand in the file.
fn in_order(table: DeTable<'_>) -> Vec<(Key<'_>, Spanned<DeValue<'_>>)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

impl<'f> WorldFile<'f> {
    fn parse(&self) -> Result<DeTable<'f>, Error> {
        DeTable::parse(self.source)
            .map(Spanned::into_inner)
            .map_err(|error| {
                let offset = error.span().map_or(0, |span| span.start);
                self.error(offset, format!("not valid TOML: {}", error.message()))
            })
    }

    /// Puts whole tables in place.
    fn replace(
        &self,
        set: &mut TableSet,
        files: Spanned<DeValue<'f>>,
        mut read: impl FnMut(&str) -> io::Result<String>,
    ) -> Result<(), Error> {
        for (table, path) in self.entries(files, "a table of file names")? {
            let offset = path.span().start;
            let DeValue::String(path) = path.get_ref() else {
                return Err(self.error(offset, "expected the name of a file".to_owned()));
            };
            if set.sheet_mut(table.get_ref()).is_none() {
                return Err(self.unknown("table", &table, TableSet::names()));
            }
            let text = read(path).map_err(|source| Error::WorldFile {
                origin: self.origin.to_owned(),
                line: self.line(offset),
                detail: format!("cannot read the table {path}"),
                source: Some(source),
            })?;
            set.replace(table.get_ref(), path, &text)?;
        }
        Ok(())
    }

    /// Writes other texts into the cells of one table.
    fn set_cells(
        &self,
        set: &mut TableSet,
        table: &Key<'f>,
        rows: Spanned<DeValue<'f>>,
    ) -> Result<(), Error> {
        let Some(sheet) = set.sheet_mut(table.get_ref()) else {
            return Err(self.unknown("table", table, TableSet::names().chain([FILES])));
        };
        for (row, cells) in self.entries(rows, "a table of rows")? {
            if !sheet.keys().any(|key| key == row.get_ref()) {
                return Err(self.unknown("row", &row, sheet.keys()));
            }
            for (column, value) in self.entries(cells, "a table of columns")? {
                let offset = value.span().start;
                let text = match value.get_ref() {
                    DeValue::String(text) => text.to_string(),
                    DeValue::Integer(number) => number.to_string(),
                    DeValue::Float(number) => number.to_string(),
                    _ => return Err(self.error(offset, "expected a text or a number".to_owned())),
                };
                let place = Place {
                    origin: self.origin.into(),
                    line: self.line(offset),
                };
                if !sheet.set(row.get_ref(), column.get_ref(), text, place) {
                    let columns = sheet.form().columns.iter().copied();
                    return Err(self.unknown("column", &column, columns));
                }
            }
        }
        Ok(())
    }

    fn entries(
        &self,
        value: Spanned<DeValue<'f>>,
        expected: &str,
    ) -> Result<Vec<(Key<'f>, Spanned<DeValue<'f>>)>, Error> {
        let offset = value.span().start;
        match value.into_inner() {
            DeValue::Table(entries) => Ok(in_order(entries)),
            _ => Err(self.error(offset, format!("expected {expected}"))),
        }
    }

    fn unknown<'k>(
        &self,
        what: &str,
        key: &Key<'_>,
        known: impl Iterator<Item = &'k str>,
    ) -> Error {
        let known: Vec<&str> = known.collect();
        let hint = nearest(key.get_ref(), known.iter().copied()).map_or_else(
            || format!("known: {}", known.join(", ")),
            |nearest| format!("did you mean {nearest:?}?"),
        );
        let detail = format!("unknown {what} {:?}; {hint}", key.get_ref());
        self.error(key.span().start, detail)
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.source.bytes().take(offset);
        1 + before.filter(|&byte| byte == b'\n').count()
    }

    fn error(&self, offset: usize, detail: String) -> Error {
        Error::WorldFile {
            origin: self.origin.to_owned(),
            line: self.line(offset),
            detail,
            source: None,
        }
    }
}

#[cfg(test)]
mod tests;
