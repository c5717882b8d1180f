//! HTTP/1.1 by hyper over plain TCP.

use std::io;
use std::sync::Arc;

use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use tokio::net::TcpStream;

use super::Target;
use super::stamped_io::{StampedIo, Stamps};
use crate::replay::payload::PayloadBody;

/// An open connection: the sending half, the half that moves bytes, and the stamps of its socket.
#[derive(Debug)]
pub struct Pipe {
    /// Takes requests.
    pub sender: SendRequest<PayloadBody>,
    /// Must be polled for anything to happen.
    pub connection: Connection<StampedIo, PayloadBody>,
    /// When the socket was written to and read from.
    pub stamps: Arc<Stamps>,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The target does not accept connections.
    #[error("cannot connect")]
    Connect(#[from] io::Error),
    /// The connection broke before the first request.
    #[error("cannot start HTTP")]
    Handshake(#[from] hyper::Error),
}

/// Opens a connection.
///
/// The body is copied behind the head into one buffer and leaves in one write call (hyper's flattening): for the few
/// hundred bytes of a typical body the copy is cheaper than gathering a dozen pieces, see `docs/decisions/`.
///
/// Errors: `OpenError`.
pub async fn open(target: &Target) -> Result<Pipe, OpenError> {
    let socket = TcpStream::connect(target.address).await?;
    socket.set_nodelay(true)?;
    let stamps = Arc::new(Stamps::default());
    let io = StampedIo::new(socket, Arc::clone(&stamps));
    let (sender, connection) = Builder::new().writev(false).handshake(io).await?;
    Ok(Pipe {
        sender,
        connection,
        stamps,
    })
}
