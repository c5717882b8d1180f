//! CSV: UTF-8, lines that end in LF or CR LF, perhaps a byte order mark before the first, commas, a header, no quotes, an empty cell for what is absent.
//!
//! Strict on purpose: whatever deviates is named with its line and column instead of being guessed at.

use std::io::{BufRead, Read};
use std::path::Path;

use super::Column;
use super::cell::{Cell, show_text};
use crate::error::{Error, Place};

/// No line of an export is longer.
const MOST_LINE_BYTES: u64 = 1 << 16;

/// What editors of some systems begin a text with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(super) fn read(
    path: &Path,
    mut lines: impl BufRead,
    columns: &mut [Column<'_>],
) -> Result<(), Error> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        let length = lines
            .by_ref()
            .take(MOST_LINE_BYTES)
            .read_until(b'\n', &mut line)
            .map_err(Error::io(path))?;
        let form = |found: String, expected: String| Error::Form {
            path: path.to_owned(),
            place: Place::Line(number),
            found,
            expected,
        };
        if length == 0 {
            return if number > 2 {
                Ok(())
            } else {
                Err(form("the end".to_owned(), "a header and rows".to_owned()))
            };
        }
        let ends = line.pop() == Some(b'\n');
        if !ends && length as u64 == MOST_LINE_BYTES {
            return Err(form(
                format!("a line of more than {MOST_LINE_BYTES} bytes"),
                "rows, each on a line of its own".to_owned(),
            ));
        }
        if !ends {
            return Err(form(
                "the end of the file".to_owned(),
                "a line break after the last row".to_owned(),
            ));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if number == 1 {
            let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line);
            check_header(line, columns).map_err(|(found, expected)| form(found, expected))?;
            continue;
        }
        if !take_row(&line, columns, number, path)? {
            let found = line.split(|byte| *byte == b',').count();
            return Err(form(
                format!("{found} cells"),
                format!("{} cells", columns.len()),
            ));
        }
    }
}

/// Compares the header with the columns; gives what was found and expected at the first difference.
fn check_header(line: &[u8], columns: &[Column<'_>]) -> Result<(), (String, String)> {
    let mut names = line.split(|byte| *byte == b',');
    for column in columns {
        let name = names.next().unwrap_or_default();
        if name != column.name.as_bytes() {
            return Err((show_text(name), format!("the column {}", column.name)));
        }
    }
    match names.next() {
        Some(more) => Err((
            show_text(more),
            format!("no column after {} of them", columns.len()),
        )),
        None => Ok(()),
    }
}

/// Takes the cells of a line; `false` if it has too few or too many.
fn take_row(
    line: &[u8],
    columns: &mut [Column<'_>],
    number: usize,
    path: &Path,
) -> Result<bool, Error> {
    let mut cells = line.split(|byte| *byte == b',');
    for column in columns {
        let Some(bytes) = cells.next() else {
            return Ok(false);
        };
        let cell = Cell::text(bytes);
        column.sink.push(cell).map_err(|expected| Error::Value {
            path: path.to_owned(),
            place: Place::Line(number),
            column: column.name,
            found: cell.show(),
            expected,
        })?;
    }
    Ok(cells.next().is_none())
}
