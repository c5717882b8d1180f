//! Ctrl-C and its kin: a wish to stop, seen as a flag by work that goes on, or waited for by work that does not.

use std::fs;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::error::Error;
use crate::exit::Exit;

/// What asks us to stop: Ctrl-C, `kill`, and the end of the terminal or of the session over the network.
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Gives a flag that the first signal raises; a second one ends the process at once.
///
/// Errors: `Io` if the system does not let us handle signals.
pub fn flag() -> Result<Arc<AtomicBool>, Error> {
    let raised = Arc::new(AtomicBool::new(false));
    for signal in heeded() {
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
        for signal in heeded() {
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

/// Gives the signals to catch: all but a hang-up that whoever started us had us ignore, as `nohup` does.
fn heeded() -> impl Iterator<Item = i32> {
    // Where the kernel does not tell, nobody is taken to have asked for that.
    let is_deaf = fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| ignored(&status) & (1 << (SIGHUP - 1)) != 0);
    SIGNALS
        .into_iter()
        .filter(move |&signal| signal != SIGHUP || !is_deaf)
}

/// Reads the set of ignored signals, the first one in the lowest bit; empty if it is not told.
///
/// Source: `proc_pid_status(5)`, `SigIgn`.
fn ignored(status: &str) -> u64 {
    let mut lines = status.lines();
    let set = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .unwrap_or(0)
}

fn unwatchable(source: io::Error) -> Error {
    Error::Io {
        action: "watch for",
        path: "the interrupt signal".into(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_what_the_kernel_says() {
        let status = "Name:\ttapdeck\nSigBlk:\t0000000000000004\nSigIgn:\t0000000000001001\nSigCgt:\t0000000180000402\n";
        assert_eq!(ignored(status), 0x1001);
        assert_eq!(ignored("Name:\ttapdeck\n"), 0);
    }
}
