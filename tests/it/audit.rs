//! Runs audited from both sides: what the stand-in counted is what the run's ledger says, request by request.

use std::sync::Arc;

use tapdeck::stand_in::{
    Audit, Faults, IdWatch, RateLimits, Role, RouteCount, Share, StandIn, StandInConfig,
};
use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_reports::measurements::{EndpointMeasurements, Ledger, Measurements};
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, failures};

/// Routes of a stand-in, each with the endpoints of the service that lead there.
type Ways = &'static [(&'static str, &'static [&'static str])];

const TRANSACTIONS: Ways = &[
    ("ingest", &["ingest", "read-back/ingest"]),
    ("list", &["list"]),
    ("detail", &["read-back/detail"]),
];

const RULES: Ways = &[
    ("list", &["list", "browse/list"]),
    ("rule", &["browse/get"]),
    ("create", &["author/create"]),
    ("revise", &["author/version"]),
];

const ENGINE: Ways = &[("auth", &["auth"]), ("monitoring", &["monitoring"])];

const APPROVALS: Ways = &[
    (
        "login",
        &[
            "deployment/login",
            "approval/login",
            "rejection/login",
            "publishing/login",
            "burst/login",
        ],
    ),
    ("create-deployment", &["deployment/create", "burst/create"]),
    ("list-deployments", &["deployment/list"]),
    ("deployment", &["deployment/detail"]),
    ("submit", &["approval/submit", "rejection/submit"]),
    ("pending", &["approval/pending"]),
    ("approve", &["approval/approve", "approval/approve-again"]),
    ("reject", &["rejection/reject"]),
    ("connectors", &["publishing/connectors"]),
    ("connector-deploy", &["publishing/deploy"]),
    ("connector-health", &["publishing/health"]),
];

fn stand_in(role: Role, faults: Faults) -> StandIn {
    let demo = StandInConfig::demo().unwrap();
    let config = StandInConfig {
        role,
        faults,
        id_watch: IdWatch::On,
        hourly_limit: None,
        rate_limits: RateLimits::Off,
        ..demo
    };
    StandIn::start(config).unwrap()
}

/// A tape of a built-in service, without the pauses of its sessions.
fn tape(service: &str, requests: u64) -> Arc<Tape> {
    let builtin = tapdeck_services::registry::find(service).unwrap();
    let lines = builtin.source.lines();
    let restless: Vec<&str> = lines.filter(|line| !line.starts_with("think = ")).collect();
    let service = ServiceDefinition::parse(&restless.join("\n"), "restless.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tape");
    let options = GenerateOptions::new(5, requests);
    generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    // The map outlives the file's name.
    Arc::new(Tape::open(&path).unwrap())
}

/// Plays a tape for a second, on two lanes.
fn play(target: &StandIn, tape: Arc<Tape>, rate: f64) -> Measurements {
    let run = Run {
        lanes: 2,
        connections: 32,
        ..Run::at(&target.url(), rate)
    };
    run.play_tape(tape)
}

fn endpoints<'m>(
    measurements: &'m Measurements,
    names: &'m [&str],
) -> impl Iterator<Item = &'m EndpointMeasurements> {
    let named = |endpoint: &&EndpointMeasurements| names.contains(&endpoint.name.as_str());
    measurements.endpoints.iter().filter(named)
}

/// Every route was asked for exactly as often as the ledger says that it was, answered as often, and nothing else was.
fn check(ways: Ways, measurements: &Measurements, audit: &Audit) {
    for (route, names) in ways {
        let count = audit.routes.get(route).cloned().unwrap_or_default();
        let ledgers: Vec<_> = endpoints(measurements, names)
            .map(|endpoint| endpoint.ledger)
            .collect();
        assert_eq!(ledgers.len(), names.len(), "{route}");
        let sum = |figure: fn(&Ledger) -> u64| ledgers.iter().map(figure).sum::<u64>();
        assert_eq!(count.requests, sum(|ledger| ledger.sent), "{route}");
        assert_eq!(answered(&count), sum(|ledger| ledger.completed), "{route}");
        assert_eq!(count.unanswered, sum(|ledger| ledger.failed), "{route}");
    }
    let asked = audit.routes.values().map(|count| count.requests);
    assert_eq!(asked.sum::<u64>(), measurements.ledger.sent, "{audit:?}");
}

fn answered(count: &RouteCount) -> u64 {
    count.statuses.values().sum()
}

