//! A client's connection as it was accepted, and as it is served: from a TCP or a Unix socket, plain or in TLS.

use std::io;
use std::net::TcpStream as StdTcpStream;
use std::os::unix::net::UnixStream as StdUnixStream;

use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::server::TlsStream;

/// A connection just accepted.
pub(super) enum Accepted {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A connection on its way to another thread.
pub(super) enum Dealt {
    Tcp(StdTcpStream),
    Unix(StdUnixStream),
}

/// Where connections come in.
pub(super) struct Listeners {
    pub(super) tcp: TcpListener,
    pub(super) unix: Option<UnixListener>,
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

/// How a client with prior knowledge of HTTP/2 begins (RFC 9113, section 3.4); no method of HTTP/1.1 does.
const PREFACE_BEGINS: &[u8; 3] = b"PRI";

impl Listeners {
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        let tcp = async { Ok(Accepted::Tcp(self.tcp.accept().await?.0)) };
        match &self.unix {
            None => tcp.await,
            Some(unix) => tokio::select! {
                accepted = tcp => accepted,
                accepted = unix.accept() => Ok(Accepted::Unix(accepted?.0)),
            },
        }
    }
}

impl Accepted {
    pub(super) fn deal(self) -> io::Result<Dealt> {
        Ok(match self {
            Self::Tcp(stream) => Dealt::Tcp(stream.into_std()?),
            Self::Unix(stream) => Dealt::Unix(stream.into_std()?),
        })
    }
}

impl Dealt {
    pub(super) fn take(self) -> io::Result<Accepted> {
        Ok(match self {
            Self::Tcp(stream) => Accepted::Tcp(TcpStream::from_std(stream)?),
            Self::Unix(stream) => Accepted::Unix(UnixStream::from_std(stream)?),
        })
    }
}

/// A connection that can be served.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {
    /// Makes the end of the connection as rude as its socket allows: a reset, over TCP.
    fn reset_at_end(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn reset_at_end(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Stream for UnixStream {
    fn reset_at_end(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for TlsStream<TcpStream> {
    fn reset_at_end(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// Looks at a client's first bytes, without taking them, for what it speaks.
pub(super) async fn version_of_tcp(stream: &TcpStream) -> io::Result<Version> {
    stream.async_io(Interest::READABLE, || peek(stream)).await
}

/// As for TCP.
pub(super) async fn version_of_unix(stream: &UnixStream) -> io::Result<Version> {
    stream.async_io(Interest::READABLE, || peek(stream)).await
}

fn peek(socket: &impl std::os::fd::AsFd) -> io::Result<Version> {
    let mut begins = [0; PREFACE_BEGINS.len()];
    recv(socket, &mut begins, RecvFlags::PEEK)?;
    Ok(if begins == *PREFACE_BEGINS {
        Version::Http2
    } else {
        Version::Http1
    })
}

/// Tells what a client and we agreed on in the handshake.
pub(super) fn version_of_tls(stream: &TlsStream<TcpStream>) -> Version {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Version::Http2,
        _ => Version::Http1,
    }
}
