//! How the target was reached, and what opening its connections took.

use serde::Serialize;

use super::durations::DurationsSummary;
use super::ms;
use crate::format;
use crate::measurements::{StampTally, TlsSession, Transport};

/// The way to the target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransportSummary {
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: String,
    /// What was agreed on in the TLS handshake; `None` without TLS.
    pub tls: Option<TlsSummary>,
    /// Where was connected to, in turn.
    pub addresses: Vec<String>,
    /// The target's other addresses: nothing listened there before the run.
    pub addresses_left_out: Vec<String>,
    /// Exchanges at a time on one connection.
    pub streams_per_connection: u64,
    /// Whether a connection served more than one exchange.
    pub keep_alive: bool,
    /// How old a connection got at most; `None` for no limit.
    pub connection_lifetime_ms: Option<f64>,
    /// Connections opened per second at most; `None` for no limit.
    pub connect_rate_per_s: Option<f64>,
    /// How many connections there were.
    pub connections: ConnectionsSummary,
    /// From the connect call until a connection stood.
    pub connect_ms: DurationsSummary,
    /// From then until its TLS handshake was over.
    pub tls_handshake_ms: DurationsSummary,
    /// What tells when answers arrived.
    pub arrivals: ArrivalsSummary,
}

/// What tells when the completed answers arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ArrivalsSummary {
    /// The witness in a word; `None` without answers.
    pub witness: Option<Witness>,
    /// Answers timed by the kernel's stamp.
    pub by_kernel: u64,
    /// Answers timed by the return of our read call, so that read lag is part of their response time.
    pub by_read: u64,
    /// Steps of the wall clock that lanes noticed and corrected the kernel's stamps for.
    pub clock_steps: u64,
}

/// What tells when answers arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The kernel's stamps, for all of them.
    Kernel,
    /// Our own read calls, for all of them.
    Read,
    /// Some this, some that.
    Both,
}

impl ArrivalsSummary {
    fn new(stamps: StampTally) -> Self {
        Self {
            witness: match (stamps.kernel, stamps.read) {
                (0, 0) => None,
                (_, 0) => Some(Witness::Kernel),
                (0, _) => Some(Witness::Read),
                _ => Some(Witness::Both),
            },
            by_kernel: stamps.kernel,
            by_read: stamps.read,
            clock_steps: stamps.clock_steps,
        }
    }

    /// Says in a few words what tells when answers arrived.
    pub(crate) fn text(self) -> String {
        match self.witness {
            None => "no answers".to_owned(),
            Some(Witness::Kernel) => "stamped by the kernel".to_owned(),
            Some(Witness::Read) => {
                "timed by our own read calls, so that read lag counts as the target's time"
                    .to_owned()
            }
            Some(Witness::Both) => format!(
                "{} stamped by the kernel, {} timed by our own read calls",
                format::count(self.by_kernel),
                format::count(self.by_read)
            ),
        }
    }
}

/// What was agreed on in the TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TlsSummary {
    /// Such as `TLS 1.3`.
    pub version: String,
    /// Cipher suite by its registered name.
    pub cipher: String,
    /// Whether the target's certificate was checked.
    pub verified: bool,
}

/// Connections over the whole run, those opened before it included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConnectionsSummary {
    /// Opened.
    pub opened: u64,
    /// Attempts to open one that failed.
    pub open_failed: u64,
    /// Closed or broken without our doing.
    pub lost: u64,
    /// Closed by us because of their age.
    pub aged: u64,
}

impl TransportSummary {
    pub(crate) fn new(transport: &Transport, stamps: StampTally) -> Self {
        Self {
            arrivals: ArrivalsSummary::new(stamps),
            protocol: transport.protocol.clone(),
            tls: transport.tls.as_ref().map(TlsSummary::new),
            addresses: transport.addresses.clone(),
            addresses_left_out: transport.left_out.clone(),
            streams_per_connection: transport.streams,
            keep_alive: transport.keep_alive,
            connection_lifetime_ms: transport.lifetime_ns.map(ms),
            connect_rate_per_s: transport.connect_rate,
            connections: ConnectionsSummary {
                opened: transport.opened,
                open_failed: transport.failed,
                lost: transport.lost,
                aged: transport.aged,
            },
            connect_ms: DurationsSummary::new(&transport.connect),
            tls_handshake_ms: DurationsSummary::new(&transport.handshake),
        }
    }

    /// Says in a few words how the target was reached.
    pub(crate) fn way_text(&self) -> String {
        let tls = self.tls.as_ref().map_or_else(String::new, |tls| {
            let doubt = if tls.verified {
                ""
            } else {
                ", certificate NOT CHECKED"
            };
            format!(" over {} ({}{doubt})", tls.version, tls.cipher)
        });
        let reuse = if self.keep_alive {
            ""
        } else {
            ", a connection for each request"
        };
        format!("{}{tls}{reuse}", self.protocol)
    }
}

impl TlsSummary {
    fn new(session: &TlsSession) -> Self {
        Self {
            version: session.version.clone(),
            cipher: session.cipher.clone(),
            verified: session.verified,
        }
    }
}
