//! The flags of the way to the target, for every command that sends.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use tapdeck_addresses::Host;

use crate::error::Error;
use crate::harness::guard::{Denied, Production};
use crate::harness::target::{Access, HttpVersion, STREAMS};
use crate::harness::trust::{Authorities, ClientFiles, Trust};
use crate::patience::Stop;
use crate::replay::transport::{Keeping, Reuse, Stamping};
use crate::schedule::profile::parse_rate;
use crate::units::{nanoseconds, parse_duration};

/// Most streams that make sense on a connection.
const MOST_STREAMS: i64 = 10_000;

/// Fewest connections opened per second that make sense.
const SLOWEST: f64 = 0.01;

/// How to get to the target.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Transport")]
pub struct TransportArgs {
    /// What may be sent to
    #[command(flatten)]
    pub guard: GuardArgs,

    /// Version of HTTP: 1.1, 2, or auto for what a TLS target prefers and 1.1 elsewhere
    #[arg(long, value_name = "VERSION", value_parser = version(), default_value = "auto")]
    pub http: HttpVersion,

    /// HTTP/2 without asking, short for --http 2
    #[arg(long, conflicts_with = "http")]
    pub http2: bool,

    /// Exchanges at a time on an HTTP/2 connection, as far as the target allows them
    #[arg(long, value_name = "NUMBER", default_value_t = STREAMS, value_parser = clap::value_parser!(u32).range(1..=MOST_STREAMS))]
    pub streams: u32,

    /// Connections opened per second at most, before the run and in it [default: no limit]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub connect_rate: Option<f64>,

    /// Longest life of a connection: it is then closed between two exchanges and opened again [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, conflicts_with = "no_keep_alive")]
    pub connection_lifetime: Option<Duration>,

    /// Open a connection for each request, and count the time that takes
    #[arg(long, conflicts_with = "streams")]
    pub no_keep_alive: bool,

    /// Who says when an answer arrived: kernel stamps it before any of our threads runs (TCP on Linux; elsewhere our read
    /// calls), read takes the return of the call that read it
    #[arg(long, value_name = "WITNESS", value_parser = stamping(), default_value = "kernel")]
    pub stamps: Stamping,

    /// Trust the authorities in this PEM file, and no others [default: those this machine trusts]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Our certificate, for targets that ask for one: a PEM file, those of intermediate authorities behind it
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,

    /// The private key of our certificate: a PEM file
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,

    /// Do not check the target's certificate, and say so in the report
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
}

/// What may be sent to that is not sent to unasked.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Transport")]
pub struct GuardArgs {
    /// Host that may be sent to although its address is public
    #[arg(long, value_name = "HOST")]
    pub allow_target: Vec<Host>,

    /// Send although the target's name, or the environment (`APP_ENV`, `ENVIRONMENT` and the like), looks like production
    #[arg(long)]
    pub i_know_this_is_not_production: bool,
}

impl TransportArgs {
    /// Gives what was typed as the harness wants it.
    pub fn access(&self) -> Access {
        let authorities = match (&self.ca, self.insecure) {
            (_, true) => Authorities::Anybody,
            (Some(file), false) => Authorities::File(file.clone()),
            (None, false) => Authorities::Platform,
        };
        let client = self.client_cert.clone().zip(self.client_key.clone());
        Access {
            allowed_hosts: self.guard.allow_target.clone(),
            production: Production {
                denied: if self.guard.i_know_this_is_not_production {
                    Denied::Yes
                } else {
                    Denied::No
                },
                signs: Production::of_environment(|name| std::env::var(name).ok()),
            },
            trust: Trust {
                authorities,
                client: client.map(|(certificate, key)| ClientFiles { certificate, key }),
            },
            http: if self.http2 {
                HttpVersion::Two
            } else {
                self.http
            },
            // A connection that serves one exchange has no use for more.
            streams: if self.no_keep_alive { 1 } else { self.streams },
            stop: Stop::default(),
        }
    }
}

impl TransportArgs {
    /// Gives how connections are to be kept.
    ///
    /// Errors: `Usage` for a rate of nearly zero or a life of zero.
    pub fn keeping(&self) -> Result<Keeping, Error> {
        let nothing = |flag, detail: &str| Error::Usage {
            flag,
            detail: detail.to_owned(),
        };
        if self.connection_lifetime.is_some_and(|life| life.is_zero()) {
            let detail = "is zero; to open a connection for each request, say --no-keep-alive";
            return Err(nothing("--connection-lifetime", detail));
        }
        let connect_gap_ns = match self.connect_rate {
            None => 0,
            Some(rate) if rate >= SLOWEST => nanoseconds(Duration::from_secs_f64(1.0 / rate)),
            Some(_) => {
                let detail =
                    "is less than one connection in 100 s, so opening them would never end";
                return Err(nothing("--connect-rate", detail));
            }
        };
        Ok(Keeping {
            reuse: if self.no_keep_alive {
                Reuse::Never
            } else {
                Reuse::Always
            },
            lifetime_ns: self.connection_lifetime.map(nanoseconds),
            connect_gap_ns,
            stamps: self.stamps,
        })
    }
}

impl Default for TransportArgs {
    fn default() -> Self {
        Self {
            guard: GuardArgs::default(),
            http: HttpVersion::Auto,
            http2: false,
            streams: STREAMS,
            connect_rate: None,
            connection_lifetime: None,
            no_keep_alive: false,
            stamps: Stamping::Kernel,
            ca: None,
            client_cert: None,
            client_key: None,
            insecure: false,
        }
    }
}

/// Reads a version of HTTP.
fn version() -> impl TypedValueParser<Value = HttpVersion> {
    PossibleValuesParser::new(["auto", "1.1", "2"]).map(|name| match name.as_str() {
        "1.1" => HttpVersion::One,
        "2" => HttpVersion::Two,
        _ => HttpVersion::Auto,
    })
}

/// Reads who says when an answer arrived.
fn stamping() -> impl TypedValueParser<Value = Stamping> {
    PossibleValuesParser::new(["kernel", "read"]).map(|name| match name.as_str() {
        "read" => Stamping::Read,
        _ => Stamping::Kernel,
    })
}
