//! `tapdeck report`: finished runs side by side.

use std::fs;
use std::path::{Path, PathBuf};

use tapdeck_reports::combined::{Combined, CombinedRun};

use super::output::{note, print};
use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::run::artifacts::{prepare_folder, write_file};
use crate::run::phases::now;

/// Name of the summary in the folder of a single report.
const SINGLE: &str = "summary.json";

/// Put finished runs side by side: a page and a table of Markdown
///
/// Reads the run-summary files of `tapdeck run`, and the summary.json of `tapdeck replay --out` where DIR or a folder in it is
/// what --out named. Runs that are asked for and not there are told of and left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ids of the runs, or names of their folders, joined by commas [default: all that have a summary]
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    runs: Vec<String>,

    /// Folder with the results of runs
    #[arg(long, value_name = "DIR", default_value = "html-reports")]
    reports_dir: PathBuf,

    /// Where to write the page [default: combined/index.html in that folder]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Where to write the table [default: combined/report.md in that folder]
    #[arg(long, value_name = "FILE")]
    markdown_output: Option<PathBuf>,
}

/// Puts runs side by side.
///
/// Errors: `Usage` if there are none, or one cannot be read; `Io` and `Tape` if a file cannot be written.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let runs = args.read()?;
    let combined = Combined::new(now(), runs);
    let beside = |name: &str| args.reports_dir.join("combined").join(name);
    let page = args.output.clone().unwrap_or_else(|| beside("index.html"));
    let table = args
        .markdown_output
        .clone()
        .unwrap_or_else(|| beside("report.md"));
    for (path, bytes) in [
        (&page, combined.to_html()),
        (&table, combined.to_markdown()),
    ] {
        if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
            prepare_folder(folder)?;
        }
        write_file(path, &bytes)?;
    }
    print(|out| writeln!(out, "{}\n{}", page.display(), table.display()))?;
    Ok(Exit::Pass)
}

/// Where the result of a run is, by which tool wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// `run-summary-ID.json`, of `tapdeck run`.
    Whole(PathBuf),
    /// `summary.json` in the folder that was given to `tapdeck replay --out`.
    Single(PathBuf),
}

impl Source {
    fn path(&self) -> PathBuf {
        match self {
            Self::Whole(file) => file.clone(),
            Self::Single(folder) => folder.join(SINGLE),
        }
    }

    fn read(&self) -> Result<CombinedRun, Error> {
        let path = self.path();
        let bytes = fs::read(&path).map_err(|source| Error::Io {
            action: "read",
            path: path.clone(),
            source,
        })?;
        let refuse = |detail: &str| {
            let detail = format!("{} is no summary of a run: {detail}", path.display());
            usage("--reports-dir", detail)
        };
        match self {
            Self::Whole(_) => CombinedRun::from_json(&bytes).map_err(|detail| refuse(&detail)),
            Self::Single(folder) => CombinedRun::from_summary(name(folder), &bytes)
                .map_err(|error| refuse(&chain(&error))),
        }
    }
}

/// Gives the name that stands for the id of a run in a folder of its own.
fn name(folder: &Path) -> String {
    // A path such as `.` has a name once it is resolved; where that fails, the path has to do.
    let resolved = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = resolved.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

impl Args {
    /// Reads every run that is asked for.
    fn read(&self) -> Result<Vec<CombinedRun>, Error> {
        let sources = if self.runs.is_empty() {
            self.all()?
        } else {
            self.runs.iter().map(|id| self.named(id)).collect()
        };
        let mut runs = Vec::new();
        for source in sources {
            let path = source.path();
            if path.is_file() {
                runs.push(source.read()?);
            } else {
                note(format_args!("note: {} is not there", path.display()));
            }
        }
        if runs.is_empty() {
            let detail = format!(
                "there is no run in {}: expected run-summary-ID.json, as tapdeck run writes it, or {SINGLE} in that folder or in a \
                 folder in it, as tapdeck replay --out writes it",
                self.reports_dir.display()
            );
            return Err(usage("--reports-dir", detail));
        }
        Ok(runs)
    }

    /// Finds a run by its id, or by the name of its folder.
    fn named(&self, id: &str) -> Source {
        let single = Source::Single(self.reports_dir.join(id));
        let whole = self.reports_dir.join(format!("run-summary-{id}.json"));
        if single.path().is_file() && !whole.is_file() {
            single
        } else {
            Source::Whole(whole)
        }
    }

    /// Finds every run there is: whole ones, the folder itself, and the folders in it.
    fn all(&self) -> Result<Vec<Source>, Error> {
        let unreadable = |source| Error::Io {
            action: "look into",
            path: self.reports_dir.clone(),
            source,
        };
        let mut sources = vec![Source::Single(self.reports_dir.clone())];
        for entry in fs::read_dir(&self.reports_dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let id = name
                .and_then(|name| name.strip_prefix("run-summary-"))
                .and_then(|rest| rest.strip_suffix(".json"));
            if id.is_some() {
                sources.push(Source::Whole(path));
            } else {
                sources.push(Source::Single(path));
            }
        }
        sources.retain(|source| source.path().is_file());
        sources.sort_unstable_by_key(Source::path);
        Ok(sources)
    }
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
