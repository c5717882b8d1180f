//! The command line's side of a run: from a member of it to the flags of a replay, and what people see on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use indicatif::MultiProgress;
use tapdeck_generators::Progress;

use super::args::Args;
use crate::auth::Tokens;
use crate::cli::auth::AuthArgs;
use crate::cli::generate::watch::Watch;
use crate::cli::load::{BurstArgs, LoadArgs};
use crate::cli::output::note;
use crate::cli::progress::Visibility;
use crate::cli::replay::{self, EngineArgs};
use crate::cli::users::UserArgs;
use crate::error::Error;
use crate::events::Watcher;
use crate::harness::guard::Production;
use crate::harness::measure::planned_rate;
use crate::harness::play::RunPlan;
use crate::harness::target::Access;
use crate::live::line::Line;
use crate::patience::Stop;
use crate::run::Host;
use crate::run::Outline;
use crate::run::load::Load;
use crate::run::member::Member;
use crate::run::phases::Phase;
use crate::run::scenario::Shape;
use crate::run::setting::Origin;
use crate::schedule::{ARRIVALS, arrivals_named};

/// Stands by while a run is carried out.
#[derive(Debug)]
pub struct Desk<'a> {
    args: &'a Args,
    outline: &'a Outline,
    stop: Arc<AtomicBool>,
    /// Where the lines of the services stand, one below the other.
    board: MultiProgress,
}

impl<'a> Desk<'a> {
    /// Checks all that can be checked before a run begins.
    ///
    /// Errors: the first thing wrong, with its flag or file.
    pub fn new(args: &'a Args, outline: &'a Outline, stop: Arc<AtomicBool>) -> Result<Self, Error> {
        let desk = Self {
            args,
            outline,
            stop,
            board: MultiProgress::new(),
        };
        for member in &outline.members {
            let flags = desk.replay(member, "", Path::new(""))?;
            replay::plan::check(&flags, &member.service)?;
        }
        Ok(desk)
    }

    /// Writes a member of the run as the flags of a replay.
    fn replay(&self, member: &Member, target: &str, tape: &Path) -> Result<replay::Args, Error> {
        let (load, users) = load(member, self.args.load.seed);
        Ok(replay::Args {
            tape: tape.to_owned(),
            target: Some(target.to_owned()),
            service: Some(member.service.name.clone()),
            load,
            users,
            transport: self.args.transport.clone(),
            // The run has tokens already.
            auth: AuthArgs::default(),
            engine: self.engine(member)?,
            slo: member.slo_texts(),
            baseline: self.baseline(member)?,
            out: None,
            json: false,
            targets: self.outline.targets(),
        })
    }

    /// Gives a member its part of the lanes and connections asked for.
    fn engine(&self, member: &Member) -> Result<EngineArgs, Error> {
        let members = &self.outline.members;
        let idx = members.iter().position(|other| other.name == member.name);
        let part = |flag, total: Option<u32>| match total {
            Some(total) if (total as usize) < members.len() => Err(Error::Usage {
                flag,
                detail: format!(
                    "is {total}, but each of the {} services needs one",
                    members.len()
                ),
            }),
            total => Ok(total.and_then(|total| self.outline.share(total).get(idx?).copied())),
        };
        let asked = &self.args.engine;
        Ok(EngineArgs {
            lanes: part("--lanes", asked.lanes)?,
            connections: part("--connections", asked.connections)?,
            max_in_flight: part("--max-in-flight", asked.max_in_flight)?,
            ..asked.clone()
        })
    }

