//! The ladder of a run: up from the guard to the end of the load, down through teardown to the report.
//!
//! Invariants: however the way up ended (done, failed, interrupted, by a bug of ours), the way down is gone exactly once, and
//! metadata is written. An interrupt is seen at the latest when the next phase would begin.

mod climb;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tapdeck_reports::{RunSummary, Summary};

use super::artifacts::Folders;
use super::counters::Counters;
use super::environment::Environment;
use super::host::{Host, Seeder};
use super::metadata::SeededArtifact;
use super::outline::Outline;
use super::phases::{Log, Phase, PhaseEnd, now};
use super::stand_ins::StandIns;
use super::tokens::Keys;
use crate::auth::Tokens;
use crate::error::Error;
use crate::exit::Exit;
use crate::harness::play::{Played, RunPlan};
use crate::replay::transport::Target;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub exit: Exit,
    /// Why it ended early, if it did.
    pub error: Option<Error>,
    /// Why teardown did not come to its end, if it did not.
    pub teardown_error: Option<Error>,
    /// The run in short, if something was measured.
    pub short: Option<RunSummary>,
    /// The result of each service that was sent to, by its name in the run.
    pub results: Vec<(String, Summary)>,
    /// The page for people, if there is one.
    pub page: Option<PathBuf>,
}

/// Why the way up ended early.
enum Halt {
    Interrupted,
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What stands by now; the way down takes it apart again.
#[derive(Default)]
pub(super) struct Site {
    stand_ins: StandIns,
    pub(super) urls: Vec<String>,
    targets: Vec<Target>,
    keys: Keys,
    tokens: Vec<Tokens>,
    tapes: Vec<PathBuf>,
    seeder: Option<Box<dyn Seeder>>,
    pub(super) bucket: Option<String>,
    pub(super) seeded: Vec<SeededArtifact>,
    pub(super) before: Vec<Option<Counters>>,
    pub(super) after: Vec<Option<Counters>>,
    pub(super) played: Vec<PlayedMember>,
}

/// A service that was sent to.
pub(super) struct PlayedMember {
    /// Its name in the run.
    pub(super) name: String,
    plan: RunPlan,
    pub(super) played: Played,
}

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) outline: &'a Outline,
    pub(super) environment: &'a Environment,
    pub(super) host: &'a mut dyn Host,
    pub(super) stop: &'a Arc<AtomicBool>,
    pub(super) log: Log,
    pub(super) site: Site,
}

/// Carries out a run, whatever happens on the way; its files are written when this returns.
///
/// Errors: `Io` if the folder for results cannot be written to, before anything is begun.
pub fn carry_out(
    outline: &Outline,
    environment: &Environment,
    host: &mut dyn Host,
    stop: &Arc<AtomicBool>,
) -> Result<Outcome, Error> {
    let folders = Folders::of(&outline.out, &outline.run_id.value);
    folders.prepare()?;
    let started = now();
    let mut run = Run {
        outline,
        environment,
        host,
        stop,
        log: Log::new(),
        site: Site::default(),
    };
    let climbed = catch_unwind(AssertUnwindSafe(|| run.climb())).unwrap_or_else(|_| {
        let detail = "the run broke off; its message is above".to_owned();
        Err(Halt::Failed(Error::Bug(detail)))
    });
    run.log.end(match &climbed {
        Ok(()) => PhaseEnd::Done,
        Err(Halt::Interrupted) => PhaseEnd::Interrupted,
        Err(Halt::Failed(_)) => PhaseEnd::Failed,
    });
    let torn_down = run.tear_down();
    let error = match climbed {
        Err(Halt::Failed(error)) => Some(error),
        Ok(()) | Err(Halt::Interrupted) => None,
    };
    run.report(&folders, started, error, torn_down.err())
}

impl Run<'_> {
    /// Takes apart what stands.
    fn tear_down(&mut self) -> Result<(), Error> {
        let seeder = self
            .site
            .seeder
            .take()
            .filter(|_| self.outline.teardown.value.is_on());
        let stand_ins = std::mem::take(&mut self.site.stand_ins);
        if seeder.is_none() && stand_ins.is_empty() {
            return Ok(());
        }
        let at_s = self.log.begin(Phase::Teardown);
        self.host.begins(Phase::Teardown, at_s, "");
        let cleaned = seeder.map_or(Ok(()), |mut seeder| seeder.teardown());
        let torn_down = cleaned.and(stand_ins.stop());
        self.log.end(match &torn_down {
            Ok(()) => PhaseEnd::Done,
            Err(_) => PhaseEnd::Failed,
        });
        torn_down
    }
}
