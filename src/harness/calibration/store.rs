//! Where calibrations are kept between runs: one file per machine, kernel and version in the user's cache folder.
//!
//! Source: XDG Base Directory Specification 0.8. A file is written whole or not at all; what it was made for is compared
//! when it is read, so that a name that happens to fit is not enough.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tapdeck_corpora::durable::DurableFile;
use tapdeck_reports::calibration::{Calibration, Machine, SCHEMA};

use super::cores::Cores;
use crate::error::Error;
use crate::harness::machine;

/// Our folder in the cache folder, and the variable that names another one.
const FOLDER: &str = "tapdeck";
const FOLDER_VARIABLE: &str = "TAPDECK_CACHE";

/// Gives the folder for calibrations: the one asked for, else that of `TAPDECK_CACHE`, else ours in the user's cache
/// folder; `None` if there is none.
pub fn folder(asked: Option<&Path>) -> Option<PathBuf> {
    let variable = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let of_user = || {
        // The specification demands absolute paths, and that others are ignored.
        let cache = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let in_home = || {
            variable("HOME")
                .filter(|home| home.is_absolute())
                .map(|home| home.join(".cache"))
        };
        Some(cache.or_else(in_home)?.join(FOLDER))
    };
    asked
        .map(Path::to_owned)
        .or_else(|| variable(FOLDER_VARIABLE))
        .or_else(of_user)
}

/// Describes the machine we run on.
pub fn this_machine() -> Machine {
    let facts = machine::facts();
    let fact = |wanted: &str| {
        let found = facts.iter().find(|(name, _)| name == wanted);
        found.map_or_else(|| "unknown".to_owned(), |(_, value)| value.clone())
    };
    Machine {
        cpu: fact("cpu"),
        cores: Cores::available().len(),
        kernel: fact("kernel").trim_start_matches("Linux ").to_owned(),
        tapdeck_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Gives the path of a machine's calibration.
pub fn path(folder: &Path, machine: &Machine) -> PathBuf {
    let Machine {
        cpu,
        cores,
        kernel,
        tapdeck_version,
    } = machine;
    let name = format!("{cpu} {cores} cores {kernel} {tapdeck_version}");
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    let words = name
        .split(|letter| !is_plain(letter))
        .filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    folder.join(format!("calibration-{slug}.json"))
}

/// Keeps a calibration; gives its path.
///
/// Errors: `Io` or `Tape` if the folder or the file cannot be written.
pub fn save(folder: &Path, calibration: &Calibration) -> Result<PathBuf, Error> {
    fs::create_dir_all(folder).map_err(|source| Error::Io {
        action: "create the folder",
        path: folder.to_owned(),
        source,
    })?;
    let path = path(folder, &calibration.machine);
    let mut text = serde_json::to_vec_pretty(calibration)
        .map_err(|error| Error::Bug(format!("a calibration is no JSON: {error}")))?;
    text.push(b'\n');
    let mut file = DurableFile::create(&path)?;
    file.write(&text)?;
    file.finish()?;
    Ok(path)
}

/// Finds the calibration of this machine; `None` if there is none.
///
/// Errors: `Io` if there is a file that cannot be read, or that holds something else.
pub fn load(folder: &Path, machine: &Machine) -> Result<Option<Calibration>, Error> {
    let path = path(folder, machine);
    let unreadable = |source| Error::Io {
        action: "read the calibration",
        path: path.clone(),
        source,
    };
    let text = match tapdeck_files::read_text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let calibration: Calibration =
        serde_json::from_str(&text).map_err(|error| unreadable(error.into()))?;
    if calibration.schema != SCHEMA {
        let detail = format!("it is a {}, expected {SCHEMA}", calibration.schema);
        return Err(unreadable(io::Error::other(detail)));
    }
    Ok(Some(calibration).filter(|found| found.machine == *machine))
}

#[cfg(test)]
mod tests {
    use tapdeck_reports::calibration::Setup;

    use super::*;

    fn calibration() -> Calibration {
        Calibration {
            schema: SCHEMA.to_owned(),
            machine: Machine {
                cpu: "Example(R) CPU @ 2.0GHz / 8".to_owned(),
                cores: 8,
                kernel: "6.1.0-generic".to_owned(),
                tapdeck_version: "0.1.0".to_owned(),
            },
            taken_at: "2026-01-02T03:04:05Z".to_owned(),
            setup: Setup {
                arrivals: "poisson".to_owned(),
                connections: 64,
                step_s: 2.0,
                precision: 0.05,
                shared: "Nothing.".to_owned(),
            },
            capacities: Vec::new(),
            disturbance: None,
            steps: Vec::new(),
        }
    }

    #[test]
    fn what_was_kept_is_found_again_by_the_same_machine_only() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("not/yet/there");
        let kept = calibration();
        assert_eq!(load(&inner, &kept.machine).unwrap(), None);
        let path = save(&inner, &kept).unwrap();
        assert_eq!(
            path.file_name().unwrap(),
            "calibration-example-r-cpu-2.0ghz-8-8-cores-6.1.0-generic-0.1.0.json"
        );
        assert_eq!(load(&inner, &kept.machine).unwrap(), Some(kept.clone()));
        let mut other = kept.machine.clone();
        other.kernel = "6.1.0 generic".to_owned();
        assert_eq!(super::path(&inner, &other), path, "the names collide");
        assert_eq!(load(&inner, &other).unwrap(), None);
    }

    #[test]
    fn a_file_that_is_something_else_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = calibration();
        kept.schema = "tapdeck-calibration-v9".to_owned();
        let path = save(folder.path(), &kept).unwrap();
        for text in [None, Some("{"), Some("{\"schema\": \"x\"}")] {
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
            }
            let error = load(folder.path(), &kept.machine).unwrap_err();
            assert!(error.to_string().contains("calibration-example"), "{error}");
        }
    }

    #[test]
    fn a_folder_asked_for_comes_before_the_users() {
        assert_eq!(folder(Some(Path::new("x"))), Some(PathBuf::from("x")));
    }
}
