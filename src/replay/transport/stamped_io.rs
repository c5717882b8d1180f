//! A socket that notes when it was written to and read from.
//!
//! The stamps are taken at the calls themselves, below hyper, so that what hyper costs counts as send lag and not as the
//! target's service time.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock::{Clock, MonotonicClock};

/// The instants of the current exchange, nanoseconds on the monotonic clock, 0 for not yet.
///
/// Written by the socket and read by the exchange, both on one thread; atomics only because hyper wants its transport
/// to be `Send`. Relaxed loads and stores of one thread are plain moves.
#[derive(Debug, Default)]
pub struct Stamps {
    sent: AtomicU64,
    first_read: AtomicU64,
    last_read: AtomicU64,
}

impl Stamps {
    /// Forgets the last exchange.
    pub fn reset(&self) {
        self.sent.store(0, Ordering::Relaxed);
        self.first_read.store(0, Ordering::Relaxed);
        self.last_read.store(0, Ordering::Relaxed);
    }

    /// Gives the first write call.
    pub fn sent_ns(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Gives the first read after it that returned.
    pub fn first_read_ns(&self) -> u64 {
        self.first_read.load(Ordering::Relaxed)
    }

    /// Gives the last read that returned.
    pub fn last_read_ns(&self) -> u64 {
        self.last_read.load(Ordering::Relaxed)
    }

    fn writing(&self) {
        if self.sent_ns() == 0 {
            self.sent.store(MonotonicClock.now_ns(), Ordering::Relaxed);
        }
    }

    fn has_read(&self) {
        let now_ns = MonotonicClock.now_ns();
        self.last_read.store(now_ns, Ordering::Relaxed);
        if self.first_read_ns() == 0 && self.sent_ns() != 0 {
            self.first_read.store(now_ns, Ordering::Relaxed);
        }
    }
}

/// A TCP socket with stamps.
#[derive(Debug)]
pub struct StampedIo {
    socket: TokioIo<TcpStream>,
    stamps: Arc<Stamps>,
}

impl StampedIo {
    /// Wraps a connected socket.
    pub fn new(socket: TcpStream, stamps: Arc<Stamps>) -> Self {
        Self {
            socket: TokioIo::new(socket),
            stamps,
        }
    }
}

impl Read for StampedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let result = Pin::new(&mut self.socket).poll_read(cx, buf);
        if result.is_ready() {
            self.stamps.has_read();
        }
        result
    }
}

impl Write for StampedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.stamps.writing();
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.stamps.writing();
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }
}
