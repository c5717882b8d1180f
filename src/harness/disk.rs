//! Whether a disk has room for what is about to be written.

use std::path::Path;

use rustix::fs::statvfs;
use tapdeck_generators::{DiskNeed, Outputs};

use crate::error::Error;
use crate::units::show_bytes;

/// What one folder is to hold: what it is called, and bytes.
type Part = (&'static str, u64);

/// Refuses folders on disks that are too full.
///
/// Errors: `Usage` says how many bytes are needed and how many are free, and where; `Io` if the system does not tell.
pub fn check(outputs: Outputs<'_>, need: DiskNeed) -> Result<(), Error> {
    let files = [
        (outputs.tape, "--output", ("for the tape", need.tape_bytes)),
        (
            outputs.truth,
            "--truth",
            ("for the truth", need.truth_bytes),
        ),
    ];
    let mut folders: Vec<(&Path, &'static str, Vec<Part>)> = Vec::new();
    for (path, flag, part) in files {
        let Some(path) = path else {
            continue;
        };
        let folder = folder_of(path);
        match folders.iter_mut().find(|(other, ..)| *other == folder) {
            Some((.., parts)) => parts.push(part),
            None => folders.push((folder, flag, vec![part])),
        }
    }
    if let Some((.., parts)) = folders.first_mut() {
        parts.push(("for temporary data", need.spill_bytes));
    }
    folders
        .iter()
        .try_for_each(|(folder, flag, parts)| match free_bytes(folder)? {
            Some(free) => refuse_above(free, folder, flag, parts),
            None => Ok(()),
        })
}

/// Gives the free space of a folder's disk, nothing if there is no limit.
fn free_bytes(folder: &Path) -> Result<Option<u64>, Error> {
    let disk = statvfs(folder).map_err(|errno| Error::Io {
        action: "ask for the free space of",
        path: folder.to_owned(),
        source: errno.into(),
    })?;
    // Some file systems have no limit of their own and say that they have no blocks at all.
    Ok((disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize)))
}

fn refuse_above(free: u64, folder: &Path, flag: &'static str, parts: &[Part]) -> Result<(), Error> {
    let needed = parts
        .iter()
        .fold(0, |sum: u64, &(_, bytes)| sum.saturating_add(bytes));
    if needed <= free {
        return Ok(());
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|&(what, bytes)| format!("{} {what}", show_bytes(bytes)))
        .collect();
    Err(Error::Usage {
        flag,
        detail: format!(
            "needs about {} in {} ({}), {} are free there; make room, choose another disk, or lower --count",
            show_bytes(needed),
            folder.display(),
            parts.join(", "),
            show_bytes(free),
        ),
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_counts() {
        let parts = [("for the tape", 3 << 20), ("for temporary data", 1 << 20)];
        let folder = Path::new("/some/where");
        assert!(refuse_above(4 << 20, folder, "--output", &parts).is_ok());
        let error = refuse_above((4 << 20) - 1, folder, "--output", &parts).unwrap_err();
        let expected = "--output: needs about 4.0 MiB in /some/where (3.0 MiB for the tape, 1.0 MiB for temporary data), \
                        4.0 MiB are free there; make room, choose another disk, or lower --count";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn every_folder_is_asked() {
        let need = DiskNeed {
            tape_bytes: 1,
            truth_bytes: u64::MAX,
            spill_bytes: 1,
        };
        let folder = tempfile::tempdir().unwrap();
        let truth = folder.path().join("t.csv");
        let outputs = Outputs {
            tape: Some(Path::new("t.tape")),
            truth: Some(&truth),
        };
        let error = check(outputs, need).unwrap_err().to_string();
        assert!(error.starts_with("--truth: needs about "), "{error}");
        assert!(
            error.contains(&folder.path().display().to_string()),
            "{error}"
        );
        assert!(!error.contains("temporary"), "{error}");
    }
}
