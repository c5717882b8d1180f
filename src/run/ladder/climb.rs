//! The way up: what each phase does, and what it leaves for the next.

use std::sync::atomic::Ordering;

use super::{Halt, PlayedMember, Run};
use crate::error::Error;
use crate::harness::descriptors::Demand;
use crate::harness::play::RunPlan;
use crate::harness::target;
use crate::patience::Stop;
use crate::run::counters::{self, Counters};
use crate::run::host::Seeder;
use crate::run::member::{Member, TapeWish};
use crate::run::phases::Phase;
use crate::run::preflight;
use crate::run::rulesets;
use crate::run::side_by_side::play_all;
use crate::run::stand_ins::StandIns;
use crate::run::tapes;
use crate::run::tokens::Keys;

impl Run<'_> {
    /// Goes all the way up.
    pub(super) fn climb(&mut self) -> Result<(), Halt> {
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
        self.site.keys = Keys::new(self.outline, self.environment, Stop::of(self.stop))?;
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
        self.check_store()
    }

    /// Lets the guard look at the store that would be written to; an embedded one is ours.
    fn check_store(&mut self) -> Result<(), Halt> {
        let outline = self.outline;
        if let Some(member) = outline.members.first()
            && rulesets::are_needed(outline)
            && !outline.stand_ins.is_on()
        {
            let store = rulesets::store(self.environment)?;
            let access = self.host.access(member);
            rulesets::check_store(&store, self.environment, &access)?;
        }
        Ok(())
    }

    fn check_health(&mut self) -> Result<(), Halt> {
        let members = self.outline.members.iter();
        let checks: Vec<preflight::Check> = members
            .zip(&self.site.targets)
            .zip(&self.site.urls)
            .filter_map(|((member, target), url)| {
                preflight::Check::new(&member.service, target, url, Stop::of(self.stop))
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
            let found = tapes::find(&path, &member.service, options);
            let what = match &found {
                Ok(Some(_)) => format!("reusing {}", path.display()),
                Ok(None) => format!("making {}", path.display()),
                Err(damage) => {
                    format!(
                        "making {} again: {}",
                        path.display(),
                        crate::error::chain(damage)
                    )
                }
            };
            self.begin(Phase::Tape, &what)?;
            if matches!(found, Ok(Some(_))) {
                tapes::note_use(&path);
            } else {
                // It may be what is left of a tape, and is replaced whatever it is.
                drop(found);
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
        let plans: Vec<RunPlan> = known
            .zip(&self.site.tokens)
            .map(|(((member, url), tape), tokens)| self.host.plan(member, url, tape, tokens))
            .collect::<Result<_, _>>()?;
        // Each has room by itself; they are played side by side.
        Demand::of(&plans, self.outline.targets()).check("--connections")?;
        Ok(plans)
    }

    /// Sends what is to be sent.
    fn play(&mut self, plans: Vec<RunPlan>) -> Result<(), Halt> {
        self.site.before = self.counters();
        let watched = self.outline.members.iter().zip(&plans);
        let watched = watched.map(|(member, plan)| {
            let watcher = self.host.watcher(member, plan);
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
            if let Some(fault) = played.explain(plan, self.stop)? {
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
                let stop = Stop::of(self.stop);
                counters::read(&member.service.name, target, headers, &stop)
            })
            .collect()
    }
}

fn names(members: &[Member]) -> String {
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    names.join(", ")
}