    /// Finds the summary of the run that promises are relative to.
    fn baseline(&self, member: &Member) -> Result<Option<PathBuf>, Error> {
        let Some(named) = &self.args.result.baseline else {
            return Ok(None);
        };
        let usage = |detail: String| Error::Usage {
            flag: "--baseline",
            detail,
        };
        let path = Path::new(named);
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            if self.outline.members.len() > 1 {
                let detail = "is one summary for several services; name a run by its id";
                return Err(usage(detail.to_owned()));
            }
            return Ok(Some(path.to_owned()));
        }
        let run = self.args.result.out.join("runs").join(named);
        let places = [run.join(&member.name), run.clone()];
        let mut summaries = places.iter().map(|place| place.join("summary.json"));
        summaries
            .find(|summary| summary.is_file())
            .map(Some)
            .ok_or_else(|| {
                usage(format!(
                    "there is no run {named:?} with {} in {}",
                    member.name,
                    self.args.result.out.display()
                ))
            })
    }
}

/// Writes a member's load as flags.
fn load(member: &Member, seed: u64) -> (LoadArgs, UserArgs) {
    let process = if member.is_as_recorded() {
        "recorded"
    } else {
        "poisson"
    };
    let mut flags = LoadArgs {
        rate: None,
        profile_csv: None,
        duration: None,
        arrivals: arrivals_named(process).unwrap_or(ARRIVALS[0]),
        bursts: BurstArgs::default(),
        seed,
        speed: None,
        warm_up: None,
    };
    let mut crowd = UserArgs::default();
    match &member.load {
        Load::Open {
            rate,
            shape,
            duration,
            warm_up,
        } => {
            flags.warm_up = Some(warm_up.value);
            let (rate, seconds) = (rate.value, duration.value.as_secs_f64());
            if let Shape::Spike(factor) = shape {
                let (calm, spike) = (0.4 * seconds, 0.2 * seconds);
                let high = rate * factor;
                flags.rate = Some(format!("{rate}/{calm}s,{high}/{spike}s,{rate}/{calm}s"));
            } else {
                flags.rate = (!member.is_as_recorded()).then(|| rate.to_string());
                flags.duration = Some(duration.value);
            }
        }
        Load::Closed {
            users,
            spawn_rate,
            run_time,
            ramp_down,
            think,
            warm_up,
        } => {
            flags.warm_up = Some(warm_up.value);
            crowd = UserArgs {
                users: Some(users.value),
                spawn_rate: Some(spawn_rate.value),
                run_time: Some(run_time.value),
                ramp_down: Some(ramp_down.value).filter(|time| !time.is_zero()),
                think: Some(think.value),
            };
        }
    }
    (flags, crowd)
}

impl Host for Desk<'_> {
    fn access(&self, member: &Member) -> Access {
        let mut access = self.args.transport.access();
        access.stop = Stop::of(&self.stop);
        if let Some(Origin::Variable(name)) = member.target.as_ref().map(|target| &target.origin) {
            let sign = Production::of_variable(name);
            access.production.signs.extend(sign);
        }
        access
    }

    fn plan(
        &self,
        member: &Member,
        target: &str,
        tape: &Path,
        tokens: &Tokens,
    ) -> Result<RunPlan, Error> {
        let args = self.replay(member, target, tape)?;
        let plan = replay::plan::plan(&args, Some(tokens.clone()))?;
        replay::announce(&plan);
        Ok(plan)
    }

    fn begins(&mut self, phase: Phase, at_s: f64, what: &str) {
        let colon = if what.is_empty() { "" } else { ": " };
        // The lines below make room for it.
        self.board
            .suspend(|| note(format_args!("[{at_s:7.1} s] {}{colon}{what}", phase.name())));
    }

    fn generation(&self) -> Box<dyn Progress + Sync> {
        Box::new(Watch::new(Visibility::Everywhere, Arc::clone(&self.stop)))
    }

    fn watcher(&self, member: &Member, plan: &RunPlan) -> Box<dyn Watcher + Send> {
        let names = self.outline.members.iter().map(|member| member.name.len());
        let title = match names.len() {
            1 => String::new(),
            _ => format!("{:1$}  ", member.name, names.max().unwrap_or_default()),
        };
        Box::new(Line::among(&self.board, &title, planned_rate(plan)))
    }
}
