//! `tapdeck capacity`: the highest offered rate at which a target keeps its promises.

mod folder;
mod text;

use std::path::PathBuf;
use std::time::Duration;

use tapdeck_reports::capacity::{CapacityReport, Ending, LimitedBy, Outcome};

use self::folder::Folder;
use super::auth::AuthArgs;
use super::load::{BurstArgs, LoadArgs};
use super::output::{end, note, print, print_json};
use super::replay::{self, EngineArgs};
use super::transport::TransportArgs;
use super::users::UserArgs;
use super::{interrupt, load};
use crate::error::Error;
use crate::events::Watcher;
use crate::exit::{self, Exit};
use crate::harness::capacity::search::{Probe, Rules};
use crate::harness::capacity::{Course, Host, Run, hunt, identity};
use crate::harness::descriptors::Targets;
use crate::harness::play::RunPlan;
use crate::live::line::Line;
use crate::schedule::ArrivalProcess;
use crate::schedule::profile::{HIGHEST_RATE, parse_rate};
use crate::units::parse_duration;

const EXAMPLES: &str = "\
Examples:
  How many requests per second does it bear, answering 99 % within 30 ms?
    tapdeck capacity cards.tape --target http://localhost:8081 --slo 'p99<30ms,errors<1%' --out capacity
  Go on where Ctrl-C or --max-time ended it:
    tapdeck capacity cards.tape --target http://localhost:8081 --slo 'p99<30ms,errors<1%' --out capacity --resume";

/// What the codes of runs mean here; the others mean the same everywhere.
const EXITS: [(Exit, &str); 3] = [
    (Exit::Pass, "a capacity or a lower bound of it was found"),
    (
        Exit::SloMissed,
        "no rate holds, down to a hundredth of the first",
    ),
    (
        Exit::RunInvalid,
        "the generator set the limit, or nothing was proven",
    ),
];

fn epilogue() -> String {
    format!("{EXAMPLES}\n\n{}", exit::help(&EXITS))
}

/// Find the highest rate at which a target keeps its promises
///
/// Climbs from rate to rate until a promise breaks, halves the gap, and proves the highest rate that holds by repeating it.
/// Each run is judged as by `tapdeck replay`. Runs that the generator spoiled are repeated and never blamed on the target:
/// where they set the limit, the finding is "at least".
#[derive(Debug, clap::Args)]
#[command(after_long_help = epilogue())]
pub struct Args {
    /// Tape to play; each run starts it over with fresh ids
    #[arg(value_name = "TAPE")]
    tape: PathBuf,

    /// Where to send, as an `http://` address [default: the service's environment variables, then its own address]
    #[arg(long, value_name = "URL")]
    target: Option<String>,

    /// Service the tape must be for
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Promises that a rate must keep, such as 'p99<30ms,errors<1%'; they add to the service's own or override them
    #[arg(long, value_name = "LIST", required = true)]
    slo: Vec<String>,

    #[command(flatten)]
    search: SearchArgs,

    #[command(flatten)]
    schedule: ScheduleArgs,

    #[command(flatten)]
    transport: TransportArgs,

    #[command(flatten)]
    auth: AuthArgs,

    #[command(flatten)]
    engine: EngineArgs,

    /// Folder for the report, complete after every run: index.html, capacity.json, latency.svg, errors.svg
    #[arg(long, value_name = "DIR", help_heading = "Result")]
    out: Option<PathBuf>,

    /// Go on from the runs of an earlier search whose report is in --out
    #[arg(long, requires = "out", help_heading = "Result")]
    resume: bool,

    /// Print the report as JSON on standard output
    #[arg(long, help_heading = "Result")]
    json: bool,
}

/// Which rates are tried, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
struct SearchArgs {
    /// First rate, requests per second
    #[arg(long, value_name = "RATE", default_value = "100", value_parser = parse_rate, allow_hyphen_values = true)]
    start_rate: f64,

    /// Factor from one rate of the climb to the next
    #[arg(
        long,
        value_name = "FACTOR",
        default_value_t = 2.0,
        allow_hyphen_values = true
    )]
    climb: f64,

    /// Rate above which none is tried
    #[arg(long, value_name = "RATE", default_value_t = HIGHEST_RATE, value_parser = parse_rate, allow_hyphen_values = true)]
    max_rate: f64,

    /// How close the rates that hold and do not hold must come, at least 0.5%
    #[arg(long, value_name = "SHARE", default_value = "2%", value_parser = parse_percent, allow_hyphen_values = true)]
    precision: f64,

    /// Runs in which the capacity must hold
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    repeats: u32,

    /// Time at the beginning of each run that is played but not counted
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = parse_duration)]
    settle: Duration,

    /// Length of the measure phase of each run
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    measure: Duration,

    /// Pause between two runs; after a miss it lasts until a trickle of requests finds the promises kept again
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    pause: Duration,

    /// Longest time the whole search may take; no run begins that would end later
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = parse_duration)]
    max_time: Duration,
}

/// When requests leave within a run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Schedule")]
struct ScheduleArgs {
    /// Rule that gives the intended send times
    #[arg(long, value_name = "PROCESS", value_parser = load::arrival_process(), default_value = "poisson")]
    arrivals: &'static dyn ArrivalProcess,

    #[command(flatten)]
    bursts: BurstArgs,

    /// Seed of random arrivals; each run takes the next one
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    seed: u64,
}

