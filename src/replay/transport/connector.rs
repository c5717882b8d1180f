//! Opens a lane's connections.

use std::cell::Cell;
use std::io;

use super::tls::{self, Tls};
use super::wire::{TimedSocket, Wire};
use super::{Address, Protocol, Target, hyper_http1, hyper_http2};

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
    /// It took longer than the request timeout.
    #[error("not open within the timeout")]
    Timeout,
}

impl Connector {
    /// Prepares for a target; lanes that begin at different addresses load them evenly.
    pub fn new(target: &Target, lane_idx: usize) -> Self {
        Self {
            next: Cell::new(lane_idx % target.addresses.len().max(1)),
            addresses: target.addresses.clone(),
            tls: target.tls.clone(),
            protocol: target.protocol,
        }
    }

    /// Opens a connection to the next address.
    ///
    /// Errors: `OpenError`.
    pub async fn open(&self) -> Result<Pipe, OpenError> {
        let address = &self.addresses[self.next.get()];
        self.next.set((self.next.get() + 1) % self.addresses.len());
        let wire = connect(address, self.tls.as_ref()).await?;
        if !fits(&wire, self.protocol) {
            return Err(OpenError::OtherVersion {
                address: address.clone(),
                expected: self.protocol.name(),
            });
        }
        Ok(match self.protocol {
            Protocol::Http1 => Pipe::Http1(Box::new(hyper_http1::begin(wire).await?)),
            Protocol::Http2 { streams } => {
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

/// Connects, and shakes hands where that is asked for.
///
/// Errors: `Connect` and `Tls`.
pub async fn connect(address: &Address, tls: Option<&Tls>) -> Result<Wire, OpenError> {
    let socket = TimedSocket::connect(address)
        .await
        .map_err(|source| OpenError::Connect {
            address: address.clone(),
            source,
        })?;
    let Some(tls) = tls else {
        return Ok(Wire::Plain(socket));
    };
    let stream = tls
        .handshake(socket)
        .await
        .map_err(|source| OpenError::Tls {
            address: address.clone(),
            source,
        })?;
    Ok(Wire::Tls(Box::new(stream)))
}
