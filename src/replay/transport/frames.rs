//! Reads along on an HTTP/2 connection, to know which call carried which stream.
//!
//! Only the nine bytes before each frame are looked at (RFC 9113, section 4.1), and the payload of the peer's SETTINGS;
//! what they say is hyper's business. Exchanges are matched to streams by order: hyper opens streams in the order in which
//! requests are handed to it, so the n-th request that is registered is the n-th whose headers are written.
//!
//! A request that hyper has to hold back, because the peer permits no more streams or reads no more bytes, waits for the
//! peer: it is stamped with the moment at which the peer let it go.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use super::frame_reader::{Frame, Frames, Part};
use super::permits::{Permits, Side};
use super::settings::{SettingsFault, SettingsReader};
use super::stamped_io::Stamps;
use super::wire::ReadCall;

/// The bytes with which a client begins, before its first frame (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;

/// Types of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

/// The flag of the last frame of a side of a stream.
const END_STREAM: u8 = 1;

/// Tells whether a frame is the last of a side of a stream.
fn ends_stream(frame: Frame) -> bool {
    matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0
}

/// The stamps of one exchange at a time, and the stream that carries it.
#[derive(Debug, Default)]
pub struct StreamStamps {
    /// When it was written and answered.
    pub stamps: Stamps,
    /// 0 until its headers have been written.
    stream: Cell<u32>,
    /// Whether the peer permits its stream; means nothing once its headers have been written.
    is_permitted: Cell<bool>,
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
    permits: Permits,
    /// When the peer last said how many streams it permits, nanoseconds on the monotonic clock.
    limited_at_ns: u64,
    settings: SettingsReader,
    peer: Peer,
    /// The socket took no more bytes when it was last written to.
    is_blocked: bool,
    /// Whether a request was ever written.
    is_used: bool,
    /// Who wants to know when the peer's settings have changed.
    watcher: Option<Waker>,
}

/// What a peer has said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Nothing.
    Silent,
    /// Something that does not begin with SETTINGS, as HTTP/2 would.
    Foreign,
    /// The beginning of its settings.
    Begun,
    /// Its settings.
    Ready,
    /// Settings that break the rules.
    Broken(SettingsFault),
}

impl Tap {
    /// Begins at the first byte, with room for that many exchanges.
    pub fn new(streams: usize) -> Self {
        Self {
            outgoing: Frames::after(PREFACE_BYTES),
            incoming: Frames::after(0),
            waiting: VecDeque::with_capacity(streams),
            open: VecDeque::with_capacity(streams),
            permits: Permits::new(streams),
            limited_at_ns: 0,
            settings: SettingsReader::default(),
            peer: Peer::Silent,
            is_blocked: false,
            is_used: false,
            watcher: None,
        }
    }

    /// Notes that an exchange is being handed to hyper.
    pub fn register(&mut self, exchange: &Rc<StreamStamps>) {
        exchange.stream.set(0);
        let is_permitted = self.waiting.len() < self.permits.free();
        exchange.is_permitted.set(is_permitted);
        self.waiting.push_back(Rc::clone(exchange));
    }

    /// Notes that nobody cares about an exchange any more; tells whether its headers were written.
    pub fn forget(&mut self, exchange: &Rc<StreamStamps>) -> bool {
        let stream = exchange.stream.get();
        if stream == 0 {
            self.waiting.retain(|other| !Rc::ptr_eq(other, exchange));
            return false;
        }
        if let Some(idx) = position(&self.open, stream) {
            self.open.remove(idx);
        }
        true
    }

    /// Gives what the peer has said so far.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Gives the streams that the peer permits at a time, and since when; `usize::MAX` for any number.
    pub fn limit(&self) -> (usize, u64) {
        (self.permits.limit(), self.limited_at_ns)
    }

    /// Tells whether a request was ever written.
    pub fn is_used(&self) -> bool {
        self.is_used
    }

    /// Has the waker woken when the peer's settings change.
    pub fn watch(&mut self, waker: &Waker) {
        if !self
            .watcher
            .as_ref()
            .is_some_and(|watcher| watcher.will_wake(waker))
        {
            self.watcher = Some(waker.clone());
        }
    }

    /// Notes that the socket took nothing of a write call: the peer does not read what was sent before.
    pub(super) fn blocked(&mut self) {
        self.is_blocked = true;
    }