/// Searches and reports.
///
/// Errors: everything that can be wrong with a run, a flag out of range, an earlier report that is about something else.
pub fn run(args: &Args) -> Result<Exit, Error> {
    args.check()?;
    let course = args.course()?;
    let folder = args.out.as_deref().map(Folder::prepare).transpose()?;
    let earlier = match &folder {
        Some(folder) if args.resume => folder.earlier(&course.identity)?,
        _ => Vec::new(),
    };
    if let Some(folder) = &folder {
        folder.clear(args.resume)?;
    }
    let stop = interrupt::flag()?;
    note(format_args!("{}", text::beginning(&course, earlier.len())));
    let mut desk = Desk { args, folder };
    let report = hunt(&course, earlier, &mut desk, &stop)?;
    if let Some(folder) = &desk.folder {
        folder.write_all(&report)?;
    }
    let printed = if args.json {
        print_json(&report)
    } else {
        print(|out| text::finding(out, &report))
    };
    if let Some(folder) = &desk.folder {
        note(format_args!("report: {}", folder.page().display()));
    }
    end(printed, exit(&report))
}

/// Turns the flags into runs, tells people about them, and keeps reports.
struct Desk<'a> {
    args: &'a Args,
    folder: Option<Folder>,
}

impl Host for Desk<'_> {
    fn plan(&self, run: &Run) -> Result<RunPlan, Error> {
        self.args.plan(run)
    }

    fn begins(&mut self, probe: &Probe) -> Box<dyn Watcher> {
        Box::new(Line::new(Some(probe.rate)))
    }

    fn waited_in_vain(&mut self, waited: Duration) {
        let seconds = waited.as_secs_f64();
        note(format_args!(
            "  the target has not recovered within {seconds:.0} s; going on nevertheless"
        ));
    }

    fn keep(&mut self, report: &CapacityReport) -> Result<(), Error> {
        if let Some(step) = report.steps.last() {
            note(format_args!("{}", text::step(step)));
        }
        match &self.folder {
            Some(folder) => folder.write_document(report),
            None => Ok(()),
        }
    }
}

impl Args {
    fn check(&self) -> Result<(), Error> {
        let SearchArgs {
            start_rate,
            climb,
            max_rate,
            measure,
            ..
        } = self.search;
        let refuse = |flag, detail: String| Err(Error::Usage { flag, detail });
        if start_rate <= 0.0 {
            return refuse("--start-rate", "is zero, so nothing would be sent".into());
        }
        if !(1.05..=100.0).contains(&climb) {
            return refuse("--climb", format!("is {climb}, expected 1.05 to 100"));
        }
        if max_rate < start_rate {
            let detail = format!("is {max_rate}, below the --start-rate of {start_rate}");
            return refuse("--max-rate", detail);
        }
        if measure < Duration::from_secs(1) {
            let detail = format!("is {measure:?}; a run of less than 1s says nothing");
            return refuse("--measure", detail);
        }
        if !self.schedule.arrivals.follows_profile() {
            let detail =
                "recorded arrivals have a rate of their own; a search needs one that it can set";
            return refuse("--arrivals", detail.into());
        }
        Ok(())
    }

    fn course(&self) -> Result<Course, Error> {
        let search = &self.search;
        let first = self.plan(&Run {
            rate: search.start_rate,
            settle: search.settle,
            measure: search.measure,
            number: 0,
        })?;
        Ok(Course {
            rules: Rules {
                start: search.start_rate,
                climb: search.climb,
                precision: search.precision,
                repeats: search.repeats,
                highest: search.max_rate,
            },
            identity: identity(&first, search.settle, search.measure),
            settle: search.settle,
            measure: search.measure,
            pause: search.pause,
            // What was given up on after the timeout may still be in the target's queue.
            recovery: self.engine.timeout * 2,
            time: search.max_time,
        })
    }

    fn plan(&self, run: &Run) -> Result<RunPlan, Error> {
        let schedule = &self.schedule;
        let args = replay::Args {
            tape: self.tape.clone(),
            target: self.target.clone(),
            service: self.service.clone(),
            load: LoadArgs {
                rate: Some(run.rate.to_string()),
                profile_csv: None,
                duration: Some(run.measure),
                arrivals: schedule.arrivals,
                bursts: schedule.bursts.clone(),
                seed: schedule.seed.wrapping_add(run.number),
                speed: None,
                warm_up: Some(run.settle),
            },
            users: UserArgs::default(),
            transport: self.transport.clone(),
            auth: self.auth.clone(),
            engine: self.engine.clone(),
            slo: self.slo.clone(),
            baseline: None,
            out: None,
            json: false,
            targets: Targets::Elsewhere,
        };
        replay::plan::plan(&args, None)
    }
}

fn exit(report: &CapacityReport) -> Exit {
    let result = &report.result;
    match (result.ending, result.outcome, result.limited_by) {
        (Ending::Interrupted, _, _) => Exit::Interrupted,
        (_, Outcome::Nowhere, _) => Exit::SloMissed,
        (_, Outcome::Unknown, _) | (_, _, LimitedBy::Generator) => Exit::RunInvalid,
        _ => Exit::Pass,
    }
}

/// Reads a percentage from 0.5% to 50%.
fn parse_percent(text: &str) -> Result<f64, String> {
    text.strip_suffix('%')
        .and_then(|percent| percent.trim().parse::<f64>().ok())
        .filter(|percent| (0.5..=50.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "expected a percentage from 0.5% to 50%".to_owned())
}
