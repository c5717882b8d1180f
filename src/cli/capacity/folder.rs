//! The folder of a search: its report, complete after every run, and what it goes on from.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tapdeck_reports::capacity::{CapacityIdentity, CapacityReport, CapacityStep, DOCUMENT};
use tapdeck_reports::counted;

use crate::error::Error;
use crate::run::artifacts::{prepare_folder, write_file};

/// A folder that can be written to.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if it is not there.
    ///
    /// Errors: `Io` if it cannot be made or written to.
    pub(super) fn prepare(path: &Path) -> Result<Self, Error> {
        prepare_folder(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Gives the runs of an earlier search for the same; none if there was no search.
    ///
    /// Errors: `Usage` if the earlier report cannot be read or is about something else.
    pub(super) fn earlier(&self, identity: &CapacityIdentity) -> Result<Vec<CapacityStep>, Error> {
        let path = self.0.join(DOCUMENT);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => {
                return Err(Error::Io {
                    action: "read",
                    path,
                    source,
                });
            }
        };
        let refuse = |why: String| Error::Usage {
            flag: "--resume",
            detail: format!(
                "{} cannot be gone on from: {why}; leave out --resume to start over",
                path.display()
            ),
        };
        let report = CapacityReport::from_json(&bytes).map_err(refuse)?;
        match difference(&report.identity, identity) {
            Some(difference) => Err(refuse(difference)),
            None => Ok(report.steps),
        }
    }

    /// Writes what a later search goes on from; whole or not at all.
    ///
    /// Errors: `Tape` or `Report` if it cannot be written.
    pub(super) fn write_document(&self, report: &CapacityReport) -> Result<(), Error> {
        self.write(DOCUMENT, &report.to_json()?)
    }

    /// Writes all files of the report.
    ///
    /// Errors: as of [`Self::write_document`].
    pub(super) fn write_all(&self, report: &CapacityReport) -> Result<(), Error> {
        for (name, bytes) in report.files()? {
            self.write(name, &bytes)?;
        }
        Ok(())
    }

    /// Gives the path of the page for people.
    pub(super) fn page(&self) -> PathBuf {
        self.0.join("index.html")
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_file(&self.0.join(name), bytes)
    }
}

/// Says what keeps the runs of two searches from being joined. Version and machine may differ: who resumes knows why.
fn difference(earlier: &CapacityIdentity, now: &CapacityIdentity) -> Option<String> {
    let slos = |identity: &CapacityIdentity| {
        let texts: Vec<&str> = identity.slos.iter().map(|slo| slo.text.as_str()).collect();
        texts.join(",")
    };
    let run =
        |identity: &CapacityIdentity| format!("{} s + {} s", identity.settle_s, identity.measure_s);
    let engine = |identity: &CapacityIdentity| {
        format!(
            "{}, timeout {} ms",
            counted(identity.connections.into(), "connection"),
            identity.timeout_ms
        )
    };
    [
        ("tape", earlier.tape.digest.clone(), now.tape.digest.clone()),
        ("target", earlier.target.clone(), now.target.clone()),
        ("promise", slos(earlier), slos(now)),
        (
            "arrival process",
            earlier.arrivals.clone(),
            now.arrivals.clone(),
        ),
        ("length of runs", run(earlier), run(now)),
        ("engine", engine(earlier), engine(now)),
    ]
    .into_iter()
    .find(|(_, earlier, now)| earlier != now)
    .map(|(what, earlier, now)| format!("it is about another {what}, {earlier} instead of {now}"))
}
