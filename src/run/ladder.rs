//! The ladder of a run: up from the guard to the end of the load, down through teardown to the report.
//!
//! Invariants: however the way up ended (done, failed, interrupted, by a bug of ours), the way down is gone exactly once, and
//! metadata is written. An interrupt is seen at the latest when the next phase would begin.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck_generators::Progress;
use tapdeck_reports::{RunSummary, Summary};

use super::artifacts::Folders;
use super::counters::{self, Counters};
use super::environment::Environment;
use super::member::{Member, TapeWish};
use super::metadata::SeededArtifact;
use super::outline::Outline;
use super::phases::{Log, Phase, PhaseEnd, now};
use super::preflight;
use super::rulesets;
use super::side_by_side::play_all;
use super::stand_ins::StandIns;
use super::tapes;
use super::tokens::Keys;
use crate::auth::Tokens;
use crate::error::Error;
use crate::events::Watcher;
use crate::exit::Exit;
use crate::harness::play::{Played, RunPlan};
use crate::harness::target::{self, Access};
use crate::replay::transport::Target;

/// Who stands by: says how targets are reached and how the engine is built, and hears what happens.
pub trait Host {
    /// Gives how the target of one service may be reached.
    fn access(&self, member: &Member) -> Access;

    /// Plans the load on one service, whose target, tape and tokens are known by now.
    ///
    /// Errors: everything that can be wrong with a plan.
    fn plan(
        &self,
        member: &Member,
        target: &str,
        tape: &Path,
        tokens: &Tokens,
    ) -> Result<RunPlan, Error>;

    /// Gives who puts data there before the load and removes it, in the place of `usual`, whom the services need.
    fn seeder(&self, usual: Option<Box<dyn Seeder>>) -> Option<Box<dyn Seeder>> {
        usual
    }

    /// Hears that a phase begins, so many seconds after the run.
    fn begins(&mut self, phase: Phase, at_s: f64, what: &str);

    /// Gives who watches a tape being made.
    fn generation(&self) -> Box<dyn Progress + Sync>;

    /// Gives who watches the load on one service.
    fn watcher(&self, plan: &RunPlan) -> Box<dyn Watcher + Send>;
}

/// Puts data there before the load, and removes it.
pub trait Seeder {
    /// Gives the bucket it works in.
    fn bucket(&self) -> &str;

    /// Puts everything there and makes sure that it arrived; stops early once `stop` is set.
    ///
    /// Errors: what did not work. What was put there until then is for [`Seeder::teardown`].
    fn seed(&mut self, stop: &AtomicBool) -> Result<Vec<SeededArtifact>, Error>;

