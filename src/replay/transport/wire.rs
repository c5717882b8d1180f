//! The bytes below HTTP: a socket that notes when it was last written to and read from, plain or under TLS.
//!
//! The instants are taken at the system calls themselves, so that what the layers above cost (hyper, encryption) counts
//! as send lag and not as the target's service time; where the kernel stamps what arrives, the stamp of the latest read is
//! kept beside them. Which exchange an instant belongs to is not known here.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::client::TlsStream;

use super::Address;
use super::receive::{Receiver, ask_for_stamps};
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

    /// Gives the latest read call that returned.
    pub fn read(&self) -> ReadCall {
        self.socket().read
    }

    fn socket_mut(&mut self) -> &mut TimedSocket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_mut().0,
        }
    }

    fn socket(&self) -> &TimedSocket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

/// A read call that returned; zeros for none yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadCall {
    /// When it returned, nanoseconds on the monotonic clock.
    pub at_ns: u64,
    /// When the last packet that it read from arrived, nanoseconds since the Unix epoch; 0 where the kernel does not say.
    pub stamp_ns: u64,
    /// It found the end of the connection and nothing before it.
    pub is_end: bool,
}

/// A socket with the instants of its latest calls; nanoseconds on the monotonic clock.
#[derive(Debug)]
pub struct TimedSocket {
    socket: Socket,
    written_ns: u64,
    read: ReadCall,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    /// Whose arrivals the kernel stamps.
    Stamped(TcpStream, Rc<Receiver>),
    Unix(UnixStream),
}

impl TimedSocket {
    /// Connects, and makes sure that what answers is what was asked for: nobody has checked any other address. With a
    /// receiver, reads come with arrival stamps wherever the kernel has them.
    ///
    /// Errors: what the system reports.
    pub async fn connect(address: &Address, stamps: Option<&Rc<Receiver>>) -> io::Result<Self> {
        let socket = match address {
            Address::Tcp(address) => {
                let socket = TcpStream::connect(address).await?;
                let peer = socket.peer_addr()?;
                if (peer.ip(), peer.port()) != (address.ip(), address.port()) {
                    let why = format!("it leads to {peer}, which nobody has checked");
                    return Err(io::Error::other(why));
                }
                socket.set_nodelay(true)?;
                // A kernel without stamps is no reason to give up: the report says who timed the answers.
                match stamps.filter(|_| ask_for_stamps(&socket).is_ok()) {
                    Some(receiver) => Socket::Stamped(socket, Rc::clone(receiver)),
                    None => Socket::Tcp(socket),
                }
            }
            Address::Unix(path) => Socket::Unix(UnixStream::connect(path).await?),
        };
        Ok(Self {
            socket,
            written_ns: 0,
            read: ReadCall::default(),
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
            Socket::Tcp(socket) => ready!(Pin::new(socket).poll_read(cx, buf)).map(|()| 0),
            Socket::Stamped(socket, receiver) => ready!(receiver.poll_read(socket, cx, buf)),
            Socket::Unix(socket) => ready!(Pin::new(socket).poll_read(cx, buf)).map(|()| 0),
        };
        self.read = ReadCall {
            at_ns: MonotonicClock.now_ns(),
            stamp_ns: *result.as_ref().unwrap_or(&0),
            is_end: false,
        };
        Poll::Ready(result.map(|_| ()))
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
            Socket::Tcp(socket) | Socket::Stamped(socket, _) => {
                Pin::new(socket).poll_write(cx, buf)
            }
            Socket::Unix(socket) => Pin::new(socket).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket holds nothing back.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Tcp(socket) | Socket::Stamped(socket, _) => Pin::new(socket).poll_shutdown(cx),
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
        let this = self.get_mut();
        let before = buf.filled().len();
        let result = match this {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        if result.is_ready() && buf.filled().len() == before {
            // Known only here: under TLS a message of its own says so.
            this.socket_mut().read.is_end = true;
        }
        result
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
            runtime.block_on(TimedSocket::connect(&address, None))
        };
        assert!(connect(Ipv4Addr::LOCALHOST).is_ok());
        // The system takes the unspecified address for this machine.
        let error = connect(Ipv4Addr::UNSPECIFIED).unwrap_err().to_string();
        assert!(error.contains("which nobody has checked"), "{error}");
    }
}
