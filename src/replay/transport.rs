//! How bytes get to the target: the seam between an exchange and the protocol that carries it.

pub mod hyper_http1;
pub mod stamped_io;

use std::net::SocketAddr;

/// The address under test, resolved before the run.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where to connect.
    pub address: SocketAddr,
    /// Value of the `host` header.
    pub authority: http::HeaderValue,
    /// Path in front of every endpoint's path, without a final slash.
    pub base_path: String,
}
