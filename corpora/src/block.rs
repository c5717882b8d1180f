//! Building one block: records in, checksummed bytes out. Pure, so blocks are built on any thread in any order.

use std::collections::BTreeMap;

use rkyv::rancor;
use rkyv::util::AlignedVec;

use crate::digest::Digest;
use crate::error::Error;
use crate::format;
use crate::record::{
    CAPTURED_VARIABLES, NewRecord, NewSlot, SLOT_CAPTURED, StoredBlock, StoredRecord, StoredSlot,
};
use crate::sequence::{Place, Sequence, Stretch};

/// Most records one block holds. Writers cut their records into chunks of this many, so that where a block begins is
/// a function of the content alone.
pub const RECORDS_PER_BLOCK: usize = 4096;

/// Most pool bytes one block holds; far below rkyv's 2 GiB reach of a relative pointer.
pub const POOL_BYTES_PER_BLOCK: usize = 64 << 20;

/// Collects records and encodes them as one block.
#[derive(Debug, Default)]
pub struct BlockBuilder {
    block: StoredBlock,
    /// Where the latest path of each endpoint lies: most services have few paths, so each is stored once per block.
    paths: BTreeMap<u16, (u32, u32)>,
    /// Where the records so far stand in their sessions; none before the first one.
    sequence: Option<Sequence>,
}

/// Memory that a block once lay in, for another one.
#[derive(Debug, Default)]
pub struct BlockBuffer(AlignedVec);

/// A finished block.
#[derive(Debug)]
pub struct EncodedBlock {
    /// The archive, zero-padded to the block alignment.
    pub(crate) bytes: AlignedVec,
    /// Length of the archive before padding.
    pub(crate) archive_bytes: usize,
    pub(crate) digest: Digest,
    pub(crate) records: usize,
    pub(crate) first_event_ns: u64,
    pub(crate) last_event_ns: u64,
    /// How it fits behind another block.
    pub(crate) sessions: Stretch,
    /// Record counts by endpoint and by label.
    pub(crate) endpoints: BTreeMap<u16, u64>,
    pub(crate) labels: BTreeMap<u16, u64>,
}

impl EncodedBlock {
    /// Gives up the block for its memory.
    pub fn into_buffer(self) -> BlockBuffer {
        BlockBuffer(self.bytes)
    }
}

impl BlockBuilder {
    /// Starts an empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the number of records so far.
    pub fn record_count(&self) -> usize {
        self.block.records.len()
    }

    /// Gives the bytes of paths and bodies so far.
    pub fn pool_bytes(&self) -> usize {
        self.block.pool.len()
    }

    /// Tells whether a record with `part_bytes` of path and body still fits.
    pub fn has_room_for(&self, part_bytes: usize) -> bool {
        self.record_count() < RECORDS_PER_BLOCK
            && self.pool_bytes() + part_bytes <= POOL_BYTES_PER_BLOCK
    }

    /// Appends a record.
    ///
    /// Errors: `Unstorable` if the block is full, the event time goes back, a slot does not lie inside its part, or the
    /// record does not go on with its session. The first record of a block may go on with any: whether it does is
    /// checked as the block is appended.
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<(), Error> {
        self.check(record)?;
        let place = Place::of_new(record);
        match &mut self.sequence {
            None => self.sequence = Some(Sequence::from(place)),
            Some(sequence) => {
                let admitted = sequence.admit(place);
                admitted.map_err(|detail| self.unstorable(detail))?;
            }
        }
        let (path_offset, path_bytes) = self.store_path(record.endpoint, record.path)?;
        let (body_offset, body_bytes) = self.store(record.body)?;
        let slots_start = self.index(self.block.slots.len(), "slots")?;
        let slots_count =
            u16::try_from(record.slots.len()).map_err(|_| self.unstorable("has too many slots"))?;
        self.block
            .slots
            .extend(record.slots.iter().copied().map(stored_slot));
        self.block.records.push(StoredRecord {
            event_offset_ns: record.event_offset_ns,
            affinity: record.affinity,
            value: record.value,
            session: record.session,
            path_offset,
            path_bytes,
            body_offset,
            body_bytes,
            slots_start,
            slots_count,
            endpoint: record.endpoint,
            label: record.label,
            step: record.step,
            expected_status: record.expected_status,
            expected_decision: record.expected_decision as u8,
            reserved: 0,
        });
        Ok(())
    }

    /// Encodes the block.
    ///
    /// Errors: `Unstorable` if it is empty.
    pub fn finish(mut self) -> Result<EncodedBlock, Error> {
        self.finish_into(BlockBuffer::default())
    }

