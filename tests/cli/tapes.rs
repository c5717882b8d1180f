//! Small tapes, written through the public API, and ways to spoil them.

use std::fs;
use std::path::{Path, PathBuf};

use tapdeck_corpora::{
    BlockBuilder, ExpectedDecision, ManifestDraft, NewRecord, NewSlot, Origin, SLOT_ID,
    SLOT_SENT_AT, SlotPart, Tape, TapeWriter,
};

/// Records of each block.
pub(crate) const BLOCK_RECORDS: u64 = 10;

/// Event time between two records.
pub(crate) const GAP_NS: u64 = 1_000_000;

/// A card number as no tape of ours holds one; whoever prints it must mask it.
pub(crate) const PAN: &str = "4111111111111111";

/// Writes a tape of `blocks` blocks; every tenth record is fraud.
pub(crate) fn write(folder: &Path, blocks: u64) -> PathBuf {
    write_labelled(folder, blocks, "card_testing")
}

/// Likewise, with another label for fraud.
pub(crate) fn write_labelled(folder: &Path, blocks: u64, label: &str) -> PathBuf {
    let path = folder.join("small.tape");
    let mut writer = TapeWriter::create(&path).unwrap();
    for block in 0..blocks {
        let mut builder = BlockBuilder::new();
        for idx in block * BLOCK_RECORDS..(block + 1) * BLOCK_RECORDS {
            push(&mut builder, idx);
        }
        writer.append(&builder.finish().unwrap()).unwrap();
    }
    writer.finish(draft(label)).unwrap();
    path
}

fn push(builder: &mut BlockBuilder, idx: u64) {
    let is_fraud = idx.is_multiple_of(10);
    let body = format!(
        r#"{{"transaction_id":"t{idx:016x}-00000000","pan":"{PAN}","amount":42.50,"timestamp":"0000-00-00T00:00:00.000Z","flags":[]}}"#
    );
    let slot = |kind, text: &str, width| NewSlot {
        part: SlotPart::Body,
        kind,
        offset: u32::try_from(body.find(text).unwrap()).unwrap(),
        width,
    };
    let slots = [
        slot(SLOT_ID, &format!("t{idx:016x}"), 26),
        slot(SLOT_SENT_AT, "0000-00-00", 24),
    ];
    let record = NewRecord {
        event_offset_ns: idx * GAP_NS,
        endpoint: u16::from(idx.is_multiple_of(2)),
        affinity: idx,
        label: u16::from(is_fraud),
        expected_status: 200,
        expected_decision: if is_fraud {
            ExpectedDecision::Decline
        } else {
            ExpectedDecision::Approve
        },
        value: 4_250,
        session: 0,
        step: 0,
        path: b"/v1/evaluate/auth",
        body: body.as_bytes(),
        slots: &slots,
    };
    builder.push(&record).unwrap();
}

fn draft(label: &str) -> ManifestDraft {
    ManifestDraft {
        service_name: "rule-engine".into(),
        service_source: tapdeck_services::registry::BUILTIN[0].source.into(),
        endpoints: vec!["monitoring".into(), "auth".into()],
        labels: vec!["legitimate".into(), label.into()],
        origin: Origin {
            generator: "fixture".into(),
            generator_version: "1.2.3".into(),
            rng: String::new(),
            seed: Some(7),
            parameters: [("days".to_owned(), "90".to_owned())].into(),
        },
        event_epoch: "2025-01-06T00:00:00Z".into(),
    }
}

/// Flips a bit in the middle of a block.
pub(crate) fn spoil_block(path: &Path, block_idx: usize) {
    let entry = Tape::open(path).unwrap().directory()[block_idx];
    let at = usize::try_from(entry.offset + entry.archive_bytes / 2).unwrap();
    change(path, |bytes| bytes[at] ^= 1);
}

/// Changes the bytes of a file.
pub(crate) fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    how(&mut bytes);
    fs::write(path, bytes).unwrap();
}
