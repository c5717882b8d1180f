//! Where a run's results go: the terminal, standard output as JSON, a folder.

use std::fs;
use std::path::{Path, PathBuf};

use tapdeck_corpora::durable::DurableFile;
use tapdeck_reports::measurements::Ending;
use tapdeck_reports::render::terminal;
use tapdeck_reports::{Measurements, RENDERERS, Summary, Verdict};
use tempfile::NamedTempFile;

use crate::cli::output;
use crate::error::Error;
use crate::exit::Exit;

/// Where to.
#[derive(Debug)]
pub struct Destination {
    folder: Option<PathBuf>,
    json: bool,
}

impl Destination {
    /// Makes the folder now, so that a run of an hour does not end at a missing permission.
    ///
    /// Errors: `Io` if the folder cannot be made or written to.
    pub fn prepare(folder: Option<PathBuf>, json: bool) -> Result<Self, Error> {
        folder.as_deref().map_or(Ok(()), prepare_folder)?;
        Ok(Self { folder, json })
    }

    /// Reports and gives the exit code of the run.
    ///
    /// Errors: `Io` or `Report` if a file cannot be made.
    pub fn report(&self, measurements: &Measurements) -> Result<Exit, Error> {
        let summary = Summary::from_measurements(measurements);
        let table = terminal::render(&summary, terminal::Width::default());
        if self.json {
            output::print_json(&summary)?;
            output::note(format_args!("{}", table.trim_end()));
        } else {
            output::print(|out| write!(out, "{table}"))?;
        }
        if let Some(folder) = &self.folder {
            write_all(folder, &summary, measurements)?;
            output::note(format_args!(
                "report: {}",
                folder.join("index.html").display()
            ));
        }
        Ok(exit(&summary, measurements.ending))
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
    NamedTempFile::new_in(folder).map_err(cannot("write into"))?;
    Ok(())
}

fn write_all(folder: &Path, summary: &Summary, measurements: &Measurements) -> Result<(), Error> {
    for renderer in RENDERERS {
        let bytes = renderer.render(summary, measurements)?;
        let mut file = DurableFile::create(&folder.join(renderer.file_name()))?;
        file.write(&bytes)?;
        file.finish()?;
    }
    Ok(())
}

fn exit(summary: &Summary, ending: Ending) -> Exit {
    if ending == Ending::Interrupted {
        return Exit::Interrupted;
    }
    match summary.verdict.verdict {
        Verdict::Pass => Exit::Pass,
        Verdict::SloMissed => Exit::SloMissed,
        Verdict::Invalid => Exit::RunInvalid,
    }
}
