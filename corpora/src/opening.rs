//! Opening a tape: what a file must have before any block of it is looked at.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memmap2::Mmap;

use crate::digest::Digest;
use crate::directory::{self, BlockEntry};
use crate::error::Error;
use crate::format::{self, HEADER_BYTES, TRAILER_BYTES, Trailer};
use crate::manifest::Manifest;

/// Checks the header, through the file and not the map: an empty file cannot be mapped.
///
/// Errors: `Empty`, `Foreign`, `Truncated`, `NewerFormat`, `Damaged`, `Io`.
pub(crate) fn check_header(file: &mut File, path: &Path) -> Result<(), Error> {
    let mut found = Vec::with_capacity(HEADER_BYTES);
    file.by_ref()
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut found)
        .map_err(Error::io("read", path))?;
    if found.is_empty() {
        return Err(Error::Empty {
            path: path.to_owned(),
        });
    }
    if !found.starts_with(&format::MAGIC) {
        found.truncate(format::MAGIC.len());
        return Err(Error::Foreign {
            path: path.to_owned(),
            found,
            expected: format::MAGIC.to_vec(),
        });
    }
    let Ok(header) = <[u8; HEADER_BYTES]>::try_from(found.as_slice()) else {
        return Err(Error::Truncated {
            path: path.to_owned(),
            bytes: found.len() as u64,
        });
    };
    let version = u32::from_le_bytes(format::array_at(&header, format::MAGIC.len()));
    if version > format::VERSION {
        return Err(Error::NewerFormat {
            path: path.to_owned(),
            found: version,
            supported: format::VERSION,
        });
    }
    if header == format::header() {
        Ok(())
    } else {
        Err(damaged(
            path,
            "header",
            "its version or a reserved byte is wrong",
        ))
    }
}

/// Finds the trailer at the end of the file.
///
/// Errors: `Truncated` if there is none, `Damaged` if it does not fit the file.
pub(crate) fn find_trailer(map: &Mmap, path: &Path) -> Result<Trailer, Error> {
    let truncated = || Error::Truncated {
        path: path.to_owned(),
        bytes: map.len() as u64,
    };
    let from = map.len().checked_sub(TRAILER_BYTES).ok_or_else(truncated)?;
    let bytes: [u8; TRAILER_BYTES] = format::array_at(map, from);
    if !bytes.ends_with(&format::END_MAGIC) {
        return Err(truncated());
    }
    let trailer = Trailer::decode(&bytes)
        .ok_or_else(|| damaged(path, "trailer", "a reserved byte is not zero"))?;
    let end = trailer.manifest_offset.checked_add(trailer.manifest_bytes);
    if end == Some(from as u64) {
        Ok(trailer)
    } else {
        Err(damaged(
            path,
            "trailer",
            "the manifest it points to does not end where it begins",
        ))
    }
}

/// Reads the manifest that the trailer points to.
///
/// Errors: `Damaged`.
pub(crate) fn read_manifest(map: &Mmap, path: &Path, trailer: &Trailer) -> Result<Manifest, Error> {
    let json = part(
        map,
        path,
        "trailer",
        trailer.manifest_offset,
        trailer.manifest_bytes,
    )?;
    if Digest::of(json) != trailer.manifest_digest {
        return Err(damaged(
            path,
            "manifest",
            "its checksum differs from the trailer's",
        ));
    }
    serde_json::from_slice(json).map_err(|error| damaged(path, "manifest", &error.to_string()))
}

/// Reads the directory that the manifest points to and holds it against the file and the manifest.
///
/// Errors: `Damaged`.
pub(crate) fn read_directory(
    map: &Mmap,
    path: &Path,
    manifest: &Manifest,
    trailer: &Trailer,
) -> Result<Vec<BlockEntry>, Error> {
    let location = &manifest.directory;
    let bytes = part(map, path, "manifest", location.offset, location.bytes)?;
    if Digest::of(bytes).to_string() != location.blake3 {
        return Err(damaged(
            path,
            "directory",
            "its checksum differs from the manifest's",
        ));
    }
    if location.offset + location.bytes != trailer.manifest_offset {
        return Err(damaged(
            path,
            "manifest",
            "the directory does not end where it begins",
        ));
    }
    let entries = directory::decode(bytes, HEADER_BYTES as u64, location.offset)
        .map_err(|detail| damaged(path, "directory", &detail))?;
    let records = entries
        .last()
        .map_or(0, |last| last.first_record + last.records);
    if records != manifest.records || manifest.first_event_ns > manifest.last_event_ns {
        return Err(damaged(
            path,
            "manifest",
            "its counts differ from the directory's",
        ));
    }
    Ok(entries)
}

fn part<'a>(
    map: &'a Mmap,
    path: &Path,
    pointing: &'static str,
    offset: u64,
    bytes: u64,
) -> Result<&'a [u8], Error> {
    let range = usize::try_from(offset)
        .ok()
        .zip(usize::try_from(bytes).ok());
    range
        .and_then(|(from, len)| map.get(from..from.checked_add(len)?))
        .ok_or_else(|| damaged(path, pointing, "it points outside the file"))
}

/// Says what is damaged.
pub(crate) fn damaged(path: &Path, part: &'static str, detail: &str) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        part,
        detail: detail.to_owned(),
    }
}