    /// Reads along what a write call took.
    pub(super) fn written(&mut self, bytes: &[u8], at_ns: u64) {
        let call = ReadCall { at_ns, stamp_ns: 0 };
        if std::mem::take(&mut self.is_blocked) {
            for exchange in &self.waiting {
                exchange.stamps.permit(call);
            }
        }
        let (waiting, open, permits) = (&mut self.waiting, &mut self.open, &mut self.permits);
        let is_used = &mut self.is_used;
        let mut made_room = false;
        self.outgoing.read(bytes, |frame, part| {
            if frame.kind == HEADERS && part == Part::Head {
                *is_used = true;
                permits.opened(frame.stream);
                if let Some(exchange) = waiting.pop_front() {
                    // A stream that we reset in this very call can have made room for it.
                    if made_room && !exchange.is_permitted.get() {
                        exchange.stamps.permit(call);
                    }
                    exchange.stream.set(frame.stream);
                    exchange.stamps.written(at_ns);
                    open.push_back(exchange);
                }
            }
            if part == Part::End {
                made_room |= match frame.kind {
                    RST_STREAM => permits.reset(frame.stream),
                    _ if ends_stream(frame) => permits.ended(frame.stream, Side::Us),
                    _ => false,
                };
            }
        });
        self.permit(call);
    }

    /// Reads along what a read call brought.
    pub(super) fn has_read(&mut self, bytes: &[u8], read: ReadCall) {
        let (open, permits, settings) = (&self.open, &mut self.permits, &mut self.settings);
        let (peer, mut is_changed) = (&mut self.peer, false);
        self.incoming
            .read(bytes, |frame, part| match (frame.kind, part) {
                (SETTINGS, Part::Head) => {
                    settings.begin(frame.payload_bytes, frame.flags, frame.stream);
                    if *peer == Peer::Silent {
                        *peer = Peer::Begun;
                    }
                }
                (SETTINGS, Part::Payload(bytes)) => settings.read(bytes),
                (SETTINGS, Part::End) => is_changed |= note(settings, peer, permits),
                (kind, part) => {
                    if *peer == Peer::Silent {
                        *peer = Peer::Foreign;
                    }
                    if matches!(kind, DATA | HEADERS | CONTINUATION)
                        && matches!(part, Part::Head | Part::End)
                        && let Some(idx) = position(open, frame.stream)
                    {
                        open[idx].stamps.has_read(read);
                    }
                    if part == Part::End && kind == RST_STREAM {
                        permits.reset(frame.stream);
                    } else if part == Part::End && ends_stream(frame) {
                        permits.ended(frame.stream, Side::Peer);
                    }
                }
            });
        self.permit(read);
        if is_changed {
            self.limited_at_ns = read.at_ns;
            if let Some(watcher) = self.watcher.take() {
                watcher.wake();
            }
        }
    }

    /// Stamps the exchanges that got their streams just now: as many of the first that wait as there is room for.
    fn permit(&mut self, call: ReadCall) {
        let room = self.permits.free();
        for (place, exchange) in self.waiting.iter().enumerate() {
            let is_permitted = place < room;
            if is_permitted && !exchange.is_permitted.get() {
                exchange.stamps.permit(call);
            }
            exchange.is_permitted.set(is_permitted);
        }
    }
}

/// Takes over what a SETTINGS frame said; tells whether that is of interest.
fn note(settings: &mut SettingsReader, peer: &mut Peer, permits: &mut Permits) -> bool {
    match settings.end() {
        Ok(None) => false,
        Ok(Some(said)) => {
            if let Some(streams) = said.streams {
                permits.set_limit(streams);
            }
            if *peer == Peer::Begun {
                *peer = Peer::Ready;
            }
            true
        }
        Err(fault) => {
            if !matches!(peer, Peer::Broken(_)) {
                *peer = Peer::Broken(fault);
            }
            true
        }
    }
}

