//! The block directory: where each block lies, what it holds and what it hashes to.
//!
//! Fixed-width entries, so opening a tape costs a few nanoseconds per block and nothing per record.

use std::ops::Range;

use crate::digest::Digest;
use crate::format::{array_at, padded, u64_at};

/// Bytes of one entry.
pub const ENTRY_BYTES: usize = 72;

/// One block's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockEntry {
    /// First byte in the file.
    pub offset: u64,
    /// Bytes of the archive, before padding.
    pub archive_bytes: u64,
    /// Index of its first record on the tape.
    pub first_record: u64,
    /// Records in it.
    pub records: u64,
    /// Event time of its first record, nanoseconds since the event epoch.
    pub first_event_ns: u64,
    /// BLAKE3 of the padded bytes.
    pub digest: Digest,
}

impl BlockEntry {
    /// Gives one past the last byte of the padded block.
    pub fn end(&self) -> u64 {
        self.offset + padded(usize::try_from(self.archive_bytes).unwrap_or(usize::MAX / 2)) as u64
    }

    /// Gives where the archive lies in the file, as far as this machine can address it.
    pub(crate) fn archive_range(&self) -> Range<usize> {
        let from = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let len = usize::try_from(self.archive_bytes).unwrap_or(usize::MAX);
        from..from.saturating_add(len)
    }

    /// Appends the entry's encoding.
    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        for number in [
            self.offset,
            self.archive_bytes,
            self.first_record,
            self.records,
            self.first_event_ns,
        ] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(self.digest.as_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        Self {
            offset: u64_at(bytes, 0),
            archive_bytes: u64_at(bytes, 8),
            first_record: u64_at(bytes, 16),
            records: u64_at(bytes, 24),
            first_event_ns: u64_at(bytes, 32),
            digest: Digest::from_bytes(array_at(bytes, 40)),
        }
    }
}

/// Decodes a directory whose blocks lie back to back from `blocks_from` to `blocks_to` in the file.
///
/// Errors: says which entry does not continue where its predecessor ended.
pub(crate) fn decode(
    bytes: &[u8],
    blocks_from: u64,
    blocks_to: u64,
) -> Result<Vec<BlockEntry>, String> {
    let entries: Vec<_> = bytes
        .chunks_exact(ENTRY_BYTES)
        .map(BlockEntry::decode)
        .collect();
    let (mut offset, mut record) = (blocks_from, 0);
    for (idx, entry) in entries.iter().enumerate() {
        let reachable = entry.archive_bytes <= blocks_to && entry.records > 0;
        if entry.offset != offset || entry.first_record != record || !reachable {
            return Err(format!("entry {idx} does not continue its predecessor"));
        }
        offset = entry.end();
        record += entry.records;
    }
    if offset == blocks_to && bytes.len() == entries.len() * ENTRY_BYTES {
        Ok(entries)
    } else {
        Err(format!(
            "its blocks end at byte {offset}, expected {blocks_to}"
        ))
    }
}
