//! Every way out of a run: interrupts in each phase, and what fails before the load.

use std::sync::atomic::Ordering;

use tapdeck::exit::Exit;
use tapdeck::run::phases::Phase;
use tapdeck::stand_in::{Role, StandIn, StandInConfig};

use super::{Meddling, SMALL, Seeding, check_exit, run};

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