    /// Removes what was put there, and puts back what stood there before.
    ///
    /// Errors: what did not work; a later cleanup can go on from there.
    fn teardown(&mut self) -> Result<(), Error>;
}

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
    /// Goes all the way up.
    fn climb(&mut self) -> Result<(), Halt> {
        self.find_targets()?;
        self.check_health()?;
        self.get_tokens()?;
        let sends = self.outline.members.iter().any(Member::sends);
        let plans = if sends {
            self.find_tapes()?;
            self.plans()?
        } else {
            Vec::new()
        };
        self.seed()?;
        if sends { self.play(plans) } else { Ok(()) }
    }

    fn begin(&mut self, phase: Phase, what: &str) -> Result<(), Halt> {
        let at_s = self.log.begin(phase);
        self.host.begins(phase, at_s, what);
        self.go_on()
    }

    fn go_on(&self) -> Result<(), Halt> {
        if self.stop.load(Ordering::Relaxed) {
            Err(Halt::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Starts stand-ins where they are wanted, and lets the guard look at every target.
    fn find_targets(&mut self) -> Result<(), Halt> {
        let members = &self.outline.members;
        self.site.keys = Keys::new(self.outline, self.environment)?;
        if self.outline.stand_ins.is_on() {
            self.begin(Phase::StandIns, &names(members))?;
            self.site.stand_ins = StandIns::start(self.outline, self.environment, &self.site.keys)?;
            self.site.urls = self.site.stand_ins.urls();
        } else {
            let targets = members.iter().filter_map(|member| member.target.as_ref());
            self.site.urls = targets.map(|target| target.value.clone()).collect();
        }
        self.begin(Phase::Guard, &self.site.urls.join(", "))?;
        for (member, url) in members.iter().zip(&self.site.urls) {
            let target = target::find(url, &self.host.access(member))?;
            self.site.targets.push(target);
        }
        Ok(())
    }

    fn check_health(&mut self) -> Result<(), Halt> {
        let members = self.outline.members.iter();
        let checks: Vec<preflight::Check> = members
            .zip(&self.site.targets)
            .zip(&self.site.urls)
            .filter_map(|((member, target), url)| {
                preflight::Check::new(&member.service, target, url)
            })
            .collect();
        if checks.is_empty() {
            return Ok(());
        }
        let paths: Vec<&str> = checks.iter().map(|check| check.path.as_str()).collect();
        self.begin(Phase::Preflight, &paths.join(", "))?;
        preflight::all_ready(checks, self.stop)?;
        self.go_on()
    }

    /// Gets every token, and proves that the targets check them.
    fn get_tokens(&mut self) -> Result<(), Halt> {
        if self.site.keys.are_wanted() {
            let mode = self.outline.auth_mode.value.name();
            self.begin(Phase::Preflight, &format!("tokens ({mode})"))?;
        }
        let members = self.outline.members.iter().zip(&self.site.urls);
        for ((member, url), target) in members.zip(&self.site.targets) {
            let tokens = self.site.keys.begin(&member.service, url, target)?;
            self.site.tokens.push(tokens);
        }
        self.go_on()
    }

    /// Finds every tape, or makes it.
    fn find_tapes(&mut self) -> Result<(), Halt> {
        let outline = self.outline;
        for member in &outline.members {
            let options = match &member.tape {
                TapeWish::File(path) => {
                    self.site.tapes.push(path.clone());
                    continue;
                }
                TapeWish::Made(options) => options,
            };
            let path = tapes::path(&outline.cache, &member.service, options)?;
            let is_there = tapes::find(&path, &member.service, options).is_some();
            let verb = if is_there { "reusing" } else { "making" };
            self.begin(Phase::Tape, &format!("{verb} {}", path.display()))?;
            if !is_there {
                let progress = self.host.generation();
                let made = tapes::make(&path, &member.service, options, progress.as_ref());
                // Calling it off is how an interrupt looks from there.
                self.go_on()?;
                made?;
            }
            self.site.tapes.push(path);
        }
        Ok(())
    }

    fn seed(&mut self) -> Result<(), Halt> {
        if !self.outline.seeding.value.is_on() {
            return Ok(());
        }
        let usual = self.seeder()?;
        let Some(seeder) = self.host.seeder(usual) else {
            return Ok(());
        };
        let bucket = seeder.bucket().to_owned();
        self.begin(Phase::Seed, &bucket)?;
        self.site.bucket = Some(bucket);
        // From here on teardown has something to look after, however far this comes.
        let seeder = self.site.seeder.insert(seeder);
        self.site.seeded = seeder.seed(self.stop)?;
        self.go_on()
    }

    /// Gives who seeds what the services need, if they need anything: through the embedded store, or that of the environment.
    fn seeder(&self) -> Result<Option<Box<dyn Seeder>>, Error> {
        let store = match self.site.stand_ins.store() {
            Some(embedded) => embedded.clone(),
            None => rulesets::store(self.environment)?,
        };
        let (urls, targets) = (&self.site.urls, &self.site.targets);
        rulesets::seeder(
            self.outline,
            self.environment,
            store,
            urls,
            targets,
            &self.site.tokens,
        )
    }

    /// Plans every load.
    fn plans(&self) -> Result<Vec<RunPlan>, Error> {
        let members = self.outline.members.iter();
        let known = members.zip(&self.site.urls).zip(&self.site.tapes);
        known
            .zip(&self.site.tokens)
            .map(|(((member, url), tape), tokens)| self.host.plan(member, url, tape, tokens))
            .collect()
    }

    /// Sends what is to be sent.
    fn play(&mut self, plans: Vec<RunPlan>) -> Result<(), Halt> {
        self.site.before = self.counters();
        let watched = plans.iter().map(|plan| {
            let watcher = self.host.watcher(plan);
            (plan.clone(), watcher)
        });
        let watched: Vec<_> = watched.collect();
        let (log, host) = (&mut self.log, &mut *self.host);
        let mut begins = |phase: Phase| {
            let at_s = log.begin(phase);
            host.begins(phase, at_s, "");
        };
        let results = play_all(watched, self.stop, &mut begins);
        let mut failed = None;
        let members = self.outline.members.iter();
        for ((member, plan), result) in members.zip(plans).zip(results) {
            match result {
                Ok(played) => self.site.played.push(PlayedMember {
                    name: member.name.clone(),
                    plan,
                    played,
                }),
                // Called off for another one's failure, or by the user.
                Err(Error::Interrupted) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        self.go_on()?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.site.after = self.counters();
        for PlayedMember { plan, played, .. } in &mut self.site.played {
            if let Some(fault) = played.explain(plan)? {
                return Err(fault.into());
            }
        }
        Ok(())
    }

    fn counters(&self) -> Vec<Option<Counters>> {
        let members = self.outline.members.iter().zip(&self.site.targets);
        members
            .zip(&self.site.tokens)
            .map(|((member, target), tokens)| {
                let headers = tokens.headers(&member.service).ok()?;
                counters::read(&member.service.name, target, headers)
            })
            .collect()
    }

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

fn names(members: &[Member]) -> String {
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    names.join(", ")
}
