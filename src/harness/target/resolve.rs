//! Resolves names, as long as there is patience for it: the system's resolver waits for its servers as long as it likes.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::patience::{Impatience, Patience};

/// Why a name has no address that we know of.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The resolver says so.
    #[error("its name cannot be resolved")]
    Unknown(#[source] io::Error),
    /// The resolver says nothing.
    #[error("its name cannot be resolved")]
    Ended(#[source] Impatience),
}

/// Gives the addresses of a name, or the one that it is.
///
/// Errors: `Unknown`, `Ended`.
pub fn resolve(
    name: &str,
    port: u16,
    patience: &Patience,
) -> Result<Vec<SocketAddr>, ResolveError> {
    if let Ok(address) = name.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let name = name.to_owned();
    let found = patience.bound_blocking(move || {
        let addresses = (name, port).to_socket_addrs();
        addresses.map(Iterator::collect)
    });
    found
        .map_err(ResolveError::Ended)?
        .map_err(ResolveError::Unknown)
}
