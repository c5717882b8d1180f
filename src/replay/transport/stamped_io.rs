//! A connection that carries one exchange at a time, and notes when that exchange was written and answered.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;

use super::wire::{ReadCall, Wire};

/// The calls of the current exchange; instants are nanoseconds on the monotonic clock, 0 for not yet.
///
/// Written by the connection and read by the exchange.
#[derive(Debug, Default)]
pub struct Stamps {
    sent: Cell<u64>,
    first_read: Cell<ReadCall>,
    last_read: Cell<ReadCall>,
    /// The read that found the end of the connection.
    end: Cell<ReadCall>,
    /// Nothing but the end of the connection ends the answer (RFC 9112, section 6.3).
    lasts_to_end: Cell<bool>,
    /// The latest moment until which the peer did not permit the request to leave; 0 if it always did.
    permitted: Cell<ReadCall>,
}

impl Stamps {
    /// Forgets the last exchange.
    pub fn reset(&self) {
        self.sent.set(0);
        self.first_read.set(ReadCall::default());
        self.last_read.set(ReadCall::default());
        self.end.set(ReadCall::default());
        self.lasts_to_end.set(false);
        self.permitted.set(ReadCall::default());
    }

    /// Gives the first write call.
    pub fn sent_ns(&self) -> u64 {
        self.sent.get()
    }

    /// Gives the first read after it that returned.
    pub fn first_read(&self) -> ReadCall {
        self.first_read.get()
    }

    /// Gives the read that completed the answer: the last one that brought something, or found the end if that is what
    /// the answer lasts to.
    pub fn last_read(&self) -> ReadCall {
        if self.lasts_to_end.get() {
            self.end.get()
        } else {
            self.last_read.get()
        }
    }

    /// Notes that the answer lasts to the end of the connection.
    pub fn lasts_to_end(&self) {
        self.lasts_to_end.set(true);
    }

    /// Gives the call until which the peer did not permit the request to leave, zeros if it always did.
    pub fn permitted(&self) -> ReadCall {
        self.permitted.get()
    }

    /// Notes that the peer permits the request to leave only from now on.
    pub(super) fn permit(&self, call: ReadCall) {
        self.permitted.set(call);
    }

    /// Notes a write call; only the first one counts.
    pub(super) fn written(&self, at_ns: u64) {
        if self.sent.get() == 0 {
            self.sent.set(at_ns);
        }
    }

    /// Notes a read call that returned.
    pub(super) fn has_read(&self, read: ReadCall) {
        if read.is_end {
            self.end.set(read);
            return;
        }
        self.last_read.set(read);
        if self.first_read.get().at_ns == 0 && self.sent.get() != 0 {
            self.first_read.set(read);
        }
    }
}

/// A connection with the stamps of its one exchange.
#[derive(Debug)]
pub struct StampedIo {
    wire: TokioIo<Wire>,
    stamps: Rc<Stamps>,
}

impl StampedIo {
    /// Wraps an open connection.
    pub fn new(wire: Wire, stamps: Rc<Stamps>) -> Self {
        Self {
            wire: TokioIo::new(wire),
            stamps,
        }
    }
}

impl Read for StampedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.wire).poll_read(cx, buf);
        if result.is_ready() {
            self.stamps.has_read(self.wire.inner().read());
        }
        result
    }
}

impl Write for StampedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.wire).poll_write(cx, buf);
        self.stamps.written(self.wire.inner().written_ns());
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_connection_completes_only_what_lasts_to_it() {
        let stamps = Stamps::default();
        stamps.written(10);
        let data = ReadCall {
            at_ns: 20,
            stamp_ns: 19,
            is_end: false,
        };
        let end = ReadCall {
            at_ns: 30,
            stamp_ns: 0,
            is_end: true,
        };
        stamps.has_read(data);
        stamps.has_read(end);
        assert_eq!((stamps.first_read(), stamps.last_read()), (data, data));
        stamps.lasts_to_end();
        assert_eq!((stamps.first_read(), stamps.last_read()), (data, end));
        stamps.reset();
        stamps.has_read(data);
        assert_eq!(stamps.last_read(), data);
    }
}
