//! A tape of one record, for unit tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use tapdeck_corpora::{
    BlockBuilder, ExpectedDecision, ManifestDraft, NewRecord, NewSlot, Origin, SLOT_CAPTURED, Tape,
    TapeWriter,
};

use super::payload::{LaneTape, RecordPlace};
use super::stamp::{Salt, Stamps};

/// Where the one record lies.
pub(super) const PLACE: RecordPlace = RecordPlace {
    block_idx: 0,
    record_idx: 0,
};

/// Stamps that are easy to see.
pub(super) const STAMPS: Stamps = Stamps {
    salt: Salt {
        id_end: *b"SALTSALT",
        uuid_end: *b"5a175a1700",
    },
    sent_at: *b"2026-01-02T03:04:05.678Z",
};

/// Writes and opens a tape of one record with this body.
pub(super) fn lane_tape(body: &[u8], slots: &[NewSlot]) -> LaneTape {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.tape");
    let mut builder = BlockBuilder::new();
    builder
        .push(&NewRecord {
            event_offset_ns: 0,
            endpoint: 0,
            affinity: 0,
            label: 0,
            expected_status: 0,
            expected_decision: ExpectedDecision::Unknown,
            value: 0,
            // Only the steps of sessions hold captured values.
            session: u64::from(slots.iter().any(|slot| slot.kind >= SLOT_CAPTURED)),
            step: 0,
            path: b"/",
            body,
            slots,
        })
        .unwrap();
    let mut writer = TapeWriter::create(&path).unwrap();
    writer.append(&builder.finish().unwrap()).unwrap();
    writer
        .finish(ManifestDraft {
            service_name: "test".into(),
            service_source: String::new(),
            endpoints: vec!["one".into()],
            labels: vec!["legitimate".into()],
            origin: Origin {
                generator: "test".into(),
                generator_version: String::new(),
                rng: String::new(),
                seed: None,
                parameters: BTreeMap::new(),
            },
            event_epoch: "2025-01-06T00:00:00Z".into(),
        })
        .unwrap();
    let tape = Tape::open(&path).unwrap();
    tape.check_block(0).unwrap();
    Arc::new(Arc::new(tape))
}
