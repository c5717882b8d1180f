//! The flags of the way to the target, for every command that sends.

use std::path::PathBuf;

use crate::harness::target::Access;
use crate::harness::trust::{Authorities, ClientFiles, Trust};

/// How to get to the target.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Transport")]
pub struct TransportArgs {
    /// Host that may be sent to although its address is public
    #[arg(long, value_name = "HOST")]
    pub allow_target: Vec<String>,

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
            allowed_hosts: self.allow_target.clone(),
            trust: Trust {
                authorities,
                client: client.map(|(certificate, key)| ClientFiles { certificate, key }),
            },
        }
    }
}
