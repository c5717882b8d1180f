//! Every scenario of every service, one by one and side by side.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use tapdeck::run::phases::Phase;
use tapdeck::stand_in::{RateLimits, Role, StandIn, StandInConfig};
use tapdeck_services::registry;

use super::{Meddling, SMALL, check_exit, run};

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
        // The health check and whether a token is wanted, and the counters before and after.
        let sends = scenario != "seed-only";
        assert_eq!(seen.other_requests, if sends { 4 } else { 2 }, "{scenario}");
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
        // Not on the tape are the health check and, where there are tokens, the question whether one is wanted.
        let auth = registry::find(service).unwrap().auth;
        let asked = 1 + u64::from(auth.is_some());
        assert_eq!(
            seen.values().sum::<u64>() - asked,
            sent,
            "{scenario}: {seen:?}"
        );
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
