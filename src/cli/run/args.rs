//! The flags of a whole run.

use std::path::PathBuf;
use std::time::Duration;

use tapdeck_services::{Mix, Think};

use crate::cli::auth::AuthArgs;
use crate::cli::replay::EngineArgs;
use crate::cli::transport::TransportArgs;
use crate::exit;
use crate::run::Wish;
use crate::run::scenario::GENERAL;
use crate::schedule::profile::parse_rate;
use crate::units::parse_duration;

const EXAMPLES: &str = "\
Examples:
  The rule engine at its 10,000 requests per second for five minutes:
    tapdeck run --service rule-engine --scenario baseline --target http://localhost:8081
  As Locust's users, and no longer than a minute:
    tapdeck run --service rule-engine --users 100 --spawn-rate 10 --run-time 1m
  Everything on embedded parts, to see what a run is:
    tapdeck run --service rule-engine,approvals --scenario smoke --rate 100 --run-time 10s --stand-ins
  What would be done, and who says so:
    tapdeck run --service rule-engine --scenario stress --dry-run";

/// Carry out a whole run: check the target, make the tape, seed, load, clean up, judge, report
///
/// A scenario is played against a service, or against several side by side. What is not said by a flag is said by the
/// environment, then by the service's definition, then by a default; --dry-run shows every value and who said it.
///
/// Whatever happens on the way, an interrupt included, what was put there is removed and how the run was made is written down.
/// The worst verdict of several services counts for the exit code.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", exit::help(&[])))]
pub struct Args {
    /// Services: names, short names or paths of .toml files joined by commas, or all of the platform's
    #[arg(long, value_name = "NAMES", default_value = "all")]
    pub service: String,

    /// Scenario: one that every service has, or one of the service's own [default: baseline]
    #[arg(long, value_name = "NAME", long_help = scenario_help())]
    pub scenario: Option<String>,

    /// Id of the run, for names of files and objects [default: `LOADTEST_RUN_ID`, else lt- and 12 hexadecimal digits]
    #[arg(long, value_name = "ID")]
    pub run_id: Option<String>,

    /// Where to send: URL, or SERVICE=URL for one of several [default: the service's environment variables, then its own
    /// address]
    #[arg(long, value_name = "URL", conflicts_with = "stand_ins")]
    pub target: Vec<String>,

    /// Start the embedded stand-ins and send to them
    #[arg(long)]
    pub stand_ins: bool,

    /// Show every value that would hold and where it comes from, and start nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Accepted and ignored: there is no other way
    #[arg(long)]
    pub headless: bool,

    /// Who sends, and how much
    #[command(flatten)]
    pub load: LoadArgs,

    /// How to get to the targets
    #[command(flatten)]
    pub transport: TransportArgs,

    /// Which token requests carry
    #[command(flatten)]
    pub auth: AuthArgs,

    /// How the send path is built
    #[command(flatten)]
    pub engine: EngineArgs,

    /// What is put there before the load
    #[command(flatten)]
    pub data: DataArgs,

    /// What is promised, and where results go
    #[command(flatten)]
    pub result: ResultArgs,
}

/// What is put there before the load.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// Put no data there before the load
    #[arg(long)]
    pub skip_seed: bool,

    /// Leave the data there after the load
    #[arg(long)]
    pub skip_teardown: bool,
}

/// Who sends, and how much.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Load")]
pub struct LoadArgs {
    /// Requests per second, whatever the target does; several services share it equally
    #[arg(long, value_name = "RATE", value_parser = parse_rate, allow_hyphen_values = true, conflicts_with = "users")]
    pub rate: Option<f64>,

    /// Users, each of whom waits for an answer before it sends again; several services share them equally
    #[arg(long, value_name = "NUMBER")]
    pub users: Option<u32>,

