//! How a target may be reached: what was asked for, before anything is known about the target.

use tapdeck_addresses::Host;

use crate::harness::guard::Production;
use crate::harness::trust::Trust;
use crate::patience::Stop;

/// How a target may be reached.
#[derive(Debug, Clone)]
pub struct Access {
    /// Hosts that may be sent to although their addresses are public.
    pub allowed_hosts: Vec<Host>,
    /// What was said about production.
    pub production: Production,
    /// Whom to trust, and who we are.
    pub trust: Trust,
    /// Which version of HTTP to speak.
    pub http: HttpVersion,
    /// Exchanges at a time on an HTTP/2 connection, as far as the server allows them; at least one.
    pub streams: u32,
    /// Ends looking for it early.
    pub stop: Stop,
}

/// Exchanges at a time on an HTTP/2 connection, unless asked otherwise.
pub const STREAMS: u32 = 32;

/// Which version of HTTP to speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// What a TLS server prefers; 1.1 without TLS.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2, without TLS by prior knowledge.
    Two,
}

impl HttpVersion {
    /// Gives what to offer in a TLS handshake, the dearest first.
    pub(super) const fn offers(self) -> &'static [&'static [u8]] {
        match self {
            Self::Auto => &[b"h2", b"http/1.1"],
            Self::One => &[b"http/1.1"],
            Self::Two => &[b"h2"],
        }
    }
}

impl Default for Access {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            production: Production::default(),
            trust: Trust::default(),
            http: HttpVersion::default(),
            streams: STREAMS,
            stop: Stop::default(),
        }
    }
}
