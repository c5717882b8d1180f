//! The tape: requests rendered once, kept in one checked, memory-mapped file, played back as often as wanted.
//!
//! Owns bytes and files. Knows neither transactions nor HTTP clients: a record is a path, a body, slots and numbers.
//! Invariants: a tape's bytes are a function of what was pushed into it and nothing else; no byte of a tape is used
//! before its checksum was compared; nothing unfinished ever stands under a final name.
//!
//! `docs/format.md` has the layout byte by byte.

pub mod block;
pub mod digest;
pub mod directory;
pub mod durable;
pub mod error;
pub mod format;
mod hold;
mod indices;
pub mod manifest;
mod mapped;
mod opening;
pub mod record;
mod sequence;
pub mod tape;
pub mod view;
pub mod writer;

pub use block::{BlockBuffer, BlockBuilder, EncodedBlock, RECORDS_PER_BLOCK};
pub use digest::Digest;
pub use error::{Error, ErrorKind};
pub use manifest::{Count, Manifest, ManifestDraft, Origin};
pub use record::{
    CAPTURED_VARIABLES, ExpectedDecision, NewRecord, NewSlot, RECORD_BYTES, SLOT_BYTES,
    SLOT_CAPTURED, SLOT_ID, SLOT_SENT_AT, SLOT_UUID, SlotPart,
};
pub use tape::Tape;
pub use view::{Block, Record, Slot};
pub use writer::{TapeSummary, TapeWriter};
