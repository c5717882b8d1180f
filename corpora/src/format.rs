//! The fixed parts of a tape file: magic numbers, version, header and trailer.
//!
//! Layout of the whole file: header | blocks | directory | manifest | trailer, without gaps; all integers little-endian.

use crate::digest::Digest;

/// First bytes of every tape.
pub const MAGIC: [u8; 8] = *b"TAPDECK\0";

/// Last bytes of every complete tape.
pub const END_MAGIC: [u8; 8] = *b"KCEDPAT\n";

/// Format written by this code and the newest it reads.
pub const VERSION: u32 = 1;

/// Bytes of the header.
pub const HEADER_BYTES: usize = 64;

/// Bytes of the trailer.
pub const TRAILER_BYTES: usize = 64;

/// Every block begins at a multiple of this and is zero-padded up to the next one.
pub const BLOCK_ALIGNMENT: usize = 64;

// rkyv reads archives in place, so a block's address must satisfy the alignment of everything in it; the map itself
// begins on a page.
const _: () =
    assert!(BLOCK_ALIGNMENT.is_multiple_of(align_of::<crate::record::ArchivedStoredBlock>()));
const _: () = assert!(HEADER_BYTES.is_multiple_of(BLOCK_ALIGNMENT));
const _: () = assert!(size_of::<crate::record::ArchivedStoredRecord>() == 64);
const _: () = assert!(size_of::<crate::record::ArchivedStoredSlot>() == 8);

/// Rounds a block's length up to where the next block begins.
pub const fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK_ALIGNMENT)
}

/// Builds the header: magic, version, zeros.
pub fn header() -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header
}

/// The last bytes of a tape: where its manifest is and what it hashes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailer {
    /// First byte of the manifest in the file.
    pub manifest_offset: u64,
    /// Bytes of the manifest.
    pub manifest_bytes: u64,
    /// BLAKE3 of the manifest: the digest of the tape.
    pub manifest_digest: Digest,
}

impl Trailer {
    /// Encodes the trailer: offset, length, digest, zeros, end magic.
    pub fn encode(&self) -> [u8; TRAILER_BYTES] {
        let mut bytes = [0; TRAILER_BYTES];
        bytes[..8].copy_from_slice(&self.manifest_offset.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.manifest_bytes.to_le_bytes());
        bytes[16..48].copy_from_slice(self.manifest_digest.as_bytes());
        bytes[56..].copy_from_slice(&END_MAGIC);
        bytes
    }

    /// Decodes a trailer; `None` if the end magic is missing or a reserved byte is set.
    pub fn decode(bytes: &[u8; TRAILER_BYTES]) -> Option<Self> {
        let trailer = Self {
            manifest_offset: u64_at(bytes, 0),
            manifest_bytes: u64_at(bytes, 8),
            manifest_digest: Digest::from_bytes(array_at(bytes, 16)),
        };
        (trailer.encode() == *bytes).then_some(trailer)
    }
}

/// Reads `N` bytes at `offset`, which the caller knows to be inside.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[offset..offset + N]);
    array
}

/// Reads a little-endian integer at `offset`, which the caller knows to be inside.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, offset))
}
