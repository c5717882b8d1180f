//! One opened tape: manifest and directory at once, blocks as they are checked.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::digest::Digest;
use crate::directory::{self, BlockEntry};
use crate::error::Error;
use crate::format::{self, HEADER_BYTES, TRAILER_BYTES, Trailer};
use crate::manifest::Manifest;
use crate::mapped::{self, CheckedBlocks, Limits};
use crate::record::{
    ArchivedStoredBlock, ArchivedStoredRecord, ArchivedStoredSlot, ExpectedDecision, SlotPart,
};

/// An opened tape.
///
/// Opening reads header, trailer, manifest and directory; no block. A block gives its records once
/// [`Tape::check_block`] has compared its checksum and validated its structure.
#[derive(Debug)]
pub struct Tape {
    path: PathBuf,
    manifest: Manifest,
    digest: Digest,
    entries: Vec<BlockEntry>,
    blocks: CheckedBlocks<Mmap>,
}

impl Tape {
    /// Opens a tape.
    ///
    /// Errors: `Empty`, `Foreign`, `NewerFormat`, `Truncated`, `Damaged`, `Io`; each names the file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        check_header(&mut file, path)?;
        let map = mapped::map(&file).map_err(Error::io("map", path))?;
        let trailer = find_trailer(&map, path)?;
        let manifest_json = part(
            &map,
            path,
            "trailer",
            trailer.manifest_offset,
            trailer.manifest_bytes,
        )?;
        if Digest::of(manifest_json) != trailer.manifest_digest {
            return Err(damaged(
                path,
                "manifest",
                "its checksum differs from the trailer's",
            ));
        }
        let manifest: Manifest = serde_json::from_slice(manifest_json)
            .map_err(|error| damaged(path, "manifest", &error.to_string()))?;
        let entries = read_directory(&map, path, &manifest, &trailer)?;
        let ranges = entries.iter().map(archive_range).collect();
        let blocks = CheckedBlocks::new(map, ranges)
            .ok_or_else(|| damaged(path, "directory", "a block lies outside the file"))?;
        Ok(Self {
            path: path.to_owned(),
            manifest,
            digest: trailer.manifest_digest,
            entries,
            blocks,
        })
    }

    /// Gives the path the tape was opened at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Gives the tape's digest: the BLAKE3 of its manifest, which covers every other byte.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Gives the length of the file.
    pub fn file_bytes(&self) -> u64 {
        self.blocks.bytes().len() as u64
    }

    /// Gives the bytes of the whole file, for sharing slices that a record has lent.
    pub fn file(&self) -> &[u8] {
        self.blocks.bytes()
    }

    /// Gives the number of records.
    pub fn record_count(&self) -> u64 {
        self.manifest.records
    }

    /// Gives the block directory.
    pub fn directory(&self) -> &[BlockEntry] {
        &self.entries
    }

    /// Gives the index of the block that holds a record.
    pub fn block_of(&self, record_idx: u64) -> usize {
        self.entries
            .partition_point(|entry| entry.first_record <= record_idx)
            .saturating_sub(1)
    }

    /// Compares a block's checksum, validates its structure and makes its records available; touches all its pages.
    ///
    /// Errors: `DamagedBlock` naming the block and its place in the file.
    pub fn check_block(&self, block_idx: usize) -> Result<(), Error> {
        if self.blocks.is_checked(block_idx) {
            return Ok(());
        }
        let entry = &self.entries[block_idx];
        let damaged = |detail: String| Error::DamagedBlock {
            path: self.path.clone(),
            block_idx,
            from: entry.offset,
            to: entry.end(),
            detail,
        };
        let found = Digest::of(self.padded_block(block_idx));
        if found != entry.digest {
            return Err(damaged(format!(
                "its BLAKE3 is {found}, the directory says {}; copy or generate the tape again",
                entry.digest
            )));
        }
        let limits = Limits {
            endpoints: self.manifest.endpoints.len(),
            labels: self.manifest.labels.len(),
        };
        self.blocks.check(block_idx, limits).map_err(&damaged)?;
        match self.block(block_idx) {
            Some(block) if block.len() as u64 == entry.records => Ok(()),
            _ => Err(damaged(
                "it does not hold as many records as the directory says".into(),
            )),
        }
    }

    /// Tells whether a block's records are available.
    #[inline]
    pub fn is_checked(&self, block_idx: usize) -> bool {
        self.blocks.is_checked(block_idx)
    }

    /// Gives a block that has been checked.
    #[inline]
    pub fn block(&self, block_idx: usize) -> Option<Block<'_>> {
        self.blocks
            .block(block_idx)
            .map(|archived| Block { archived })
    }

    /// Asks the kernel to read a block's pages soon. A hint: where the kernel declines, the pages come when touched.
    pub fn expect_block(&self, block_idx: usize) {
        let range = archive_range(&self.entries[block_idx]);
        self.blocks.will_need(range);
    }

    /// Reads one byte of each page of a block, so that a later reader meets no page fault. Gives their sum, so that
    /// the reads cannot be optimized away.
    pub fn touch_block(&self, block_idx: usize) -> u64 {
        self.padded_block(block_idx)
            .iter()
            .step_by(4096)
            .map(|&byte| u64::from(byte))
            .sum()
    }

    fn padded_block(&self, block_idx: usize) -> &[u8] {
        let range = archive_range(&self.entries[block_idx]);
        &self.blocks.bytes()[range.start..range.start + format::padded(range.len())]
    }
}

