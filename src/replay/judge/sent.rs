//! The request that an answer belongs to, as far as the answer has to repeat it.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use tapdeck_corpora::{Record, SLOT_ID, SLOT_UUID, SlotPart};

use super::decimal::same_number;
use crate::replay::json_pick::Found;
use crate::replay::stamp::Stamps;

/// The request that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// What lies on the tape.
    pub record: &'a Record<'a>,
    /// What was stamped into it.
    pub stamps: &'a Stamps,
}

impl Sent<'_> {
    /// Tells whether a text is an id that the body was stamped with.
    pub(super) fn bears_id(&self, text: &[u8]) -> bool {
        let is_id = |kind| matches!(kind, SLOT_ID | SLOT_UUID);
        let slots = self.record.slots();
        let mut ids = slots.filter(|slot| is_id(slot.kind) && slot.part == SlotPart::Body);
        ids.any(|slot| {
            Stamps::stamped_range(&slot).is_some_and(|stamped| {
                let kept = &self.record.body()[slot.offset..stamped.start];
                text.len() == slot.width
                    && text.starts_with(kept)
                    && text.ends_with(self.stamps.of_kind(slot.kind))
            })
        })
    }

    /// Gives the value of a parameter in the query, percent-encoded as it was sent.
    pub(super) fn parameter(&self, name: &str) -> Option<&[u8]> {
        parameter(self.record.path(), name)
    }
}

fn parameter<'p>(path: &'p [u8], name: &str) -> Option<&'p [u8]> {
    let start = path.iter().position(|&byte| byte == b'?')? + 1;
    let mut pairs = path[start..].split(|&byte| byte == b'&');
    pairs.find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// Tells whether a value of an answer is the one that a text stands for; allocates nothing.
pub(super) fn says(found: &Found<'_>, text: &[u8]) -> bool {
    match found {
        Found::Text(found) => found.as_bytes() == text,
        Found::Boolean(true) => text == b"true",
        Found::Boolean(false) => text == b"false",
        Found::Number(number) => same_number(number.as_bytes(), text),
        Found::Missing | Found::Null | Found::Compound => false,
    }
}

/// Tells the same of a percent-encoded text; allocates only for a number that needed encoding.
pub(super) fn says_encoded(found: &Found<'_>, encoded: &[u8]) -> bool {
    let decoded = percent_decode(encoded);
    match found {
        Found::Text(found) => decoded.eq(found.bytes()),
        _ => says(found, &Cow::from(decoded)),
    }
}

#[cfg(test)]
mod tests {
    use tapdeck_corpora::NewSlot;

    use super::*;
    use crate::replay::fixture::{PLACE, STAMPS, lane_tape};
    use crate::replay::payload::record_at;

    #[test]
    fn a_uuid_is_echoed_with_its_stamp() {
        let slot = NewSlot {
            part: SlotPart::Body,
            kind: SLOT_UUID,
            offset: 7,
            width: 36,
        };
        let body = br#"{"id":"3f0c9a51-7be2-8d44-a1c6-5e0000000000"}"#;
        let tape = lane_tape(body, &[slot]);
        let record = record_at(&tape, PLACE).unwrap();
        let sent = Sent {
            record: &record,
            stamps: &STAMPS,
        };
        for (echoed, expected) in [
            ("3f0c9a51-7be2-8d44-a1c6-5e5a175a1700", true),
            ("3f0c9a51-7be2-8d44-a1c6-5e0000000000", false),
            ("3f0c9a51-7be2-8d44-a1c6-5f5a175a1700", false),
            ("SALTSALT", false),
        ] {
            assert_eq!(sent.bears_id(echoed.as_bytes()), expected, "{echoed}");
        }
    }

    #[test]
    fn parameters_are_found_and_compared_decoded() {
        let path = b"/list?page_size=50&q=a%20b&page=2&on=true&id=9007199254740993&sum=%2B100";
        for (name, found, expected) in [
            ("page_size", Found::Number("50"), true),
            ("page_size", Found::Number("5e1"), true),
            ("page_size", Found::Text("50".into()), true),
            ("page_size", Found::Number("5"), false),
            ("page", Found::Number("2"), true),
            ("q", Found::Text("a b".into()), true),
            ("on", Found::Boolean(true), true),
            ("on", Found::Boolean(false), false),
            ("size", Found::Number("50"), false),
            ("id", Found::Number("9007199254740993"), true),
            ("id", Found::Number("9007199254740992"), false),
            ("sum", Found::Number("1e2"), true),
            ("q", Found::Missing, false),
        ] {
            let value = parameter(path, name);
            let judged = value.is_some_and(|value| says_encoded(&found, value));
            assert_eq!(judged, expected, "{name} {found:?}");
        }
        assert_eq!(parameter(b"/list", "page"), None);
    }
}
