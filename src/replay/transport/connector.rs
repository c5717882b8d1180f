//! Opens a lane's connections, not too many at once, and keeps what that took.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use super::openings::Openings;
use super::own_limit::OwnLimit;
use super::receive::Receiver;
use super::tls::{self, Tls};
use super::wire::{TimedSocket, Wire};
use super::{Address, Keeping, Protocol, Stamping, Target, hyper_http1, hyper_http2};
use crate::clock::{Clock, MonotonicClock};

/// An open connection.
#[derive(Debug)]
pub enum Pipe {
    /// For one exchange at a time.
    Http1(Box<hyper_http1::Pipe>),
    /// For many.
    Http2(Box<hyper_http2::Pipe>),
}

/// Opens connections to a target, going round its addresses.
#[derive(Debug)]
pub struct Connector {
    addresses: Vec<Address>,
    tls: Option<Tls>,
    protocol: Protocol,
    /// Index of the next address.
    next: Cell<usize>,
    connect_gap_ns: u64,
    /// When the next opening may begin.
    next_turn_ns: Cell<u64>,
    /// Reads with arrival stamps, if that was asked for.
    stamps: Option<Rc<Receiver>>,
    /// What opening connections took.
    pub openings: RefCell<Openings>,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The target does not accept connections.
    #[error("{address} does not accept connections")]
    Connect {
        /// Which of the target's addresses.
        address: Address,
        /// The system's reason.
        source: io::Error,
    },
    /// A limit of ours keeps the connection from being opened; the target has no part in it.
    #[error("this machine cannot open a connection to {address}: it has reached its limit of {limit}; {}", limit.advice())]
    Local {
        /// Which of the target's addresses.
        address: Address,
        /// What ran out.
        limit: OwnLimit,
        /// The system's reason.
        source: io::Error,
    },
    /// There was no agreement on encryption.
    #[error("cannot speak TLS with {address}: {}", tls::advice(source))]
    Tls {
        /// Which of the target's addresses.
        address: Address,
        /// The reason of rustls or of the system.
        source: io::Error,
    },
    /// The connection broke before the first request.
    #[error("cannot start HTTP")]
    Handshake(#[from] hyper::Error),
    /// The target has agreed on another HTTP version than before, or on none.
    #[error("{address} does not agree to speak {expected}; choose what it speaks with --http")]
    OtherVersion {
        /// Which of the target's addresses.
        address: Address,
        /// What it should speak.
        expected: &'static str,
    },
    /// The target does not answer in HTTP/2.
    #[error("it does not answer in HTTP/2; try --http 1.1")]
    NotHttp2,
    /// The target closed the connection before it said anything.
    #[error("it closes the connection instead of answering in HTTP/2; try --http 1.1")]
    Closed,
    /// The target answers in HTTP/2 and breaks its rules.
    #[error("it breaks the rules of HTTP/2: {0}")]
    BrokenHttp2(String),
    /// It took longer than the request timeout.
    #[error("not open within the timeout")]
    Timeout,
}

impl OpenError {
    /// Gives the limit of ours that was met, if that is why.
    pub fn own_limit(&self) -> Option<OwnLimit> {
        match self {
            Self::Local { limit, .. } => Some(*limit),
            _ => None,
        }
    }
}

impl Connector {
    /// Prepares for a target; lanes that begin at different addresses load them evenly.
    pub fn new(target: &Target, lane_idx: usize, keeping: &Keeping) -> Self {
        Self {
            next: Cell::new(lane_idx % target.addresses.len().max(1)),
            addresses: target.addresses.clone(),
            tls: target.tls.clone(),
            protocol: target.protocol,
            connect_gap_ns: keeping.connect_gap_ns,
            next_turn_ns: Cell::new(0),
            stamps: match keeping.stamps {
                Stamping::Kernel => Some(Rc::default()),
                Stamping::Read => None,
            },
            openings: RefCell::default(),
        }
    }

    /// Takes a turn at opening a connection and tells when it has come.
    pub fn turn(&self, now_ns: u64) -> u64 {
        let turn_ns = self.next_turn_ns.get().max(now_ns);
        self.next_turn_ns.set(turn_ns + self.connect_gap_ns);
        turn_ns
    }

