//! A template flattened to what is left to do per request: copy bytes, write a value, leave a slot.

use std::ops::Range;

use tapdeck_corpora::{NewSlot, SLOT_CAPTURED, SLOT_ID, SLOT_SENT_AT, SLOT_UUID, SlotPart};
use tapdeck_services::{
    Draw, Encoding, FireField, Presence, Segment, Template, ValueKind, WorldField,
};

use super::{drawn, value};
use crate::fields::uuid;
use crate::numeric::{index_u32, low_quarter};
use crate::requests::Request;
use crate::text;
use crate::world::World;

/// What the stamp of a firing is in a tape.
const BLANK_STAMP: &[u8; BLANK_STAMP_BYTES] = b"-00000000";

/// Bytes of the stamp of a firing.
pub(crate) const BLANK_STAMP_BYTES: usize = 9;

/// Longest literal that is copied as a whole chunk of which the end is taken back: a copy of a length known in advance is
/// a few moves, one of any length a call.
const SHORT_BYTES: usize = 32;

/// One thing to do.
#[derive(Debug)]
enum Step {
    Copy(Box<[u8]>),
    /// Copy a literal that many bytes shorter than the chunk.
    CopyShort([u8; SHORT_BYTES], usize),
    /// Write a value as it is.
    Write(WorldField),
    /// Write a value in quotes, or `null` if there is none.
    WriteOrNull(WorldField),
    /// Write a value with all but the unreserved characters of RFC 3986 percent-encoded.
    WriteEncoded(WorldField),
    /// Write what is drawn for a place.
    Draw {
        draw: Draw,
        place: u32,
        /// Whether all but the unreserved characters of RFC 3986 are percent-encoded.
        encoded: bool,
    },
    /// Write what a slot holds until it is stamped.
    Leave(FireField),
    /// Leave an empty slot for the value of a variable.
    LeaveCaptured(u8),
}

/// A flattened template.
#[derive(Debug)]
pub(super) struct Compiled {
    part: SlotPart,
    steps: Vec<Step>,
}

impl Compiled {
    /// Flattens the template of a part of a request; what is not there yields nothing.
    pub(super) fn new(part: SlotPart, template: Option<&Template>) -> Self {
        let mut builder = Builder::default();
        let segments = template.map_or(&[][..], Template::segments);
        for (idx, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Literal(bytes) => builder.literal.extend_from_slice(bytes),
                Segment::World { field, encoding } => builder.value(*field, *encoding),
                Segment::Drawn { draw, encoding } => {
                    let place = (index_u32(idx) << 1) | part as u32;
                    builder.draw(draw, *encoding, place);
                }
                Segment::Fire { field } => builder.step(Step::Leave(*field)),
                Segment::Captured { variable, .. } => {
                    builder.step(Step::LeaveCaptured(*variable));
                }
            }
        }
        Self {
            part,
            steps: builder.finish(),
        }
    }

    /// Appends what the template makes of a request, and the slots it leaves.
    pub(super) fn write(
        &self,
        world: &World,
        request: &Request,
        out: &mut Vec<u8>,
        slots: &mut Vec<NewSlot>,
    ) {
        for step in &self.steps {
            match step {
                Step::Copy(bytes) => out.extend_from_slice(bytes),
                Step::CopyShort(chunk, missing) => {
                    out.extend_from_slice(chunk);
                    out.truncate(out.len() - missing);
                }
                Step::Write(field) => {
                    value::write(world, request, *field, out);
                }
                Step::WriteOrNull(field) => {
                    let start = out.len();
                    out.push(b'"');
                    if value::write(world, request, *field, out) {
                        out.push(b'"');
                    } else {
                        out.truncate(start);
                        out.extend_from_slice(b"null");
                    }
                }
                Step::WriteEncoded(field) => {
                    let start = out.len();
                    value::write(world, request, *field, out);
                    text::percent_encode(out, start);
                }
                Step::Draw {
                    draw,
                    place,
                    encoded,
                } => {
                    let start = out.len();
                    drawn::write(world.seed, request, *place, draw, out);
                    if *encoded {
                        text::percent_encode(out, start);
                    }
                }
                Step::Leave(field) => {
                    let start = out.len();
                    let kind = leave(world, request, *field, out);
                    slots.push(self.slot(kind, start..out.len()));
                }
                Step::LeaveCaptured(variable) => {
                    slots.push(self.slot(SLOT_CAPTURED + variable, out.len()..out.len()));
                }
            }
        }
    }

    fn slot(&self, kind: u8, place: Range<usize>) -> NewSlot {
        NewSlot {
            part: self.part,
            kind,
            offset: index_u32(place.start),
            width: low_quarter(index_u32(place.len())),
        }
    }
}

/// Collects steps, joining literals that end up side by side.
#[derive(Default)]
struct Builder {
    steps: Vec<Step>,
    literal: Vec<u8>,
}

impl Builder {
    fn value(&mut self, field: WorldField, encoding: Encoding) {
        let info = field.info();
        match (encoding, info.kind, info.presence) {
            (Encoding::PathSegment, ..) => self.step(Step::WriteEncoded(field)),
            (Encoding::JsonValue, ValueKind::Text, Presence::Optional) => {
                self.step(Step::WriteOrNull(field));
            }
            (Encoding::JsonValue, ValueKind::Text, Presence::Always) => {
                self.literal.push(b'"');
                self.step(Step::Write(field));
                self.literal.push(b'"');
            }
            (
                Encoding::JsonValue | Encoding::JsonText | Encoding::Reference | Encoding::Plain,
                ..,
            ) => {
                self.step(Step::Write(field));
            }
        }
    }

    fn draw(&mut self, draw: &Draw, encoding: Encoding, place: u32) {
        let is_quoted = (encoding, draw.info().kind) == (Encoding::JsonValue, ValueKind::Text);
        let quote: &[u8] = if is_quoted { b"\"" } else { b"" };
        self.literal.extend_from_slice(quote);
        self.step(Step::Draw {
            draw: draw.clone(),
            place,
            encoded: encoding == Encoding::PathSegment,
        });
        self.literal.extend_from_slice(quote);
    }

    fn step(&mut self, step: Step) {
        self.flush();
        self.steps.push(step);
    }

    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        match SHORT_BYTES.checked_sub(literal.len()) {
            Some(SHORT_BYTES) => {}
            Some(missing) => {
                let mut chunk = [0; SHORT_BYTES];
                chunk[..literal.len()].copy_from_slice(&literal);
                self.steps.push(Step::CopyShort(chunk, missing));
            }
            None => self.steps.push(Step::Copy(literal.into_boxed_slice())),
        }
    }

    fn finish(mut self) -> Vec<Step> {
        self.flush();
        self.steps
    }
}

/// Appends what a slot holds before it is stamped, and gives its kind.
fn leave(world: &World, request: &Request, field: FireField, out: &mut Vec<u8>) -> u8 {
    match field {
        FireField::Id => {
            value::write(world, request, WorldField::TxnId, out);
            out.extend_from_slice(BLANK_STAMP);
            SLOT_ID
        }
        FireField::Uuid => {
            uuid::write_blank(request.id, request.endpoint, out);
            SLOT_UUID
        }
        FireField::SentAt => {
            out.extend_from_slice(&world.span.start.plus_ms(request.at_ms).to_rfc3339());
            SLOT_SENT_AT
        }
    }
}
