//! What keeps the bytes of an open tape as they are while they are read in place.
//!
//! The first of these that can be had: a lease, by which the kernel has whoever would change the file wait until we have
//! let go of it; for a small tape, a copy in memory; else a look at the file now and then, which notices a change soon
//! after it was made.

use std::fs::File;
use std::io;
use std::time::SystemTime;

use memmap2::{Mmap, MmapMut};

use crate::mapped;

/// The longest tape that is copied where no lease can be had: it stays in memory for as long as it is open.
const COPIED_BYTES: usize = 64 << 20;

/// What keeps the bytes as they are.
#[derive(Debug)]
pub(crate) enum Hold {
    /// The lease goes with the file.
    Leased(File),
    /// The map is of memory of our own.
    Copied,
    /// Nothing does; a change can be noticed.
    Watched(File, Facts),
}

/// What tells that a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    bytes: u64,
    modified: SystemTime,
}

impl Facts {
    fn of(file: &File) -> io::Result<Self> {
        let facts = file.metadata()?;
        Ok(Self {
            bytes: facts.len(),
            modified: facts.modified()?,
        })
    }
}

impl Hold {
    /// Maps a file and holds its bytes in the best way there is.
    ///
    /// Errors: of mapping or reading it.
    pub(crate) fn map(file: File) -> io::Result<(Self, Mmap)> {
        if mapped::lease(&file) {
            let map = mapped::map(&file)?;
            return Ok((Self::Leased(file), map));
        }
        Self::map_without_lease(file, COPIED_BYTES)
    }

    /// Maps a file that others may change; one of at most so many bytes is copied.
    fn map_without_lease(file: File, copied_bytes: usize) -> io::Result<(Self, Mmap)> {
        let facts = Facts::of(&file)?;
        let map = mapped::map(&file)?;
        if map.len() > copied_bytes {
            return Ok((Self::Watched(file, facts), map));
        }
        let mut copy = MmapMut::map_anon(map.len())?;
        copy.copy_from_slice(&map);
        Ok((Self::Copied, copy.make_read_only()?))
    }

    /// Tells whether the bytes are what they were, and nobody waits to change them.
    pub(crate) fn is_unchanged(&self) -> bool {
        match self {
            Self::Leased(file) => mapped::is_leased(file),
            Self::Copied => true,
            // Of a file that does not tell any more, nothing is known.
            Self::Watched(file, facts) => Facts::of(file).is_ok_and(|now| now == *facts),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    /// Opens a file of 10,000 bytes in a folder.
    fn file(folder: &Path) -> File {
        let path = folder.join("some.tape");
        fs::write(&path, [7; 10_000]).unwrap();
        File::open(path).unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_would_change_a_leased_file_waits_until_it_is_let_go_of() {
        // A file system in memory, which has leases on every Linux.
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let (hold, map) = Hold::map(file(folder.path())).unwrap();
        assert!(matches!(hold, Hold::Leased(_)), "{hold:?}");
        assert!(hold.is_unchanged());
        let path = folder.path().join("some.tape");
        let changing = std::thread::spawn(move || fs::write(path, "shorter").unwrap());
        while hold.is_unchanged() {
            std::thread::yield_now();
        }
        assert!(map.iter().all(|&byte| byte == 7), "as long as it is held");
        drop((hold, map));
        changing.join().unwrap();
        let now = fs::read_to_string(folder.path().join("some.tape")).unwrap();
        assert_eq!(now, "shorter");
    }

    #[test]
    fn a_small_tape_without_a_lease_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (hold, map) = Hold::map_without_lease(file(folder.path()), 10_000).unwrap();
        fs::write(folder.path().join("some.tape"), "").unwrap();
        assert!(hold.is_unchanged());
        assert_eq!(map.len(), 10_000);
        assert!(map.iter().all(|&byte| byte == 7));
    }

    #[test]
    fn a_large_tape_without_a_lease_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        let watched = || Hold::map_without_lease(file(folder.path()), 9_999).unwrap();
        let write = || {
            let path = folder.path().join("some.tape");
            OpenOptions::new().write(true).open(path).unwrap()
        };
        let (hold, _map) = watched();
        assert!(hold.is_unchanged());
        write().set_len(20_000).unwrap();
        assert!(!hold.is_unchanged(), "longer");
        let (hold, _map) = watched();
        let another_time = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        write().set_modified(another_time).unwrap();
        assert!(!hold.is_unchanged(), "written to");
    }
}