fn position(open: &VecDeque<Rc<StreamStamps>>, stream: u32) -> Option<usize> {
    open.binary_search_by_key(&stream, |exchange| exchange.stream.get())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::transport::frame_reader::HEAD_BYTES;

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

    fn flagged(kind: u8, stream: u32, flags: u8) -> Vec<u8> {
        let mut bytes = frame(kind, stream, 4);
        bytes[4] = flags;
        bytes
    }

    fn limit(streams: u32) -> Vec<u8> {
        let mut bytes = frame(SETTINGS, 0, 6);
        let [.., v0, v1, v2, v3] = &mut bytes[..] else {
            unreachable!("it has a head");
        };
        [*v0, *v1, *v2, *v3] = streams.to_be_bytes();
        bytes[HEAD_BYTES..HEAD_BYTES + 2].copy_from_slice(&[0, 3]);
        bytes
    }

    fn begun(streams: u32) -> Tap {
        let mut tap = Tap::new(4);
        tap.written(&[0; PREFACE_BYTES], 1);
        tap.has_read(&limit(streams), at(2));
        assert_eq!(tap.limit(), (streams as usize, 2));
        tap
    }

    fn handed_over(tap: &mut Tap) -> Rc<StreamStamps> {
        let exchange = Rc::default();
        tap.register(&exchange);
        exchange
    }

    #[test]
    fn a_request_without_a_stream_waits_for_the_read_that_made_room() {
        let mut tap = begun(1);
        let exchanges: Vec<_> = (0..4).map(|_| handed_over(&mut tap)).collect();
        tap.written(&flagged(HEADERS, 1, END_STREAM), 10);
        // The answer's head leaves the stream open, its end does not.
        tap.has_read(&frame(HEADERS, 1, 4), at(20));
        tap.has_read(&flagged(DATA, 1, END_STREAM), at(30));
        tap.written(&flagged(HEADERS, 3, END_STREAM), 35);
        tap.has_read(&frame(RST_STREAM, 3, 4), at(40));
        tap.written(&flagged(HEADERS, 5, END_STREAM), 45);
        tap.has_read(&limit(2), at(50));
        tap.written(&flagged(HEADERS, 7, END_STREAM), 55);
        let permitted = exchanges.iter().map(|it| it.stamps.permitted().at_ns);
        assert_eq!(permitted.collect::<Vec<_>>(), [0, 30, 40, 50]);
    }

    #[test]
    fn a_limit_that_falls_takes_back_what_was_permitted_and_not_used() {
        let mut tap = begun(2);
        let one = handed_over(&mut tap);
        tap.written(&flagged(HEADERS, 1, END_STREAM), 10);
        let two = handed_over(&mut tap);
        tap.has_read(&limit(1), at(20));
        tap.has_read(&limit(0), at(25));
        tap.has_read(&flagged(HEADERS, 1, END_STREAM), at(30));
        assert_eq!(two.stamps.permitted().at_ns, 0);
        tap.has_read(&limit(7), at(40));
        tap.written(&flagged(HEADERS, 3, END_STREAM), 50);
        assert_eq!(one.stamps.permitted().at_ns, 0);
        assert_eq!(
            (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
            (40, 50)
        );
    }

    #[test]
    fn a_stream_that_we_reset_makes_room_as_the_reset_is_written() {
        let mut tap = begun(1);
        let one = handed_over(&mut tap);
        tap.written(&frame(HEADERS, 1, 4), 10);
        let two = handed_over(&mut tap);
        tap.forget(&one);
        let both = [frame(RST_STREAM, 1, 4), flagged(HEADERS, 3, END_STREAM)];
        tap.written(&both.concat(), 20);
        assert_eq!(
            (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
            (20, 20)
        );
    }

    #[test]
    fn a_request_behind_a_full_socket_waits_for_the_peer_to_read() {
        let mut tap = begun(4);
        tap.blocked();
        let one = handed_over(&mut tap);
        tap.written(&flagged(HEADERS, 1, END_STREAM), 20);
        let two = handed_over(&mut tap);
        tap.written(&flagged(HEADERS, 3, END_STREAM), 30);
        assert_eq!(
            (one.stamps.permitted().at_ns, one.stamps.sent_ns()),
            (20, 20)
        );
        assert_eq!(
            (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
            (0, 30)
        );
    }

    #[test]
    fn what_a_peer_says_first_tells_what_it_speaks() {
        let first = |bytes: &[u8]| {
            let mut tap = Tap::new(1);
            tap.has_read(bytes, at(1));
            tap.peer()
        };
        assert_eq!(first(b""), Peer::Silent);
        assert_eq!(first(b"HTTP/1.1 400 Bad Request"), Peer::Foreign);
        assert_eq!(first(&frame(SETTINGS, 0, 0)), Peer::Ready);
        assert_eq!(first(&limit(5)[..11]), Peer::Begun);
        assert_eq!(
            first(&frame(SETTINGS, 0, 5)),
            Peer::Broken(SettingsFault::Length(5))
        );
    }
}
