//! Whole sessions against the approvals back end, whose audit tells whether any of them got into another's way.

use std::sync::Arc;

use tapdeck::harness::play::RunPlan;
use tapdeck::schedule::{Load, Users};
use tapdeck::stand_in::{ApprovalsAudit, Role, StandIn, StandInConfig};
use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_reports::measurements::Measurements;
use tapdeck_services::{ServiceDefinition, Think};

use crate::common::{Run, S, play_through};

pub(crate) fn back_end() -> StandIn {
    let config = StandInConfig {
        role: Role::Approvals,
        hourly_limit: None,
        ..StandInConfig::default()
    };
    StandIn::start(config).unwrap()
}

/// A tape of the built-in sessions, without their pauses.
fn tape() -> Arc<Tape> {
    tape_with(str::to_owned)
}

/// A tape of the built-in sessions, without their pauses, and with another change to each line of their definition.
pub(crate) fn tape_with(change: impl Fn(&str) -> String) -> Arc<Tape> {
    let builtin = tapdeck_services::registry::find("approvals").unwrap();
    let lines = builtin.source.lines();
    let restless = lines.filter(|line| !line.starts_with("think = "));
    let changed: Vec<String> = restless.map(change).collect();
    let service = ServiceDefinition::parse(&changed.join("\n"), "restless.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.tape");
    let options = GenerateOptions::new(5, 3_000);
    generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    // The map outlives the file's name.
    Arc::new(Tape::open(&path).unwrap())
}

/// Nobody read or decided what is another's, and what the back end counted is what we did.
fn check(measurements: &Measurements, audit: &ApprovalsAudit) {
    let ledger = &measurements.ledger;
    assert_eq!(ledger.planned, ledger.good, "{ledger:?}");
    assert!(audit.deployments_read_by_creator > 0, "{audit:?}");
    assert!(
        audit.items_approved > 0 && audit.items_rejected > 0,
        "{audit:?}"
    );
    assert_eq!(audit.deployments_read_by_others, 0, "{audit:?}");
    assert_eq!(audit.items_decided_by_others, 0, "{audit:?}");
    // The sessions that approve try it twice, and no more often.
    let again = audit.items_decided_twice;
    assert!(again > 0 && again <= audit.items_approved, "{audit:?}");
    assert_eq!(audit.forgeries_refused, 0, "{audit:?}");
    assert!(audit.crossings.is_empty());
    let decided = audit.items_approved + audit.items_rejected;
    assert_eq!(audit.items_decided_by_submitter, decided);
}

#[test]
fn two_hundred_users_keep_to_their_own() {
    let target = back_end();
    let run = Run {
        lanes: 2,
        connections: 200,
        measure_ns: 2 * S,
        ..Run::at(&target.url(), 1.0)
    };
    let plan = RunPlan {
        load: Load::Closed(Users {
            count: 200,
            spawn_rate: 1e9,
            run_ns: 2 * S,
            ramp_down_ns: 0,
            think: Think::NONE,
            seed: 3,
        }),
        ..run.plan_with(tape())
    };
    let measurements = play_through(&plan).measurements;
    check(&measurements, &target.audit().approvals.unwrap());
}

#[test]
fn sessions_that_arrive_on_schedule_keep_to_their_own() {
    let target = back_end();
    let run = Run {
        lanes: 2,
        connections: 64,
        measure_ns: 2 * S,
        ..Run::at(&target.url(), 150.0)
    };
    let measurements = play_through(&run.plan_with(tape())).measurements;
    let audit = target.audit();
    let approvals = audit.approvals.unwrap();
    check(&measurements, &approvals);
    // Every session signs in for itself.
    assert_eq!(audit.routes["login"].requests, approvals.sessions);
}
