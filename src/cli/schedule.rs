//! `tapdeck schedule`: the intended send times of a run, without sending anything.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tapdeck_corpora::Tape;
use tapdeck_corpora::durable::DurableFile;

use super::load::LoadArgs;
use super::load::bounds::expected_in_all;
use super::output::{print, print_json};
use crate::error::Error;
use crate::exit::Exit;

mod chart;
mod plot;
mod sketch;
mod text;
pub(super) mod times;

use self::sketch::Sketch;
use self::times::Times;

/// Most arrivals that are counted one by one, which takes some seconds.
const MOST_COUNTED: f64 = 2e8;

/// Show when requests would leave, without sending any
///
/// Prints a summary and a plot of the rate over time, or with --times the intended send times themselves. `tapdeck
/// replay` with the same flags sends at exactly these times.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the intended send times instead, one a line, in seconds after the start
    #[arg(long)]
    times: bool,

    /// Print only the first of them
    #[arg(long, value_name = "NUMBER", requires = "times")]
    limit: Option<usize>,

    /// Print the summary as one JSON object
    #[arg(long, conflicts_with = "times")]
    json: bool,

    /// File for a picture of the rate over time: the planned rate and the arrivals counted
    #[arg(long, value_name = "FILE", conflicts_with = "times")]
    svg: Option<PathBuf>,

    /// Tape whose event times recorded arrivals follow
    #[arg(long, value_name = "FILE")]
    tape: Option<PathBuf>,

    #[command(flatten)]
    load: LoadArgs,
}

/// Shows the schedule.
///
/// Errors: `Usage` for a schedule that makes no sense, `Tape` for recorded arrivals from a tape that cannot be read.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let tape = args.open_tape()?;
    let plan = args.load.schedule(tape.as_deref(), Duration::ZERO)?;
    let expected = expected_in_all(&plan, tape.as_ref());
    let times = Times::of(&plan.schedule, tape);
    if args.times {
        print_times(times, args.limit.unwrap_or(usize::MAX))?;
        return Ok(Exit::Pass);
    }
    if expected > MOST_COUNTED {
        let detail = format!(
            "plans about {expected:.0} requests, each of which is counted here, which takes too long for more than \
             {MOST_COUNTED:.0}; shorten it, or see some of them with --times --limit"
        );
        return Err(Error::Usage {
            flag: "--duration",
            detail,
        });
    }
    let sketch = Sketch::of(times, &plan)?;
    if let Some(path) = &args.svg {
        let mut file = DurableFile::create(path)?;
        file.write(chart::draw(&sketch, &plan)?.to_svg().as_bytes())?;
        file.finish()?;
    }
    if args.json {
        print_json(&text::document(&sketch, &plan))?;
    } else {
        print(|out| text::write(out, &sketch, &plan))?;
    }
    Ok(Exit::Pass)
}

impl Args {
    fn open_tape(&self) -> Result<Option<Arc<Tape>>, Error> {
        match &self.tape {
            Some(path) if self.load.arrivals.follows_profile() => Err(Error::Usage {
                flag: "--tape",
                detail: format!(
                    "{} is not needed: {} arrivals follow a rate; drop it or add --arrivals recorded",
                    path.display(),
                    self.load.arrivals.name()
                ),
            }),
            Some(path) => Ok(Some(Arc::new(Tape::open(path)?))),
            None => Ok(None),
        }
    }
}

fn print_times(times: Times, limit: usize) -> Result<(), Error> {
    print(|out| {
        for at_ns in times.take(limit) {
            let at_ns = at_ns?;
            writeln!(
                out,
                "{}.{:09}",
                at_ns / 1_000_000_000,
                at_ns % 1_000_000_000
            )?;
        }
        Ok(())
    })
}
