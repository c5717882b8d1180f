//! What is wrong with an address, and how it should be written.

use std::fmt;

/// Longest part of an address that a message repeats.
const SHOWN_BYTES: usize = 120;

/// An address cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError {
    /// What was read, as far as it can be shown: no credentials, no query.
    found: Option<String>,
    /// What is wrong with it.
    fault: Fault,
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Holds credentials, or looks as if.
    #[error("credentials do not belong into an address; remove them (in a path, @ is written %40)")]
    Credentials,
    /// Is empty, or holds nothing but a scheme.
    #[error("names no host; write http://HOST:PORT, such as http://127.0.0.1:8081")]
    NoHost,
    /// Has no scheme, or one that we do not speak.
    #[error("must begin with {expected}")]
    Scheme {
        /// The schemes that are spoken.
        expected: &'static str,
    },
    /// Holds a character that no address can hold.
    #[error("holds {0:?}; an address holds neither spaces nor control characters nor backslashes")]
    Character(char),
    /// Holds a character beyond ASCII.
    #[error(
        "holds {0:?}; write the host in punycode (xn--...) and percent-encode what else is not ASCII"
    )]
    NonAscii(char),
    /// Has a query.
    #[error("has a query; requests bring their own, remove everything from the ? on")]
    Query,
    /// Has a fragment.
    #[error("has a fragment; remove everything from the # on")]
    Fragment,
    /// Ends its host with a colon.
    #[error("ends its host with a colon; write a port behind it or remove it")]
    EmptyPort,
    /// Has a port that is none.
    #[error("has port {0:?}; expected a number from 1 to 65535")]
    Port(String),
    /// Has port 0.
    #[error("has port 0, which nothing listens on; expected a number from 1 to 65535")]
    PortZero,
    /// Percent-encodes its host.
    #[error("percent-encodes its host; write the host as it is")]
    EncodedHost,
    /// Ends its host with a dot.
    #[error("ends its host with a dot; remove the dot")]
    TrailingDot,
    /// Writes an IPv4 address in an unusual way.
    #[error(
        "has host {0:?}, which ends in a number and is no IPv4 address; write four decimal numbers, such as 127.0.0.1"
    )]
    NumericHost(String),
    /// Has a host that is no name.
    #[error(
        "has host {0:?}; expected a name of letters, digits, dashes and underscores with dots between its parts, or an IP address"
    )]
    Name(String),
    /// Has an IPv6 address with a zone.
    #[error(
        "has an IPv6 address with a zone; zones are for link-local addresses, to which nothing is ever sent: write another address of that machine"
    )]
    Zone,
    /// Has brackets without an IPv6 address, or such an address without brackets.
    #[error("has host {0:?}; an IPv6 address is written in brackets, such as [::1]")]
    Ipv6(String),
    /// Has a path that is none.
    #[error(
        "has path {0:?}; expected only what RFC 3986 allows in a path, and % only before two hexadecimal digits"
    )]
    Path(String),
    /// Has a path that could be taken for another one.
    #[error("has path {0:?}; expected one without empty segments, \".\" and \"..\"")]
    Segments(String),
    /// Names no socket.
    #[error("names no socket; write unix:/run/engine.sock, or unix:/run/engine.sock:/base/path")]
    NoSocket,
}

impl AddressError {
    pub(crate) fn new(found: &str, fault: Fault) -> Self {
        let is_secret = fault == Fault::Credentials || found.contains('@');
        let found = (!is_secret).then(|| shown(found));
        Self { found, fault }
    }

    /// Tells what is wrong.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(formatter, "{found} {}", self.fault),
            None => write!(formatter, "{}", self.fault),
        }
    }
}

impl std::error::Error for AddressError {}

/// Quotes an address up to its query, in which there may be a secret.
fn shown(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let part = start(&text[..end]);
    let rest = if part.len() < text.len() { "..." } else { "" };
    format!("{part:?}{rest}")
}

/// Gives as much of a text as a message repeats.
pub(crate) fn start(text: &str) -> String {
    text[..text.floor_char_boundary(SHOWN_BYTES)].to_owned()
}
