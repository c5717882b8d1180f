//! A file that appears under its name whole and synced, or not at all.
//!
//! On Linux the bytes go into a file without any name (`O_TMPFILE`), so that even a killed process leaves nothing
//! behind; where the file system cannot do that, or there is no `/proc`, into a temporary file beside the target that is removed on drop.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use tempfile::NamedTempFile;

use crate::error::Error;

/// Bytes gathered before a write call; large enough that the call's cost vanishes.
const BUFFER_BYTES: usize = 1 << 20;

/// What the user's mask makes of this is what every other program's files get.
const MODE: u32 = 0o666;

/// A file under construction.
#[derive(Debug)]
pub struct DurableFile {
    path: PathBuf,
    output: BufWriter<Output>,
}

#[derive(Debug)]
enum Output {
    Nameless(File),
    Named(NamedTempFile),
}

impl DurableFile {
    /// Starts a file that will appear at `path`.
    ///
    /// Errors: `Io` if the folder is missing or not writable, or `path` is a folder, a device or the like, which a file
    /// must not take the place of.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let wrap = Error::io("create", path);
        if path.is_dir() {
            return Err(wrap(io::ErrorKind::IsADirectory.into()));
        }
        if path.exists() && !path.is_file() {
            let reason = "it is there already and no regular file";
            return Err(wrap(io::Error::new(io::ErrorKind::AlreadyExists, reason)));
        }
        let output = Output::in_folder(folder_of(path)).map_err(wrap)?;
        Ok(Self {
            path: path.to_owned(),
            output: BufWriter::with_capacity(BUFFER_BYTES, output),
        })
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.output
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    /// Syncs the file and gives it its name, replacing what stood there.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let output = self
            .output
            .into_inner()
            .map_err(|error| Error::io("write", &path)(error.into_error()))?;
        output.persist(&path).map_err(Error::io("finish", &path))
    }
}

impl Output {
    fn in_folder(folder: &Path) -> io::Result<Self> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match rustix::fs::open(folder, flags, Mode::from_raw_mode(MODE)) {
            Ok(fd) if can_be_named(&fd) => Ok(Self::Nameless(fd.into())),
            _ => tempfile::Builder::new()
                .prefix(".tapdeck-")
                .permissions(Permissions::from_mode(MODE))
                .tempfile_in(folder)
                .map(Self::Named),
        }
    }

    fn file(&mut self) -> &mut File {
        match self {
            Self::Nameless(file) => file,
            Self::Named(named) => named.as_file_mut(),
        }
    }

    fn persist(mut self, path: &Path) -> io::Result<()> {
        self.file().sync_all()?;
        match self {
            Self::Named(named) => {
                named.persist(path).map_err(|error| error.error)?;
            }
            Self::Nameless(file) => link_over(&file, path)?,
        }
        File::open(folder_of(path))?.sync_all()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Names a nameless file. A link cannot replace an existing name but a rename can, so an occupied target is reached
/// through a name beside it that exists for an instant.
fn link_over(file: &File, path: &Path) -> io::Result<()> {
    let source = way_to(file);
    let link = |to: &Path| rustix::fs::linkat(CWD, &source, CWD, to, AtFlags::SYMLINK_FOLLOW);
    match link(path) {
        Err(rustix::io::Errno::EXIST) => {
            let mut beside = path.as_os_str().to_owned();
            beside.push(format!(".{}.new", std::process::id()));
            let beside = PathBuf::from(beside);
            link(&beside)?;
            std::fs::rename(&beside, path)
        }
        other => Ok(other?),
    }
}

/// Tells whether a nameless file can be given a name later, which takes `/proc`: not every container has it.
fn can_be_named(file: &impl AsRawFd) -> bool {
    Path::new(&way_to(file)).exists()
}

fn way_to(file: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
