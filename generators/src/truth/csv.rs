//! The export as comma-separated values (RFC 4180 without quotes; lines end in a line feed).

use rayon::prelude::*;

use super::columns::{COLUMNS, ExportRow, Sink};
use super::export::{Format, Output};
use crate::error::Error;
use crate::text;
use crate::world::World;

/// Rows that one thread writes at a time: few enough that their text stays in a core's own cache.
const ROWS_PER_CHUNK: usize = 1_024;

/// Bytes of a long row, for buffers to start with.
const ROW_BYTES: usize = 320;

/// A file of comma-separated values.
#[derive(Debug)]
pub(super) struct CsvFile {
    output: Output,
    /// Chunks of text that are written next, and buffers for those after them.
    ready: Vec<Vec<u8>>,
    spare: Vec<Vec<u8>>,
}

impl CsvFile {
    pub(super) fn begin(mut output: Output) -> Result<Self, Error> {
        let names = COLUMNS.map(|column| column.name);
        output.write(format!("{}\n", names.join(",")).as_bytes())?;
        Ok(Self {
            output,
            ready: Vec::new(),
            spare: Vec::new(),
        })
    }
}

impl Format for CsvFile {
    fn write(&mut self, world: &World, rows: &[ExportRow]) -> Result<(), Error> {
        let Self {
            output,
            ready,
            spare,
        } = self;
        // The rows of the last call go to the disk while these become text.
        let (written, ()) = rayon::join(
            || ready.iter().try_for_each(|text| output.write(text)),
            || {
                spare.resize_with(rows.len().div_ceil(ROWS_PER_CHUNK), Vec::new);
                let chunks = rows.par_chunks(ROWS_PER_CHUNK);
                chunks
                    .zip(spare.par_iter_mut())
                    .for_each(|(rows, text)| write_rows(world, rows, text));
            },
        );
        std::mem::swap(ready, spare);
        written
    }

    fn finish(mut self: Box<Self>, _world: &World) -> Result<u64, Error> {
        self.ready
            .iter()
            .try_for_each(|text| self.output.write(text))?;
        self.output.finish()
    }
}

/// Writes rows over what a buffer holds.
fn write_rows(world: &World, rows: &[ExportRow], out: &mut Vec<u8>) {
    out.clear();
    out.reserve(rows.len() * ROW_BYTES);
    for row in rows {
        row.describe(world, &mut Line(out));
        // The comma behind the last value becomes the end of the line.
        out.pop();
        out.push(b'\n');
    }
}

/// A line being written; each value brings the comma behind it.
struct Line<'b>(&'b mut Vec<u8>);

impl Sink for Line<'_> {
    fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(self.0);
        self.0.push(b',');
    }

    fn number(&mut self, number: i64) {
        text::signed_decimal(self.0, number);
        self.0.push(b',');
    }

    fn degrees(&mut self, units: i32) {
        text::ten_thousandths(self.0, units);
        self.0.push(b',');
    }

    fn absent(&mut self) {
        self.0.push(b',');
    }
}
