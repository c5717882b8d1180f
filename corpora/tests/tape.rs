//! A tape gives back what was put in, and notices every byte that changed since.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tapdeck_corpora::{
    BlockBuilder, Error, ErrorKind, ExpectedDecision, ManifestDraft, NewRecord, NewSlot, Origin,
    RECORDS_PER_BLOCK, SLOT_CAPTURED, SLOT_ID, SlotPart, Tape, TapeSummary, TapeWriter,
};

fn draft() -> ManifestDraft {
    ManifestDraft {
        service_name: "test".into(),
        service_source: "name = \"test\"".into(),
        endpoints: vec!["POST /a".into(), "POST /b".into()],
        labels: vec!["legitimate".into(), "card_testing".into()],
        origin: Origin {
            generator: "test".into(),
            generator_version: "1".into(),
            rng: String::new(),
            seed: Some(7),
            parameters: BTreeMap::new(),
        },
        event_epoch: "2025-01-06T00:00:00Z".into(),
    }
}

fn body(idx: u64) -> Vec<u8> {
    format!("{{\"id\":\"t{idx:016x}-00000000\"}}").into_bytes()
}

const SLOT: NewSlot = NewSlot {
    part: SlotPart::Body,
    kind: SLOT_ID,
    offset: 7,
    width: 26,
};

fn record(idx: u64, body: &[u8]) -> NewRecord<'_> {
    NewRecord {
        event_offset_ns: idx * 1_000,
        endpoint: u16::from(idx.is_multiple_of(3)),
        affinity: idx / 2,
        label: u16::from(idx.is_multiple_of(50)),
        expected_status: 200,
        expected_decision: ExpectedDecision::Approve,
        value: idx,
        session: 0,
        step: 0,
        path: if idx.is_multiple_of(3) { b"/b" } else { b"/a" },
        body,
        slots: std::slice::from_ref(&SLOT),
    }
}

fn write(path: &Path, records: u64) -> TapeSummary {
    let mut writer = TapeWriter::create(path).unwrap();
    for chunk in (0..records).collect::<Vec<_>>().chunks(RECORDS_PER_BLOCK) {
        let mut builder = BlockBuilder::new();
        for &idx in chunk {
            builder.push(&record(idx, &body(idx))).unwrap();
        }
        writer.append(&builder.finish().unwrap()).unwrap();
    }
    writer.finish(draft()).unwrap()
}

fn check_all(tape: &Tape) -> Result<(), Error> {
    (0..tape.directory().len()).try_for_each(|block_idx| tape.check_block(block_idx))
}

#[test]
fn a_tape_gives_back_every_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let records = 2 * RECORDS_PER_BLOCK as u64 + 5;
    let summary = write(&path, records);

    let tape = Tape::open(&path).unwrap();
    assert_eq!(tape.record_count(), records);
    assert_eq!(tape.digest(), summary.digest);
    assert_eq!(tape.file_bytes(), summary.bytes);
    assert_eq!(tape.directory().len(), 3);
    assert_eq!(tape.manifest().endpoints[1].records, records.div_ceil(3));
    assert_eq!(tape.manifest().labels[1].records, records.div_ceil(50));
    assert_eq!(tape.manifest().event_span_ns(), (records - 1) * 1_000);
    assert!(tape.block(0).is_none(), "unchecked blocks are closed");
    check_all(&tape).unwrap();
    for idx in 0..records {
        let block_idx = tape.block_of(idx);
        let first = tape.directory()[block_idx].first_record;
        let block = tape.block(block_idx).unwrap();
        let record = block.record(usize::try_from(idx - first).unwrap()).unwrap();
        assert_eq!(record.body(), body(idx));
        assert_eq!(
            record.path(),
            if idx.is_multiple_of(3) { b"/b" } else { b"/a" }
        );
        assert_eq!(record.event_offset_ns(), idx * 1_000);
        assert_eq!(record.affinity(), idx / 2);
        assert_eq!(record.value(), idx);
        let slot = record.slots().next().unwrap();
        assert_eq!((slot.offset, slot.width, slot.kind), (7, 26, SLOT_ID));
    }
}

#[test]
fn the_same_records_make_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1"), folder.path().join("2"));
    assert_eq!(write(&one, 10), write(&two, 10));
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

