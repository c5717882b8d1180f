//! The ways to a target, so that a claim can be held to on each of them.

use tapdeck::harness::target::{Access, HttpVersion};
use tapdeck::harness::trust::{Authorities, Trust};
use tapdeck::stand_in::{StandIn, StandInConfig, Tls};
use tempfile::TempDir;

use crate::common::Run;

/// A way to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Http1,
    Http2,
    Http1OverTls,
    Http2OverTls,
    Unix,
}

/// Exchanges at a time on an HTTP/2 connection.
const STREAMS: u32 = 4;

/// A target that is reached in some way.
pub(crate) struct Reached {
    pub(crate) stand_in: StandIn,
    way: Way,
    url: String,
    access: Access,
    /// Holds its socket.
    _folder: TempDir,
}

impl Way {
    /// Starts a target at the other end.
    pub(crate) fn to(self, mut config: StandInConfig) -> Reached {
        let folder = tempfile::tempdir().unwrap();
        let mut access = Access {
            streams: STREAMS,
            ..Access::default()
        };
        if self.is_encrypted() {
            let (tls, pem) = Tls::self_signed().unwrap();
            let file = folder.path().join("ca.pem");
            std::fs::write(&file, pem).unwrap();
            config.tls = Some(tls);
            access.trust = Trust {
                authorities: Authorities::File(file),
                client: None,
            };
        }
        if self == Self::Unix {
            config.socket = Some(folder.path().join("engine.sock"));
        }
        access.http = match self {
            Self::Http1OverTls => HttpVersion::One,
            Self::Http2 => HttpVersion::Two,
            Self::Http1 | Self::Http2OverTls | Self::Unix => HttpVersion::Auto,
        };
        let stand_in = StandIn::start(config).unwrap();
        Reached {
            way: self,
            url: stand_in.unix_url().unwrap_or_else(|| stand_in.url()),
            stand_in,
            access,
            _folder: folder,
        }
    }

    pub(crate) fn is_encrypted(self) -> bool {
        matches!(self, Self::Http1OverTls | Self::Http2OverTls)
    }

    /// Whether an exchange that breaks leaves its connection as it is.
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2OverTls)
    }
}

impl Reached {
    /// A second of evenly spaced requests on one lane, at most 16 of them at a time.
    pub(crate) fn at(&self, rate: f64) -> Run {
        let run = Run {
            access: self.access.clone(),
            ..Run::at(&self.url, rate)
        };
        self.at_a_time(16, run)
    }

    /// Lets so many requests be under way at a time; a multiple of four.
    pub(crate) fn at_a_time(&self, count: u32, run: Run) -> Run {
        Run {
            connections: if self.way.is_shared() {
                count / STREAMS
            } else {
                count
            },
            ..run
        }
    }
}

/// Makes a test of each claim on each way.
macro_rules! on_every_way {
    ($($claim:ident,)+) => {
        on_every_way!(@way http1 Http1 $($claim)+);
        on_every_way!(@way http2 Http2 $($claim)+);
        on_every_way!(@way http1_over_tls Http1OverTls $($claim)+);
        on_every_way!(@way http2_over_tls Http2OverTls $($claim)+);
        on_every_way!(@way unix Unix $($claim)+);
    };
    (@way $module:ident $way:ident $($claim:ident)+) => {
        mod $module {
            $(
                #[test]
                fn $claim() {
                    super::$claim(crate::ways::Way::$way);
                }
            )+
        }
    };
}
pub(crate) use on_every_way;
