//! The flags of every stand-in: where it listens, with how many threads, for whom.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::tokens::TokenArgs;
use crate::cli::threads::parse_threads;
use crate::error::Error;
use crate::stand_in::{Role, StandInConfig, Tls, Waiting};

/// Where to listen, and with how many threads.
#[derive(Debug, clap::Args)]
pub(super) struct ListenArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,

    /// Address to listen on; anything but loopback lets others in
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// Socket in the file system to listen on as well, without TLS
    #[arg(long, value_name = "PATH")]
    unix: Option<PathBuf>,

    /// Threads to serve with
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = parse_threads)]
    threads: NonZeroUsize,

    /// Never sleep: each request is read the moment it arrives, and each thread takes a whole core
    #[arg(long)]
    spin: bool,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    tokens: TokenArgs,
}

/// Whether to encrypt, and for whom.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "TLS")]
struct TlsArgs {
    /// Speak TLS, with a certificate made on the spot unless --tls-cert names one
    #[arg(long)]
    tls: bool,

    /// Where to write the certificate made on the spot, for a client's --ca
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls",
        conflicts_with = "tls_cert"
    )]
    tls_write_ca: Option<PathBuf>,

    /// Certificate to show: a PEM file
    #[arg(long, value_name = "FILE", requires = "tls", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Its private key: a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Let in only clients with a certificate from an authority in this PEM file
    #[arg(long, value_name = "FILE", requires = "tls")]
    tls_client_ca: Option<PathBuf>,
}

impl ListenArgs {
    /// Gives the configuration of a role without faults.
    ///
    /// Errors: `StandIn` for a certificate, `Usage` and `Auth` for tokens that cannot be asked for.
    pub(super) fn config(&self, role: Role) -> Result<StandInConfig, Error> {
        Ok(StandInConfig {
            address: SocketAddr::from((self.address, self.port)),
            socket: self.unix.clone(),
            tls: self.tls.tls()?,
            threads: self.threads.get(),
            waiting: if self.spin {
                Waiting::Awake
            } else {
                Waiting::Asleep
            },
            role,
            tokens: self.tokens.rules(role)?,
            ..StandInConfig::default()
        })
    }
}

impl TlsArgs {
    fn tls(&self) -> Result<Option<Tls>, Error> {
        if !self.tls {
            return Ok(None);
        }
        let mut tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Tls::from_files(certificate, key)?,
            _ => self.made_on_the_spot()?,
        };
        if let Some(authorities) = &self.tls_client_ca {
            tls.demand_certificates(authorities)?;
        }
        Ok(Some(tls))
    }

    fn made_on_the_spot(&self) -> Result<Tls, Error> {
        let (tls, pem) = Tls::self_signed()?;
        if let Some(path) = &self.tls_write_ca {
            fs::write(path, pem).map_err(|source| Error::Io {
                action: "write",
                path: path.clone(),
                source,
            })?;
        }
        Ok(tls)
    }
}
