//! Opens a lane's connections.

use std::cell::Cell;
use std::io;

use super::hyper_http1::{self, Pipe};
use super::tls::{self, Tls};
use super::wire::{TimedSocket, Wire};
use super::{Address, Target};

/// Opens connections to a target, going round its addresses.
#[derive(Debug)]
pub struct Connector {
    addresses: Vec<Address>,
    tls: Option<Tls>,
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
        }
    }

    /// Opens a connection to the next address.
    ///
    /// Errors: `OpenError`.
    pub async fn open(&self) -> Result<Pipe, OpenError> {
        let address = &self.addresses[self.next.get()];
        self.next.set((self.next.get() + 1) % self.addresses.len());
        let wire = connect(address, self.tls.as_ref()).await?;
        Ok(hyper_http1::begin(wire).await?)
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
