//! `tapdeck cleanup`: puts an object store right where a run died before it could.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tapdeck_reports::counted;
use tapdeck_reports::printable::on_one_line;
use tapdeck_stores::{
    Embedded, Fate, LeftBehind, RunId, Settled, Store, StoreConfig, TornDown, Which, left_behind,
    rehearse_teardown, teardown,
};

use super::output::{Output, complain, print};
use crate::auth::remembered;
use crate::clock::wall_now_ns;
use crate::error::Error;
use crate::exit::Exit;
use crate::scratch;
use crate::units::{parse_duration, show_count};

/// Which store it is.
const VARIABLES: &str = "\
Environment:
  S3_ENDPOINT_URL       or MINIO_ENDPOINT with MINIO_SECURE [default: http://localhost:9000]
  S3_ACCESS_KEY_ID      or MINIO_ACCESS_KEY [default: minioadmin]
  S3_SECRET_ACCESS_KEY  or MINIO_SECRET_KEY [default: minioadmin]
  S3_BUCKET_NAME        [default: fraud-gov-artifacts]
  S3_REGION             [default: us-east-1]";

/// Put the object store back as runs found it that died before they could
///
/// Deletes what a run has published, restores what it wrote over, byte for byte, and deletes what it kept for that. What a
/// later run or somebody else has written since is left alone. Doing it again does no harm.
#[derive(Debug, clap::Args)]
#[command(after_help = VARIABLES)]
pub struct Args {
    /// The run to clean up after
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "older_than",
        conflicts_with = "older_than"
    )]
    run_id: Option<RunId>,

    /// Clean up after every run that began longer ago than this, such as 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    older_than: Option<Duration>,

    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,

    /// Folder of an embedded store to clean up in, in place of the store of the environment
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Cleans up.
///
/// Errors: `Store`. Where some of several runs cannot be taken back, the others still are.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let which = match (&args.run_id, args.older_than) {
        (Some(run_id), _) => Which::Run(run_id.clone()),
        (None, age) => Which::OlderThan(age.unwrap_or_default()),
    };
    scratch::remove_abandoned();
    // Kept: its store ends with it.
    let embedded = args.folder.as_deref().map(Embedded::start).transpose()?;
    let config = match &embedded {
        Some(embedded) => embedded.config().clone(),
        None => StoreConfig::from_variables(|name| env::var(name).ok())?,
    };
    remembered::of_store(&config);
    let store = Store::connect(&config)?;
    let now = Timestamp::from_nanosecond(wall_now_ns().into()).unwrap_or_default();
    let found = left_behind(&store, &which, now)?;
    let mut failed = None;
    // What cannot be told is taken back all the same.
    let mut printed = Ok(());
    for left in &found {
        let torn_down = if args.dry_run {
            rehearse_teardown(&store, &left.run_id)
        } else {
            teardown(&store, &left.run_id)
        };
        match torn_down {
            Ok(torn_down) => {
                printed = printed.and_then(|()| print(|out| tell(out, left, &torn_down)));
            }
            Err(error) => {
                if let Some(earlier) = failed.replace(error) {
                    complain(&earlier.into());
                }
            }
        }
    }
    match (failed, printed) {
        (Some(error), Err(unprinted)) => {
            complain(&unprinted);
            Err(error.into())
        }
        (Some(error), Ok(())) => Err(error.into()),
        (None, Err(unprinted)) => Err(unprinted),
        (None, Ok(())) => {
            print(|out| summarize(out, &store, found.len(), args.dry_run))?;
            Ok(Exit::Pass)
        }
    }
}

fn tell(out: &mut Output, left: &LeftBehind, torn_down: &TornDown) -> Result<(), Error> {
    writeln!(out, "run {}, begun {:.0}", left.run_id, left.began)?;
    for Settled { key, fate } in &torn_down.shared {
        let (word, why) = match fate {
            Fate::Removed => ("removed", String::new()),
            Fate::Restored => ("restored", String::new()),
            Fate::AsFound => ("as found", String::new()),
            Fate::Left { writer, heir } => ("left", reason(writer.as_deref(), heir.as_deref())),
        };
        writeln!(out, "  {word:<8}  {}{why}", on_one_line(key))?;
    }
    let own = show_count(torn_down.own_objects as u64);
    writeln!(out, "  deleted   loadtest/{}/ ({own})", left.run_id)
}

fn reason(writer: Option<&str>, heir: Option<&str>) -> String {
    let writer = writer.map_or_else(
        || "somebody else".to_owned(),
        |run_id| format!("run {run_id}"),
    );
    match heir {
        Some(heir) => {
            format!(": {writer} has written it since; run {heir} puts back what was there before")
        }
        None => format!(": {writer} has written it since"),
    }
}

fn summarize(out: &mut Output, store: &Store, runs: usize, dry_run: bool) -> Result<(), Error> {
    let place = format!("{} at {}", store.bucket(), store.endpoint());
    match (runs, dry_run) {
        (0, _) => writeln!(out, "nothing to clean up in {place}"),
        (_, true) => writeln!(out, "nothing was changed in {place}"),
        (runs, false) => writeln!(out, "{} taken back in {place}", counted(runs as u64, "run")),
    }
}
