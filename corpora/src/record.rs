//! One stored request: what is handed in, and how it lies in a block.

use rkyv::{Archive, Serialize};

/// Slot kind: the request's id; its last eight characters are stamped at firing.
pub const SLOT_ID: u8 = 1;

/// Slot kind: the wall-clock time of firing, `YYYY-MM-DDThh:mm:ss.mmmZ`.
pub const SLOT_SENT_AT: u8 = 2;

/// Slot kind: a UUID; its last ten digits are stamped at firing.
pub const SLOT_UUID: u8 = 3;

/// Slot kinds from this one on: a value that an earlier step of the session captured; the kind is this plus the number
/// of the session's variable. The slot is empty in the tape, and what goes there may be of any length.
pub const SLOT_CAPTURED: u8 = 128;

/// Most variables of a session.
pub const CAPTURED_VARIABLES: u8 = 64;

/// Bytes of a record in a block, beside its path and body.
pub const RECORD_BYTES: usize = size_of::<ArchivedStoredRecord>();

/// Bytes of a slot in a block.
pub const SLOT_BYTES: usize = size_of::<ArchivedStoredSlot>();

/// Decision a perfect target would take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExpectedDecision {
    /// The tape does not know.
    #[default]
    Unknown = 0,
    /// Let it pass.
    Approve = 1,
    /// Refuse it.
    Decline = 2,
    /// Have a person look at it.
    Review = 3,
}

impl ExpectedDecision {
    /// Reads the stored number.
    pub(crate) const fn from_stored(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Unknown),
            1 => Some(Self::Approve),
            2 => Some(Self::Decline),
            3 => Some(Self::Review),
            _ => None,
        }
    }

    /// Gives the word used in reports, `None` for unknown.
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Approve => Some("approve"),
            Self::Decline => Some("decline"),
            Self::Review => Some("review"),
        }
    }
}

/// The part of a request a slot lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SlotPart {
    /// Path and query.
    Path = 0,
    /// Body.
    Body = 1,
}

/// A place to be stamped as the request is sent, or to be filled with what was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSlot {
    /// Where it lies.
    pub part: SlotPart,
    /// What is stamped: [`SLOT_ID`], [`SLOT_SENT_AT`], [`SLOT_UUID`], or [`SLOT_CAPTURED`] plus a variable.
    pub kind: u8,
    /// First byte within the part.
    pub offset: u32,
    /// Bytes; 0 for what was captured.
    pub width: u16,
}

/// A request to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// Event time, nanoseconds since the tape's event epoch; never decreases from record to record.
    pub event_offset_ns: u64,
    /// Index into the manifest's endpoints.
    pub endpoint: u16,
    /// Records of equal affinity are sent in tape order by one lane (a card, as a rule).
    pub affinity: u64,
    /// Index into the manifest's labels.
    pub label: u16,
    /// Status code a correct target answers with, 0 if the service definition alone decides.
    pub expected_status: u16,
    /// Decision a perfect target would take.
    pub expected_decision: ExpectedDecision,
    /// Money at stake, US cents.
    pub value: u64,
    /// Session the record belongs to, 0 for none.
    pub session: u64,
    /// Step within the session.
    pub step: u16,
    /// Path and query.
    pub path: &'a [u8],
    /// Body; empty for none.
    pub body: &'a [u8],
    /// Slots, ordered by part and offset, not overlapping.
    pub slots: &'a [NewSlot],
}

/// A record as it lies in a block: 64 bytes, one cache line, no padding.
#[derive(Debug, Archive, Serialize)]
#[rkyv(derive(Debug))]
pub(crate) struct StoredRecord {
    pub(crate) event_offset_ns: u64,
    pub(crate) affinity: u64,
    pub(crate) value: u64,
    pub(crate) session: u64,
    pub(crate) path_offset: u32,
    pub(crate) path_bytes: u32,
    pub(crate) body_offset: u32,
    pub(crate) body_bytes: u32,
    pub(crate) slots_start: u32,
    pub(crate) slots_count: u16,
    pub(crate) endpoint: u16,
    pub(crate) label: u16,
    pub(crate) step: u16,
    pub(crate) expected_status: u16,
    pub(crate) expected_decision: u8,
    pub(crate) reserved: u8,
}

/// A slot as it lies in a block.
#[derive(Debug, Archive, Serialize)]
#[rkyv(derive(Debug))]
pub(crate) struct StoredSlot {
    pub(crate) offset: u32,
    pub(crate) width: u16,
    pub(crate) kind: u8,
    pub(crate) part: u8,
}

/// A block: records and slots point into the one pool of bytes.
#[derive(Debug, Default, Archive, Serialize)]
#[rkyv(derive(Debug))]
pub(crate) struct StoredBlock {
    pub(crate) records: Vec<StoredRecord>,
    pub(crate) slots: Vec<StoredSlot>,
    pub(crate) pool: Vec<u8>,
}
