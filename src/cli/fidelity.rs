//! `tapdeck fidelity`: whether an exported corpus behaves like card traffic.

use std::fs;
use std::path::{Path, PathBuf};

use tapdeck_corpora::durable::DurableFile;
use tapdeck_fidelity::{Export, Judgment, page};
use tapdeck_reports::printable;

use super::output::{self, print, print_json};
use crate::error::Error;
use crate::exit::Exit;
use crate::pool::in_pool;
use crate::run::artifacts::remove_file;

mod table;

/// Judge how close an exported corpus is to real card traffic
///
/// Computes about a hundred metrics of an export (CSV or Parquet), compares each with the interval it has to lie in,
/// and writes a page with charts. Ends with exit code 1 if any metric fails. The intervals hold for 0.8 to 2 million rows
/// generated with default options; smaller exports lack the rows for some metrics, which then fail.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Export to judge
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    /// Folder for the page [default: beside FILE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Judges the export.
///
/// Errors: `Fidelity` if it cannot be read, `Io` or `Tape` if the page cannot be written.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let page_path = page_path(args)?;
    let mut page_file = DurableFile::create(&page_path)?;
    // That of an earlier file must not stand beside one that cannot be judged.
    remove_file(&page_path)?;
    let export = Export::read(&args.file)?;
    let judgment = in_pool(None, || Judgment::of(&export))??;
    let page = page::render(&export, &judgment, &name_of(&args.file))?;
    page_file.write(printable::in_lines(&String::from_utf8_lossy(&page)).as_bytes())?;
    page_file.finish()?;
    let printed = if args.json {
        print_json(&judgment.document())
    } else {
        print(|out| write!(out, "{}", table::render(&judgment)))
    };
    output::note(format_args!("page: {}", page_path.display()));
    let exit = if judgment.passed() {
        Exit::Pass
    } else {
        Exit::SloMissed
    };
    output::end(printed, exit)
}

/// Gives where the page goes; makes the folder if it was asked for.
fn page_path(args: &Args) -> Result<PathBuf, Error> {
    let name = format!("{}.fidelity.html", name_of(&args.file));
    let Some(folder) = &args.out else {
        return Ok(args.file.with_file_name(name));
    };
    fs::create_dir_all(folder).map_err(|source| Error::Io {
        action: "create the folder",
        path: folder.clone(),
        source,
    })?;
    Ok(folder.join(name))
}

fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
