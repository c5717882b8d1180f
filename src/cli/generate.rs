//! `tapdeck generate`: a tape, and the truth about it, from a service, a seed and a count.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use tapdeck_corpora::TapeSummary;
use tapdeck_generators::tables::TableSet;
use tapdeck_generators::{
    Dialect, DiskNeed, ErrorKind, EventTime, ExportSummary, GenerateOptions, Generated, Outputs,
    Slice, TypologyShares,
};
use tapdeck_reports::counted;
use tapdeck_services::{Mix, registry};

pub(super) mod watch;

use self::watch::Watch;
use super::interrupt;
use super::layout::show_rate;
use super::output::{note, print};
use super::progress::Visibility;
use super::threads::parse_threads;
use crate::clock::{Clock, MonotonicClock};
use crate::error::Error;
use crate::exit::Exit;
use crate::harness::disk;
use crate::pool::in_pool;
use crate::schedule::profile::parse_rate;
use crate::units::{parse_duration, show_bytes, show_ns};

const EXAMPLES: &str = "\
Examples:
  A million requests, the same for everybody who types this:
    tapdeck generate --service rule-engine --seed 42 --count 1000000 -o cards.tape
  A week in three countries, five times as much fraud as usual:
    tapdeck generate --service rule-engine --count 200000 --days 7 --countries US,GB,DE \\
        --fraud-rate 0.015 -o week.tape
  A world where groceries are twice as popular:
    printf '[mccs.5411]\\nweight = 2700\\n' > mine.toml
    tapdeck generate --service rule-engine --count 100000 --world mine.toml -o mine.tape";

/// Generate a tape of synthetic card traffic
///
/// The same service, seed and options give the same bytes on every machine and with any number of threads; the digest
/// printed at the end is theirs. Each file appears whole under its name, or not at all; a disk without room for it is
/// noticed before the work begins.
///
/// The world has as many cards as make that many requests in that many days, about one transaction per card and day,
/// so more days mean fewer cards that are seen more often. Nothing else changes with the size: no share, no rate.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Service the requests are for: the name of a built-in one, or the path of a .toml file
    #[arg(long, value_name = "SERVICE")]
    service: String,

    /// Number of requests on the tape
    #[arg(long, value_name = "NUMBER", required_unless_present = "natural_rate")]
    count: Option<u64>,

    /// Whether the count is met exactly, by leaving out the last requests of a slightly larger world, and as a whole a
    /// session that would be cut in two; `false` keeps all of a world planned for about that many
    #[arg(long, value_name = "BOOL", default_value_t = true, num_args = 0..=1, require_equals = true,
        default_missing_value = "true", action = clap::ArgAction::Set, conflicts_with = "natural_rate")]
    exact: bool,

    /// File to write; one that exists is replaced once the new tape is complete
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// File for the truth about the tape, .csv or .parquet: one row per transaction, with labels and velocities
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,

    /// What the whole world of cards, merchants and frauds grows from
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    seed: u64,

    /// Days that the world covers; more days spread the same requests over more cards' lives
    #[arg(long, value_name = "NUMBER", default_value_t = GenerateOptions::DEFAULT_DAYS, conflicts_with = "natural_rate")]
    days: u32,

    /// Share of fraud among all transactions, 0 to 0.5
    #[arg(long, value_name = "SHARE", default_value_t = GenerateOptions::DEFAULT_FRAUD_RATE)]
    fraud_rate: f64,

    /// Typologies of the fraud and their shares in it; those not named have none
    #[arg(
        long,
        value_name = "NAME=SHARE,..",
        default_value_t = TypologyShares::USUAL,
        hide_default_value = true,
        long_help = typologies_help()
    )]
    typologies: TypologyShares,

    /// Event time at which the world begins: a date, or an instant in UTC
    #[arg(long, value_name = "DATE", default_value_t = EventTime::DEFAULT_START, conflicts_with = "natural_rate")]
    start: EventTime,

    /// Only countries in the world, by their codes, such as `US,GB,DE` [default: all]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    countries: Vec<String>,

    /// World file: TOML that replaces tables of the world, or single cells
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,

    /// Undo a few purchases in shops right after they were made, with requests of type REVERSAL
    #[arg(long)]
    reversals: bool,

    /// How ids are written; `sample-rules` puts prefixes that sample rules look for before the ids of risky merchants,
    /// new merchants and new devices
    #[arg(long, value_name = "DIALECT", default_value = Dialect::Plain.name(), value_parser = dialects())]
    dialect: Dialect,

    /// Weights in the place of those the service states, such as auth=70,monitoring=30; what is not named does not come
    #[arg(long, value_name = "NAME=WEIGHT,..", value_parser = Mix::parse)]
    mix: Option<Mix>,

    /// What a slice of a very large population is, instead of whole lives
    #[command(flatten)]
    slice: SliceArgs,

    /// Threads to generate with [default: one per core]
    #[arg(long, value_name = "NUMBER", value_parser = parse_threads)]
    threads: Option<NonZeroUsize>,

    /// Print nothing unless something goes wrong
    #[arg(short, long)]
    quiet: bool,
}