/// A checked block.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    archived: &'a ArchivedStoredBlock,
}

impl<'a> Block<'a> {
    /// Gives the number of records.
    #[inline]
    pub fn len(&self) -> usize {
        self.archived.records.len()
    }

    /// Tells whether the block has no record; a checked block never is empty.
    pub fn is_empty(&self) -> bool {
        self.archived.records.is_empty()
    }

    /// Gives a record, `None` past the end.
    #[inline]
    pub fn record(&self, idx: usize) -> Option<Record<'a>> {
        let record = self.archived.records.get(idx)?;
        Some(Record {
            block: self.archived,
            record,
        })
    }
}

/// One record, read in place.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    block: &'a ArchivedStoredBlock,
    record: &'a ArchivedStoredRecord,
}

impl<'a> Record<'a> {
    /// Gives the event time, nanoseconds since the tape's event epoch.
    #[inline]
    pub fn event_offset_ns(&self) -> u64 {
        self.record.event_offset_ns.to_native()
    }

    /// Gives the key that keeps a card's records on one lane.
    #[inline]
    pub fn affinity(&self) -> u64 {
        self.record.affinity.to_native()
    }

    /// Gives the index into the manifest's endpoints.
    #[inline]
    pub fn endpoint(&self) -> usize {
        usize::from(self.record.endpoint.to_native())
    }

    /// Gives the index into the manifest's labels.
    #[inline]
    pub fn label(&self) -> usize {
        usize::from(self.record.label.to_native())
    }

    /// Gives the status code a correct target answers with, 0 if the service definition alone decides.
    pub fn expected_status(&self) -> u16 {
        self.record.expected_status.to_native()
    }

    /// Gives the decision a perfect target would take.
    pub fn expected_decision(&self) -> ExpectedDecision {
        ExpectedDecision::from_stored(self.record.expected_decision).unwrap_or_default()
    }

    /// Gives the money at stake, US cents.
    #[inline]
    pub fn value(&self) -> u64 {
        self.record.value.to_native()
    }

    /// Gives the session, 0 for none, and the step in it.
    pub fn session(&self) -> (u64, u16) {
        (
            self.record.session.to_native(),
            self.record.step.to_native(),
        )
    }

    /// Gives path and query as stored, slots unstamped.
    #[inline]
    pub fn path(&self) -> &'a [u8] {
        self.pool(
            self.record.path_offset.to_native(),
            self.record.path_bytes.to_native(),
        )
    }

    /// Gives the body as stored, slots unstamped.
    #[inline]
    pub fn body(&self) -> &'a [u8] {
        self.pool(
            self.record.body_offset.to_native(),
            self.record.body_bytes.to_native(),
        )
    }

    /// Gives the number of slots.
    #[inline]
    pub fn slot_count(&self) -> usize {
        usize::from(self.record.slots_count.to_native())
    }

    /// Gives a slot, `None` past the end.
    #[inline]
    pub fn slot(&self, idx: usize) -> Option<Slot> {
        let start = self.record.slots_start.to_native() as usize;
        (idx < self.slot_count()).then(|| Slot::from_stored(&self.block.slots[start + idx]))
    }

    /// Walks the slots in order of part and offset.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + 'a {
        let record = *self;
        (0..self.slot_count()).filter_map(move |idx| record.slot(idx))
    }

    #[inline]
    fn pool(&self, offset: u32, len: u32) -> &'a [u8] {
        let from = offset as usize;
        &self.block.pool[from..from + len as usize]
    }
}

/// A place to be stamped as the request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Where it lies.
    pub part: SlotPart,
    /// What is stamped.
    pub kind: u8,
    /// First byte within the part.
    pub offset: usize,
    /// Bytes.
    pub width: usize,
}

