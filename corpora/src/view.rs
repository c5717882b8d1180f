//! Records as they are read in place: borrowed views of a checked block.

use crate::record::{
    ArchivedStoredBlock, ArchivedStoredRecord, ArchivedStoredSlot, ExpectedDecision, SlotPart,
};

/// A checked block.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    archived: &'a ArchivedStoredBlock,
}

impl<'a> Block<'a> {
    pub(crate) fn new(archived: &'a ArchivedStoredBlock) -> Self {
        Self { archived }
    }

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
