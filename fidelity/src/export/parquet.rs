//! Parquet: the same columns by name and in order, texts as byte arrays, numbers in any of the physical types that hold
//! them, null or an empty text for what is absent.

mod page_header;
mod pages;
mod unwinding;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::SchemaDescriptor;

use self::pages::{Bounded, Checked};
use self::unwinding::catch;
use super::Column;
use super::cell::{Cell, show_text};
use crate::error::{Error, Place};

/// Most bytes of a footer: some thousand row groups.
const MOST_FOOTER_BYTES: u32 = 64 << 20;

/// Values decoded at a time.
const BATCH: usize = 16_384;

pub(super) fn read(path: &Path, file: File, columns: &mut [Column<'_>]) -> Result<(), Error> {
    let unreadable = |place: String, source| Error::Parquet {
        path: path.to_owned(),
        place,
        source,
    };
    let bytes = file.metadata().map_err(Error::io(path))?.len();
    let metadata = guarded(|| {
        check_footer(&file, bytes)?;
        let mut reader = ParquetMetaDataReader::new();
        reader.try_parse(&file)?;
        reader.finish()
    });
    let metadata = metadata.map_err(|source| unreadable("footer".to_owned(), source))?;
    let form = |place, (found, expected)| Error::Form {
        path: path.to_owned(),
        place,
        found,
        expected,
    };
    check_schema(metadata.file_metadata().schema_descr(), columns)
        .map_err(|fault| form(Place::Header, fault))?;
    check_rows(&metadata, bytes).map_err(|fault| form(Place::Header, fault))?;
    let file = Arc::new(Bounded::new(file, bytes));
    let mut rows_before = 0;
    for (idx, group) in metadata.row_groups().iter().enumerate() {
        for (at, column) in columns.iter_mut().enumerate() {
            let outcome = guarded(|| Ok(take_chunk(&file, group, at, column)));
            match outcome.unwrap_or_else(|source| Err(Fault::Library(source))) {
                Ok(()) => {}
                Err(Fault::Library(source)) => {
                    let place = format!("row group {}, column {}", idx + 1, column.name);
                    return Err(unreadable(place, source));
                }
                Err(Fault::Cell {
                    row,
                    found,
                    expected,
                }) => {
                    return Err(Error::Value {
                        path: path.to_owned(),
                        place: Place::Row(rows_before + row + 1),
                        column: column.name,
                        found,
                        expected,
                    });
                }
            }
        }
        rows_before += rows(group);
    }
    if rows_before == 0 {
        let fault = ("the end".to_owned(), "rows".to_owned());
        return Err(form(Place::Row(1), fault));
    }
    Ok(())
}

/// Has the library do something, and takes a panic of it for an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    catch(work).unwrap_or_else(|panic| Err(ParquetError::General(panic)))
}

/// Refuses a footer that is longer than any: the library reads it whole, and a file can have any length without holding anything.
fn check_footer(file: &File, bytes: u64) -> Result<(), ParquetError> {
    let mut tail = [0; 8];
    let Some(at) = bytes.checked_sub(tail.len() as u64) else {
        return Err(ParquetError::General("it is too short for one".to_owned()));
    };
    file.read_exact_at(&mut tail, at)?;
    let [a, b, c, d, ..] = tail;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length > MOST_FOOTER_BYTES {
        let detail =
            format!("it says to have {length} bytes, expected at most {MOST_FOOTER_BYTES}");
        return Err(ParquetError::General(detail));
    }
    Ok(())
}

/// Holds the number of rows against the length of the file: no two rows are alike, so each takes a byte at least.
fn check_rows(metadata: &ParquetMetaData, bytes: u64) -> Result<(), (String, String)> {
    let mut rows = 0_u64;
    for group in metadata.row_groups() {
        let more = u64::try_from(group.num_rows()).unwrap_or(u64::MAX);
        rows = rows.saturating_add(more);
    }
    if rows > bytes {
        let found = format!("{rows} rows in {bytes} bytes");
        return Err((found, "no more rows than bytes".to_owned()));
    }
    Ok(())
}

fn rows(group: &RowGroupMetaData) -> usize {
    usize::try_from(group.num_rows()).unwrap_or(0)
}

/// Takes over one column of a row group.
fn take_chunk(
    file: &Arc<Bounded>,
    group: &RowGroupMetaData,
    at: usize,
    column: &mut Column<'_>,
) -> Result<(), Fault> {
    let library = Fault::Library;
    let chunk = group.columns().get(at);
    let chunk = chunk.ok_or_else(|| library(ParquetError::General("it is missing".to_owned())))?;
    let rows = rows(group);
    let pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None).map_err(library)?;
    let pages = Box::new(Checked { pages, rows });
    let cells = get_column_reader(chunk.column_descr_ptr(), pages);
    let taken = take_column(cells, column)?;
    if taken == rows {
        return Ok(());
    }
    let detail = format!("it has {taken} values for {rows} rows");
    Err(library(ParquetError::General(detail)))
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

/// Takes all values over; gives their number, nulls included.
fn take_column(cells: ColumnReader, column: &mut Column<'_>) -> Result<usize, Fault> {
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
) -> Result<usize, Fault> {
    let (mut values, mut levels) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    let mut row = 0;
    loop {
        values.clear();
        levels.clear();
        let (records, _, _) = reader
            .read_records(BATCH, Some(&mut levels), None, &mut values)
            .map_err(Fault::Library)?;
        if records == 0 {
            return Ok(row);
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