impl Slot {
    #[inline]
    fn from_stored(stored: &ArchivedStoredSlot) -> Self {
        Self {
            part: if stored.part == 0 {
                SlotPart::Path
            } else {
                SlotPart::Body
            },
            kind: stored.kind,
            offset: stored.offset.to_native() as usize,
            width: usize::from(stored.width.to_native()),
        }
    }
}

/// Reads the header through the file, not the map: an empty file cannot be mapped.
fn check_header(file: &mut File, path: &Path) -> Result<(), Error> {
    let mut found = Vec::with_capacity(HEADER_BYTES);
    file.by_ref()
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut found)
        .map_err(Error::io("read", path))?;
    if found.is_empty() {
        return Err(Error::Empty {
            path: path.to_owned(),
        });
    }
    if !found.starts_with(&format::MAGIC) {
        found.truncate(format::MAGIC.len());
        return Err(Error::Foreign {
            path: path.to_owned(),
            found,
            expected: format::MAGIC.to_vec(),
        });
    }
    let Ok(header) = <[u8; HEADER_BYTES]>::try_from(found.as_slice()) else {
        return Err(Error::Truncated {
            path: path.to_owned(),
            bytes: found.len() as u64,
        });
    };
    let version = u32::from_le_bytes(format::array_at(&header, format::MAGIC.len()));
    if version > format::VERSION {
        return Err(Error::NewerFormat {
            path: path.to_owned(),
            found: version,
            supported: format::VERSION,
        });
    }
    if header == format::header() {
        Ok(())
    } else {
        Err(damaged(
            path,
            "header",
            "its version or a reserved byte is wrong",
        ))
    }
}

fn find_trailer(map: &Mmap, path: &Path) -> Result<Trailer, Error> {
    let truncated = || Error::Truncated {
        path: path.to_owned(),
        bytes: map.len() as u64,
    };
    let from = map.len().checked_sub(TRAILER_BYTES).ok_or_else(truncated)?;
    let bytes: [u8; TRAILER_BYTES] = format::array_at(map, from);
    if !bytes.ends_with(&format::END_MAGIC) {
        return Err(truncated());
    }
    let trailer = Trailer::decode(&bytes)
        .ok_or_else(|| damaged(path, "trailer", "a reserved byte is not zero"))?;
    let end = trailer.manifest_offset.checked_add(trailer.manifest_bytes);
    if end == Some(from as u64) {
        Ok(trailer)
    } else {
        Err(damaged(
            path,
            "trailer",
            "the manifest it points to does not end where it begins",
        ))
    }
}

fn read_directory(
    map: &Mmap,
    path: &Path,
    manifest: &Manifest,
    trailer: &Trailer,
) -> Result<Vec<BlockEntry>, Error> {
    let location = &manifest.directory;
    let bytes = part(map, path, "manifest", location.offset, location.bytes)?;
    if Digest::of(bytes).to_string() != location.blake3 {
        return Err(damaged(
            path,
            "directory",
            "its checksum differs from the manifest's",
        ));
    }
    if location.offset + location.bytes != trailer.manifest_offset {
        return Err(damaged(
            path,
            "manifest",
            "the directory does not end where it begins",
        ));
    }
    let entries = directory::decode(bytes, HEADER_BYTES as u64, location.offset)
        .map_err(|detail| damaged(path, "directory", &detail))?;
    let records = entries
        .last()
        .map_or(0, |last| last.first_record + last.records);
    if records != manifest.records || manifest.first_event_ns > manifest.last_event_ns {
        return Err(damaged(
            path,
            "manifest",
            "its counts differ from the directory's",
        ));
    }
    Ok(entries)
}

fn part<'a>(
    map: &'a Mmap,
    path: &Path,
    pointing: &'static str,
    offset: u64,
    bytes: u64,
) -> Result<&'a [u8], Error> {
    let range = usize::try_from(offset)
        .ok()
        .zip(usize::try_from(bytes).ok());
    range
        .and_then(|(from, len)| map.get(from..from.checked_add(len)?))
        .ok_or_else(|| damaged(path, pointing, "it points outside the file"))
}

fn archive_range(entry: &BlockEntry) -> std::ops::Range<usize> {
    let from = usize::try_from(entry.offset).unwrap_or(usize::MAX);
    let len = usize::try_from(entry.archive_bytes).unwrap_or(usize::MAX);
    from..from.saturating_add(len)
}

fn damaged(path: &Path, part: &'static str, detail: &str) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        part,
        detail: detail.to_owned(),
    }
}
