//! `tapdeck demo`: the whole main job on embedded parts, for a first impression and for checking an installation.

use std::path::PathBuf;
use std::time::Duration;

use super::auth::AuthArgs;
use super::generate;
use super::load::{BurstArgs, LoadArgs};
use super::output::note;
use super::replay::{self, EngineArgs};
use super::transport::TransportArgs;
use super::users::UserArgs;
use crate::error::Error;
use crate::exit::{self, Exit};
use crate::harness::descriptors::Targets;
use crate::schedule::arrivals_named;
use crate::stand_in::{StandIn, StandInConfig};
use crate::units::parse_duration;

/// Name of the tape in the demo's folder.
const TAPE: &str = "demo.tape";

/// What the demo demands beyond the service's own promises: the published target of the authorization path.
const SLO: &str = "p99<30ms";

/// Show the whole job: generate a tape, replay it at an embedded rule engine, report
///
/// Everything happens in this process and in one folder: synthetic card traffic with labelled fraud is generated and
/// stored as a tape, an embedded rule engine with a real ruleset starts on a free port, and the tape is fired at it at
/// random (Poisson) instants. Ends with the verdict and the path of a report with charts.
#[derive(Debug, clap::Args)]
#[command(after_long_help = exit::help(&[]))]
pub struct Args {
    /// Folder for the tape and the report
    #[arg(long, value_name = "DIR", default_value = "tapdeck-report")]
    out: PathBuf,

    /// Requests on the tape
    #[arg(long, value_name = "NUMBER", default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,

    /// Requests per second: one rate with --duration, or pieces over time
    #[arg(long, value_name = "RATE", default_value = "1000..10000/8s,10000/12s")]
    rate: String,

    /// Length of the measure phase for a single rate
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,

    /// Seed of the traffic and of the arrivals
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    seed: u64,
}

/// Carries out the demo.
///
/// Errors: as of generating and replaying.
pub fn run(args: &Args) -> Result<Exit, Error> {
    std::fs::create_dir_all(&args.out).map_err(|source| Error::Io {
        action: "create the folder",
        path: args.out.clone(),
        source,
    })?;
    let tape = args.out.join(TAPE);
    let generated = generate::run(&generate::Args::new(
        "rule-engine",
        args.count,
        args.seed,
        &tape,
    ))?;
    if generated != Exit::Pass {
        return Ok(generated);
    }
    let stand_in = StandIn::start(StandInConfig::demo()?)?;
    note(format_args!(
        "embedded rule engine listening at {}",
        stand_in.url()
    ));
    let exit = replay::run(&args.replay(tape, stand_in.url()))?;
    stand_in.stop()?;
    Ok(exit)
}

impl Args {
    fn replay(&self, tape: PathBuf, target: String) -> replay::Args {
        replay::Args {
            tape,
            target: Some(target),
            service: None,
            users: UserArgs::default(),
            load: LoadArgs {
                rate: Some(self.rate.clone()),
                profile_csv: None,
                duration: self.duration,
                arrivals: arrivals_named("poisson").unwrap_or(crate::schedule::ARRIVALS[0]),
                bursts: BurstArgs::default(),
                seed: self.seed,
                speed: None,
                warm_up: Some(Duration::from_secs(2)),
            },
            transport: TransportArgs::default(),
            auth: AuthArgs::default(),
            engine: EngineArgs {
                lanes: None,
                connections: None,
                max_in_flight: None,
                timeout: Duration::from_secs(10),
                pacing: None,
                cache: None,
            },
            slo: vec![SLO.to_owned()],
            baseline: None,
            out: Some(self.out.clone()),
            json: false,
            targets: Targets::Embedded,
        }
    }
}
