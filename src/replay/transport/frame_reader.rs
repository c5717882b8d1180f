//! Finds the frames in the bytes of one direction of an HTTP/2 connection, in pieces of any size.
//!
//! Source: RFC 9113, section 4.1.

/// Bytes of a frame's head.
pub(super) const HEAD_BYTES: usize = 9;

/// A part of a frame that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'b> {
    /// Its nine bytes.
    Head,
    /// Bytes behind them.
    Payload(&'b [u8]),
    /// Its last byte.
    End,
}

/// What the head of a frame says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) payload_bytes: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

/// The frames of one direction, read in pieces of any size.
#[derive(Debug)]
pub(super) struct Frames {
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// What is left of the frame behind its head, or of the preface.
    left: usize,
    frame: Option<Frame>,
}

impl Frames {
    /// Begins with the first frame after so many other bytes.
    pub(super) fn after(left: usize) -> Self {
        Self {
            head: [0; HEAD_BYTES],
            head_bytes: 0,
            left,
            frame: None,
        }
    }

    /// Reads on and tells of each part of a frame that passes.
    pub(super) fn read(&mut self, mut bytes: &[u8], mut pass: impl FnMut(Frame, Part<'_>)) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let (skipped, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= skipped.len();
                bytes = rest;
                if let Some(frame) = self.frame {
                    pass(frame, Part::Payload(skipped));
                }
            } else {
                let taken = (HEAD_BYTES - self.head_bytes).min(bytes.len());
                self.head[self.head_bytes..self.head_bytes + taken]
                    .copy_from_slice(&bytes[..taken]);
                self.head_bytes += taken;
                bytes = &bytes[taken..];
                if self.head_bytes < HEAD_BYTES {
                    return;
                }
                self.head_bytes = 0;
                let [l0, l1, l2, kind, flags, stream @ ..] = self.head;
                self.left = u32::from_be_bytes([0, l0, l1, l2]) as usize;
                let frame = Frame {
                    payload_bytes: self.left,
                    kind,
                    flags,
                    stream: u32::from_be_bytes(stream) & (u32::MAX >> 1),
                };
                pass(frame, Part::Head);
                self.frame = Some(frame);
            }
            if self.left == 0
                && let Some(frame) = self.frame.take()
            {
                pass(frame, Part::End);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, 0];
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    proptest! {
        /// However the bytes are cut, the same frames with the same payloads pass in the same order.
        #[test]
        fn frames_are_found_however_they_are_cut(
            frames in prop::collection::vec((0..10_u8, 0..50_u32, prop::collection::vec(any::<u8>(), 0..40)), 0..8),
            step in 1..60_usize,
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|(kind, stream, payload)| frame(*kind, *stream, payload)).collect();
            let mut reader = Frames::after(0);
            let (mut found, mut payload) = (Vec::new(), Vec::new());
            for piece in bytes.chunks(step) {
                reader.read(piece, |frame, part| match part {
                    Part::Head => check_empty(&payload),
                    Part::Payload(bytes) => payload.extend_from_slice(bytes),
                    Part::End => found.push((frame.kind, frame.stream, std::mem::take(&mut payload))),
                });
            }
            prop_assert_eq!(found, frames);
        }
    }

    /// Between frames there is no payload.
    fn check_empty(payload: &[u8]) {
        assert!(payload.is_empty());
    }
}
