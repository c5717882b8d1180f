//! Reads the files that users name: regular ones only, and no more of them than makes sense.
//!
//! A pipe may never end, a device never does, and a file can claim any length; so what is no regular file is refused before it
//! is opened, and one that is too long before it is read. Must not know what is in a file, apart from what editors of any
//! system leave in a text: a byte order mark at its beginning and line ends of two characters.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Longest file that is read into memory at once. Summaries of day-long runs are the longest there are; they have about half
/// of that.
pub const MOST_BYTES: u64 = 32 << 20;

/// What editors of some systems begin a text with.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a file is not read although the system would let us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is something else than a regular file.
    #[error("it is {found}, expected a regular file")]
    Kind {
        /// What it is.
        found: &'static str,
    },
    /// It is longer than any that makes sense.
    #[error("it has more than {} MiB, expected at most {} MiB", .bytes >> 20, MOST_BYTES >> 20)]
    Size {
        /// How long it says to be, or how much of it was read.
        bytes: u64,
    },
    /// It is no text.
    #[error("it is no UTF-8 text: byte {offset} belongs to no character; save it as UTF-8")]
    Encoding {
        /// Where that shows, counted from 0.
        offset: usize,
    },
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        Self::new(io::ErrorKind::InvalidInput, unfit)
    }
}

/// Opens a regular file of any length.
///
/// Errors: the system's; `Unfit::Kind` inside for what is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Looked at first, because opening some devices already does something to them.
    check_kind(fs::metadata(path)?.file_type())?;
    let at_once = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(at_once)
        .open(path)?;
    check_kind(file.metadata()?.file_type())?;
    Ok(file)
}

/// Reads a whole file.
///
/// Errors: as of [`open`], and `Unfit::Size` inside.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > MOST_BYTES {
        return Err(Unfit::Size { bytes }.into());
    }
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
    // It may grow, and what lies under /proc says to be empty.
    file.take(MOST_BYTES + 1).read_to_end(&mut content)?;
    let bytes = content.len() as u64;
    if bytes > MOST_BYTES {
        return Err(Unfit::Size { bytes }.into());
    }
    Ok(content)
}

/// Reads a whole text, without a byte order mark, and with line ends of one character.
///
/// Errors: as of [`read`], and `Unfit::Encoding` inside.
pub fn read_text(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(read(path)?).map_err(|error| Unfit::Encoding {
        offset: error.utf8_error().valid_up_to(),
    })?;
    Ok(plain(text))
}

/// Takes away what editors of some systems add.
fn plain(text: String) -> String {
    let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    if bare.len() == text.len() && !text.contains("\r\n") {
        return text;
    }
    bare.replace("\r\n", "\n")
}

fn check_kind(kind: FileType) -> Result<(), Unfit> {
    let found = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "a socket"
    };
    Err(Unfit::Kind { found })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;

    use rustix::fs::{CWD, FileType as NodeType, Mode, mknodat};
    use tempfile::TempDir;

    use super::*;

    #[track_caller]
    fn check(path: &Path, expected: &str) {
        let error = read(path).unwrap_err().to_string();
        assert!(error.contains(expected), "{}: {error}", path.display());
    }

    fn file(folder: &TempDir, content: &[u8]) -> PathBuf {
        let path = folder.path().join("file");
        fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, NodeType::Fifo, Mode::RUSR, 0).unwrap();
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        for (path, expected) in [
            (folder.path(), "it is a folder, expected a regular file"),
            (&pipe, "it is a pipe"),
            (&socket, "it is a socket"),
            (Path::new("/dev/zero"), "it is a device"),
            (&folder.path().join("none"), "No such file"),
        ] {
            check(path, expected);
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        check(
            &path,
            "it has more than 1048576 MiB, expected at most 32 MiB",
        );
        File::create(&path).unwrap().set_len(MOST_BYTES).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, MOST_BYTES);
        assert!(open(&path).is_ok());
    }

    #[test]
    fn texts_are_read_as_they_are_meant() {
        let folder = tempfile::tempdir().unwrap();
        for (content, expected) in [
            (&b"a\nb\n"[..], "a\nb\n"),
            (b"\xef\xbb\xbfa\r\nb\r\n", "a\nb\n"),
            (b"a\r\nb", "a\nb"),
            (b"a\rb", "a\rb"),
            (b"", ""),
        ] {
            assert_eq!(read_text(&file(&folder, content)).unwrap(), expected);
        }
        let error = read_text(&file(&folder, b"abc\xffd")).unwrap_err();
        assert!(
            error.to_string().contains("byte 3 belongs to no"),
            "{error}"
        );
    }
}
