//! Where a run's results go: the terminal, standard output as JSON, a folder.

use std::path::PathBuf;

use tapdeck_reports::measurements::Ending;
use tapdeck_reports::render::terminal;
use tapdeck_reports::{Measurements, Summary};

use crate::cli::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::run::artifacts::{clear_report, prepare_folder, write_report};

/// Where to.
#[derive(Debug)]
pub struct Destination {
    folder: Option<PathBuf>,
    json: bool,
}

impl Destination {
    /// Makes the folder now, so that a run of an hour does not end at a missing permission, and removes what an earlier
    /// run has left there.
    ///
    /// Errors: `Io` if the folder cannot be made or written to.
    pub fn prepare(folder: Option<PathBuf>, json: bool) -> Result<Self, Error> {
        if let Some(folder) = &folder {
            prepare_folder(folder)?;
            clear_report(folder)?;
        }
        Ok(Self { folder, json })
    }

    /// Reports and gives the exit code of the run: files first, for nothing is as easily lost as what is printed.
    ///
    /// Errors: `Io` or `Report` if a file cannot be made, `Io` if the result of a run that passed cannot be printed.
    pub fn report(&self, measurements: &Measurements) -> Result<Exit, Error> {
        let summary = Summary::from_measurements(measurements);
        let table = terminal::render(&summary, terminal::Width::default());
        if let Some(folder) = &self.folder {
            write_report(folder, &summary, measurements)?;
        }
        let printed = if self.json {
            let printed = output::print_json(&summary);
            output::note(format_args!("{}", table.trim_end()));
            printed
        } else {
            output::print(|out| write!(out, "{table}"))
        };
        if let Some(folder) = &self.folder {
            output::note(format_args!(
                "report: {}",
                folder.join("index.html").display()
            ));
        }
        output::end(printed, exit(&summary, measurements.ending))
    }
}

fn exit(summary: &Summary, ending: Ending) -> Exit {
    match ending {
        Ending::Interrupted => Exit::Interrupted,
        Ending::Completed | Ending::Aborted => summary.verdict.verdict.into(),
    }
}
