//! The keys that scripts rely on, and what stands behind them.

use super::*;
use crate::Measurements;
use crate::fixture::{gate, healthy, undisturbed};
use crate::measurements::GateSubject;

fn run() -> RunIdentity {
    RunIdentity {
        run_id: "lt-0123456789ab".to_owned(),
        service: "rule-engine".to_owned(),
        services_tested: vec!["rule-engine".to_owned()],
        scenario: "baseline".to_owned(),
        auth_mode: "none".to_owned(),
    }
}

fn short(measurements: &Measurements) -> RunSummary {
    let summary = &Summary::from_measurements(measurements);
    let part = Part {
        name: "rule-engine",
        summary,
        measurements,
    };
    RunSummary::over(&run(), &[part])
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_json_reads_like_this() {
    insta::assert_snapshot!(text(short(&healthy()).to_json().unwrap()));
}

#[test]
fn the_csv_reads_like_this() {
    let csv = text(short(&healthy()).to_csv());
    assert!(csv.ends_with("\r\n"));
    insta::assert_snapshot!(csv.replace("\r\n", "\n"));
}

#[test]
fn the_keys_of_the_earlier_harness_come_first_and_in_order() {
    let json = text(short(&healthy()).to_json().unwrap());
    let keys: Vec<&str> = json
        .lines()
        .filter_map(|line| line.strip_prefix("  \"")?.split_once("\":"))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(
        keys[..13],
        [
            "run_id",
            "start_time",
            "end_time",
            "services_tested",
            "scenario",
            "total_requests",
            "total_failures",
            "avg_response_time_ms",
            "p95_response_time_ms",
            "p99_response_time_ms",
            "rps",
            "threshold_violations",
            "pass_fail",
        ]
    );
}

#[test]
fn every_key_and_row_is_documented() {
    let documentation = include_str!("../../../docs/artifacts.md");
    let short = short(&healthy());
    let json = serde_json::to_value(&short).unwrap();
    let keys = json.as_object().unwrap().keys().cloned();
    let csv = text(short.to_csv());
    let rows = csv
        .lines()
        .filter_map(|line| Some(line.split_once(',')?.0.to_owned()));
    for name in keys.chain(rows.skip(1)) {
        assert!(documentation.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn a_missed_gate_fails_and_says_so() {
    let mut measurements = healthy();
    measurements.gates = vec![gate(
        "p50<1ms",
        GateSubject::ResponseQuantile(0.5),
        1_000_000.0,
    )];
    let short = short(&measurements);
    assert_eq!(short.pass_fail, "FAIL");
    assert_eq!(short.threshold_violations.len(), 1);
    assert!(short.threshold_violations[0].starts_with("Gate p50<1ms missed"));
}

#[test]
fn only_what_a_valid_run_missed_is_a_violation() {
    let p99 = |limit_ns| gate("p99", GateSubject::ResponseQuantile(0.99), limit_ns);
    let errors = gate("errors<1%", GateSubject::ErrorShare, 0.01);
    for (case, gates, verdict, violations) in [
        ("undecided", vec![p99(9e6)], Verdict::Invalid, 0),
        (
            "undecided beside one that was missed",
            vec![p99(9e6), errors.clone()],
            Verdict::SloMissed,
            1,
        ),
        ("missed", vec![p99(3e6), errors], Verdict::SloMissed, 2),
        (
            "missed beside one that is undecided",
            vec![p99(3e6), p99(9e6)],
            Verdict::Invalid,
            0,
        ),
    ] {
        let mut measurements = healthy();
        undisturbed(&mut measurements, 5_000_000);
        measurements.gates = gates;
        let short = short(&measurements);
        assert_eq!(short.verdict, verdict, "{case}");
        assert_eq!(short.threshold_violations.len(), violations, "{case}");
        let mut said = short.threshold_violations.iter();
        assert!(said.all(|said| said.contains(" missed: ")), "{case}");
        assert_eq!(short.upper_bounds, ["p75", "p90", "p95", "p99"]);
    }
}

#[test]
fn violations_of_several_services_are_under_their_names_and_those_of_an_invalid_one_are_not_there()
{
    let mut missed = healthy();
    missed.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
    let mut invalid = missed.clone();
    invalid.ledger.sent = 0;
    let summaries = [&missed, &invalid].map(Summary::from_measurements);
    let part = |name, idx: usize, measurements| Part {
        name,
        summary: &summaries[idx],
        measurements,
    };
    let parts = [part("one", 0, &missed), part("two", 1, &invalid)];
    let violations = RunSummary::over(&run(), &parts).threshold_violations;
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].starts_with("Gate one: errors<1% missed"));
}

#[test]
fn figures_of_no_requests_are_zero_where_scripts_expect_numbers() {
    let short = short(&Measurements::default());
    assert_eq!((short.total_requests, short.total_failures), (0, 0));
    let numbers = [
        short.avg_response_time_ms,
        short.p95_response_time_ms,
        short.p99_response_time_ms,
        short.rps,
    ];
    assert!(numbers.iter().all(|number| number.abs() < f64::EPSILON));
    assert_eq!(short.p99_9_response_time_ms, None);
    assert_eq!(short.pass_fail, "FAIL");
}

#[test]
fn a_percentile_of_too_few_requests_is_the_slowest() {
    let mut measurements = healthy();
    measurements.endpoints.truncate(1);
    measurements.endpoints[0].response.clear();
    measurements.endpoints[0].response.record(7_000_000);
    let short = short(&measurements);
    assert_eq!(
        short.p95_response_time_ms.to_bits(),
        short.max_response_time_ms.unwrap().to_bits()
    );
}

#[test]
fn files_are_named_after_the_run() {
    assert_eq!(
        run().file_name("run-summary", "json"),
        "run-summary-lt-0123456789ab.json"
    );
}
