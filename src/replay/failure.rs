//! Why a request did not succeed: the kinds told apart, and how a transport error falls under them.

use std::io;

use super::transport::connector::OpenError;
use super::transport::own_limit::OwnLimit;

/// A way to fail, other than by status or check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection could be opened for it.
    Connect,
    /// A limit of this process or machine was reached: the target has no part in it.
    Local,
    /// The connection, or the stream on it, broke before the whole answer was read.
    Reset,
    /// No whole answer within the timeout.
    Timeout,
    /// What came back broke the rules of HTTP, or brought a value that the next request cannot hold.
    Protocol,
    /// Dropped: too many requests were waiting or in flight.
    InFlightCap,
}

/// All kinds, in report order.
pub const FAILURE_KINDS: [FailureKind; 6] = [
    FailureKind::Connect,
    FailureKind::Local,
    FailureKind::Reset,
    FailureKind::Timeout,
    FailureKind::Protocol,
    FailureKind::InFlightCap,
];

impl FailureKind {
    /// Gives the stable name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Local => "local",
            Self::Reset => "reset",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::InFlightCap => "in-flight-cap",
        }
    }

    /// Sorts an error of hyper: what the peer sent was wrong, or the connection or the stream went away.
    pub fn of(error: &hyper::Error) -> Self {
        let source = std::error::Error::source(error);
        if let Some(io) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
            return match (OwnLimit::of(io), io.kind()) {
                (Some(_), _) => Self::Local,
                (None, io::ErrorKind::TimedOut) => Self::Timeout,
                // hyper says so of chunks, rustls of records: the connection was there, what it brought was wrong.
                (None, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => Self::Protocol,
                (None, _) => Self::Reset,
            };
        }
        let http2 = source.and_then(|source| source.downcast_ref::<h2::Error>());
        if error.is_parse() || http2.is_some_and(h2::Error::is_library) {
            Self::Protocol
        } else {
            Self::Reset
        }
    }

    /// Sorts why a connection could not be opened for a request.
    pub fn of_opening(error: &OpenError) -> Self {
        match error {
            OpenError::Local { .. } => Self::Local,
            OpenError::Handshake(error) => match Self::of(error) {
                Self::Reset => Self::Connect,
                kind => kind,
            },
            OpenError::NotHttp2 | OpenError::BrokenHttp2(_) | OpenError::OtherVersion { .. } => {
                Self::Protocol
            }
            OpenError::Connect { .. }
            | OpenError::Tls { .. }
            | OpenError::Closed
            | OpenError::Timeout => Self::Connect,
        }
    }
}

/// Finds the limit of ours that an error of hyper is about.
pub fn own_limit(error: &hyper::Error) -> Option<OwnLimit> {
    let source = std::error::Error::source(error)?;
    OwnLimit::of(source.downcast_ref::<io::Error>()?)
}