/// What a slice is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Slice")]
struct SliceArgs {
    /// Requests per second that the tape's own event times offer: cut from so large a population that no card is busier
    /// than in life
    #[arg(long, value_name = "RATE", value_parser = parse_rate, allow_hyphen_values = true, conflicts_with = "count")]
    natural_rate: Option<f64>,

    /// Event time that the slice covers, up to 24h
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10m", conflicts_with = "count")]
    span: Duration,

    /// Event time at which the slice begins, an instant in UTC
    #[arg(long, value_name = "DATE", default_value_t = EventTime::DEFAULT_SLICE, conflicts_with = "count")]
    at: EventTime,
}

impl SliceArgs {
    fn slice(&self) -> Option<Slice> {
        self.natural_rate.map(|natural_rate| Slice {
            natural_rate,
            span_ms: u64::try_from(self.span.as_millis()).unwrap_or(u64::MAX),
            at: self.at,
        })
    }
}

/// Generates what was asked for.
///
/// Errors: `Usage` for options that make no sense, before anything is written; `Service`, `Generate`.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let outputs = args.outputs()?;
    let service = registry::find(&args.service)?;
    let options = args.options()?;
    disk::check(outputs, DiskNeed::estimate(&service, &options, outputs)?)?;
    let visibility = if args.quiet {
        Visibility::Hidden
    } else {
        Visibility::Everywhere
    };
    let watch = Watch::new(visibility, interrupt::flag()?);
    let started_ns = MonotonicClock.now_ns();
    let generated = in_pool(args.threads, || {
        tapdeck_generators::generate(&service, &options, outputs, &watch)
    })?;
    drop(watch);
    match generated {
        Ok(generated) => {
            if !args.quiet {
                report(outputs, &generated, MonotonicClock.now_ns() - started_ns)?;
            }
            Ok(Exit::Pass)
        }
        Err(error) if error.kind() == ErrorKind::Cancelled => {
            let paths = [outputs.tape, outputs.truth].into_iter().flatten();
            for path in paths {
                note(format_args!(
                    "interrupted; {} was not written",
                    path.display()
                ));
            }
            Ok(Exit::Interrupted)
        }
        Err(error) => Err(error.into()),
    }
}

impl Args {
    /// Asks for a tape with everything else as it is by default.
    pub(super) fn new(service: &str, count: u64, seed: u64, output: &Path) -> Self {
        Self {
            service: service.to_owned(),
            count: Some(count),
            exact: true,
            output: Some(output.to_owned()),
            truth: None,
            seed,
            days: GenerateOptions::DEFAULT_DAYS,
            fraud_rate: GenerateOptions::DEFAULT_FRAUD_RATE,
            typologies: TypologyShares::USUAL,
            start: EventTime::DEFAULT_START,
            countries: Vec::new(),
            world: None,
            reversals: false,
            dialect: Dialect::Plain,
            mix: None,
            slice: SliceArgs {
                natural_rate: None,
                span: Duration::ZERO,
                at: EventTime::DEFAULT_SLICE,
            },
            threads: None,
            quiet: false,
        }
    }

