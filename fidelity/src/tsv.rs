//! The judge's own tables: tab-separated, a header, `#` starts a comment line.

use crate::error::Error;

/// One row of a table.
#[derive(Debug)]
pub(crate) struct Row<'t> {
    table: &'static str,
    line: usize,
    cells: Vec<&'t str>,
}

/// Reads the rows of a table.
///
/// Errors: `Table` for another header or number of cells.
pub(crate) fn rows<'t>(
    table: &'static str,
    text: &'t str,
    columns: &[&str],
) -> Result<Vec<Row<'t>>, Error> {
    let mut rows = (1..)
        .zip(text.lines())
        .filter(|(_, content)| !content.starts_with('#'))
        .map(|(line, content)| Row {
            table,
            line,
            cells: content.split('\t').collect(),
        });
    let header = rows.next();
    if header.is_none_or(|header| header.cells != columns) {
        return Err(Error::Table {
            table,
            line: 1,
            detail: format!("expected the columns {}", columns.join(", ")),
        });
    }
    rows.map(|row| {
        if row.cells.len() == columns.len() {
            Ok(row)
        } else {
            Err(row.error(format!("expected {} cells", columns.len())))
        }
    })
    .collect()
}

impl<'t> Row<'t> {
    /// Gives a cell.
    pub(crate) fn text(&self, column: usize) -> &'t str {
        self.cells[column]
    }

    /// Gives a number.
    pub(crate) fn number(&self, column: usize) -> Result<f64, Error> {
        let cell = self.text(column);
        cell.parse()
            .map_err(|_| self.error(format!("found {cell:?}, expected a number")))
    }

    /// Makes an error that points at this row.
    pub(crate) fn error(&self, detail: String) -> Error {
        Error::Table {
            table: self.table,
            line: self.line,
            detail,
        }
    }
}
