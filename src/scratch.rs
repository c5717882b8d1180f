//! Folders that last as long as they are held, or a moment longer: a process that is killed cannot remove its own, so whoever
//! makes one next removes those that nobody holds any more.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::error::Error;

/// How their names begin: nobody else's folder does.
const PREFIX: &str = ".tapdeck-scratch-";

/// Attempts to make a folder that is not taken for one that nobody holds, in the instant before it is held.
const ATTEMPTS: usize = 3;

/// A folder that is removed with this.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    /// Locked for as long as it is open; a lock ends with its process, however that ends.
    _held: File,
}

impl Scratch {
    /// Makes a folder where the environment says, and removes those that killed processes have left there.
    ///
    /// Errors: `OwnLimit` if it cannot be made.
    pub fn make() -> Result<Self, Error> {
        let within = env::temp_dir();
        remove_left(&within);
        Self::make_in(&within).map_err(|error| {
            let reason = error.kind();
            Error::OwnLimit(format!(
                "a temporary folder cannot be made in {} ({reason}); let TMPDIR name a folder that is there, can be written to and \
                 has room",
                within.display()
            ))
        })
    }

    fn make_in(within: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(within)?;
            let held = File::open(folder.path())?;
            held.lock()?;
            if folder.path().is_dir() {
                return Ok(Self {
                    folder,
                    _held: held,
                });
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Gives the folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders that killed processes have left where the environment says.
pub fn remove_abandoned() {
    remove_left(&env::temp_dir());
}

/// Removes what nobody holds. What cannot be read or removed is somebody else's, or is tried again next time.
fn remove_left(within: &Path) {
    let Ok(entries) = fs::read_dir(within) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let is_scratch = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_scratch {
            continue;
        }
        let Ok(folder) = File::open(entry.path()) else {
            continue;
        };
        if folder.try_lock().is_ok() {
            let _tried_again_next_time = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_nothing_else() {
        let within = tempfile::tempdir().unwrap();
        let held = Scratch::make_in(within.path()).unwrap();
        fs::write(held.path().join("in use"), "").unwrap();
        // As a killed process leaves it.
        let left = within.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join("object"), "").unwrap();
        let foreign = within.path().join("tapdeck-reports");
        fs::create_dir(&foreign).unwrap();
        remove_left(within.path());
        assert!(held.path().join("in use").is_file());
        assert!(foreign.is_dir());
        assert!(!left.exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