    /// Encodes the block into memory that was used before, and starts over with an empty one.
    ///
    /// Both keep their allocations, so blocks by the thousand cost fresh pages only once. Errors: as [`Self::finish`].
    pub fn finish_into(&mut self, buffer: BlockBuffer) -> Result<EncodedBlock, Error> {
        let records = self.block.records.as_slice();
        let sessions = Stretch::of(records.iter().map(Place::of_stored));
        let (Some(first), Some(last), Some(sessions)) = (records.first(), records.last(), sessions)
        else {
            return Err(self.unstorable("is missing: a block needs one"));
        };
        let (first_event_ns, last_event_ns) = (first.event_offset_ns, last.event_offset_ns);
        let mut bytes = buffer.0;
        bytes.clear();
        bytes.reserve(self.archive_bytes());
        bytes = rkyv::api::high::to_bytes_in::<_, rancor::Error>(&self.block, bytes)
            .map_err(|error| self.unstorable(&format!("is refused by the encoder: {error}")))?;
        let archive_bytes = bytes.len();
        debug_assert!(archive_bytes <= self.archive_bytes());
        bytes.resize(format::padded(archive_bytes), 0);
        let block = EncodedBlock {
            digest: Digest::of(&bytes),
            bytes,
            archive_bytes,
            records: self.record_count(),
            first_event_ns,
            last_event_ns,
            sessions,
            endpoints: self.tally(|record| record.endpoint),
            labels: self.tally(|record| record.label),
        };
        self.clear();
        Ok(block)
    }

    /// Gives a length that the archive will not exceed.
    fn archive_bytes(&self) -> usize {
        let StoredBlock {
            records,
            slots,
            pool,
        } = &self.block;
        let parts = size_of_val(records.as_slice()) + size_of_val(slots.as_slice()) + pool.len();
        // Besides the three lists there is the root, and what lies between for the sake of alignment.
        format::padded(parts) + 2 * format::BLOCK_ALIGNMENT
    }

    fn clear(&mut self) {
        let Self {
            block,
            paths,
            sequence,
        } = self;
        block.records.clear();
        block.slots.clear();
        block.pool.clear();
        paths.clear();
        *sequence = None;
    }

    fn tally(&self, of: impl Fn(&StoredRecord) -> u16) -> BTreeMap<u16, u64> {
        let mut counts: Vec<u64> = Vec::new();
        for record in &self.block.records {
            let idx = usize::from(of(record));
            if counts.len() <= idx {
                counts.resize(idx + 1, 0);
            }
            counts[idx] += 1;
        }
        let counts = (0..=u16::MAX).zip(counts);
        counts.filter(|&(_, count)| count > 0).collect()
    }

    fn check(&self, record: &NewRecord<'_>) -> Result<(), Error> {
        if !self.has_room_for(record.path.len() + record.body.len()) {
            return Err(self.unstorable("does not fit into the block any more"));
        }
        if let Some(before) = self.block.records.last()
            && before.event_offset_ns > record.event_offset_ns
        {
            return Err(self.unstorable("lies before its predecessor in event time"));
        }
        let mut free_from = (0, 0);
        for slot in record.slots {
            let part = match slot.part {
                crate::SlotPart::Path => record.path,
                crate::SlotPart::Body => record.body,
            };
            let end = slot.offset as usize + usize::from(slot.width);
            if end > part.len() || (slot.part as u8, slot.offset as usize) < free_from {
                return Err(self.unstorable("has a slot outside its part or over another slot"));
            }
            let variable = slot.kind.checked_sub(SLOT_CAPTURED);
            if let Some(variable) = variable
                && (slot.width != 0 || variable >= CAPTURED_VARIABLES || record.session == 0)
            {
                return Err(self.unstorable("has a captured slot that is not empty, or no session"));
            }
            free_from = (slot.part as u8, end);
        }
        Ok(())
    }

    fn store_path(&mut self, endpoint: u16, path: &[u8]) -> Result<(u32, u32), Error> {
        if let Some(&(offset, bytes)) = self.paths.get(&endpoint) {
            let from = offset as usize;
            if self.block.pool[from..from + bytes as usize] == *path {
                return Ok((offset, bytes));
            }
        }
        let span = self.store(path)?;
        self.paths.insert(endpoint, span);
        Ok(span)
    }

    fn store(&mut self, part: &[u8]) -> Result<(u32, u32), Error> {
        let span = (
            self.index(self.pool_bytes(), "bytes")?,
            self.index(part.len(), "bytes")?,
        );
        self.block.pool.extend_from_slice(part);
        Ok(span)
    }

    fn index(&self, value: usize, what: &str) -> Result<u32, Error> {
        u32::try_from(value).map_err(|_| self.unstorable(&format!("has too many {what}")))
    }

    fn unstorable(&self, detail: &str) -> Error {
        Error::Unstorable {
            record_idx: self.record_count(),
            detail: format!("it {detail}"),
        }
    }
}

fn stored_slot(slot: NewSlot) -> StoredSlot {
    StoredSlot {
        offset: slot.offset,
        width: slot.width,
        kind: slot.kind,
        part: slot.part as u8,
    }
}
