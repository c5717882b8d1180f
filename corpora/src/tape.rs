//! One opened tape: manifest and directory at once, blocks as they are checked.

use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::digest::Digest;
use crate::directory::BlockEntry;
use crate::error::Error;
use crate::format;
use crate::hold::Hold;
use crate::indices::Limits;
use crate::manifest::Manifest;
use crate::mapped::CheckedBlocks;
use crate::opening;
use crate::view::Block;

/// An opened tape.
///
/// Opening reads header, trailer, manifest and directory; no block. A block gives its records once
/// [`Tape::check_block`] has compared its checksum and validated its structure. While a tape is open, whoever would write
/// into its file waits where the system can bring that about; [`Tape::check_unchanged`] tells.
#[derive(Debug)]
pub struct Tape {
    path: PathBuf,
    manifest: Manifest,
    digest: Digest,
    entries: Vec<BlockEntry>,
    blocks: CheckedBlocks<Mmap>,
    hold: Hold,
}

impl Tape {
    /// Opens a tape.
    ///
    /// Errors: `Empty`, `Foreign`, `NewerFormat`, `Truncated`, `Damaged`, `Io`; each names the file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = tapdeck_files::open(path).map_err(Error::io("open", path))?;
        opening::check_header(&mut file, path)?;
        let (hold, map) = Hold::map(file).map_err(Error::io("map", path))?;
        let trailer = opening::find_trailer(&map, path)?;
        let manifest = opening::read_manifest(&map, path, &trailer)?;
        let entries = opening::read_directory(&map, path, &manifest, &trailer)?;
        let ranges = entries.iter().map(BlockEntry::archive_range).collect();
        let blocks = CheckedBlocks::new(map, ranges)
            .ok_or_else(|| opening::damaged(path, "directory", "a block lies outside the file"))?;
        Ok(Self {
            path: path.to_owned(),
            manifest,
            digest: trailer.manifest_digest,
            entries,
            blocks,
            hold,
        })
    }

    /// Tells whether the file is what it was when it was opened, and nobody waits to change it.
    ///
    /// Errors: `Changed`; what was read since the last check may be anything.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        if self.hold.is_unchanged() {
            return Ok(());
        }
        Err(Error::Changed {
            path: self.path.clone(),
        })
    }

    /// Checks every block.
    ///
    /// Errors: `DamagedBlock`.
    pub fn check_all_blocks(&self) -> Result<(), Error> {
        (0..self.entries.len()).try_for_each(|block_idx| self.check_block(block_idx))
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
        self.blocks.block(block_idx).map(Block::new)
    }

    /// Asks the kernel to read a block's pages soon. A hint: where the kernel declines, the pages come when touched.
    pub fn expect_block(&self, block_idx: usize) {
        let range = self.entries[block_idx].archive_range();
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
        let range = self.entries[block_idx].archive_range();
        &self.blocks.bytes()[range.start..range.start + format::padded(range.len())]
    }
}