    /// Checks where the results are to go, before the work is done rather than after.
    fn outputs(&self) -> Result<Outputs<'_>, Error> {
        let outputs = Outputs {
            tape: self.output.as_deref(),
            truth: self.truth.as_deref(),
        };
        let refuse = |flag, detail: &str| {
            Err(Error::Usage {
                flag,
                detail: detail.to_owned(),
            })
        };
        match (outputs.tape, outputs.truth) {
            (None, None) => refuse(
                "--output",
                "nothing to write; name a tape with --output, a table with --truth, or both",
            ),
            (Some(tape), Some(truth)) if tape == truth => refuse(
                "--truth",
                "is the same file as --output; give it a name of its own",
            ),
            (tape, truth) => {
                tape.map_or(Ok(()), |path| check_place("--output", path))?;
                truth.map_or(Ok(()), |path| check_place("--truth", path))?;
                Ok(outputs)
            }
        }
    }

    fn options(&self) -> Result<GenerateOptions, Error> {
        Ok(GenerateOptions {
            seed: self.seed,
            // Counts nothing where a slice is asked for.
            count: self.count.unwrap_or_default(),
            exact: self.exact,
            days: self.days,
            fraud_rate: self.fraud_rate,
            typologies: self.typologies.clone(),
            start: self.start,
            countries: self.countries.clone(),
            reversals: self.reversals,
            dialect: self.dialect,
            tables: self.world.as_deref().map(tables).transpose()?,
            slice: self.slice.slice(),
            mix: self.mix.clone().unwrap_or_default(),
        })
    }
}

/// Explains the option, with every typology there is.
fn typologies_help() -> String {
    let intro = "Typologies of the fraud and their shares in it; those not named have none. Shares need no \
                 particular sum. Known ones, with their usual shares:\n";
    let lines = tapdeck_generators::typologies()
        .map(|typology| format!("\n{}={}: {}", typology.name, typology.share, typology.help));
    std::iter::once(intro.to_owned()).chain(lines).collect()
}

/// Reads a world file, and the tables it names from beside it.
fn tables(path: &Path) -> Result<TableSet, Error> {
    let source = tapdeck_files::read_text(path).map_err(|source| Error::Io {
        action: "read the world file",
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let origin = path.display().to_string();
    let set = TableSet::from_world_file(&source, &origin, |name| {
        tapdeck_files::read_text(&folder.join(name))
    })?;
    Ok(set)
}

fn dialects() -> impl TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(Dialect::name)).map(|name| {
        let found = Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.name() == name);
        found.unwrap_or(Dialect::Plain)
    })
}

/// Refuses a place where no file can appear.
fn check_place(flag: &'static str, path: &Path) -> Result<(), Error> {
    let refuse = |detail: String| Error::Usage { flag, detail };
    if path.is_dir() {
        return Err(refuse(format!(
            "{} is a folder, expected the name of a file",
            path.display()
        )));
    }
    if path.exists() && !path.is_file() {
        return Err(refuse(format!(
            "{} is no regular file, expected one or a new name",
            path.display()
        )));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(refuse(format!(
            "the folder {} does not exist; create it first",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

fn report(outputs: Outputs<'_>, generated: &Generated, elapsed_ns: u64) -> Result<(), Error> {
    if let (Some(path), Some(tape)) = (outputs.tape, &generated.tape) {
        report_tape(path, tape, elapsed_ns)?;
    }
    if let (Some(path), Some(truth)) = (outputs.truth, &generated.truth) {
        report_truth(path, truth, elapsed_ns)?;
    }
    Ok(())
}

fn report_tape(path: &Path, tape: &TapeSummary, elapsed_ns: u64) -> Result<(), Error> {
    print(|out| {
        writeln!(
            out,
            "{path}: {records}, {size}, digest {digest}, {pace}",
            path = path.display(),
            records = counted(tape.records, "record"),
            size = show_bytes(tape.bytes),
            digest = tape.digest,
            pace = show_pace(tape.records, elapsed_ns),
        )
    })
}

fn report_truth(path: &Path, truth: &ExportSummary, elapsed_ns: u64) -> Result<(), Error> {
    print(|out| {
        writeln!(
            out,
            "{path}: {rows}, {size}, {pace}",
            path = path.display(),
            rows = counted(truth.rows, "transaction"),
            size = show_bytes(truth.bytes),
            pace = show_pace(truth.rows, elapsed_ns),
        )
    })
}

/// Shows how long it took, and how many a second that is.
fn show_pace(count: u64, elapsed_ns: u64) -> String {
    let rate = count as f64 / (elapsed_ns as f64 / 1e9);
    format!("in {} ({})", show_ns(elapsed_ns as f64), show_rate(rate))
}
