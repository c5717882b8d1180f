//! What the validator of archives cannot know: that every index of a block points to something, and that its records
//! follow each other as they must.

use crate::record::{
    ArchivedStoredBlock, ArchivedStoredRecord, ArchivedStoredSlot, CAPTURED_VARIABLES,
    ExpectedDecision, SLOT_CAPTURED,
};
use crate::sequence::{Place, Sequence};

/// Bounds every index stored in a block must respect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) endpoints: usize,
    pub(crate) labels: usize,
}

/// Checks a block of which the archive is well formed.
///
/// Errors: says which record is wrong, and how.
pub(crate) fn check_indices(block: &ArchivedStoredBlock, limits: Limits) -> Result<(), String> {
    let mut event_offset_ns = 0;
    let mut sequence: Option<Sequence> = None;
    for (idx, record) in block.records.iter().enumerate() {
        let time_holds = record.event_offset_ns.to_native() >= event_offset_ns;
        if !(time_holds && points_inside(block, record, limits)) {
            return Err(format!("its record {idx} points outside of it"));
        }
        event_offset_ns = record.event_offset_ns.to_native();
        let place = Place::of_archived(record);
        match &mut sequence {
            None => sequence = Some(Sequence::from(place)),
            Some(sequence) => {
                let admitted = sequence.admit(place);
                admitted.map_err(|detail| format!("its record {idx} {detail}"))?;
            }
        }
    }
    Ok(())
}

fn points_inside(
    block: &ArchivedStoredBlock,
    record: &ArchivedStoredRecord,
    limits: Limits,
) -> bool {
    let pool = block.pool.len();
    let (path, body) = (record.path_bytes.to_native(), record.body_bytes.to_native());
    let mut ends = [
        (record.path_offset.to_native(), path),
        (record.body_offset.to_native(), body),
    ]
    .into_iter();
    let slots_start = record.slots_start.to_native() as usize;
    let slots_end = slots_start + usize::from(record.slots_count.to_native());
    let holds = |slot: &ArchivedStoredSlot| {
        let part = if slot.part == 0 { path } else { body };
        let end = u64::from(slot.offset.to_native()) + u64::from(slot.width.to_native());
        slot.part <= 1 && end <= u64::from(part) && is_sound(slot, record)
    };
    ends.all(|(from, len)| from as usize + len as usize <= pool)
        && usize::from(record.endpoint.to_native()) < limits.endpoints
        && usize::from(record.label.to_native()) < limits.labels
        && ExpectedDecision::from_stored(record.expected_decision).is_some()
        && slots_end <= block.slots.len()
        && block.slots[slots_start..slots_end].iter().all(holds)
}

/// Tells whether a slot for a captured value is empty, of a variable there can be, and in a session.
fn is_sound(slot: &ArchivedStoredSlot, record: &ArchivedStoredRecord) -> bool {
    slot.kind.checked_sub(SLOT_CAPTURED).is_none_or(|variable| {
        variable < CAPTURED_VARIABLES && slot.width == 0 && record.session != 0
    })
}
