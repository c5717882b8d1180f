//! `tapdeck stand-in object-store`: the embedded store, for rule engines and runs in other processes.

use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tapdeck_stores::{Embedded, StoreConfig};

use crate::auth::remembered;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::print;
use crate::error::Error;
use crate::exit::Exit;
use crate::scratch::Scratch;

/// An object store that speaks S3, with one bucket
///
/// Its bucket and its keys are those of the environment (`S3_BUCKET_NAME`, `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY` or their older
/// names), so whoever reads the same variables gets in.
#[derive(Debug, clap::Args)]
pub(super) struct ObjectStoreArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,

    /// Address to listen on; anything but loopback lets others in
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// Folder to keep objects in [default: one that goes in the end]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Reads which store the environment means.
///
/// Errors: `Store` for a variable that cannot be used.
pub(super) fn of_environment() -> Result<StoreConfig, Error> {
    let config = StoreConfig::from_variables(|name| env::var(name).ok())?;
    remembered::of_store(&config);
    Ok(config)
}

impl ObjectStoreArgs {
    /// Serves until interrupted.
    ///
    /// Errors: `Store` for a folder or an address that cannot be used.
    pub(super) fn serve(&self) -> Result<Exit, Error> {
        let config = of_environment()?;
        // Kept until the end, and then removed.
        let mut temporary: Option<Scratch> = None;
        let folder = if let Some(folder) = &self.folder {
            folder.clone()
        } else {
            let made = Scratch::make()?;
            temporary.insert(made).path().to_owned()
        };
        let interrupt = Interrupt::new()?;
        let address = SocketAddr::from((self.address, self.port));
        let store = Embedded::start_at(&folder, address, &config)?;
        print(|out| {
            let endpoint = &store.config().endpoint;
            writeln!(
                out,
                "stand-in object-store listens on {endpoint}, bucket {}",
                config.bucket
            )
        })?;
        interrupt.wait()?;
        Ok(Exit::Pass)
    }
}
