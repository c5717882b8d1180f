//! The mapped file and the gate in front of its blocks: the only file with `unsafe`.
//!
//! A block is read in place without checks on the send path. What makes that sound is kept in this one file:
//! [`CheckedBlocks::block`] hands out only blocks whose flag [`CheckedBlocks::check`] set after the validator of rkyv
//! accepted these very bytes, and the bytes are a read-only view that this process never writes.
//! Another process could truncate or rewrite the file under the map: a lease keeps it from that where one can be had,
//! see [`crate::hold`] for what is done elsewhere. Tapes are replaced by rename, never rewritten in place.

use std::fs::File;
use std::io;
use std::ops::Range;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap2::{Advice, Mmap};
use rkyv::rancor;

use crate::indices::{Limits, check_indices};
use crate::record::ArchivedStoredBlock;

/// Maps a whole file read-only.
#[expect(unsafe_code, reason = "mapping a file is an unsafe call of memmap2")]
pub(crate) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is read-only. The remaining hazard is another process changing the file meanwhile. This code
    // never rewrites a tape in place; against others there is the lease, and `docs/format.md` says what holds without.
    unsafe { Mmap::map(file) }
}

/// Asks the kernel to have whoever would write into a file or shorten it wait until we have let go of it, or for as
/// long as the system has them wait (45 s unless set otherwise). Tells whether it agreed: not on every file system, and
/// for files of others to root only.
///
/// Source: fcntl(2), "Leases".
#[cfg(target_os = "linux")]
pub(crate) fn lease(file: &File) -> bool {
    /// The request that chooses a signal (Linux, asm-generic/fcntl.h); the libc crate lacks it.
    const F_SETSIG: libc::c_int = 10;
    // The kernel says by a signal that somebody waits. The usual one would end the process; this one is ignored unless
    // somebody asks for it, and whoever holds the lease looks.
    fcntl(file, F_SETSIG, libc::SIGURG) == 0 && fcntl(file, libc::F_SETLEASE, libc::F_RDLCK) == 0
}

/// Tells whether a lease is held and nobody waits for its end.
#[cfg(target_os = "linux")]
pub(crate) fn is_leased(file: &File) -> bool {
    fcntl(file, libc::F_GETLEASE, 0) == libc::F_RDLCK
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no safe wrapper knows of leases")]
fn fcntl(file: &File, request: libc::c_int, argument: libc::c_int) -> libc::c_int {
    // SAFETY: the descriptor is open for as long as `file` is borrowed; these requests take a number and touch no memory
    // of ours.
    unsafe { libc::fcntl(file.as_raw_fd(), request, argument) }
}

/// Other systems have no leases.
#[cfg(not(target_os = "linux"))]
pub(crate) fn lease(_file: &File) -> bool {
    false
}

/// Other systems have no leases.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_leased(_file: &File) -> bool {
    false
}

/// The archives of a tape, each usable only after its check.
#[derive(Debug)]
pub(crate) struct CheckedBlocks<B> {
    bytes: B,
    /// Where each archive lies in `bytes`; inside it, as the constructor made sure.
    ranges: Vec<Range<usize>>,
    checked: Vec<AtomicBool>,
}

impl<B: AsRef<[u8]>> CheckedBlocks<B> {
    /// Puts the gate in front of `bytes`; `None` if a range does not lie inside.
    pub(crate) fn new(bytes: B, ranges: Vec<Range<usize>>) -> Option<Self> {
        let len = bytes.as_ref().len();
        let checked = ranges.iter().map(|_| AtomicBool::new(false)).collect();
        let inside = ranges
            .iter()
            .all(|range| range.start <= range.end && range.end <= len);
        inside.then_some(Self {
            bytes,
            ranges,
            checked,
        })
    }

    /// Gives all bytes of the file.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Validates a block and opens the gate to it.
    ///
    /// Errors: says what is wrong with its structure.
    pub(crate) fn check(&self, block_idx: usize, limits: Limits) -> Result<(), String> {
        let archive = &self.bytes.as_ref()[self.ranges[block_idx].clone()];
        let block = rkyv::access::<ArchivedStoredBlock, rancor::Error>(archive)
            .map_err(|error| format!("it is no archive of a block: {error}"))?;
        check_indices(block, limits)?;
        self.checked[block_idx].store(true, Ordering::Release);
        Ok(())
    }

    /// Tells whether a block has passed its check.
    pub(crate) fn is_checked(&self, block_idx: usize) -> bool {
        self.checked[block_idx].load(Ordering::Acquire)
    }

    /// Gives a block that has passed its check.
    #[inline]
    #[expect(
        unsafe_code,
        reason = "reads the archive in place without validating it again"
    )]
    pub(crate) fn block(&self, block_idx: usize) -> Option<&ArchivedStoredBlock> {
        if !self.is_checked(block_idx) {
            return None;
        }
        let archive = &self.bytes.as_ref()[self.ranges[block_idx].clone()];
        // SAFETY: `check` validated exactly these bytes as an archive of this type before it set the flag read above
        // with acquire ordering; nobody in this process can write them, and their address has not changed.
        Some(unsafe { rkyv::access_unchecked::<ArchivedStoredBlock>(archive) })
    }
}

impl CheckedBlocks<Mmap> {
    /// Asks the kernel to read these bytes soon.
    pub(crate) fn will_need(&self, range: Range<usize>) {
        // A hint only: a kernel that declines costs a later page fault, never a wrong byte.
        let _declined = self
            .bytes
            .advise_range(Advice::WillNeed, range.start, range.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlockBuilder, ExpectedDecision, NewRecord};

    fn one_block(limits: Limits) -> (CheckedBlocks<rkyv::util::AlignedVec>, Result<(), String>) {
        let mut builder = BlockBuilder::new();
        let record = NewRecord {
            event_offset_ns: 1,
            endpoint: 0,
            affinity: 2,
            label: 0,
            expected_status: 200,
            expected_decision: ExpectedDecision::Approve,
            value: 3,
            session: 0,
            step: 0,
            path: b"/p",
            body: b"body",
            slots: &[],
        };
        builder.push(&record).unwrap();
        let block = builder.finish().unwrap();
        let range = 0..block.archive_bytes;
        let blocks = CheckedBlocks::new(block.bytes, vec![range]).unwrap();
        assert!(blocks.block(0).is_none(), "closed until checked");
        let checked = blocks.check(0, limits);
        (blocks, checked)
    }

    #[test]
    fn a_block_is_closed_until_it_was_checked() {
        let limits = Limits {
            endpoints: 1,
            labels: 1,
        };
        let (blocks, checked) = one_block(limits);
        checked.unwrap();
        assert_eq!(blocks.block(0).unwrap().records.len(), 1);
    }

    #[test]
    fn an_index_past_the_manifest_keeps_the_block_closed() {
        let limits = Limits {
            endpoints: 0,
            labels: 1,
        };
        let (blocks, checked) = one_block(limits);
        assert!(checked.unwrap_err().contains("record 0"));
        assert!(blocks.block(0).is_none());
    }

    #[test]
    fn a_range_outside_the_bytes_is_refused() {
        assert!(CheckedBlocks::new(vec![0_u8; 8], vec![0..4, 4..9]).is_none());
    }
}
