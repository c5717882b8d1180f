//! `tapdeck calibrate`: what this machine can do as a generator.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use tapdeck_reports::calibration::{Calibration, Step, page, terminal};

use super::output::{end, note, print, print_json};
use super::replay::plan::engine::{MOST_CONNECTIONS, check_lanes, default_pacing};
use super::{interrupt, replay};
use crate::error::Error;
use crate::exit::Exit;
use crate::harness::calibration::{Effort, Plan, calibrate, store, usual_lanes};
use crate::harness::descriptors::{Demand, Targets};
use crate::replay::pacer::{PACINGS, Pacing};
use crate::run::artifacts::{prepare_folder, remove_file, write_file};
use crate::schedule::{ARRIVALS, ArrivalProcess, arrivals_named};
use crate::units::{show_ns, show_rate};

/// Name of the page.
const PAGE: &str = "calibration.html";

/// Find out what this machine can do as a generator
///
/// Plays short runs against an embedded target that answers at once, on cores of its own where there are two or more: the
/// highest valid rate for each number of lanes, and how late requests leave by rate and pacing mode. A rate that is valid
/// here is valid with every target. Takes a minute or two, or a quarter of it with --quick; nothing else should run.
///
/// The result is kept in the user's cache folder for this machine, kernel and version: a later run chooses its number of
/// lanes by it, and warns of a rate that is too high for it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shorter steps and a coarser result
    #[arg(long)]
    quick: bool,

    /// Numbers of sending threads, such as 1,2,4 [default: 1, 2, 4, .. up to half of the cores]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    lanes: Vec<u32>,

    /// Pacing modes to compare; one alone is also the one that the highest rate is searched in [default: all]
    #[arg(long, value_name = "MODES", value_delimiter = ',', value_parser = replay::parse_pacing)]
    pacing: Vec<Pacing>,

    /// Rule that gives the intended send times
    #[arg(long, value_name = "PROCESS", value_parser = arrival_process(), default_value = "poisson")]
    arrivals: &'static dyn ArrivalProcess,

    /// Connections over all lanes
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    connections: u32,

    /// Folder to keep the result in [default: `TAPDECK_CACHE`, else tapdeck in the user's cache folder]
    #[arg(long, value_name = "DIR", help_heading = "Result")]
    cache: Option<PathBuf>,

    /// Folder for a page with charts
    #[arg(long, value_name = "DIR", help_heading = "Result")]
    out: Option<PathBuf>,

    /// Print the result as JSON on standard output
    #[arg(long, help_heading = "Result")]
    json: bool,
}

/// Calibrates, keeps the result, and prints it.
///
/// Errors: `Usage` for numbers that make no sense or a missing cache folder, before anything is measured; as of playing.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let plan = args.plan()?;
    let folder = store::folder(args.cache.as_deref()).ok_or_else(|| {
        usage(
            "--cache",
            "is needed: neither XDG_CACHE_HOME nor HOME names a folder to keep the result in"
                .to_owned(),
        )
    })?;
    if let Some(out) = &args.out {
        prepare_folder(out)?;
        remove_file(&out.join(PAGE))?;
    }
    let stop = interrupt::flag()?;
    let Some(calibration) = calibrate(&plan, &stop, &mut show)? else {
        note(format_args!("interrupted; nothing was kept"));
        return Ok(Exit::Interrupted);
    };
    let exit = keep(args.out.as_deref(), &folder, &calibration)?;
    let printed = if args.json {
        print_json(&calibration)
    } else {
        print(|out| write!(out, "{}", terminal::render(&calibration)))
    };
    end(printed, exit)
}

/// Writes the page, if one is wanted, and keeps the result where runs find it, if it is one.
fn keep(out: Option<&Path>, folder: &Path, calibration: &Calibration) -> Result<Exit, Error> {
    if let Some(out) = out {
        write_page(&out.join(PAGE), calibration)?;
    }
    if calibration
        .capacities
        .iter()
        .all(|capacity| capacity.highest_per_s.is_none())
    {
        note(format_args!(
            "no rate was valid, so nothing was kept: is this machine busy with something else?"
        ));
        return Ok(Exit::RunInvalid);
    }
    let path = store::save(folder, calibration)?;
    note(format_args!("kept as {}", path.display()));
    Ok(Exit::Pass)
}

impl Args {
    fn plan(&self) -> Result<Plan, Error> {
        let mut lanes = if self.lanes.is_empty() {
            usual_lanes()
        } else {
            self.lanes.clone()
        };
        lanes.sort_unstable();
        lanes.dedup();
        for lanes in &lanes {
            check_lanes(*lanes)?;
        }
        if !(1..=MOST_CONNECTIONS).contains(&self.connections) {
            let detail = format!(
                "must lie in 1 to {MOST_CONNECTIONS}, not {}",
                self.connections
            );
            return Err(usage("--connections", detail));
        }
        check_files(self.connections, &lanes)?;
        let pacing = |lanes| match self.pacing.as_slice() {
            [only] => *only,
            _ => default_pacing(lanes, Targets::Embedded),
        };
        Ok(Plan {
            lanes: lanes
                .into_iter()
                .map(|lanes| (lanes, pacing(lanes)))
                .collect(),
            compared: if self.pacing.is_empty() {
                PACINGS.map(|(pacing, ..)| pacing).into()
            } else {
                self.pacing.clone()
            },
            arrivals: self.arrivals,
            connections: self.connections,
            effort: if self.quick {
                Effort::Quick
            } else {
                Effort::Thorough
            },
        })
    }
}

/// Refuses more connections and threads than this process may open files for: the target of the steps is in it, too.
fn check_files(connections: u32, lanes: &[u32]) -> Result<(), Error> {
    let lanes = lanes.iter().copied().max().unwrap_or(1);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let demand = Demand {
        connections: connections.max(lanes).into(),
        lanes: lanes.into(),
        stand_in_threads: cores as u64,
        targets: Targets::Embedded,
    };
    demand.check("--connections")
}

/// Shows a step on standard error.
fn show(step: &Step) {
    let lag = |ms: Option<f64>| ms.map_or_else(|| "n/a".to_owned(), |ms| show_ns(ms * 1e6));
    note(format_args!(
        "{} {}, {} pacing, {}: send lag p50 {}, p99 {}; {}",
        step.lanes,
        if step.lanes == 1 { "lane" } else { "lanes" },
        step.pacing,
        show_rate(step.rate_per_s),
        lag(step.send_lag_p50_ms),
        lag(step.send_lag_p99_ms),
        if step.holds() { "valid" } else { &step.reason },
    ));
}

fn write_page(path: &Path, calibration: &Calibration) -> Result<(), Error> {
    write_file(path, &page::render(calibration)?)?;
    note(format_args!("page: {}", path.display()));
    Ok(())
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}

/// Reads the name of an arrival process that follows a rate.
fn arrival_process() -> impl TypedValueParser<Value = &'static dyn ArrivalProcess> {
    let processes = ARRIVALS.iter().filter(|process| process.follows_profile());
    let names = processes.map(|process| PossibleValue::new(process.name()).help(process.help()));
    PossibleValuesParser::new(names)
        .try_map(|name| arrivals_named(&name).ok_or("no such arrival process"))
}
