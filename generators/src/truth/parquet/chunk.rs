//! Some rows taken apart into columns.

use bytes::Bytes;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;

use crate::truth::columns::{COLUMNS, Column, ExportRow, Kind, Presence, Sink};
use crate::world::World;

/// Ten-thousandths of a degree per degree.
const UNITS_PER_DEGREE: f64 = 10_000.0;

/// Some rows, column by column.
#[derive(Debug)]
pub(super) struct Chunk {
    columns: Vec<Values>,
    /// Column that takes the next value.
    next: usize,
}

/// The values of one column.
#[derive(Debug)]
struct Values {
    data: Data,
    /// Which rows have a value, 1 or 0 each; nothing where all have.
    present: Option<Vec<i16>>,
}

#[derive(Debug)]
enum Data {
    /// All texts, one after the other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
    Small(Vec<i32>),
    Large(Vec<i64>),
    Degrees(Vec<f64>),
}

impl Chunk {
    /// Takes rows apart.
    pub(super) fn of(world: &World, rows: &[ExportRow]) -> Self {
        let mut chunk = Self {
            columns: COLUMNS.iter().map(Values::of).collect(),
            next: 0,
        };
        for row in rows {
            row.describe(world, &mut chunk);
        }
        chunk
    }

    /// Writes one column.
    pub(super) fn write_column(
        &self,
        place: usize,
        writer: &mut ColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let Values { data, present } = &self.columns[place];
        let present = present.as_deref();
        match (data, writer) {
            (Data::Text(pool, ends), ColumnWriter::ByteArrayColumnWriter(writer)) => {
                let texts = texts(pool, ends);
                writer.write_batch(&texts, present, None)
            }
            (Data::Small(numbers), ColumnWriter::Int32ColumnWriter(writer)) => {
                writer.write_batch(numbers, present, None)
            }
            (Data::Large(numbers), ColumnWriter::Int64ColumnWriter(writer)) => {
                writer.write_batch(numbers, present, None)
            }
            (Data::Degrees(degrees), ColumnWriter::DoubleColumnWriter(writer)) => {
                writer.write_batch(degrees, present, None)
            }
            _ => Err(ParquetError::General(format!(
                "column {} is not of the kind that its schema says",
                COLUMNS[place].name
            ))),
        }?;
        Ok(())
    }

    /// Gives the column whose turn it is.
    fn turn(&mut self) -> &mut Values {
        let place = self.next;
        self.next = (place + 1) % self.columns.len();
        &mut self.columns[place]
    }

    fn data(&mut self) -> &mut Data {
        let values = self.turn();
        if let Some(present) = &mut values.present {
            present.push(1);
        }
        &mut values.data
    }
}

impl Values {
    fn of(column: &Column) -> Self {
        Self {
            data: match column.kind {
                Kind::Text => Data::Text(Vec::new(), Vec::new()),
                Kind::Small => Data::Small(Vec::new()),
                Kind::Large => Data::Large(Vec::new()),
                Kind::Degrees => Data::Degrees(Vec::new()),
            },
            present: (column.presence == Presence::Optional).then(Vec::new),
        }
    }
}

impl Sink for Chunk {
    fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let data = self.data();
        debug_assert!(matches!(data, Data::Text(..)));
        if let Data::Text(pool, ends) = data {
            write(pool);
            ends.push(pool.len());
        }
    }

    fn number(&mut self, number: i64) {
        let data = self.data();
        debug_assert!(matches!(data, Data::Small(_) | Data::Large(_)));
        match data {
            // Campaigns, counts and flags: none comes near the end of the range.
            Data::Small(numbers) => numbers.push(i32::try_from(number).unwrap_or(i32::MAX)),
            Data::Large(numbers) => numbers.push(number),
            Data::Text(..) | Data::Degrees(_) => {}
        }
    }

    fn degrees(&mut self, units: i32) {
        let data = self.data();
        debug_assert!(matches!(data, Data::Degrees(_)));
        if let Data::Degrees(degrees) = data {
            degrees.push(f64::from(units) / UNITS_PER_DEGREE);
        }
    }

    fn absent(&mut self) {
        let values = self.turn();
        debug_assert!(values.present.is_some());
        if let Some(present) = &mut values.present {
            present.push(0);
        }
    }
}

/// Cuts a pool of texts without copying them again.
fn texts(pool: &[u8], ends: &[usize]) -> Vec<ByteArray> {
    let pool = Bytes::copy_from_slice(pool);
    let mut start = 0;
    let cut = |&end: &usize| {
        let text = pool.slice(start..end);
        start = end;
        ByteArray::from(text)
    };
    ends.iter().map(cut).collect()
}
