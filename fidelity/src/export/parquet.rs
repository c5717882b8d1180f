//! Parquet: the same columns by name and in order, texts as byte arrays, numbers in any of the physical types that hold
//! them, null or an empty text for what is absent.

use std::fs::File;
use std::path::Path;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;

use super::Column;
use super::cell::{Cell, show_text};
use crate::error::{Error, Place};

/// Values decoded at a time.
const BATCH: usize = 16_384;

pub(super) fn read(path: &Path, file: File, columns: &mut [Column<'_>]) -> Result<(), Error> {
    let unreadable = |source| Error::Parquet {
        path: path.to_owned(),
        source,
    };
    let reader = SerializedFileReader::new(file).map_err(unreadable)?;
    check_schema(reader.metadata().file_metadata().schema_descr(), columns).map_err(
        |(found, expected)| Error::Form {
            path: path.to_owned(),
            place: Place::Header,
            found,
            expected,
        },
    )?;
    let mut rows_before = 0;
    for idx in 0..reader.num_row_groups() {
        let group = reader.get_row_group(idx).map_err(unreadable)?;
        for (at, column) in columns.iter_mut().enumerate() {
            let cells = group.get_column_reader(at).map_err(unreadable)?;
            take_column(cells, column).map_err(|fault| match fault {
                Fault::Library(source) => unreadable(source),
                Fault::Cell {
                    row,
                    found,
                    expected,
                } => Error::Value {
                    path: path.to_owned(),
                    place: Place::Row(rows_before + row + 1),
                    column: column.name,
                    found,
                    expected,
                },
            })?;
        }
        rows_before += usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    }
    if rows_before == 0 {
        return Err(Error::Form {
            path: path.to_owned(),
            place: Place::Row(1),
            found: "the end".to_owned(),
            expected: "rows".to_owned(),
        });
    }
    Ok(())
}

/// Why a column could not be taken over.
enum Fault {
    Library(ParquetError),
    Cell {
        /// Row within its group.
        row: usize,
        found: String,
        expected: &'static str,
    },
}

/// Compares the columns' names; gives what was found and expected at the first difference.
fn check_schema(schema: &SchemaDescriptor, columns: &[Column<'_>]) -> Result<(), (String, String)> {
    for (at, column) in columns.iter().enumerate() {
        let found = (at < schema.num_columns()).then(|| schema.column(at));
        let name = found.as_ref().map_or("", |found| found.name());
        if name != column.name {
            return Err((
                show_text(name.as_bytes()),
                format!("the column {}", column.name),
            ));
        }
        if found
            .as_ref()
            .is_some_and(|found| found.max_rep_level() > 0 || found.max_def_level() > 1)
        {
            return Err((
                format!("a nested column {name}"),
                "one value per row".to_owned(),
            ));
        }
    }
    if schema.num_columns() > columns.len() {
        let found = show_text(schema.column(columns.len()).name().as_bytes());
        return Err((found, format!("no column after {} of them", columns.len())));
    }
    Ok(())
}

fn take_column(cells: ColumnReader, column: &mut Column<'_>) -> Result<(), Fault> {
    match cells {
        ColumnReader::BoolColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::Whole(i64::from(*value)))
        }
        ColumnReader::Int32ColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::Whole(i64::from(*value)))
        }
        ColumnReader::Int64ColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::Whole(*value))
        }
        ColumnReader::DoubleColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::Real(*value))
        }
        ColumnReader::ByteArrayColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::text(value.data()))
        }
        ColumnReader::FixedLenByteArrayColumnReader(cells) => {
            take_typed(cells, column, |value| Cell::text(value.data()))
        }
        ColumnReader::Int96ColumnReader(_) | ColumnReader::FloatColumnReader(_) => {
            Err(Fault::Cell {
                row: 0,
                found: "a column of INT96 or FLOAT".to_owned(),
                expected: "BYTE_ARRAY, INT32, INT64, DOUBLE or BOOLEAN",
            })
        }
    }
}

/// Takes a column over batch by batch; nulls stand in the levels and not among the values.
fn take_typed<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    column: &mut Column<'_>,
    cell: impl Fn(&T::T) -> Cell<'_>,
) -> Result<(), Fault> {
    let (mut values, mut levels) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    let mut row = 0;
    loop {
        values.clear();
        levels.clear();
        let (records, _, _) = reader
            .read_records(BATCH, Some(&mut levels), None, &mut values)
            .map_err(Fault::Library)?;
        if records == 0 {
            return Ok(());
        }
        let mut present = values.iter();
        for idx in 0..records {
            let is_null = levels.get(idx).is_some_and(|level| *level == 0);
            let value = if is_null { None } else { present.next() };
            let found = value.map_or(Cell::Absent, &cell);
            column.sink.push(found).map_err(|expected| Fault::Cell {
                row,
                found: found.show(),
                expected,
            })?;
            row += 1;
        }
    }
}
