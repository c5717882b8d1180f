//! `tapdeck report`: finished runs side by side.

use std::fs;
use std::path::{Path, PathBuf};

use tapdeck_reports::combined::{Combined, CombinedRun};

use super::output::{note, print};
use crate::error::Error;
use crate::exit::Exit;
use crate::run::artifacts::{prepare_folder, write_file};
use crate::run::phases::now;

/// Put finished runs side by side: a page and a table of Markdown
///
/// Reads the run-summary files of `tapdeck run`. Runs that are asked for and not there are told of and left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ids of the runs, joined by commas [default: all that have a summary]
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

impl Args {
    /// Reads every run that is asked for.
    fn read(&self) -> Result<Vec<CombinedRun>, Error> {
        let paths = if self.runs.is_empty() {
            self.all()?
        } else {
            let path = |id: &String| self.reports_dir.join(format!("run-summary-{id}.json"));
            self.runs.iter().map(path).collect()
        };
        let mut runs = Vec::new();
        for path in paths {
            if !path.is_file() {
                note(format_args!("note: {} is not there", path.display()));
                continue;
            }
            let text = tapdeck_files::read_text(&path).map_err(|source| Error::Io {
                action: "read",
                path: path.clone(),
                source,
            })?;
            let run = CombinedRun::from_json(text.as_bytes()).map_err(|detail| {
                let detail = format!("{} is no summary of a run: {detail}", path.display());
                usage(detail)
            })?;
            runs.push(run);
        }
        if runs.is_empty() {
            let detail = format!(
                "there is no summary of a run to show in {}",
                self.reports_dir.display()
            );
            return Err(usage(detail));
        }
        Ok(runs)
    }

    /// Finds every summary there is.
    fn all(&self) -> Result<Vec<PathBuf>, Error> {
        let unreadable = |source| Error::Io {
            action: "look into",
            path: self.reports_dir.clone(),
            source,
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.reports_dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let is_summary = name.is_some_and(|name| name.starts_with("run-summary-"));
            if is_summary
                && path
                    .extension()
                    .is_some_and(|extension| extension == "json")
            {
                paths.push(path);
            }
        }
        paths.sort_unstable();
        Ok(paths)
    }
}

fn usage(detail: String) -> Error {
    let flag = "--runs";
    Error::Usage { flag, detail }
}