#[test]
fn any_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    write(&path, 40);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&path, &flipped).unwrap();
        let noticed = Tape::open(&path).and_then(|tape| check_all(&tape)).is_err();
        assert!(
            noticed,
            "byte {at} of {} was flipped unnoticed",
            bytes.len()
        );
    }
}

#[test]
fn damage_is_named_with_its_block() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    write(&path, RECORDS_PER_BLOCK as u64 + 1);
    let tape = Tape::open(&path).unwrap();
    let place = usize::try_from(tape.directory()[1].offset).unwrap() + 10;
    let mut bytes = fs::read(&path).unwrap();
    bytes[place] ^= 0xff;
    fs::write(&path, bytes).unwrap();

    let tape = Tape::open(&path).unwrap();
    tape.check_block(0).unwrap();
    let error = tape.check_block(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains("block 1 of"), "{error}");
    assert!(tape.block(1).is_none());
}

#[test]
fn what_is_no_tape_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    write(&path, 10);
    let whole = fs::read(&path).unwrap();
    let mut newer = whole.clone();
    newer[8] = 2;
    let cut = |to: usize| whole[..to].to_vec();
    let rows: [(&str, Vec<u8>, &str); 7] = [
        ("empty", vec![], "is empty"),
        (
            "foreign",
            b"PK\x03\x04 some zip archive".to_vec(),
            "is not a tape",
        ),
        ("short foreign", b"{}".to_vec(), "is not a tape"),
        ("newer", newer, "format 2"),
        ("cut in the header", cut(20), "truncated"),
        ("cut in a block", cut(whole.len() / 2), "truncated"),
        ("cut in the trailer", cut(whole.len() - 1), "truncated"),
    ];
    for (name, bytes, expected) in rows {
        fs::write(&path, bytes).unwrap();
        let error = Tape::open(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains("some.tape"), "{name}: {error}");
    }
    let missing = Tape::open(&folder.path().join("none")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
}

#[test]
fn an_unfinished_tape_leaves_nothing_and_a_finished_one_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let files = || fs::read_dir(folder.path()).unwrap().count();
    let mut writer = TapeWriter::create(&path).unwrap();
    let mut builder = BlockBuilder::new();
    builder.push(&record(0, &body(0))).unwrap();
    writer.append(&builder.finish().unwrap()).unwrap();
    drop(writer);
    assert_eq!(files(), 0);

    fs::write(&path, "something older").unwrap();
    write(&path, 3);
    assert_eq!(Tape::open(&path).unwrap().record_count(), 3);
    assert_eq!(files(), 1);
}

#[test]
fn a_tape_needs_a_folder_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("some.tape");
    let error = TapeWriter::create(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(
        TapeWriter::create(folder.path()).is_err(),
        "a folder is no file"
    );
}

