//! Whole runs: every scenario of every service, and every way out of one.

use std::collections::BTreeMap;
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
use tapdeck::stand_in::{RateLimits, Role, StandIn, StandInConfig};
use tapdeck_generators::Progress;
use tapdeck_services::registry;

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

    fn seed(&mut self, _stop: &AtomicBool) -> Result<Vec<SeededArtifact>, Error> {
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

    fn watcher(&self, plan: &RunPlan) -> Box<dyn Watcher + Send> {
        self.desk.watcher(plan)
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
    let words = flags.split_whitespace().map(str::to_owned);
    let out = folder.join("out").display().to_string();
    let words = ["run".to_owned()]
        .into_iter()
        .chain(words)
        .chain(["--out".to_owned(), out]);
    let args = Flags::try_parse_from(words).unwrap().run;
    let environment = Environment::default();
    let outline = Outline::new(&args.wish(folder.join("cache")), &environment).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut host = Meddled {
        desk: Desk::new(&args, &outline, Arc::clone(&stop)).unwrap(),
        meddling,
        stop: Arc::clone(&stop),
        begun: Vec::new(),
    };
    let outcome = carry_out(&outline, &environment, &mut host, &stop).unwrap();
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

/// Gives the names of all scenarios of a service.
fn scenarios(service: &str) -> Vec<String> {
    let service = registry::find(service).unwrap();
    let general = tapdeck::run::scenario::GENERAL.iter();
    let mut names: Vec<String> = general.map(|general| general.name.to_owned()).collect();
    names.extend(service.scenarios.into_iter().map(|own| own.name));
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn every_scenario_of_the_rule_engine_runs_and_both_sides_count_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in scenarios("rule-engine") {
        let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
        let flags = format!(
            "--service rule-engine --scenario {scenario} --target {} --rate 60 --run-time 1 --warm-up 0s --skip-seed",
            target.url()
        );
        let ran = run(folder.path(), &flags, Meddling::default());
        check_exit(ran.outcome.exit, &scenario);
        let sent = ran.requests();
        let seen = target.stop().unwrap();
        assert_eq!(seen.auth_requests + seen.monitoring_requests, sent);
        // The health check, and the counters before and after.
        let sends = scenario != "seed-only";
        assert_eq!(seen.other_requests, if sends { 3 } else { 1 }, "{scenario}");
        assert_eq!(sent > 0, sends, "{scenario}");
        match scenario.as_str() {
            "auth" => assert_eq!(seen.monitoring_requests, 0),
            "monitoring" => assert_eq!(seen.auth_requests, 0),
            _ => {}
        }
        let counters = &ran.metadata["services"][0]["counters"]["growth"]["fail_open_total"];
        assert_eq!(counters.as_u64(), sends.then_some(0), "{}", ran.metadata);
    }
}

/// Plays every scenario of a service of users, whose requests must be those that the target has counted.
fn check_users_of(service: &str, role: Role) {
    let folder = tempfile::tempdir().unwrap();
    for scenario in scenarios(service) {
        let target = StandIn::start(StandInConfig {
            role,
            hourly_limit: None,
            rate_limits: RateLimits::Off,
            ..StandInConfig::default()
        })
        .unwrap();
        let flags = format!(
            "--service {service} --scenario {scenario} --target {} --users 3 --spawn-rate 100 --run-time 1 --ramp-down 100ms",
            target.url()
        );
        let ran = run(folder.path(), &flags, Meddling::default());
        check_exit(ran.outcome.exit, &scenario);
        let sent = ran.requests();
        assert_eq!(sent > 0, scenario != "seed-only", "{scenario}");
        let routes = target.audit().routes;
        let seen: BTreeMap<&str, u64> = routes
            .iter()
            .map(|(name, count)| (*name, count.requests))
            .collect();
        // The health check is the one request that is not on the tape.
        assert_eq!(seen.values().sum::<u64>() - 1, sent, "{scenario}: {seen:?}");
    }
}

#[test]
fn every_scenario_of_the_approvals_back_end_runs_and_both_sides_count_the_same() {
    check_users_of("approvals", Role::Approvals);
}

#[test]
fn every_scenario_of_transaction_management_runs_and_both_sides_count_the_same() {
    check_users_of("transaction-management", Role::TransactionManagement);
}

#[test]
fn every_scenario_of_rule_management_runs_and_both_sides_count_the_same() {
    check_users_of("rule-management", Role::RuleManagement);
}

const SMALL: &str = "--service rule-engine --rate 60 --run-time 1 --warm-up 300ms --stand-ins";

#[test]
fn an_interrupt_in_any_phase_leaves_by_way_of_teardown_and_metadata() {
    let folder = tempfile::tempdir().unwrap();
    for phase in Phase::ALL {
        let seeding = Seeding::default();
        let meddling = Meddling {
            stop_at: Some(phase),
            seeding: Some(seeding.clone()),
        };
        let ran = run(folder.path(), SMALL, meddling);
        let name = phase.name();
        if !ran.phases().contains(&phase) {
            // So short a drain is over before anybody looks.
            assert_eq!(phase, Phase::Drain);
            continue;
        }
        assert_eq!(ran.outcome.exit, Exit::Interrupted, "{name}");
        let began = seeding.seeded.load(Ordering::Relaxed);
        let reached = u32::from(phase > Phase::Seed);
        assert_eq!(began, reached, "{name}");
        let torn_down = seeding.torn_down.load(Ordering::Relaxed);
        assert_eq!(torn_down, u32::from(phase >= Phase::WarmUp), "{name}");
        let count = |wanted| ran.phases().iter().filter(|&&it| it == wanted).count();
        // Before the stand-ins have started there is nothing to take apart.
        let taken_apart = usize::from(phase > Phase::StandIns);
        assert_eq!(count(Phase::Teardown), taken_apart, "{name}");
        assert_eq!(count(Phase::Report), 1, "{name}");
        assert_eq!(ran.metadata["exit_code"], 130, "{name}");
        assert_eq!(ran.metadata["interrupted"], true, "{name}");
        assert_eq!(
            ran.outcome.short.is_some(),
            phase >= Phase::WarmUp,
            "{name}"
        );
    }
}

#[test]
fn what_fails_before_the_load_ends_the_run_with_teardown_and_nothing_sent() {
    let folder = tempfile::tempdir().unwrap();
    let seeding = Seeding {
        fails: true,
        ..Seeding::default()
    };
    let meddling = Meddling {
        stop_at: None,
        seeding: Some(seeding.clone()),
    };
    let ran = run(folder.path(), SMALL, meddling);
    assert_eq!(ran.outcome.exit, Exit::TargetUnreachable);
    assert_eq!(seeding.torn_down.load(Ordering::Relaxed), 1);
    assert!(!ran.phases().contains(&Phase::Measure));
    let expected = "the target the store is not ready: it is full";
    assert_eq!(ran.metadata["error"], expected);
    let failed = ran.metadata["phases"].as_array().unwrap().iter();
    let failed: Vec<_> = failed.filter(|it| it["outcome"] == "failed").collect();
    assert_eq!(failed[0]["name"], "seed");
}

#[test]
fn a_target_that_is_not_ready_ends_the_run_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let target = StandIn::start(StandInConfig {
        role: Role::Approvals,
        ..StandInConfig::default()
    })
    .unwrap();
    let flags = format!("--service rule-engine --target {}", target.url());
    let ran = run(folder.path(), &flags, Meddling::default());
    assert_eq!(ran.outcome.exit, Exit::TargetUnreachable);
    let error = ran.outcome.error.unwrap().to_string();
    let expected = "GET /v1/evaluate/health answered 404, expected 200";
    assert!(error.contains(expected), "{error}");
    assert!(!folder.path().join("cache").exists());
}

#[test]
fn seeding_is_torn_down_once_and_only_if_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    for (more, seeded, torn_down) in [
        ("", 1, 1),
        ("--skip-teardown", 1, 0),
        ("--skip-seed", 0, 0),
        ("--scenario seed-only", 1, 0),
    ] {
        let seeding = Seeding::default();
        let meddling = Meddling {
            stop_at: None,
            seeding: Some(seeding.clone()),
        };
        let ran = run(folder.path(), &format!("{SMALL} {more}"), meddling);
        check_exit(ran.outcome.exit, more);
        let counts = [&seeding.seeded, &seeding.torn_down].map(|it| it.load(Ordering::Relaxed));
        assert_eq!(counts, [seeded, torn_down], "{more}");
        let artifacts = ran.metadata["seeded_artifacts"].as_array().unwrap();
        assert_eq!(artifacts.len(), seeded as usize, "{more}");
    }
}

