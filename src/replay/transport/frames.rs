//! Reads along on an HTTP/2 connection, to know which call carried which stream.
//!
//! Only the nine bytes before each frame are looked at (RFC 9113, section 4.1); what they say is hyper's business.
//! Exchanges are matched to streams by order: hyper opens streams in the order in which requests are handed to it, so the
//! n-th request that is registered is the n-th whose headers are written.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use super::stamped_io::Stamps;
use super::wire::ReadCall;

/// The bytes with which a client begins, before its first frame (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;

const HEAD_BYTES: usize = 9;

/// Types of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

/// The stamps of one exchange at a time, and the stream that carries it.
#[derive(Debug, Default)]
pub struct StreamStamps {
    /// When it was written and answered.
    pub stamps: Stamps,
    /// 0 until its headers have been written.
    stream: std::cell::Cell<u32>,
}

/// What passes on a connection.
#[derive(Debug)]
pub struct Tap {
    outgoing: Frames,
    incoming: Frames,
    /// Handed to hyper, headers not written yet.
    waiting: VecDeque<Rc<StreamStamps>>,
    /// Headers written, in the order of their streams.
    open: VecDeque<Rc<StreamStamps>>,
    /// Whether the server has said what it allows.
    has_settings: bool,
    /// Who waits for that.
    newcomer: Option<Waker>,
}

impl Tap {
    /// Begins at the first byte, with room for that many exchanges.
    pub fn new(streams: usize) -> Self {
        Self {
            outgoing: Frames::after(PREFACE_BYTES),
            incoming: Frames::after(0),
            waiting: VecDeque::with_capacity(streams),
            open: VecDeque::with_capacity(streams),
            has_settings: false,
            newcomer: None,
        }
    }

    /// Notes that an exchange is being handed to hyper.
    pub fn register(&mut self, exchange: &Rc<StreamStamps>) {
        exchange.stream.set(0);
        self.waiting.push_back(Rc::clone(exchange));
    }

    /// Notes that nobody cares about an exchange any more; tells whether its headers were written.
    pub fn forget(&mut self, exchange: &Rc<StreamStamps>) -> bool {
        let stream = exchange.stream.get();
        if stream == 0 {
            self.waiting.retain(|other| !Rc::ptr_eq(other, exchange));
            return false;
        }
        if let Some(idx) = self.position(stream) {
            self.open.remove(idx);
        }
        true
    }

    /// Tells whether the server has said what it allows; if not, the waker is woken when it has.
    pub fn has_settings(&mut self, waker: &Waker) -> bool {
        if !self.has_settings {
            self.newcomer = Some(waker.clone());
        }
        self.has_settings
    }

    /// Reads along what a write call took.
    pub(super) fn written(&mut self, bytes: &[u8], at_ns: u64) {
        let (waiting, open) = (&mut self.waiting, &mut self.open);
        self.outgoing.read(bytes, |frame, edge| {
            if frame.kind == HEADERS
                && edge == Edge::Head
                && let Some(exchange) = waiting.pop_front()
            {
                exchange.stream.set(frame.stream);
                exchange.stamps.written(at_ns);
                open.push_back(exchange);
            }
        });
    }

    /// Reads along what a read call brought.
    pub(super) fn has_read(&mut self, bytes: &[u8], read: ReadCall) {
        let (open, has_settings) = (&self.open, &mut self.has_settings);
        self.incoming.read(bytes, |frame, _| {
            if matches!(frame.kind, DATA | HEADERS | CONTINUATION) {
                if let Some(idx) = position(open, frame.stream) {
                    open[idx].stamps.has_read(read);
                }
            } else if frame.kind == SETTINGS {
                *has_settings = true;
            }
        });
        if self.has_settings
            && let Some(newcomer) = self.newcomer.take()
        {
            newcomer.wake();
        }
    }

    fn position(&self, stream: u32) -> Option<usize> {
        position(&self.open, stream)
    }
}

fn position(open: &VecDeque<Rc<StreamStamps>>, stream: u32) -> Option<usize> {
    open.binary_search_by_key(&stream, |exchange| exchange.stream.get())
        .ok()
}

/// Which edge of a frame has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// Its nine bytes.
    Head,
    /// Its last byte.
    End,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    kind: u8,
    stream: u32,
}

