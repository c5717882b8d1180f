//! Reads from a TCP socket together with the kernel's arrival stamps.
//!
//! With `SO_TIMESTAMPING` the kernel notes when a packet arrived, before any thread of ours ran, and hands the stamp of
//! the last packet that a read call took out with its bytes. Stamps are on the wall clock; [`super::arrival_clock`]
//! converts them. Source: Linux `Documentation/networking/timestamping.rst`, sections 1.3 and 2.1.

use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::task::{Context, Poll, ready};

use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, TimestampingFlag, setsockopt,
    socket, sockopt,
};
use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::clock::NS_PER_S;

/// Bytes that one read call takes at most.
///
/// They go through a buffer of the lane's: hyper offers memory that was never written, and writing all of it before each
/// call would cost more than copying the few hundred bytes of an answer.
const READ_BYTES: usize = 64 << 10;

/// Bytes for control messages: that of the stamps takes 64.
const CONTROL_BYTES: usize = 128;

/// The buffers of a lane's read calls, shared by its connections.
#[derive(Debug)]
pub struct Receiver {
    buffers: RefCell<Buffers>,
    /// Keeps the kernel stamping between two connections: it stops when no socket asks any more, and takes a moment to
    /// begin again. `None` where it has no stamps.
    _keeps_stamping: Option<OwnedFd>,
}

#[derive(Debug)]
struct Buffers {
    bytes: Box<[u8]>,
    control: Box<[u8]>,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            buffers: RefCell::new(Buffers {
                bytes: vec![0; READ_BYTES].into(),
                control: vec![0; CONTROL_BYTES].into(),
            }),
            _keeps_stamping: socket_that_asks(),
        }
    }
}

/// Asks the kernel to stamp what arrives on a socket.
///
/// Errors: the kernel's, for instance where it has no such stamps.
pub(super) fn ask_for_stamps(socket: &impl AsFd) -> io::Result<()> {
    let flags = TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE
        | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE;
    setsockopt(socket, sockopt::Timestamping, &flags)?;
    Ok(())
}

/// Gives a socket that goes nowhere and asks for stamps; without one, the first answers may be without stamps.
fn socket_that_asks() -> Option<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None).ok()?;
    ask_for_stamps(&socket).ok().map(|()| socket)
}

impl Receiver {
    /// Reads what has arrived and gives the stamp of its last packet, nanoseconds since the Unix epoch; 0 where the
    /// kernel gave none.
    ///
    /// Errors: the socket's.
    pub(super) fn poll_read(
        &self,
        socket: &TcpStream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<u64>> {
        let buffers = &mut *self.buffers.borrow_mut();
        let wanted = buf.remaining().min(READ_BYTES);
        loop {
            ready!(socket.poll_read_ready(cx))?;
            let read = socket.try_io(Interest::READABLE, || receive(socket, buffers, wanted));
            let (count, stamp_ns) = match read {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Poll::Ready(Err(error)),
            };
            if 0 < count && count < wanted {
                // The socket is empty: forgetting its readiness here saves the call that would find that out.
                let would_block = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
                let _forgotten = socket.try_io(Interest::READABLE, would_block);
            }
            buf.put_slice(&buffers.bytes[..count]);
            return Poll::Ready(Ok(stamp_ns));
        }
    }
}

/// Calls `recvmsg` once; gives the bytes read and their stamp.
fn receive(socket: &TcpStream, buffers: &mut Buffers, wanted: usize) -> io::Result<(usize, u64)> {
    let mut parts = [IoSliceMut::new(&mut buffers.bytes[..wanted])];
    let control = Some(&mut *buffers.control);
    let message = nix::sys::socket::recvmsg::<()>(
        socket.as_raw_fd(),
        &mut parts,
        control,
        MsgFlags::MSG_DONTWAIT,
    )?;
    let stamp_ns = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampsns(stamps) => Some(nanoseconds(&stamps.system)),
        _ => None,
    });
    Ok((message.bytes, stamp_ns.unwrap_or(0)))
}

/// Converts the kernel's pair; times before 1970 read as no stamp.
fn nanoseconds(time: &nix::sys::time::TimeSpec) -> u64 {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    seconds * NS_PER_S + u64::try_from(time.tv_nsec()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write as _;
    use std::net::{Ipv4Addr, TcpListener};

    use tokio::runtime::Builder;

    use super::*;
    use crate::clock::wall_now_ns;

    #[test]
    fn bytes_come_with_the_instant_of_their_arrival() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let socket = TcpStream::connect(address).await.unwrap();
            ask_for_stamps(&socket).unwrap();
            let (mut peer, _) = listener.accept().unwrap();
            let receiver = Receiver::default();
            let mut sent = Vec::new();
            let mut got = Vec::new();
            let mut room = vec![0; 100_000];
            // The kernel begins to stamp a moment after the first socket asked for it.
            for round in 0_u64.. {
                let before_ns = wall_now_ns();
                let message = format!("message {round};");
                peer.write_all(message.as_bytes()).unwrap();
                sent.extend_from_slice(message.as_bytes());
                let mut buf = ReadBuf::new(&mut room);
                let read = poll_fn(|cx| receiver.poll_read(&socket, cx, &mut buf));
                let stamp_ns = read.await.unwrap();
                got.extend_from_slice(buf.filled());
                if stamp_ns != 0 {
                    assert!((before_ns..=wall_now_ns()).contains(&stamp_ns));
                    break;
                }
            }
            assert_eq!(got, sent);
            drop(peer);
            let mut buf = ReadBuf::new(&mut room);
            let read = poll_fn(|cx| receiver.poll_read(&socket, cx, &mut buf));
            read.await.unwrap();
            assert!(buf.filled().is_empty(), "the end of the stream");
        });
    }

    #[test]
    fn what_is_longer_than_a_read_comes_whole_and_in_order() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let sent: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let copy = sent.clone();
        let writer = std::thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            peer.write_all(&copy).unwrap();
        });
        let got = runtime.block_on(async {
            let socket = TcpStream::connect(address).await.unwrap();
            ask_for_stamps(&socket).unwrap();
            let receiver = Receiver::default();
            let mut got = Vec::new();
            let mut room = vec![0; 200_000];
            loop {
                let mut buf = ReadBuf::new(&mut room);
                poll_fn(|cx| receiver.poll_read(&socket, cx, &mut buf))
                    .await
                    .unwrap();
                if buf.filled().is_empty() {
                    return got;
                }
                got.extend_from_slice(buf.filled());
            }
        });
        writer.join().unwrap();
        assert!(got == sent);
    }
}
