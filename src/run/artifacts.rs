//! Files of a run: where they lie, and writing them whole or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tapdeck_corpora::durable::DurableFile;
use tapdeck_reports::{
    Measurements, Part, RENDERERS, Renderer, RunIdentity, RunSummary, Summary, printable, run_page,
};

use crate::error::Error;

/// The file of a report that no other can replace.
const SUMMARY: &str = "summary.json";

/// The folders of a run.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Where the files about all of it lie.
    pub out: PathBuf,
    /// Its own, below.
    pub run: PathBuf,
}

impl Folders {
    /// Gives the folders of a run; makes nothing.
    pub fn of(out: &Path, run_id: &str) -> Self {
        Self {
            out: out.to_owned(),
            run: out.join("runs").join(run_id),
        }
    }

    /// Makes the folders now, so that a run of an hour does not end at a missing permission, and removes what an earlier
    /// run of the same id has left.
    ///
    /// Errors: `Io` if they cannot be made or written to.
    pub fn prepare(&self) -> Result<(), Error> {
        prepare_folder(&self.run)?;
        prepare_folder(&self.out)?;
        clear_report(&self.run)?;
        for part in subfolders(&self.run)? {
            clear_report(&part)?;
        }
        let run_id = self.run.file_name().unwrap_or_default().to_string_lossy();
        let names = ["json", "csv"].map(|extension| format!("run-summary-{run_id}.{extension}"));
        remove_files(&self.out, names.iter().map(String::as_str))
    }

    /// Gives the folder of one service's report.
    pub fn of_part(&self, name: &str, parts: usize) -> PathBuf {
        if parts > 1 {
            self.run.join(name)
        } else {
            self.run.clone()
        }
    }

    /// Writes the reports of all services, the page about all of them if there are several, and the run in short; gives
    /// the latter.
    ///
    /// Errors: `Io`, `Tape`, `Report` or `Incomplete` if a file cannot be made, once all others are.
    pub fn write(&self, run: &RunIdentity, parts: &[Part<'_>]) -> Result<RunSummary, Error> {
        let mut written = Ok(());
        for part in parts {
            let folder = self.of_part(part.name, parts.len());
            let report = prepare_folder(&folder)
                .and_then(|()| write_report(&folder, part.summary, part.measurements));
            written = written.and(report);
        }
        let short = RunSummary::over(run, parts);
        if parts.len() > 1 {
            let page = write_file(&self.run.join("index.html"), &run_page::render(&short));
            written = written.and(page);
        }
        for (extension, bytes) in [("json", short.to_json()?), ("csv", short.to_csv())] {
            let name = run.file_name("run-summary", extension);
            written = written.and(write_file(&self.out.join(name), &bytes));
        }
        written.map(|()| short)
    }
}

/// Makes a folder for results, and makes sure that it can be written to.
///
/// Errors: `Io` if it cannot.
pub fn prepare_folder(folder: &Path) -> Result<(), Error> {
    let cannot = |action| {
        move |source| Error::Io {
            action,
            path: folder.to_owned(),
            source,
        }
    };
    fs::create_dir_all(folder).map_err(cannot("create the folder"))?;
    tempfile::tempfile_in(folder).map_err(cannot("write into"))?;
    Ok(())
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = || {
        let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        let paths = entries.iter().map(fs::DirEntry::path);
        Ok(paths.filter(|path| path.is_dir()).collect())
    };
    list().map_err(|source| Error::Io {
        action: "read the folder",
        path: folder.to_owned(),
        source,
    })
}

/// Removes the report that a folder may hold, so that it does not pass for that of a run that fails.
///
/// Errors: `Io` if a file cannot be removed.
pub fn clear_report(folder: &Path) -> Result<(), Error> {
    remove_files(folder, RENDERERS.iter().map(|it| it.file_name()))
}

/// Removes files of a folder that may be there.
///
/// Errors: `Io` if one cannot be removed.
pub fn remove_files<'n>(
    folder: &Path,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), Error> {
    let mut paths = names.into_iter().map(|name| folder.join(name));
    paths.try_for_each(|path| remove_file(&path))
}

/// Removes a file that may be there.
///
/// Errors: `Io` if it cannot be removed.
pub fn remove_file(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::Io {
            action: "remove",
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// Writes every file of a report.
///
/// The one that everything else can be made from comes first, and one that cannot be written does not keep the others from it.
///
/// Errors: `Incomplete`, naming all that are missing.
pub fn write_report(
    folder: &Path,
    summary: &Summary,
    measurements: &Measurements,
) -> Result<(), Error> {
    let write = |renderer: &dyn Renderer| -> Result<(), Error> {
        let bytes = renderer.render(summary, measurements)?;
        write_file(&folder.join(renderer.file_name()), &bytes)
    };
    let mut renderers = RENDERERS.to_vec();
    renderers.sort_by_key(|renderer| renderer.file_name() != SUMMARY);
    let (mut missing, mut reason) = (Vec::new(), None);
    for renderer in renderers {
        if let Err(error) = write(renderer) {
            missing.push(renderer.file_name());
            reason.get_or_insert(error);
        }
    }
    match reason {
        None => Ok(()),
        Some(reason) => Err(Error::Incomplete {
            folder: folder.to_owned(),
            missing: missing.join(", "),
            source: Box::new(reason),
        }),
    }
}

/// Writes a file of text whole or not at all, in the place of one that may be there. Whoever looks at it in a terminal is
/// not at the mercy of names and answers in it.
///
/// Errors: `Tape` if it cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let text = String::from_utf8_lossy(bytes);
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let shown = if is_json {
        printable::in_json(&text)
    } else {
        printable::in_lines(&text)
    };
    let mut file = DurableFile::create(path)?;
    file.write(shown.as_bytes())?;
    file.finish()?;
    Ok(())
}
