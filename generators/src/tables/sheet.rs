//! Tables as text: tab-separated, a header row, `#` starts a comment line.
//!
//! Strict: the header must be the expected one, no two rows share a key, and every complaint names file, line and
//! column. A cell remembers where it was written, since single cells may come from elsewhere than their table.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::Error;

/// Most rows a table has, so that a byte counts them.
const MAX_ROWS: usize = 255;

/// What a table is called, which columns it has, and what it holds unless somebody says otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    /// The first one is the key of a row.
    pub(crate) columns: &'static [&'static str],
    pub(crate) builtin: &'static str,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) origin: Arc<str>,
    /// Line, counted from 1.
    pub(crate) line: usize,
}

/// A table whose cells were not looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    form: &'static Form,
    rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    form: &'static Form,
    place: Place,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    text: String,
    place: Place,
}

impl Sheet {
    /// Takes a text apart.
    ///
    /// Errors: `Table` for another header, a short or long row, a key that comes twice, no row or too many.
    pub(crate) fn parse(form: &'static Form, origin: &str, text: &str) -> Result<Self, Error> {
        let origin: Arc<str> = origin.into();
        let place = |line| Place {
            origin: Arc::clone(&origin),
            line,
        };
        let mut lines = (1..)
            .zip(text.lines())
            .filter(|(_, content)| !content.is_empty() && !content.starts_with('#'));
        let header = lines.next();
        if header.is_none_or(|(_, header)| !header.split('\t').eq(form.columns.iter().copied())) {
            let detail = format!("expected the columns {}", form.columns.join(", "));
            return Err(place(header.map_or(1, |(line, _)| line)).error(detail));
        }
        let row = |(line, content): (usize, &str)| Row {
            form,
            place: place(line),
            cells: content
                .split('\t')
                .map(|text| Cell {
                    text: text.to_owned(),
                    place: place(line),
                })
                .collect(),
        };
        let rows: Vec<Row> = lines.map(row).collect();
        if rows.is_empty() || rows.len() > MAX_ROWS {
            let detail = format!("found {} rows, expected 1 to {MAX_ROWS}", rows.len());
            return Err(place(1).error(detail));
        }
        for (idx, row) in rows.iter().enumerate() {
            let (found, expected) = (row.cells.len(), form.columns.len());
            if found != expected {
                return Err(row.error(&format!("found {found} cells, expected {expected}")));
            }
            if rows[..idx].iter().any(|other| other.key() == row.key()) {
                return Err(row.error(&format!("{} {:?} comes twice", form.columns[0], row.key())));
            }
        }
        Ok(Self { form, rows })
    }

    /// Gives what the table is called, and what its columns are.
    pub(crate) fn form(&self) -> &'static Form {
        self.form
    }

    /// Gives the keys of all rows.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(Row::key)
    }

    /// Writes another text into a cell; tells whether there is such a cell.
    pub(crate) fn set(&mut self, key: &str, column: &str, text: String, place: Place) -> bool {
        let position = self.form.columns.iter().position(|&other| other == column);
        let row = self.rows.iter_mut().find(|row| row.key() == key);
        let (Some(position), Some(row)) = (position, row) else {
            return false;
        };
        row.cells[position] = Cell { text, place };
        true
    }

    /// Makes something of every row.
    pub(crate) fn read<T>(
        &self,
        parse: impl FnMut(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.rows.iter().map(parse).collect()
    }

    /// Appends the table without comments and origins, so that equal tables give equal texts.
    pub(crate) fn write(&self, out: &mut String) {
        out.push_str(self.form.name);
        for row in &self.rows {
            out.push('\n');
            for cell in &row.cells {
                out.push_str(&cell.text);
                out.push('\t');
            }
        }
        out.push_str("\n\n");
    }

    /// Makes an error about the table as a whole.
    pub(crate) fn error(&self, detail: &str) -> Error {
        self.rows[0].error(detail)
    }
}

impl Place {
    /// Makes an error that points here.
    pub(crate) fn error(&self, detail: String) -> Error {
        Error::Table {
            origin: self.origin.to_string(),
            line: self.line,
            detail,
        }
    }
}

impl Row {
    fn key(&self) -> &str {
        &self.cells[0].text
    }

    fn cell(&self, column: &'static str) -> &Cell {
        let position = self.form.columns.iter().position(|&other| other == column);
        debug_assert!(position.is_some(), "{} has no {column}", self.form.name);
        &self.cells[position.unwrap_or_default()]
    }

    /// Gives the text of a cell, which is not empty and needs no escaping in JSON.
    pub(crate) fn text(&self, column: &'static str) -> Result<&str, Error> {
        let text = &self.cell(column).text;
        if text.is_empty() {
            return Err(self.misfit(column, "something"));
        }
        if text.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
            return Err(self.misfit(column, "no quotes or backslashes"));
        }
        Ok(text)
    }

    /// Gives a text that is part of requests and has no digits, so that no card number comes of it.
    pub(crate) fn name(&self, column: &'static str) -> Result<&str, Error> {
        let text = self.text(column)?;
        if text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(self.misfit(column, "no digits"));
        }
        Ok(text)
    }

    /// Gives a cell of so many capital letters.
    pub(crate) fn letters(&self, column: &'static str, count: usize) -> Result<String, Error> {
        let text = self.text(column)?;
        if text.len() == count && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(text.to_owned());
        }
        Err(self.misfit(column, &format!("{count} capital letters")))
    }

    /// Gives a number within a range.
    pub(crate) fn number<T>(
        &self,
        column: &'static str,
        range: RangeInclusive<T>,
    ) -> Result<T, Error>
    where
        T: FromStr + PartialOrd + Display,
    {
        match self.text(column)?.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => {
                let expected = format!("a number from {} to {}", range.start(), range.end());
                Err(self.misfit(column, &expected))
            }
        }
    }

    /// Gives a percentage as a fraction.
    pub(crate) fn percent(
        &self,
        column: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<f64, Error> {
        Ok(self.number(column, range)? / 100.0)
    }

    /// Gives what a word stands for.
    pub(crate) fn one_of<T: Copy>(
        &self,
        column: &'static str,
        choices: &[(&str, T)],
    ) -> Result<T, Error> {
        let cell = self.text(column)?;
        let choice = choices.iter().find(|(word, _)| *word == cell);
        choice.map(|&(_, meaning)| meaning).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|&(word, _)| word).collect();
            self.misfit(column, &format!("one of {}", words.join(", ")))
        })
    }

    /// Makes an error that points at a cell and says what belongs there.
    pub(crate) fn misfit(&self, column: &'static str, expected: &str) -> Error {
        let Cell { text, place } = self.cell(column);
        place.error(format!("column {column} is {text:?}, expected {expected}"))
    }

    /// Makes an error that points at the row.
    pub(crate) fn error(&self, detail: &str) -> Error {
        self.place.error(detail.to_owned())
    }
}

#[cfg(test)]
mod tests;
