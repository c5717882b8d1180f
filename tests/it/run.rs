//! Whole runs, in this process: what they leave, and what the targets saw of them.

mod endings;
mod scenarios;
mod stores;
mod tokens;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use clap::Parser;
use serde_json::Value;
use tapdeck::auth::Tokens;
use tapdeck::cli::run::{Args, Desk};
use tapdeck::error::Error;
use tapdeck::events::Watcher;
use tapdeck::exit::Exit;
use tapdeck::harness::play::RunPlan;
use tapdeck::harness::target::Access;
use tapdeck::run::ladder::Outcome;
use tapdeck::run::member::Member;
use tapdeck::run::metadata::SeededArtifact;
use tapdeck::run::phases::Phase;
use tapdeck::run::{Environment, Host, Outline, Seeder, carry_out};
use tapdeck_generators::Progress;

/// The flags of a run alone.
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    run: Args,
}

/// Who meddles with a run: stops it as a phase begins, and seeds what is only counted.
#[derive(Default)]
struct Meddling {
    stop_at: Option<Phase>,
    seeding: Option<Seeding>,
}

/// What a seeder does.
#[derive(Clone, Default)]
struct Seeding {
    fails: bool,
    seeded: Arc<AtomicU32>,
    torn_down: Arc<AtomicU32>,
}

impl Seeder for Seeding {
    fn bucket(&self) -> &'static str {
        "bucket"
    }

    fn seed(&mut self, _stop: &Arc<AtomicBool>) -> Result<Vec<SeededArtifact>, Error> {
        self.seeded.fetch_add(1, Ordering::Relaxed);
        if self.fails {
            return Err(Error::Unready {
                target: "the store".into(),
                detail: "it is full".into(),
            });
        }
        Ok(vec![SeededArtifact {
            key: "key".into(),
            checksum: "sha256:0".into(),
            replaced: false,
        }])
    }

    fn teardown(&mut self) -> Result<(), Error> {
        self.torn_down.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

struct Meddled<'a> {
    desk: Desk<'a>,
    meddling: Meddling,
    stop: Arc<AtomicBool>,
    begun: Vec<(Phase, String)>,
}

impl Host for Meddled<'_> {
    fn access(&self, member: &Member) -> Access {
        self.desk.access(member)
    }

    fn plan(
        &self,
        member: &Member,
        target: &str,
        tape: &Path,
        tokens: &Tokens,
    ) -> Result<RunPlan, Error> {
        self.desk.plan(member, target, tape, tokens)
    }

    fn seeder(&self, usual: Option<Box<dyn Seeder>>) -> Option<Box<dyn Seeder>> {
        match self.meddling.seeding.clone() {
            Some(seeding) => Some(Box::new(seeding)),
            None => usual,
        }
    }

    fn begins(&mut self, phase: Phase, _at_s: f64, what: &str) {
        self.begun.push((phase, what.to_owned()));
        if self.meddling.stop_at == Some(phase) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn generation(&self) -> Box<dyn Progress + Sync> {
        self.desk.generation()
    }

    fn watcher(&self, member: &Member, plan: &RunPlan) -> Box<dyn Watcher + Send> {
        self.desk.watcher(member, plan)
    }
}

/// What a run came to, and what it said and left on the way.
struct Ran {
    outcome: Outcome,
    begun: Vec<(Phase, String)>,
    metadata: Value,
}

/// Carries out a run whose tapes and results go into a folder.
fn run(folder: &Path, flags: &str, meddling: Meddling) -> Ran {
    run_in(&Environment::default(), folder, flags, meddling)
}

/// Carries out a run in an environment.
fn run_in(environment: &Environment, folder: &Path, flags: &str, meddling: Meddling) -> Ran {
    let words = flags.split_whitespace().map(str::to_owned);
    let out = folder.join("out").display().to_string();
    let words = ["run".to_owned()]
        .into_iter()
        .chain(words)
        .chain(["--out".to_owned(), out]);
    let args = Flags::try_parse_from(words).unwrap().run;
    let outline = Outline::new(&args.wish(folder.join("cache")), environment).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut host = Meddled {
        desk: Desk::new(&args, &outline, Arc::clone(&stop)).unwrap(),
        meddling,
        stop: Arc::clone(&stop),
        begun: Vec::new(),
    };
    let outcome = carry_out(&outline, environment, &mut host, &stop).unwrap();
    let name = format!("run-metadata-{}.json", outline.run_id.value);
    let metadata = fs::read(folder.join("out").join(name)).unwrap();
    Ran {
        outcome,
        begun: host.begun,
        metadata: serde_json::from_slice(&metadata).unwrap(),
    }
}

impl Ran {
    fn phases(&self) -> Vec<Phase> {
        self.begun.iter().map(|(phase, _)| *phase).collect()
    }

    /// Planned requests of the services, all of which were answered well unless the end of the run cut them off.
    fn requests(&self) -> u64 {
        let ledgers = self
            .outcome
            .results
            .iter()
            .map(|(_, summary)| summary.ledger);
        ledgers
            .map(|ledger| {
                let ended = ledger.good + ledger.cut + ledger.unsent;
                assert_eq!(ledger.planned, ended, "{ledger:?}");
                ledger.sent
            })
            .sum()
    }
}

/// A run may be spoiled by a busy machine, and miss a promise of a few milliseconds for the same reason.
fn check_exit(exit: Exit, scenario: &str) {
    let soft = [Exit::Pass, Exit::SloMissed, Exit::RunInvalid];
    assert!(soft.contains(&exit), "{scenario}: {exit:?}");
}

const SMALL: &str = "--service rule-engine --rate 60 --run-time 1 --warm-up 300ms --stand-ins";