    /// Users that come per second until all are there
    #[arg(
        long,
        value_name = "PER SECOND",
        allow_hyphen_values = true,
        conflicts_with = "rate"
    )]
    pub spawn_rate: Option<f64>,

    /// Length of the run: 5m, 1h20m, or a number of seconds
    #[arg(long, value_name = "TIME", value_parser = parse_length, allow_hyphen_values = true)]
    pub run_time: Option<Duration>,

    /// The same as --run-time
    #[arg(long, value_name = "TIME", value_parser = parse_length, allow_hyphen_values = true, conflicts_with = "run_time")]
    pub duration: Option<Duration>,

    /// Last part of the run, over which the users go again
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true, conflicts_with = "rate")]
    pub ramp_down: Option<Duration>,

    /// Pause of a user between an answer and what it does next: 1s, uniform:500ms..2s or exponential:1s
    #[arg(long, value_name = "TIME", value_parser = Think::parse, conflicts_with = "rate")]
    pub think: Option<Think>,

    /// Part of the run that is played but not counted [default: 3s at a rate, which come on top; none for users]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    pub warm_up: Option<Duration>,

    /// Weights of endpoints and sessions, such as auth=70,monitoring=30; what is not named does not come
    #[arg(long, value_name = "NAME=WEIGHT,..", value_parser = Mix::parse)]
    pub mix: Option<Mix>,

    /// Tape to play instead of one made for the run and kept in --cache
    #[arg(long, value_name = "FILE", conflicts_with = "mix")]
    pub tape: Option<PathBuf>,

    /// Seed of the traffic and of the arrivals
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    pub seed: u64,
}

/// What is promised, and where results go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Result")]
pub struct ResultArgs {
    /// Promises, such as 'p99<30ms,recall>=60%', or SERVICE:LIST for one of several; they add to others or override them
    #[arg(long, value_name = "LIST")]
    pub slo: Vec<String>,

    /// An earlier run, for promises relative to it such as 'p99<=baseline*1.1': its id, or the path of its summary.json
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<String>,

    /// Folder for results
    #[arg(long, value_name = "DIR", default_value = "html-reports")]
    pub out: PathBuf,

    /// Print the run in short as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// Gives what was asked for; tapes lie in `cache`.
    pub fn wish(&self, cache: PathBuf) -> Wish {
        let load = &self.load;
        let length = load
            .run_time
            .map(|time| (time, "--run-time"))
            .or_else(|| Some((load.duration?, "--duration")));
        Wish {
            service: self.service.clone(),
            scenario: self.scenario.clone(),
            run_id: self.run_id.clone(),
            auth_mode: self.auth.auth_mode,
            auth_key: self.auth.auth_key.clone(),
            users: load.users,
            spawn_rate: load.spawn_rate,
            ramp_down: load.ramp_down,
            think: load.think,
            rate: load.rate,
            length,
            warm_up: load.warm_up,
            mix: load.mix.clone(),
            targets: self.target.clone(),
            slos: self.result.slo.clone(),
            tape: load.tape.clone(),
            seed: load.seed,
            seeding: (!self.data.skip_seed).into(),
            teardown: (!self.data.skip_teardown).into(),
            stand_ins: self.stand_ins.into(),
            out: self.result.out.clone(),
            cache,
        }
    }
}

/// Reads a length as Locust does: a number alone is seconds.
fn parse_length(text: &str) -> Result<Duration, String> {
    let length = match text.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => parse_duration(text)?,
    };
    if length.is_zero() {
        return Err("is zero, so nothing would be measured".to_owned());
    }
    Ok(length)
}

/// Explains the option, with every scenario that every service has.
fn scenario_help() -> String {
    let intro = "Scenario: one that every service has, or one of the service's own (tapdeck services show NAME) [default: \
                 baseline]. Those that every service has:\n";
    let lines = GENERAL
        .iter()
        .map(|general| format!("\n{}: {}", general.name, general.help));
    std::iter::once(intro.to_owned()).chain(lines).collect()
}