#[test]
fn what_cannot_be_stored_is_refused() {
    let outside = [NewSlot { offset: 30, ..SLOT }];
    let over = [
        SLOT,
        NewSlot {
            offset: 20,
            width: 2,
            ..SLOT
        },
    ];
    let bytes = body(5);
    let rows: [(&str, &[NewSlot], u64); 3] = [
        ("slot outside", &outside, 5),
        ("slot over slot", &over, 5),
        ("time going back", &[], 0),
    ];
    for (name, slots, idx) in rows {
        let mut builder = BlockBuilder::new();
        builder.push(&record(1, &bytes)).unwrap();
        let error = builder
            .push(&NewRecord {
                slots,
                ..record(idx, &bytes)
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Caller, "{name}");
    }
    let mut builder = BlockBuilder::new();
    for _ in 0..RECORDS_PER_BLOCK {
        builder.push(&record(1, &bytes)).unwrap();
    }
    assert!(builder.push(&record(1, &bytes)).is_err(), "a full block");
    assert!(BlockBuilder::new().finish().is_err(), "an empty block");
}

/// A slot for the value of a variable, right behind the opening brace of a body.
const fn captured(variable: u8) -> NewSlot {
    NewSlot {
        part: SlotPart::Body,
        kind: SLOT_CAPTURED + variable,
        offset: 1,
        width: 0,
    }
}

#[test]
fn captured_slots_are_empty_and_in_sessions() {
    let bytes = body(0);
    let push = |slot: NewSlot, session| {
        let slots = [slot, slot, SLOT];
        let record = NewRecord {
            slots: &slots,
            session,
            ..record(0, &bytes)
        };
        let mut builder = BlockBuilder::new();
        builder.push(&record).map(|()| builder)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.tape");
    let mut writer = TapeWriter::create(&path).unwrap();
    let block = push(captured(63), 1).unwrap().finish().unwrap();
    writer.append(&block).unwrap();
    writer.finish(draft()).unwrap();
    let tape = Tape::open(&path).unwrap();
    tape.check_block(0).unwrap();
    let record = tape.block(0).unwrap().record(0).unwrap();
    let kinds: Vec<_> = record.slots().map(|slot| (slot.kind, slot.width)).collect();
    assert_eq!(kinds, [(191, 0), (191, 0), (SLOT_ID, 26)]);

    let wide = NewSlot {
        width: 1,
        ..captured(0)
    };
    for (slot, session) in [(captured(63), 0), (captured(64), 1), (wide, 1)] {
        let error = push(slot, session).unwrap_err().to_string();
        assert!(error.contains("captured slot"), "{error}");
    }
}

#[test]
fn sessions_go_on_from_block_to_block() {
    let block = |places: &[(u64, u16)]| {
        let mut builder = BlockBuilder::new();
        let bytes = body(0);
        for &(session, step) in places {
            let record = NewRecord {
                session,
                step,
                ..record(0, &bytes)
            };
            builder.push(&record)?;
        }
        builder.finish()
    };
    let folder = tempfile::tempdir().unwrap();
    let mut writer = TapeWriter::create(&folder.path().join("t")).unwrap();
    writer
        .append(&block(&[(0, 0), (1, 0), (1, 1)]).unwrap())
        .unwrap();
    writer
        .append(&block(&[(1, 2), (0, 0), (3, 0)]).unwrap())
        .unwrap();
    for places in [[(3, 2), (4, 0)], [(2, 0), (4, 0)], [(0, 0), (3, 0)]] {
        let error = writer.append(&block(&places).unwrap()).unwrap_err();
        let is_named = matches!(error, Error::BrokenSession { block_idx: 2, .. });
        assert!(is_named, "{places:?}: {error}");
    }
    let error = block(&[(5, 0), (0, 0), (5, 1)]).unwrap_err();
    assert!(
        matches!(error, Error::Unstorable { record_idx: 2, .. }),
        "{error}"
    );
}

#[test]
fn blocks_and_names_must_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let block = |idx| {
        let mut builder = BlockBuilder::new();
        builder.push(&record(idx, &body(idx))).unwrap();
        builder.finish().unwrap()
    };
    let mut writer = TapeWriter::create(&folder.path().join("t")).unwrap();
    writer.append(&block(9)).unwrap();
    assert!(matches!(
        writer.append(&block(3)),
        Err(Error::OutOfOrder { block_idx: 1, .. })
    ));
    let endpoints = vec!["only one".into()];
    let error = writer
        .finish(ManifestDraft {
            endpoints,
            ..draft()
        })
        .unwrap_err();
    assert!(error.to_string().contains("endpoint 1"), "{error}");
}

proptest! {
    /// Whatever bytes paths and bodies hold, they come back unchanged and in order.
    #[test]
    fn any_bytes_come_back(parts in prop::collection::vec((any::<Vec<u8>>(), any::<Vec<u8>>()), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.tape");
        let mut builder = BlockBuilder::new();
        for (idx, (path, body)) in (0..).zip(&parts) {
            builder.push(&NewRecord { path, slots: &[], ..record(idx, body) }).unwrap();
        }
        let mut writer = TapeWriter::create(&path).unwrap();
        writer.append(&builder.finish().unwrap()).unwrap();
        writer.finish(draft()).unwrap();
        let tape = Tape::open(&path).unwrap();
        tape.check_block(0).unwrap();
        let block = tape.block(0).unwrap();
        prop_assert_eq!(block.len(), parts.len());
        for (idx, (path, body)) in parts.iter().enumerate() {
            let record = block.record(idx).unwrap();
            prop_assert_eq!(record.path(), path.as_slice());
            prop_assert_eq!(record.body(), body.as_slice());
        }
    }

    /// Arbitrary bytes behind a tape's header never panic the reader.
    #[test]
    fn arbitrary_bytes_never_panic(tail in any::<Vec<u8>>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.tape");
        let mut bytes = b"TAPDECK\0\x01\0\0\0".to_vec();
        bytes.resize(64, 0);
        bytes.extend(tail);
        fs::write(&path, bytes).unwrap();
        prop_assert!(Tape::open(&path).is_err());
    }
}
