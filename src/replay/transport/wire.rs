//! The bytes below HTTP: a socket that notes when it was last written to and read from, plain or under TLS.
//!
//! The instants are taken at the system calls themselves, so that what the layers above cost (hyper, encryption) counts
//! as send lag and not as the target's service time. Which exchange an instant belongs to is not known here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::client::TlsStream;

use super::Address;
use super::tls::Session;
use crate::clock::{Clock, MonotonicClock};

/// An open connection.
///
/// An enum and not a trait object or a type parameter: one branch beside a system call costs nothing that could be
/// measured, and everything above has one type.
#[derive(Debug)]
pub enum Wire {
    /// As it comes from the socket.
    Plain(TimedSocket),
    /// Encrypted.
    Tls(Box<TlsStream<TimedSocket>>),
}

impl Wire {
    /// Tells what was agreed on in the handshake; `None` without TLS.
    pub fn session(&self) -> Option<Session> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => Some(Session::of(stream)),
        }
    }

    /// Gives the beginning of the latest write call, 0 for none yet.
    pub fn written_ns(&self) -> u64 {
        self.socket().written_ns
    }

    /// Gives the end of the latest read call that returned, 0 for none yet.
    pub fn read_ns(&self) -> u64 {
        self.socket().read_ns
    }

    fn socket(&self) -> &TimedSocket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

/// A socket with the instants of its latest calls; nanoseconds on the monotonic clock.
#[derive(Debug)]
pub struct TimedSocket {
    socket: Socket,
    written_ns: u64,
    read_ns: u64,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl TimedSocket {
    /// Connects, and makes sure that what answers is what was asked for: nobody has checked any other address.
    ///
    /// Errors: what the system reports.
    pub async fn connect(address: &Address) -> io::Result<Self> {
        let socket = match address {
            Address::Tcp(address) => {
                let socket = TcpStream::connect(address).await?;
                let peer = socket.peer_addr()?;
                if (peer.ip(), peer.port()) != (address.ip(), address.port()) {
                    let why = format!("it leads to {peer}, which nobody has checked");
                    return Err(io::Error::other(why));
                }
                socket.set_nodelay(true)?;
                Socket::Tcp(socket)
            }
            Address::Unix(path) => Socket::Unix(UnixStream::connect(path).await?),
        };
        Ok(Self {
            socket,
            written_ns: 0,
            read_ns: 0,
        })
    }
}

impl AsyncRead for TimedSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = match &mut self.socket {
            Socket::Tcp(socket) => Pin::new(socket).poll_read(cx, buf),
            Socket::Unix(socket) => Pin::new(socket).poll_read(cx, buf),
        };
        if result.is_ready() {
            self.read_ns = MonotonicClock.now_ns();
        }
        result
    }
}

impl AsyncWrite for TimedSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written_ns = MonotonicClock.now_ns();
        match &mut self.socket {
            Socket::Tcp(socket) => Pin::new(socket).poll_write(cx, buf),
            Socket::Unix(socket) => Pin::new(socket).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket holds nothing back.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Tcp(socket) => Pin::new(socket).poll_shutdown(cx),
            Socket::Unix(socket) => Pin::new(socket).poll_shutdown(cx),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn a_connection_that_leads_elsewhere_is_given_up() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let connect = |ip: Ipv4Addr| {
            let address = Address::Tcp(SocketAddr::from((ip, port)));
            runtime.block_on(TimedSocket::connect(&address))
        };
        assert!(connect(Ipv4Addr::LOCALHOST).is_ok());
        // The system takes the unspecified address for this machine.
        let error = connect(Ipv4Addr::UNSPECIFIED).unwrap_err().to_string();
        assert!(error.contains("which nobody has checked"), "{error}");
    }
}
