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
        let call = ReadCall {
            at_ns,
            ..ReadCall::default()
        };
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
mod tests;
