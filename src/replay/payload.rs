//! The body of a request: bytes of the mapped tape with fresh stamps spliced in.
//!
//! The payload is never assembled: the transport asks for chunk after chunk and gets slices of the map in turn with the
//! stamps carried along. Holding a payload keeps the map alive.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
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
    /// The first stamp that is not behind `position`.
    next: NextStamp,
}

/// A stamp and where it lies in the body; past the end of the body if there is none left.
#[derive(Debug, Clone, Copy)]
struct NextStamp {
    slot_idx: usize,
    kind: u8,
    from: usize,
    to: usize,
}

impl Payload {
    /// Prepares a record's body.
    pub fn new(tape: LaneTape, place: RecordPlace, stamps: Stamps) -> Self {
        let mut payload = Self {
            tape,
            place,
            stamps,
            position: 0,
            len: 0,
            next: NextStamp {
                slot_idx: 0,
                kind: 0,
                from: usize::MAX,
                to: usize::MAX,
            },
        };
        if let Some(record) = record_at(&payload.tape, place) {
            payload.len = record.body().len();
            payload.next = stamp_from(&record, 0);
        }
        payload
    }
}

/// Finds the first stamp of a body at or after a slot.
#[inline]
fn stamp_from(record: &Record<'_>, slot_idx: usize) -> NextStamp {
    let mut next = NextStamp {
        slot_idx,
        kind: 0,
        from: usize::MAX,
        to: usize::MAX,
    };
    while let Some(slot) = record.slot(next.slot_idx) {
        if let Some(stamped) = Stamps::stamped_range(&slot)
            && slot.part == SlotPart::Body
        {
            next.kind = slot.kind;
            next.from = stamped.start;
            next.to = stamped.end;
            break;
        }
        next.slot_idx += 1;
    }
    next
}

impl Buf for Payload {
    #[inline]
    fn remaining(&self) -> usize {
        self.len - self.position
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        if self.next.from <= self.position {
            return &self.stamps.of_kind(self.next.kind)[self.position - self.next.from..];
        }
        let Some(record) = record_at(&self.tape, self.place) else {
            return &[];
        };
        &record.body()[self.position..self.next.from.min(self.len)]
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "advanced past the end of a body");
        self.position += count;
        while self.next.to <= self.position {
            let record = record_at(&self.tape, self.place);
            let Some(record) = record else {
                return;
            };
            self.next = stamp_from(&record, self.next.slot_idx + 1);
        }
    }
}

/// The bytes of a request body.
#[derive(Debug)]
pub enum Content {
    /// As they lie on the tape, stamped.
    Stored(Payload),
    /// Put together for this one request.
    Made(Bytes),
}

impl Buf for Content {
    #[inline]
    fn remaining(&self) -> usize {
        match self {
            Self::Stored(payload) => payload.remaining(),
            Self::Made(bytes) => bytes.remaining(),
        }
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        match self {
            Self::Stored(payload) => payload.chunk(),
            Self::Made(bytes) => bytes.chunk(),
        }
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        match self {
            Self::Stored(payload) => payload.advance(count),
            Self::Made(bytes) => bytes.advance(count),
        }
    }
}

/// A request body for hyper: one frame of known length, or none.
#[derive(Debug)]
pub struct PayloadBody(Option<Content>);

impl PayloadBody {
    /// Wraps a payload; an empty one becomes an empty body.
    pub fn new(payload: Payload) -> Self {
        Self((payload.len > 0).then_some(Content::Stored(payload)))
    }

    /// Wraps bytes put together for one request; none become an empty body.
    pub fn made(bytes: Bytes) -> Self {
        Self((!bytes.is_empty()).then_some(Content::Made(bytes)))
    }
}

impl Body for PayloadBody {
    type Data = Content;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Content>, Infallible>>> {
        Poll::Ready(self.0.take().map(|content| Ok(Frame::data(content))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(
            self.0
                .as_ref()
                .map_or(0, |content| content.remaining() as u64),
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
