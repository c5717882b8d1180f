//! Ctrl-C and its kin: a wish to stop, seen as a flag by work that goes on, or waited for by work that does not.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::error::Error;
use crate::exit::Exit;

/// What asks us to stop: Ctrl-C, and `kill`.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Gives a flag that the first signal raises; a second one ends the process at once.
///
/// Errors: `Io` if the system does not let us handle signals.
pub fn flag() -> Result<Arc<AtomicBool>, Error> {
    let raised = Arc::new(AtomicBool::new(false));
    for signal in SIGNALS {
        // In this order: a signal that finds the flag raised ends the process, any other one raises it.
        flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&raised))
            .and_then(|_| flag::register(signal, Arc::clone(&raised)))
            .map_err(unwatchable)?;
    }
    Ok(raised)
}

/// Waits for signals from the moment it is made.
#[derive(Debug)]
pub struct Interrupt(UnixStream);

impl Interrupt {
    /// Begins to catch signals.
    ///
    /// Errors: `Io` if the system does not let us handle signals.
    pub fn new() -> Result<Self, Error> {
        let (caught, raising) = UnixStream::pair().map_err(unwatchable)?;
        for signal in SIGNALS {
            raising
                .try_clone()
                .and_then(|end| low_level::pipe::register(signal, end))
                .map_err(unwatchable)?;
        }
        Ok(Self(caught))
    }

    /// Returns once a signal has come.
    ///
    /// Errors: `Io` if the system breaks off the waiting.
    pub fn wait(mut self) -> Result<(), Error> {
        self.0.read_exact(&mut [0]).map_err(unwatchable)
    }
}

fn unwatchable(source: io::Error) -> Error {
    Error::Io {
        action: "watch for",
        path: "the interrupt signal".into(),
        source,
    }
}