/// The frames of one direction, read in pieces of any size.
#[derive(Debug)]
struct Frames {
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// What is left of the frame behind its head, or of the preface.
    left: usize,
    frame: Option<Frame>,
}

impl Frames {
    /// Begins with the first frame after so many other bytes.
    fn after(left: usize) -> Self {
        Self {
            head: [0; HEAD_BYTES],
            head_bytes: 0,
            left,
            frame: None,
        }
    }

    /// Reads on and tells of each edge that passes.
    fn read(&mut self, mut bytes: &[u8], mut pass: impl FnMut(Frame, Edge)) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let skipped = self.left.min(bytes.len());
                self.left -= skipped;
                bytes = &bytes[skipped..];
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
                let [l0, l1, l2, kind, _flags, stream @ ..] = self.head;
                self.left = u32::from_be_bytes([0, l0, l1, l2]) as usize;
                let stream = u32::from_be_bytes(stream) & (u32::MAX >> 1);
                let frame = Frame { kind, stream };
                pass(frame, Edge::Head);
                self.frame = Some(frame);
            }
            if self.left == 0
                && let Some(frame) = self.frame.take()
            {
                pass(frame, Edge::End);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, stream: u32, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, 0];
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.resize(HEAD_BYTES + payload, 0xee);
        bytes
    }

    fn at(at_ns: u64) -> ReadCall {
        ReadCall { at_ns, stamp_ns: 0 }
    }

    fn instants(exchange: &StreamStamps) -> [u64; 3] {
        let stamps = &exchange.stamps;
        [
            stamps.sent_ns(),
            stamps.first_read().at_ns,
            stamps.last_read().at_ns,
        ]
    }

    #[test]
    fn each_exchange_gets_the_calls_that_carried_its_own_frames() {
        let exchanges: Vec<_> = (0..3).map(|_| Rc::new(StreamStamps::default())).collect();
        let mut tap = Tap::new(3);
        tap.written(&[0; PREFACE_BYTES], 1);
        tap.written(&frame(SETTINGS, 0, 18), 2);
        for exchange in &exchanges {
            tap.register(exchange);
        }
        // Two leave in one call, the third in another.
        let two = [
            frame(HEADERS, 1, 40),
            frame(DATA, 1, 9),
            frame(HEADERS, 3, 8),
        ];
        tap.written(&two.concat(), 10);
        tap.written(&frame(HEADERS, 5, 8), 20);
        // The answers come in another order, the first in two reads.
        tap.has_read(&frame(HEADERS, 3, 5), at(30));
        tap.has_read(&frame(HEADERS, 1, 5), at(31));
        let data = frame(DATA, 1, 100);
        tap.has_read(&data[..50], at(40));
        assert!(tap.forget(&exchanges[1]));
        tap.has_read(&data[50..], at(50));
        tap.has_read(&frame(DATA, 3, 5), at(60));
        assert_eq!(instants(&exchanges[0]), [10, 31, 50]);
        assert_eq!(instants(&exchanges[1]), [10, 30, 30]);
        assert_eq!(instants(&exchanges[2]), [20, 0, 0]);
    }

    #[test]
    fn what_was_never_written_is_told_when_it_is_forgotten() {
        let (one, two) = (Rc::new(StreamStamps::default()), Rc::default());
        let mut tap = Tap::new(2);
        tap.register(&one);
        tap.register(&two);
        assert!(!tap.forget(&one));
        tap.written(&[0; PREFACE_BYTES], 1);
        tap.written(&frame(HEADERS, 1, 3), 2);
        assert!(tap.forget(&two));
        assert_eq!(instants(&two), [2, 0, 0]);
        assert_eq!(instants(&one), [0, 0, 0]);
    }

    proptest! {
        /// However the bytes are cut, the same edges pass in the same order.
        #[test]
        fn frames_are_found_however_they_are_cut(
            frames in prop::collection::vec((0..10_u8, 0..50_u32, 0..40_usize), 0..8), step in 1..60_usize,
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|&(kind, stream, payload)| frame(kind, stream, payload)).collect();
            let mut reader = Frames::after(0);
            let mut found = Vec::new();
            for piece in bytes.chunks(step) {
                reader.read(piece, |frame, edge| found.push((frame.kind, frame.stream, edge)));
            }
            let expected: Vec<_> = frames.iter().flat_map(|&(kind, stream, _)| [(kind, stream, Edge::Head), (kind, stream, Edge::End)]).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
