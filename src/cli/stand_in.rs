//! `tapdeck stand-in`: an embedded target to try things on.

mod listen;
mod misbehavior;
mod object_store;
mod report;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tapdeck_corpora::durable::DurableFile;
use tapdeck_stores::Store;

use self::listen::ListenArgs;
use self::misbehavior::FaultArgs;
use self::object_store::ObjectStoreArgs;
use super::interrupt::Interrupt;
use super::output::print;
use crate::error::Error;
use crate::exit::Exit;
use crate::harness::descriptors::Demand;
use crate::run::{Environment, rulesets};
use crate::stand_in::{
    ArrivalWatch, IdWatch, RateLimits, Role, Ruleset, StandIn, StandInConfig, StoredRulesets,
};

/// Serve an embedded target until Ctrl-C
///
/// Prints its URL once it listens, and at the end what it has seen. For trying tapdeck out, for tests and for
/// calibration; never for judging a real target.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    target: Target,
}

/// The targets there are.
#[derive(Debug, clap::Subcommand)]
enum Target {
    RuleEngine(RuleEngineArgs),
    TransactionManagement(TransactionManagementArgs),
    RuleManagement(RuleManagementArgs),
    Approvals(ApprovalsArgs),
    ObjectStore(ObjectStoreArgs),
    Null(NullArgs),
}

/// A rule engine: evaluates real rulesets on both paths, and misbehaves when told to
#[derive(Debug, clap::Args)]
struct RuleEngineArgs {
    #[command(flatten)]
    listen: ListenArgs,

    /// Ruleset of the authorization path [default: the demo's]
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,

    /// Ruleset of the monitoring path [default: the demo's]
    #[arg(long, value_name = "FILE")]
    ruleset_monitoring: Option<PathBuf>,

    /// Have no ruleset until told to load one from the object store of the environment (`S3_ENDPOINT_URL` and so on), as
    /// published for `RULESET_ENVIRONMENT`
    #[arg(long, conflicts_with_all = ["ruleset", "ruleset_monitoring"])]
    store: bool,

    /// Remember transaction ids, to count distinct and repeated ones
    #[arg(long)]
    watch_ids: bool,

    #[command(flatten)]
    faults: FaultArgs,
}

/// Transaction management: decision events are put on record, listed and read back
///
/// Everything is kept in memory until the end.
#[derive(Debug, clap::Args)]
struct TransactionManagementArgs {
    #[command(flatten)]
    listen: ListenArgs,

    #[command(flatten)]
    faults: FaultArgs,
}

/// Rule management: rules are written, listed, read and revised, under rate limits
///
/// A caller may list rules 200 times and create 60 a minute, and do anything else 1,000 times an hour by path.
#[derive(Debug, clap::Args)]
struct RuleManagementArgs {
    #[command(flatten)]
    listen: ListenArgs,

    /// Do without the rate limits, as the service does for callers on its own machine
    #[arg(long)]
    no_rate_limits: bool,

    #[command(flatten)]
    faults: FaultArgs,
}

/// An approvals back end: sign-in with cookies and a token, deployments, board decisions, connectors
///
/// It notes which session created, read or decided each id; ask /audit for it while it serves.
#[derive(Debug, clap::Args)]
struct ApprovalsArgs {
    #[command(flatten)]
    listen: ListenArgs,

    /// Requests an hour that it lets pass of anonymous callers (logins, too) and of users who are not exempt; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = StandInConfig::HOURLY_LIMIT)]
    hourly_limit: u32,

    #[command(flatten)]
    faults: FaultArgs,
}

/// A target that reads any request and answers a constant, to find out how fast a client can be
#[derive(Debug, clap::Args)]
struct NullArgs {
    #[command(flatten)]
    listen: ListenArgs,

    /// File for the instants at which requests were read, written at the end: nanoseconds of the monotonic clock, one a line
    #[arg(long, value_name = "FILE")]
    arrivals: Option<PathBuf>,
}

