//! `tapdeck replay`: fires a tape at a target and reports.

pub mod plan;
pub mod report;

use std::path::PathBuf;
use std::time::Duration;

use super::auth::AuthArgs;
use super::load::LoadArgs;
use super::transport::TransportArgs;
use super::users::UserArgs;
use super::{interrupt, output};
use crate::error::Error;
use crate::exit::{self, Exit};
use crate::harness::descriptors::Targets;
use crate::harness::measure::{planned_rate, time_compression};
use crate::harness::play::{RunPlan, play};
use crate::live::line::Line;
use crate::replay::pacer::{PACINGS, Pacing};
use crate::run::artifacts::clear_report;
use crate::schedule::Load;
use crate::units::{parse_duration, show_factor};
use report::Destination;
use tapdeck_reports::counted;

/// Fire a tape at a target, exactly on schedule, and measure
///
/// Latency counts from the intended send time. The run is judged: exit code 0 if every gate held, 1 if one did not, 5 if
/// the generator itself was too slow for the figures to mean anything.
#[derive(Debug, clap::Args)]
#[command(after_long_help = exit::help(&[]))]
pub struct Args {
    /// Tape to play; a tape shorter than the run starts over with fresh ids
    #[arg(value_name = "TAPE")]
    pub tape: PathBuf,

    /// Where to send: `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH/TO.sock`, a base path behind it if need be [default: the service's environment variables, then its own address]
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,

    /// Service the tape must be for
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,

    /// When requests leave
    #[command(flatten)]
    pub load: LoadArgs,

    /// Who waits for answers
    #[command(flatten)]
    pub users: UserArgs,

    /// How to get to the target
    #[command(flatten)]
    pub transport: TransportArgs,

    /// Which token requests carry
    #[command(flatten)]
    pub auth: AuthArgs,

    /// How the send path is built
    #[command(flatten)]
    pub engine: EngineArgs,

    /// Promises to judge the run by, such as 'p99<30ms,errors<0.5%'; they add to the service's own or override them
    #[arg(long, value_name = "LIST", help_heading = "Result")]
    pub slo: Vec<String>,

    /// The summary.json of an earlier run, for promises relative to it, such as 'p99<=baseline*1.1'
    #[arg(long, value_name = "FILE", help_heading = "Result")]
    pub baseline: Option<PathBuf>,

    /// Folder for the report: index.html, results.md, summary.json and others (docs/artifacts.md)
    #[arg(long, value_name = "DIR", help_heading = "Result")]
    pub out: Option<PathBuf>,

    /// Print the summary as JSON on standard output
    #[arg(long, help_heading = "Result")]
    pub json: bool,

    /// Where the target serves: known to the command that started it, and to nobody who types
    #[arg(skip)]
    pub targets: Targets,
}

/// How the send path is built.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Sending threads [default: by the peak rate, and by `tapdeck calibrate` or the cores at hand]
    #[arg(long, value_name = "NUMBER")]
    pub lanes: Option<u32>,

    /// Connections over all lanes, opened before the run [default: 64, or as many as users; 4 where each carries many
    /// exchanges]
    #[arg(long, value_name = "NUMBER")]
    pub connections: Option<u32>,

    /// Most requests waiting or in flight; more are dropped and counted as failed [default: peak rate x timeout]
    #[arg(long, value_name = "NUMBER")]
    pub max_in_flight: Option<u32>,

    /// Longest wait for a whole answer
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10s")]
    pub timeout: Duration,

    /// How to wait for the instant: timer sleeps, hybrid polls shortly before it, spin polls all the time [default: hybrid where the lanes leave a core free, or one lane was pinned to a core of its own; else timer]
    #[arg(long, value_name = "MODE", value_parser = parse_pacing)]
    pub pacing: Option<Pacing>,

    /// Folder with the result of `tapdeck calibrate` [default: `TAPDECK_CACHE`, else tapdeck in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
}

pub(super) fn parse_pacing(text: &str) -> Result<Pacing, String> {
    let names = PACINGS.map(|(_, name, _)| name).join(", ");
    Pacing::named(text).ok_or_else(|| format!("expected one of {names}"))
}

/// Carries out the command.
///
/// Errors: everything that can be wrong before the first request, and a tape found damaged on the way.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let plan = plan::plan(args, None).or_else(|error| fail(args, error))?;
    let destination = Destination::prepare(args.out.clone(), args.json)?;
    let stop = interrupt::flag()?;
    announce(&plan);
    let mut line = Line::new(planned_rate(&plan));
    let mut played = play(&plan, &stop, &mut line)?;
    drop(line);
    let exit = destination.report(&played.measurements)?;
    match played.explain(&plan, &stop)? {
        Some(fault) => Err(fault),
        None => Ok(exit),
    }
}

/// Gives back why a run failed before it began; an earlier report in its folder must not pass for its own. One that was
/// never meant as typed leaves everything as it is.
fn fail<T>(args: &Args, error: Error) -> Result<T, Error> {
    let is_used = args.out.as_ref().filter(|folder| folder.is_dir());
    match is_used {
        Some(folder) if error.exit() != Exit::Usage => clear_report(folder)?,
        _ => {}
    }
    Err(error)
}

/// Says on standard error what is about to happen.
pub(in crate::cli) fn announce(plan: &RunPlan) {
    let manifest = plan.tape.manifest();
    output::note(format_args!(
        "replaying {} ({}) at {}: {}{}",
        plan.tape.path().display(),
        counted(manifest.records, "request"),
        plan.target_text,
        match &plan.load {
            Load::Open(schedule) => format!("{} arrivals, ", schedule.process.name()),
            Load::Closed(_) => String::new(),
        },
        plan.profile_text,
    ));
    if let Some(rate) = planned_rate(plan) {
        output::note(format_args!(
            "the schedule runs the tape's event time at {}x",
            show_factor(time_compression(plan, rate)),
        ));
    }
    output::note(format_args!(
        "lanes {}, connections {}, {} pacing, warm-up {} s, measure {} s",
        plan.lanes,
        plan.connections,
        plan.pacing.name(),
        plan.warm_up_ns as f64 / 1e9,
        plan.measure_ns as f64 / 1e9,
    ));
    for note in &plan.notes {
        output::note(format_args!("note: {note}"));
    }
    if let Some(hint) = plan::remarks::slower(plan) {
        output::note(format_args!("{hint}"));
    }
}
