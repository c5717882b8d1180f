//! The body of a request: bytes of the mapped tape with fresh stamps spliced in.
//!
//! The payload is never assembled: the transport asks for chunk after chunk and gets slices of the map in turn with the
//! stamps carried along. Holding a payload keeps the map alive.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use tapdeck_corpora::{Record, SlotPart, Tape};

use super::stamp::Stamps;

/// A lane's own handle on the tape. The inner count is touched once per lane, the outer one by that lane only, so no
/// cache line is passed around between lanes.
pub type LaneTape = Arc<Arc<Tape>>;

/// Where a record lies on the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPlace {
    /// Block.
    pub block_idx: u32,
    /// Record within the block.
    pub record_idx: u32,
}

/// Looks a record up; `None` if its block has not been checked.
#[inline]
pub fn record_at(tape: &Tape, place: RecordPlace) -> Option<Record<'_>> {
    tape.block(place.block_idx as usize)?
        .record(place.record_idx as usize)
}

/// A stored body on its way out.
#[derive(Debug)]
pub struct Payload {
    tape: LaneTape,
    place: RecordPlace,
    stamps: Stamps,
    /// The next byte to hand out.
    position: usize,
    len: usize,
    /// The first slot that is not behind `position`.
    slot_idx: usize,
}

impl Payload {
    /// Prepares a record's body.
    pub fn new(tape: LaneTape, place: RecordPlace, stamps: Stamps) -> Self {
        let len = record_at(&tape, place).map_or(0, |record| record.body().len());
        Self {
            tape,
            place,
            stamps,
            position: 0,
            len,
            slot_idx: 0,
        }
    }

    /// Gives the place of the next stamp at or after `position`, skipping what has been handed out.
    fn next_stamp(&self, record: &Record<'_>) -> Option<(usize, usize, usize)> {
        let mut slot_idx = self.slot_idx;
        while let Some(slot) = record.slot(slot_idx) {
            let (skip, stamp) = self.stamps.for_slot(&slot);
            let from = slot.offset + skip;
            if slot.part == SlotPart::Body && from + stamp.len() > self.position {
                return Some((slot_idx, from, from + stamp.len()));
            }
            slot_idx += 1;
        }
        None
    }
}

impl Buf for Payload {
    #[inline]
    fn remaining(&self) -> usize {
        self.len - self.position
    }

    fn chunk(&self) -> &[u8] {
        let Some(record) = record_at(&self.tape, self.place) else {
            return &[];
        };
        let body = record.body();
        match self.next_stamp(&record) {
            Some((slot_idx, from, _)) if from <= self.position => {
                let slot = record.slot(slot_idx);
                let stamp = slot.map_or(&[][..], |slot| self.stamps.for_slot(&slot).1);
                &stamp[self.position - from..]
            }
            Some((_, from, _)) => &body[self.position..from],
            None => &body[self.position..],
        }
    }

    fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "advanced past the end of a body");
        self.position += count;
        let record = record_at(&self.tape, self.place);
        if let Some((slot_idx, ..)) = record.and_then(|record| self.next_stamp(&record)) {
            self.slot_idx = slot_idx;
        }
    }
}

/// A request body for hyper: one frame of known length, or none.
#[derive(Debug)]
pub struct PayloadBody(Option<Payload>);

impl PayloadBody {
    /// Wraps a payload; an empty one becomes an empty body.
    pub fn new(payload: Payload) -> Self {
        Self((payload.len > 0).then_some(payload))
    }
}

impl Body for PayloadBody {
    type Data = Payload;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Payload>, Infallible>>> {
        Poll::Ready(self.0.take().map(|payload| Ok(Frame::data(payload))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(
            self.0
                .as_ref()
                .map_or(0, |payload| payload.remaining() as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tapdeck_corpora::{NewSlot, SLOT_ID, SLOT_SENT_AT};

    use super::*;
    use crate::replay::fixture::{PLACE, STAMPS, lane_tape};

    fn read(mut payload: Payload, step: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while payload.has_remaining() {
            let count = payload.chunk().len().min(step);
            assert!(count > 0, "a chunk of a body with bytes left is empty");
            bytes.extend_from_slice(&payload.chunk()[..count]);
            payload.advance(count);
        }
        bytes
    }

    proptest! {
        /// Read in steps of any size, the bytes are the stored ones with the stamps laid over them.
        #[test]
        fn stamps_lie_over_the_stored_bytes(
            gaps in prop::collection::vec((0..40_usize, any::<bool>()), 0..6), tail in 0..30_usize, step in 1..50_usize,
        ) {
            let (mut body, mut expected, mut slots) = (Vec::new(), Vec::new(), Vec::new());
            for (gap, is_id) in gaps {
                body.extend(std::iter::repeat_n(b'.', gap));
                expected.extend(std::iter::repeat_n(b'.', gap));
                let (kind, width) = if is_id { (SLOT_ID, 26_u16) } else { (SLOT_SENT_AT, 24) };
                let offset = u32::try_from(body.len()).unwrap();
                slots.push(NewSlot { part: SlotPart::Body, kind, offset, width });
                body.extend(std::iter::repeat_n(b'_', usize::from(width)));
                if is_id {
                    expected.extend_from_slice(b"__________________SALTSALT");
                } else {
                    expected.extend_from_slice(&STAMPS.sent_at);
                }
            }
            body.extend(std::iter::repeat_n(b'.', tail));
            expected.extend(std::iter::repeat_n(b'.', tail));
            let tape = lane_tape(&body, &slots);
            let payload = Payload::new(tape, PLACE, STAMPS);
            prop_assert_eq!(payload.remaining(), body.len());
            prop_assert_eq!(read(payload, step), expected);
        }
    }

    #[test]
    fn an_empty_body_has_no_frame() {
        let body = PayloadBody::new(Payload::new(lane_tape(b"", &[]), PLACE, STAMPS));
        assert!(body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}
