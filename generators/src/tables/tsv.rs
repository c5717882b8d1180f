//! Tables as text: tab-separated, a header row, `#` starts a comment line.
//!
//! Strict: the header must be the expected one, and every complaint names table, line and column.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::error::Error;

/// Most rows a table has, so that a byte counts them.
const MAX_ROWS: usize = 255;

/// One row of a table.
pub(crate) struct Row<'t> {
    table: &'static str,
    line: usize,
    columns: &'t [&'static str],
    cells: Vec<&'t str>,
}

/// Reads a table row by row.
///
/// Errors: `Table` for another header, a short or long row, no row or too many, and whatever `parse` refuses.
pub(crate) fn read<T>(
    table: &'static str,
    text: &str,
    columns: &[&'static str],
    parse: impl Fn(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut rows = (1..)
        .zip(text.lines())
        .filter(|(_, content)| !content.is_empty() && !content.starts_with('#'))
        .map(|(line, content)| Row {
            table,
            line,
            columns,
            cells: content.split('\t').collect(),
        });
    let header = rows.next();
    if header.as_ref().is_none_or(|row| row.cells != columns) {
        let detail = format!("expected the columns {}", columns.join(", "));
        let line = header.map_or(1, |row| row.line);
        return Err(Error::Table {
            table,
            line,
            detail,
        });
    }
    let parsed: Vec<T> = rows
        .map(|row| {
            if row.cells.len() == columns.len() {
                parse(&row)
            } else {
                let (found, expected) = (row.cells.len(), columns.len());
                Err(row.error(&format!("found {found} cells, expected {expected}")))
            }
        })
        .collect::<Result<_, _>>()?;
    if parsed.is_empty() || parsed.len() > MAX_ROWS {
        let detail = format!("found {} rows, expected 1 to {MAX_ROWS}", parsed.len());
        return Err(Error::Table {
            table,
            line: 1,
            detail,
        });
    }
    Ok(parsed)
}

impl Row<'_> {
    /// Gives the text of a cell, which is not empty and needs no escaping in JSON.
    pub(crate) fn text(&self, column: &'static str) -> Result<&str, Error> {
        let position = self.columns.iter().position(|&other| other == column);
        let cell = position.map_or("", |position| self.cells[position]);
        if cell.is_empty() {
            return Err(self.error(&format!("column {column} is empty")));
        }
        if cell.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
            let found = format!("column {column} is {cell:?}, expected no quotes or backslashes");
            return Err(self.error(&found));
        }
        Ok(cell)
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
        let cell = self.text(column)?;
        match cell.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(self.error(&format!(
                "column {column} is {cell:?}, expected a number from {} to {}",
                range.start(),
                range.end()
            ))),
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
            self.error(&format!(
                "column {column} is {cell:?}, expected one of {}",
                words.join(", ")
            ))
        })
    }

    /// Makes an error that points at this row.
    pub(crate) fn error(&self, detail: &str) -> Error {
        Error::Table {
            table: self.table,
            line: self.line,
            detail: detail.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let outcome = read("t.tsv", text, &["name", "weight", "kind"], |row| {
            let kinds = [("round", 1), ("flat", 2)];
            let weight = row.number("weight", 1..=9)?;
            Ok(format!(
                "{} {weight} {}",
                row.text("name")?,
                row.one_of("kind", &kinds)?
            ))
        });
        let found = outcome.map_or_else(|error| error.to_string(), |rows| rows.join(" / "));
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_are_read_and_faults_are_located() {
        let header = "# note\n\nname\tweight\tkind\n";
        check(
            &format!("{header}a\t1\tround\n# b\nc\t9\tflat\n"),
            "a 1 1 / c 9 2",
        );
        check(
            &format!("{header}a\t0\tround\n"),
            "table t.tsv, line 4: column weight is \"0\", expected a number from 1 to 9",
        );
        check(
            &format!("{header}a\tx\tround\n"),
            "table t.tsv, line 4: column weight is \"x\", expected a number from 1 to 9",
        );
        check(
            &format!("{header}a\t1\toval\n"),
            "table t.tsv, line 4: column kind is \"oval\", expected one of round, flat",
        );
        check(
            &format!("{header}\t1\tflat\n"),
            "table t.tsv, line 4: column name is empty",
        );
        check(
            &format!("{header}a\"b\t1\tflat\n"),
            "table t.tsv, line 4: column name is \"a\\\"b\", expected no quotes or backslashes",
        );
        check(
            &format!("{header}a\t1\n"),
            "table t.tsv, line 4: found 2 cells, expected 3",
        );
        check(
            header,
            "table t.tsv, line 1: found 0 rows, expected 1 to 255",
        );
        check(
            "",
            "table t.tsv, line 1: expected the columns name, weight, kind",
        );
        check(
            "name\tkind\n",
            "table t.tsv, line 1: expected the columns name, weight, kind",
        );
    }
}
