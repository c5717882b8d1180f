//! How bytes get to the target: the seam between an exchange and the protocol that carries it.
//!
//! Reading order: `wire` is the bytes of a connection, `receive` reads them with the kernel's arrival stamps, `arrival_clock` converts
//! those, `tls` encrypts, `stamped_io` gives their instants to the one
//! exchange of an HTTP/1.1 connection, `frames` and `tapped_io` give them to the many of an HTTP/2 connection,
//! `long_head` makes heads fit for hyper, `hyper_http1` and `hyper_http2` speak over them, `connector` opens them,
//! `openings` keeps what that took, `own_limit` tells what keeps them from being opened on our side.

pub mod arrival_clock;
pub mod connector;
mod frame_reader;
pub mod frames;
pub mod hyper_http1;
pub mod hyper_http2;
pub mod long_head;
pub mod openings;
pub mod own_limit;
mod permits;
pub mod receive;
pub mod settings;
pub mod stamped_io;
pub mod tapped_io;
pub mod tls;
pub mod wire;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;

use self::tls::{Session, Tls};
use super::payload::PayloadBody;

/// The target under test, resolved before the run.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where to connect, in turn; never empty.
    pub addresses: Vec<Address>,
    /// Its other addresses: nothing listened there before the run.
    pub left_out: Vec<Address>,
    /// How to encrypt, if at all.
    pub tls: Option<Tls>,
    /// What was agreed on when that was tried before the run.
    pub session: Option<Session>,
    /// What it speaks.
    pub protocol: Protocol,
    /// Value of the `host` header.
    pub authority: HeaderValue,
    /// Path in front of every endpoint's path, without a final slash.
    pub base_path: String,
}

/// What a target speaks, as found out before the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// One exchange at a time on a connection.
    Http1,
    /// Many.
    Http2 {
        /// How many at most.
        streams: usize,
        /// How many the target allowed when it was asked; it may change that at any time.
        allowed: usize,
    },
}

impl Protocol {
    /// Gives the name that people know.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 { .. } => "HTTP/2",
        }
    }

    /// Gives the exchanges that a connection carries at a time, as far as the target allowed them when it was asked.
    pub fn streams(self) -> usize {
        match self {
            Self::Http1 => 1,
            Self::Http2 { streams, allowed } => streams.min(allowed).max(1),
        }
    }
}

/// How connections are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    /// For how many exchanges.
    pub reuse: Reuse,
    /// For how long at most, nanoseconds; `None` for no limit.
    pub lifetime_ns: Option<u64>,
    /// Least time from the beginning of one opening to that of the next, nanoseconds; 0 for no limit.
    pub connect_gap_ns: u64,
    /// Who says when an answer arrived.
    pub stamps: Stamping,
}

/// Who is asked when an answer arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stamping {
    /// The kernel, which stamps what arrives on a TCP socket; elsewhere our read calls.
    #[default]
    Kernel,
    /// Our read calls.
    Read,
}

/// For how many exchanges a connection is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reuse {
    /// For as many as it lasts.
    #[default]
    Always,
    /// For one.
    Never,
}

/// A place to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A host's port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(formatter, "{address}"),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// The half of a connection that takes requests.
pub trait Sender {
    /// Hands over a request; it is written when the connection is polled next.
    fn send(
        &mut self,
        request: Request<PayloadBody>,
    ) -> impl Future<Output = hyper::Result<Response<Incoming>>>;
}
