//! A connection that carries many exchanges at a time, with a tap that knows whose bytes pass.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frames::Tap;
use super::wire::Wire;

/// A connection with a tap on it.
#[derive(Debug)]
pub struct TappedIo {
    wire: Wire,
    tap: Rc<RefCell<Tap>>,
}

impl TappedIo {
    /// Wraps an open connection.
    pub fn new(wire: Wire, tap: Rc<RefCell<Tap>>) -> Self {
        Self { wire, tap }
    }
}

impl AsyncRead for TappedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let known = buf.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(cx, buf))?;
        let read = self.wire.read();
        self.tap.borrow_mut().has_read(&buf.filled()[known..], read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TappedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = Pin::new(&mut self.wire).poll_write(cx, buf) else {
            self.tap.borrow_mut().blocked();
            return Poll::Pending;
        };
        let written = written?;
        let at_ns = self.wire.written_ns();
        self.tap.borrow_mut().written(&buf[..written], at_ns);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
