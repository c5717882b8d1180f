//! Opens a lane's connections.

use std::cell::Cell;
use std::io;

use super::hyper_http1::{self, Pipe};
use super::wire::{TimedSocket, Wire};
use super::{Address, Target};

/// Opens connections to a target, going round its addresses.
#[derive(Debug)]
pub struct Connector {
    addresses: Vec<Address>,
    /// Index of the next address.
    next: Cell<usize>,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The target does not accept connections.
    #[error("cannot connect to {address}")]
    Connect {
        /// Which of the target's addresses.
        address: Address,
        /// The system's reason.
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
        }
    }

    /// Opens a connection to the next address.
    ///
    /// Errors: `OpenError`.
    pub async fn open(&self) -> Result<Pipe, OpenError> {
        let address = &self.addresses[self.next.get()];
        self.next.set((self.next.get() + 1) % self.addresses.len());
        let socket = TimedSocket::connect(address)
            .await
            .map_err(|source| OpenError::Connect {
                address: address.clone(),
                source,
            })?;
        Ok(hyper_http1::begin(Wire::Plain(socket)).await?)
    }
}