/// Serves until interrupted.
///
/// Errors: `StandIn` for a ruleset that cannot be used or an address that cannot be listened on.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let (name, config) = match &args.target {
        Target::RuleEngine(engine) => ("rule-engine", engine.config()?),
        Target::TransactionManagement(desk) => ("transaction-management", desk.config()?),
        Target::RuleManagement(book) => ("rule-management", book.config()?),
        Target::Approvals(approvals) => ("approvals", approvals.config()?),
        Target::ObjectStore(store) => return store.serve(),
        Target::Null(null) => ("null", null.config()?),
    };
    let demand = Demand {
        stand_in_threads: config.threads as u64,
        ..Demand::default()
    };
    demand.check("--threads")?;
    let arrivals = match &args.target {
        Target::Null(null) => null.arrivals.as_deref().map(DurableFile::create),
        _ => None,
    };
    let arrivals = arrivals.transpose()?;
    // From here on Ctrl-C asks for the final count instead of ending the process.
    let interrupt = Interrupt::new()?;
    let stand_in = StandIn::start(config)?;
    print(|out| {
        writeln!(out, "stand-in {name} listens on {}", stand_in.url())?;
        stand_in
            .unix_url()
            .map_or(Ok(()), |url| writeln!(out, "and on {url}"))
    })?;
    interrupt.wait()?;
    if let Some(file) = arrivals {
        write_arrivals(file, &stand_in.arrival_times())?;
    }
    let audit = stand_in.audit();
    let seen = stand_in.stop()?;
    print(|out| report::write(out, &seen, &audit))?;
    Ok(Exit::Pass)
}

impl NullArgs {
    fn config(&self) -> Result<StandInConfig, Error> {
        Ok(StandInConfig {
            arrival_watch: if self.arrivals.is_some() {
                ArrivalWatch::On
            } else {
                ArrivalWatch::Off
            },
            ..self.listen.config(Role::Null)?
        })
    }
}

impl RuleEngineArgs {
    fn config(&self) -> Result<StandInConfig, Error> {
        let ruleset =
            |path: Option<&Path>, demo: fn() -> Result<Ruleset, crate::stand_in::Error>| {
                path.map_or_else(demo, Ruleset::from_file).map(Arc::new)
            };
        let config = self.listen.config(Role::RuleEngine)?;
        let config = if self.store {
            StandInConfig {
                storage: Some(Arc::new(stored_rulesets()?)),
                ..config
            }
        } else {
            StandInConfig {
                ruleset_auth: Some(ruleset(self.ruleset.as_deref(), Ruleset::demo_auth)?),
                ruleset_monitoring: Some(ruleset(
                    self.ruleset_monitoring.as_deref(),
                    Ruleset::demo_monitoring,
                )?),
                ..config
            }
        };
        Ok(StandInConfig {
            faults: self.faults.faults(),
            seed: self.faults.seed,
            id_watch: if self.watch_ids {
                IdWatch::On
            } else {
                IdWatch::Off
            },
            ..config
        })
    }
}

/// Gives the rulesets of the store and the environment that the variables name.
fn stored_rulesets() -> Result<StoredRulesets, Error> {
    Ok(StoredRulesets {
        store: Store::connect(&object_store::of_environment()?)?,
        environment: rulesets::environment(&Environment::of_process()),
    })
}

impl TransactionManagementArgs {
    fn config(&self) -> Result<StandInConfig, Error> {
        Ok(StandInConfig {
            faults: self.faults.faults(),
            seed: self.faults.seed,
            ..self.listen.config(Role::TransactionManagement)?
        })
    }
}

impl RuleManagementArgs {
    fn config(&self) -> Result<StandInConfig, Error> {
        Ok(StandInConfig {
            faults: self.faults.faults(),
            seed: self.faults.seed,
            rate_limits: if self.no_rate_limits {
                RateLimits::Off
            } else {
                RateLimits::On
            },
            ..self.listen.config(Role::RuleManagement)?
        })
    }
}

impl ApprovalsArgs {
    fn config(&self) -> Result<StandInConfig, Error> {
        Ok(StandInConfig {
            faults: self.faults.faults(),
            seed: self.faults.seed,
            hourly_limit: Some(self.hourly_limit).filter(|&limit| limit > 0),
            ..self.listen.config(Role::Approvals)?
        })
    }
}

/// Writes instants, one a line.
fn write_arrivals(mut file: DurableFile, instants_ns: &[u64]) -> Result<(), Error> {
    for instant_ns in instants_ns {
        file.write(format!("{instant_ns}\n").as_bytes())?;
    }
    Ok(file.finish()?)
}