    /// Opens a connection to the next address.
    ///
    /// Errors: `OpenError`.
    pub async fn open(&self) -> Result<Pipe, OpenError> {
        let address = &self.addresses[self.next.get()];
        self.next.set((self.next.get() + 1) % self.addresses.len());
        let pipe = self.open_to(address).await;
        let mut openings = self.openings.borrow_mut();
        match &pipe {
            Ok(_) => openings.opened += 1,
            Err(error) => {
                openings.failed += 1;
                if let Some(limit) = error.own_limit() {
                    openings.own_limits.note(limit);
                }
            }
        }
        pipe
    }

    async fn open_to(&self, address: &Address) -> Result<Pipe, OpenError> {
        let begun_ns = MonotonicClock.now_ns();
        let socket = connect(address, self.stamps.as_ref()).await?;
        let connected_ns = MonotonicClock.now_ns();
        let wire = encrypt(socket, address, self.tls.as_ref()).await?;
        {
            let mut openings = self.openings.borrow_mut();
            openings.connect.record(connected_ns - begun_ns);
            if self.tls.is_some() {
                let agreed_ns = MonotonicClock.now_ns();
                openings.handshake.record(agreed_ns - connected_ns);
            }
        }
        if !fits(&wire, self.protocol) {
            return Err(OpenError::OtherVersion {
                address: address.clone(),
                expected: self.protocol.name(),
            });
        }
        Ok(match self.protocol {
            Protocol::Http1 => Pipe::Http1(Box::new(hyper_http1::begin(wire).await?)),
            Protocol::Http2 { streams, .. } => {
                Pipe::Http2(Box::new(hyper_http2::begin(wire, streams).await?))
            }
        })
    }
}

/// Tells whether a connection carries a protocol: in TLS it is agreed on in the handshake, HTTP/1.1 by saying nothing.
fn fits(wire: &Wire, protocol: Protocol) -> bool {
    match wire.session() {
        Some(session) => session.is_http2() == matches!(protocol, Protocol::Http2 { .. }),
        None => true,
    }
}

/// Connects; with a receiver, reads come with arrival stamps.
///
/// Errors: `Local` if a limit of ours is the reason, else `Connect`.
pub async fn connect(
    address: &Address,
    stamps: Option<&Rc<Receiver>>,
) -> Result<TimedSocket, OpenError> {
    let socket = TimedSocket::connect(address, stamps).await;
    socket.map_err(|source| {
        ours(address, source).unwrap_or_else(|source| OpenError::Connect {
            address: address.clone(),
            source,
        })
    })
}

/// Sorts out an error of the system that a limit of ours is the reason of; gives others back.
fn ours(address: &Address, source: io::Error) -> Result<OpenError, io::Error> {
    match OwnLimit::of(&source) {
        Some(limit) => Ok(OpenError::Local {
            address: address.clone(),
            limit,
            source,
        }),
        None => Err(source),
    }
}

/// Shakes hands where that is asked for.
///
/// Errors: `Local` if a limit of ours is the reason, else `Tls`.
pub async fn encrypt(
    socket: TimedSocket,
    address: &Address,
    tls: Option<&Tls>,
) -> Result<Wire, OpenError> {
    let Some(tls) = tls else {
        return Ok(Wire::Plain(socket));
    };
    let stream = tls.handshake(socket).await.map_err(|source| {
        ours(address, source).unwrap_or_else(|source| OpenError::Tls {
            address: address.clone(),
            source,
        })
    })?;
    Ok(Wire::Tls(Box::new(stream)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_keep_their_distance_however_they_are_asked_for() {
        let target = Target {
            addresses: Vec::new(),
            left_out: Vec::new(),
            tls: None,
            session: None,
            protocol: Protocol::Http1,
            authority: http::HeaderValue::from_static("localhost"),
            base_path: String::new(),
        };
        let every_100_ns = Keeping {
            connect_gap_ns: 100,
            ..Keeping::default()
        };
        let connector = Connector::new(&target, 3, &every_100_ns);
        let turns: Vec<u64> = [5, 6, 7, 150, 1_000, 1_001]
            .map(|now_ns| connector.turn(now_ns))
            .to_vec();
        assert_eq!(turns, [5, 105, 205, 305, 1_000, 1_100]);
        let unlimited = Connector::new(&target, 0, &Keeping::default());
        assert_eq!([4, 4, 9].map(|now_ns| unlimited.turn(now_ns)), [4, 4, 9]);
    }
}
