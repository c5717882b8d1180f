//! Sorted runs of transactions on disk, for worlds that do not fit into memory.
//!
//! The only file of the generators that touches a disk. All runs share one temporary file without a name, in the
//! folder of the output, so a killed process leaves nothing behind and the space is there where it is needed. Where a
//! run lies in the file depends on which thread was first; what is read back does not.

mod codec;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub(crate) use self::codec::{RECORD_BYTES, decode, encode};
use crate::error::Error;
use crate::transaction::Transaction;

/// Transactions read ahead per run; a world of 100 million has about 1,500 runs.
const READ_AHEAD: usize = 1_024;

/// A temporary file of sorted runs.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: PathBuf,
    file: Mutex<File>,
}

/// A stretch of the file that holds sorted transactions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    offset: u64,
    bytes: u64,
}

impl Spill {
    /// Opens an empty one in a folder.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let fail = |source| Error::Spill {
            action: "creating",
            folder: folder.to_owned(),
            source,
        };
        Ok(Self {
            file: Mutex::new(tempfile::tempfile_in(folder).map_err(fail)?),
            folder: folder.to_owned(),
        })
    }

    /// Writes transactions, already encoded and in order, as one run.
    pub(crate) fn append(&self, encoded: &[u8]) -> Result<Run, Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = || {
            let offset = file.seek(SeekFrom::End(0))?;
            file.write_all(encoded)?;
            Ok(Run {
                offset,
                bytes: encoded.len() as u64,
            })
        };
        write().map_err(|source| self.error("writing", source))
    }

    fn read(&self, offset: u64, place: &mut [u8]) -> Result<(), Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut read = || {
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(place)
        };
        read().map_err(|source| self.error("reading", source))
    }

    fn error(&self, action: &'static str, source: io::Error) -> Error {
        Error::Spill {
            action,
            folder: self.folder.clone(),
            source,
        }
    }
}

/// Reads one run from front to back.
#[derive(Debug)]
pub(crate) struct RunReader {
    rest: Run,
    buffer: Vec<u8>,
    position: usize,
}

impl RunReader {
    pub(crate) fn new(run: Run) -> Self {
        Self {
            rest: run,
            buffer: Vec::new(),
            position: 0,
        }
    }

    /// Gives the next transaction, until there is none.
    pub(crate) fn next(&mut self, spill: &Spill) -> Result<Option<Transaction>, Error> {
        if self.position == self.buffer.len() && !self.refill(spill)? {
            return Ok(None);
        }
        let (record, _) = self.buffer[self.position..]
            .split_first_chunk::<RECORD_BYTES>()
            .ok_or_else(|| spill.error("reading", io::ErrorKind::UnexpectedEof.into()))?;
        self.position += RECORD_BYTES;
        let transaction = decode(record);
        transaction
            .map(Some)
            .ok_or_else(|| spill.error("reading", io::ErrorKind::InvalidData.into()))
    }

    fn refill(&mut self, spill: &Spill) -> Result<bool, Error> {
        let most = (READ_AHEAD * RECORD_BYTES) as u64;
        let bytes = self.rest.bytes.min(most);
        self.buffer
            .resize(usize::try_from(bytes).unwrap_or_default(), 0);
        self.position = 0;
        if bytes == 0 {
            return Ok(false);
        }
        spill.read(self.rest.offset, &mut self.buffer)?;
        self.rest.offset += bytes;
        self.rest.bytes -= bytes;
        Ok(true)
    }
}