#[test]
fn transaction_management_is_sent_what_the_ledger_says() {
    let target = stand_in(Role::TransactionManagement, Faults::default());
    // The tape starts over twice and more.
    let measurements = play(&target, tape("transaction-management", 400), 800.0);
    let (ledger, audit) = (&measurements.ledger, target.audit());
    assert_eq!(ledger.planned, ledger.good, "{:?}", measurements.failures);
    assert!(ledger.planned >= 800, "{ledger:?}");
    check(TRANSACTIONS, &measurements, &audit);
    let recorded = audit.transactions.unwrap();
    let ingested = audit.routes["ingest"].requests;
    assert_eq!(
        recorded.events_recorded, ingested,
        "no firing is taken for another"
    );
    assert_eq!((recorded.events_repeated, recorded.ids_replaced), (0, 0));
    assert_eq!((audit.distinct_ids, audit.repeated_ids), (ingested, 0));
}

#[test]
fn rule_management_is_sent_what_the_ledger_says() {
    let target = stand_in(Role::RuleManagement, Faults::default());
    let measurements = play(&target, tape("rule-management", 400), 480.0);
    let (ledger, audit) = (&measurements.ledger, target.audit());
    assert_eq!(ledger.planned, ledger.good, "{:?}", measurements.failures);
    check(RULES, &measurements, &audit);
    let written = audit.rule_book.unwrap();
    assert_eq!(written.rules_created, audit.routes["create"].requests);
    assert_eq!(written.versions_added, audit.routes["revise"].requests);
    assert_eq!(written.conflicts, 0);
    assert_eq!(
        (audit.distinct_ids, audit.repeated_ids),
        (written.rules_created, 0)
    );
}

#[test]
fn the_rule_engine_is_sent_what_the_ledger_says() {
    let target = stand_in(Role::RuleEngine, Faults::default());
    let measurements = play(&target, tape("rule-engine", 700), 1_000.0);
    let audit = target.audit();
    assert_eq!(measurements.ledger.planned, measurements.ledger.good);
    check(ENGINE, &measurements, &audit);
    assert_eq!((audit.distinct_ids, audit.repeated_ids), (1_000, 0));
}

#[test]
fn the_approvals_back_end_is_sent_what_the_ledger_says() {
    let target = stand_in(Role::Approvals, Faults::default());
    let measurements = play(&target, tape("approvals", 2_000), 120.0);
    let audit = target.audit();
    assert_eq!(measurements.ledger.planned, measurements.ledger.good);
    check(APPROVALS, &measurements, &audit);
}

#[test]
fn mixes_are_exact() {
    for (service, shares) in [
        (
            "transaction-management",
            &[
                ("ingest", 20),
                ("list", 40),
                ("read-back/ingest", 20),
                ("read-back/detail", 20),
            ][..],
        ),
        (
            "rule-management",
            &[
                ("list", 20),
                ("browse/list", 30),
                ("browse/get", 30),
                ("author/create", 10),
                ("author/version", 10),
            ],
        ),
    ] {
        let tape = tape(service, 10_000);
        let counts = &tape.manifest().endpoints;
        assert_eq!(counts.len(), shares.len());
        for (count, (name, percent)) in counts.iter().zip(shares) {
            assert_eq!(count.name, *name);
            // The tape may end within a round, by a request or two.
            assert!(count.records.abs_diff(percent * 100) <= 3, "{counts:?}");
        }
    }
}

#[test]
fn faults_are_classified_as_the_stand_in_played_them() {
    let share = |percent: &str| percent.parse::<Share>().unwrap();
    for (role, service, ways) in [
        (
            Role::TransactionManagement,
            "transaction-management",
            TRANSACTIONS,
        ),
        (Role::RuleManagement, "rule-management", RULES),
    ] {
        let faults = Faults {
            shed: "5%".parse().unwrap(),
            fail_open: share("5%"),
            reset: share("5%"),
            garbage: share("5%"),
            wrong_id: share("5%"),
            ..Faults::default()
        };
        let target = stand_in(role, faults);
        let measurements = play(&target, tape(service, 1_000), 800.0);
        let (seen, audit) = (target.seen(), target.audit());
        check(ways, &measurements, &audit);
        let refused: u64 = audit.routes.values().map(RouteCount::refused).sum();
        assert_eq!(failures(&measurements, "status"), refused, "{service}");
        assert!(seen.shed > 0 && seen.failures_played > 0, "{seen:?}");
        let transport = measurements.ledger.failed;
        assert_eq!(transport, seen.resets + seen.garbage, "{service}");
        assert!(transport > 0, "{service}");
        // An id that is told wrong shows where it should be repeated, or where nothing has it.
        let checks = ["check:echoed-id", "check:same-id", "check:same-rule"];
        let mistaken: u64 = checks
            .map(|check| failures(&measurements, check))
            .iter()
            .sum();
        assert!(mistaken > 0, "{:?}", measurements.failures);
    }
}
