//! The truth as a file: one row per transaction, in a format that the file's name asks for.
//!
//! Owns the choice of the format and the file, which appears whole or not at all. Adding a format takes a file beside
//! this one and a row in [`FORMATS`]. Invariant: the bytes are a function of the rows, however they are cut into
//! portions and on however many threads they are written.

use std::fmt;
use std::path::Path;

use tapdeck_corpora::durable::DurableFile;

use super::columns::ExportRow;
use super::csv::CsvFile;
use super::parquet::ParquetFile;
use crate::error::Error;
use crate::world::World;

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportSummary {
    /// Rows, which are transactions.
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
}

/// A file of one format under construction; dropping it leaves no file.
pub(super) trait Format: fmt::Debug + Send {
    /// Takes the next rows.
    fn write(&mut self, world: &World, rows: &[ExportRow]) -> Result<(), Error>;

    /// Completes the file, gives it its name and says how long it is.
    fn finish(self: Box<Self>, world: &World) -> Result<u64, Error>;
}

/// Begins a file of one format.
type Begin = fn(Output) -> Result<Box<dyn Format>, Error>;

/// Every format, by the ending of its files' names.
const FORMATS: [(&str, Begin); 2] = [
    ("csv", |output| Ok(Box::new(CsvFile::begin(output)?))),
    ("parquet", |output| {
        Ok(Box::new(ParquetFile::begin(output)?))
    }),
];

/// The file that bytes go to, in their order.
#[derive(Debug)]
pub(super) struct Output {
    file: DurableFile,
    bytes: u64,
}

impl Output {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write(bytes).map_err(Error::Truth)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<u64, Error> {
        self.file.finish().map_err(Error::Truth)?;
        Ok(self.bytes)
    }
}

/// The truth on its way to a file.
#[derive(Debug)]
pub(crate) struct Export {
    format: Box<dyn Format>,
    rows: u64,
}

impl Export {
    /// Begins a file that will appear at `path`.
    ///
    /// Errors: `Option` if its name asks for no format; `Truth`.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let format = FORMATS.iter().find(|(name, _)| Some(*name) == ending);
        let Some((_, begin)) = format else {
            let endings = FORMATS.map(|(name, _)| format!(".{name}"));
            return Err(Error::Option {
                option: "truth",
                found: path.display().to_string(),
                expected: format!("a file name that ends in {}", endings.join(" or ")),
            });
        };
        let output = Output {
            file: DurableFile::create(path).map_err(Error::Truth)?,
            bytes: 0,
        };
        Ok(Self {
            format: begin(output)?,
            rows: 0,
        })
    }

    /// Takes the next rows.
    pub(crate) fn write(&mut self, world: &World, rows: &[ExportRow]) -> Result<(), Error> {
        self.rows += rows.len() as u64;
        self.format.write(world, rows)
    }

    /// Completes the file and gives it its name.
    pub(crate) fn finish(self, world: &World) -> Result<ExportSummary, Error> {
        Ok(ExportSummary {
            rows: self.rows,
            bytes: self.format.finish(world)?,
        })
    }
}
