//! The export as Apache Parquet: a row group per so many rows, its columns encoded side by side.
//!
//! Texts get a dictionary as long as that pays; nothing is compressed, since the dictionaries do most of it and a
//! compressor's bytes would depend on its version. Nothing but the rows reaches the bytes: the writer's name is fixed
//! and no time is recorded.

mod chunk;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::{ColumnCloseResult, get_column_writer};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, Type};
use rayon::prelude::*;

use self::chunk::Chunk;
use super::columns::{COLUMNS, Column, ExportRow, Kind, Presence};
use super::export::{Format, Output};
use crate::error::Error;
use crate::world::World;

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 131_072;

/// Rows that one thread takes apart at a time.
const ROWS_PER_CHUNK: usize = 4_096;

/// Name of the writer in every file; a reader may interpret it, so it never changes.
const CREATED_BY: &str = "tapdeck";

/// A Parquet file.
pub(super) struct ParquetFile {
    output: Output,
    /// Holds what is encoded but not yet in the file.
    writer: SerializedFileWriter<Vec<u8>>,
    properties: WriterPropertiesPtr,
    /// Rows of a group that is not yet full.
    pending: Vec<ExportRow>,
}

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ParquetFile")
            .field("output", &self.output)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl ParquetFile {
    pub(super) fn begin(output: Output) -> Result<Self, Error> {
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .build();
        let properties = Arc::new(properties);
        let schema = Arc::new(schema().map_err(Error::Parquet)?);
        let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::clone(&properties));
        Ok(Self {
            output,
            writer: writer.map_err(Error::Parquet)?,
            properties,
            pending: Vec::new(),
        })
    }

    fn write_group(&mut self, world: &World, rows: &[ExportRow]) -> Result<(), Error> {
        let chunks: Vec<Chunk> = rows
            .par_chunks(ROWS_PER_CHUNK)
            .map(|rows| Chunk::of(world, rows))
            .collect();
        let descriptions = self.writer.schema_descr().columns();
        let encoded: Vec<_> = descriptions
            .par_iter()
            .enumerate()
            .map(|(place, column)| encode(column, &self.properties, place, &chunks))
            .collect::<Result<_, _>>()
            .map_err(Error::Parquet)?;
        let mut group = self.writer.next_row_group().map_err(Error::Parquet)?;
        for (bytes, closed) in encoded {
            group
                .append_column(&bytes, closed)
                .map_err(Error::Parquet)?;
        }
        group.close().map_err(Error::Parquet)?;
        self.output.write(self.writer.inner_mut())?;
        self.writer.inner_mut().clear();
        Ok(())
    }
}

impl Format for ParquetFile {
    fn write(&mut self, world: &World, rows: &[ExportRow]) -> Result<(), Error> {
        self.pending.extend_from_slice(rows);
        while self.pending.len() >= ROWS_PER_GROUP {
            let later = self.pending.split_off(ROWS_PER_GROUP);
            let group = std::mem::replace(&mut self.pending, later);
            self.write_group(world, &group)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, world: &World) -> Result<u64, Error> {
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.write_group(world, &rest)?;
        }
        let end = self.writer.into_inner().map_err(Error::Parquet)?;
        self.output.write(&end)?;
        self.output.finish()
    }
}

fn schema() -> Result<Type, ParquetError> {
    let fields = COLUMNS.iter().map(|column| Ok(Arc::new(field(column)?)));
    Type::group_type_builder("transaction")
        .with_fields(fields.collect::<Result<_, ParquetError>>()?)
        .build()
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, converted, logical) = match column.kind {
        Kind::Text => (
            Physical::BYTE_ARRAY,
            ConvertedType::UTF8,
            Some(LogicalType::String),
        ),
        Kind::Small => (Physical::INT32, ConvertedType::NONE, None),
        Kind::Large => (Physical::INT64, ConvertedType::NONE, None),
        Kind::Degrees => (Physical::DOUBLE, ConvertedType::NONE, None),
    };
    let repetition = match column.presence {
        Presence::Always => Repetition::REQUIRED,
        Presence::Optional => Repetition::OPTIONAL,
    };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(repetition)
        .with_converted_type(converted)
        .with_logical_type(logical)
        .build()
}

/// Encodes a column of a row group on its own.
fn encode(
    column: &ColumnDescPtr,
    properties: &WriterPropertiesPtr,
    place: usize,
    chunks: &[Chunk],
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut sink));
    let mut writer = get_column_writer(Arc::clone(column), Arc::clone(properties), pages);
    for chunk in chunks {
        chunk.write_column(place, &mut writer)?;
    }
    let closed = writer.close()?;
    let bytes = sink.into_inner().map_err(io::Error::from)?;
    Ok((bytes.into(), closed))
}