#[test]
fn services_side_by_side_have_a_report_each_and_one_together() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "--service all --run-time 1 --users 6 --spawn-rate 100 --stand-ins --run-id all";
    let ran = run(folder.path(), flags, Meddling::default());
    check_exit(ran.outcome.exit, "all");
    let sent = ran.requests();
    let out = folder.path().join("out");
    for file in [
        "runs/all/index.html",
        "runs/all/rule-engine/index.html",
        "runs/all/rule-management/stats.csv",
        "run-summary-all.csv",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let short = fs::read(out.join("run-summary-all.json")).unwrap();
    let short: Value = serde_json::from_slice(&short).unwrap();
    let services = short["services"].as_array().unwrap();
    let names: Vec<_> = services.iter().map(|it| it["service"].as_str()).collect();
    let expected = ["rule-engine", "transaction-management", "rule-management"];
    assert_eq!(names, expected.map(Some));
    let total: u64 = services
        .iter()
        .filter_map(|it| it["total_requests"].as_u64())
        .sum();
    assert_eq!(short["total_requests"], total);
    assert!(total <= sent && total > 0);
    assert_eq!(ran.metadata["users"], 6);
    // Published and loaded by way of the embedded store, then taken back.
    let seeded = ran.metadata["seeded_artifacts"].as_array().unwrap();
    assert!(seeded.len() >= 2 && ran.phases().contains(&Phase::Seed));
    assert_eq!(ran.metadata["bucket"], "fraud-gov-artifacts");
    let page = fs::read_to_string(out.join("runs/all/index.html")).unwrap();
    assert!(page.contains("href=\"rule-management/index.html\""));
}

#[test]
fn a_tape_is_made_once_and_then_reused() {
    let folder = tempfile::tempdir().unwrap();
    for expected in ["making ", "reusing "] {
        let ran = run(folder.path(), SMALL, Meddling::default());
        let (_, what) = ran
            .begun
            .iter()
            .find(|(phase, _)| *phase == Phase::Tape)
            .unwrap();
        assert!(what.starts_with(expected), "{what}");
    }
}
