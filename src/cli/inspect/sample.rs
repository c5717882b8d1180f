//! A few records, read from checked blocks and made safe to show.

use serde::Serialize;
use tapdeck_corpora::{
    Record, SLOT_CAPTURED, SLOT_ID, SLOT_SENT_AT, SLOT_UUID, Slot, SlotPart, Tape,
};

use super::event_time;
use super::sessions::Sessions;
use tapdeck_reports::printable::{is_obeyed, on_one_line};

use crate::error::Error;
use crate::mask::mask_pans;

/// One record.
#[derive(Debug, Serialize)]
pub(super) struct Sample {
    pub(super) record: u64,
    pub(super) block: usize,
    pub(super) endpoint: String,
    pub(super) event_time: String,
    pub(super) label: String,
    /// Where the tape knows it.
    pub(super) expected_decision: Option<&'static str>,
    /// Where the tape knows better than the service definition.
    pub(super) expected_status: Option<u16>,
    pub(super) value_usd_cents: u64,
    /// Records of one affinity keep their order; as a rule they are of one card, or of one session.
    pub(super) affinity: String,
    /// Its session by number, and the place among its steps.
    pub(super) session: Option<(u64, u16)>,
    /// Card numbers masked, slots as stored.
    pub(super) path: String,
    /// Likewise; bytes that are no text show as replacement characters.
    pub(super) body: String,
    pub(super) slots: Vec<Place>,
}

/// A slot.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    pub(super) part: &'static str,
    pub(super) kind: String,
    pub(super) offset: usize,
    pub(super) width: usize,
}

/// Reads `wanted` records, the first one and others at even distances; fewer if the tape has fewer.
///
/// Errors: `Tape` if a block that holds one is damaged.
pub(super) fn spread(tape: &Tape, sessions: &Sessions, wanted: u64) -> Result<Vec<Sample>, Error> {
    let records = tape.record_count();
    let wanted = wanted.min(records);
    (0..wanted)
        .map(|nth| {
            let record_idx = u128::from(nth) * u128::from(records) / u128::from(wanted);
            read(tape, sessions, u64::try_from(record_idx).unwrap_or(records))
        })
        .collect()
}

fn read(tape: &Tape, sessions: &Sessions, record_idx: u64) -> Result<Sample, Error> {
    let block_idx = tape.block_of(record_idx);
    tape.check_block(block_idx)?;
    let within = record_idx - tape.directory()[block_idx].first_record;
    let record = tape
        .block(block_idx)
        .zip(usize::try_from(within).ok())
        .and_then(|(block, within)| block.record(within))
        .ok_or_else(|| {
            Error::Bug(format!(
                "record {record_idx} is missing in block {block_idx}"
            ))
        })?;
    let slots = record
        .slots()
        .map(|slot| place(slot, sessions, record.endpoint()));
    Ok(sample(
        tape,
        record_idx,
        block_idx,
        &record,
        slots.collect(),
    ))
}

fn sample(
    tape: &Tape,
    record_idx: u64,
    block_idx: usize,
    record: &Record<'_>,
    slots: Vec<Place>,
) -> Sample {
    let manifest = tape.manifest();
    Sample {
        record: record_idx,
        block: block_idx,
        endpoint: on_one_line(&manifest.endpoints[record.endpoint()].name),
        event_time: event_time::show(&manifest.event_epoch, record.event_offset_ns()),
        label: on_one_line(&manifest.labels[record.label()].name),
        expected_decision: record.expected_decision().word(),
        expected_status: Some(record.expected_status()).filter(|&status| status != 0),
        value_usd_cents: record.value(),
        affinity: in_halves(record.affinity()),
        session: Some(record.session()).filter(|&(session, _)| session != 0),
        path: safe(record.path(), record, SlotPart::Path),
        body: safe(record.body(), record, SlotPart::Body),
        slots,
    }
}

fn place(slot: Slot, sessions: &Sessions, endpoint: usize) -> Place {
    Place {
        part: match slot.part {
            SlotPart::Path => "path",
            SlotPart::Body => "body",
        },
        kind: match slot.kind {
            SLOT_ID => "id".to_owned(),
            SLOT_SENT_AT => "sent-at".to_owned(),
            SLOT_UUID => "uuid".to_owned(),
            SLOT_CAPTURED.. => sessions.captured(endpoint, slot.kind),
            other => format!("kind {other}"),
        },
        offset: slot.offset,
        width: slot.width,
    }
}

/// Masks card numbers and what a terminal might obey. A mask is as long as what it hides, so slots stay where they are;
/// what they hold is an id or a time, however many digits it has.
fn safe(stored: &[u8], record: &Record<'_>, part: SlotPart) -> String {
    let stored = String::from_utf8_lossy(stored);
    let mut shown = mask_pans(&stored);
    for slot in record.slots().filter(|slot| slot.part == part) {
        let place = slot.offset..slot.offset + slot.width;
        if let Some(kept) = stored.get(place.clone()) {
            shown.replace_range(place, kept);
        }
    }
    printable(&shown)
}

/// Puts as many question marks as it has bytes in the place of everything that a terminal obeys but line breaks and tabulators.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let (shown, times) = if is_obeyed(c) && !matches!(c, '\n' | '\t') {
                ('?', c.len_utf8())
            } else {
                (c, 1)
            };
            std::iter::repeat_n(shown, times)
        })
        .collect()
}

/// Shows a word in two halves: sixteen hexadecimal digits in a row may all be decimal and pass for a card number.
fn in_halves(word: u64) -> String {
    format!("{:08x}.{:08x}", word >> 32, word & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_is_shown() {
        for (text, expected) in [
            ("{\"pan\":1}", "{\"pan\":1}"),
            ("red \u{1b}[31m", "red ?[31m"),
            ("\u{9b}\n\té", "??\n\té"),
        ] {
            assert_eq!(printable(text), expected);
            assert_eq!(printable(text).len(), text.len());
        }
    }
}
