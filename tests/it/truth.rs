//! What is known about a target must come back in the figures, on every way to it.

use std::time::Duration;

use tapdeck::stand_in::StandInConfig;
use tapdeck_reports::Summary;
use tapdeck_reports::histogram::Histogram;

use crate::common::{MS, Run, S, failures};
use crate::ways::{Way, on_every_way};

on_every_way! {
    a_run_against_a_sound_target_is_good_throughout,
    a_fixed_delay_comes_back,
    a_stall_shows_in_response_time_as_arithmetic_says_and_not_in_service_time,
    a_target_that_cannot_keep_up_is_never_offered_less,
}

fn faulty(faults: &[(&str, &str)]) -> StandInConfig {
    let mut config = StandInConfig::demo().unwrap();
    for (name, text) in faults {
        match *name {
            "delay" => config.faults.delay = text.parse().unwrap(),
            "stall" => config.faults.stall = Some(text.parse().unwrap()),
            _ => panic!("unknown fault {name}"),
        }
    }
    config
}

fn all_responses(measurements: &tapdeck_reports::Measurements) -> Histogram {
    let mut all = Histogram::new();
    for endpoint in &measurements.endpoints {
        all.merge(&endpoint.response);
    }
    all
}

fn all_service(measurements: &tapdeck_reports::Measurements) -> Histogram {
    let mut all = Histogram::new();
    for endpoint in &measurements.endpoints {
        all.merge(&endpoint.service);
    }
    all
}

fn a_run_against_a_sound_target_is_good_throughout(way: Way) {
    let target = way.to(faulty(&[]));
    let measured = target.at(2_000.0).play();
    assert_eq!(measured.ledger.planned, 2_000);
    assert_eq!(measured.ledger.good, 2_000);
    assert!(measured.failures.is_empty(), "{:?}", measured.failures);
    let seen = target.stand_in.stop().unwrap();
    assert_eq!(seen.auth_requests + seen.monitoring_requests, 2_000);
    assert_eq!(seen.monitoring_requests, measured.endpoints[1].ledger.sent);
    let offered: Vec<u64> = measured
        .seconds
        .iter()
        .map(|second| second.offered)
        .collect();
    assert_eq!(offered, [2_000]);
    // The kernel stamps what arrives over TCP, but for the first packets after the first socket asked it to.
    let kernel = measured.stamps.kernel;
    assert!(
        if way == Way::Unix {
            kernel == 0
        } else {
            kernel > 1_800
        },
        "{kernel}"
    );
}

fn a_fixed_delay_comes_back(way: Way) {
    let delay = Duration::from_millis(20);
    let target = way.to(faulty(&[("delay", "fixed:20ms")]));
    let measured = target.at(200.0).play();
    let delay_ns = u64::try_from(delay.as_nanos()).unwrap();
    let service = all_service(&measured);
    // No answer can be early; HDR keeps three digits.
    assert!(
        service.min() >= delay_ns - delay_ns / 1_000,
        "{}",
        service.min()
    );
    // The allowance is for a machine that does other things; what it measures of itself is in the report.
    let excess = service.quantile(0.5).saturating_sub(delay_ns);
    assert!(excess < 15 * MS, "median {excess} ns above the delay");
}

fn a_stall_shows_in_response_time_as_arithmetic_says_and_not_in_service_time(way: Way) {
    // 1,000 requests a second for 6 s; from the second second on, every answer is held back for 2 s.
    let target = way.to(faulty(&[("stall", "2s+2s")]));
    let run = Run {
        measure_ns: 6 * S,
        ..target.at(1_000.0)
    };
    let measured = target.at_a_time(8, run).play();
    assert_eq!(measured.ledger.good, 6_000);
    let response = all_responses(&measured);
    // Those intended k ms before the stall's end wait k ms: 2,000 of 6,000, evenly spread over 0 to 2 s. Fewer would be
    // waiting left out. More is no fault of the figures: a busy machine takes its time to work off what has piled up.
    let slower_than = |ns: u64| (1.0 - response.share_below(ns)) * 6_000.0;
    let waited = slower_than(50 * MS);
    assert!(waited >= 1_900.0, "{waited} requests waited");
    let half = slower_than(S);
    assert!(half >= 950.0, "{half} requests waited over a second");
    // The slowest 60 are those of the stall's first 60 ms.
    let p99 = response.quantile(0.99) as f64 / 1e9;
    assert!((1.9..3.0).contains(&p99), "p99 {p99} s");
    // Only the 8 requests in flight when the stall began were slow in the target itself; the rest waited for them.
    let slow_service = (1.0 - all_service(&measured).share_below(S)) * 6_000.0;
    assert!((7.5..100.0).contains(&slow_service), "{slow_service}");
    assert!(measured.ledger.deferred >= 1_900, "{:?}", measured.ledger);
    // The stall is the target's: a generator without lag would have seen it as well.
    let mut undisturbed = Histogram::new();
    for endpoint in &measured.endpoints {
        undisturbed.merge(&endpoint.undisturbed);
    }
    let p99 = undisturbed.quantile(0.99) as f64 / 1e9;
    assert!(p99 >= 1.9, "undisturbed p99 {p99} s");
}

fn a_target_that_cannot_keep_up_is_never_offered_less(way: Way) {
    // Four at a time and 20 ms per answer: 200 a second at most, of 1,000 asked for.
    let target = way.to(faulty(&[("delay", "fixed:20ms")]));
    let run = Run {
        in_flight_cap: 100,
        ..target.at(1_000.0)
    };
    let run = target.at_a_time(4, run);
    let measured = run.play();
    assert_eq!(measured.ledger.planned, 1_000);
    assert!(measured.ledger.dropped > 600, "{:?}", measured.ledger);
    assert_eq!(
        failures(&measured, "in-flight-cap"),
        measured.ledger.dropped
    );
    // What was dropped counts as slower than every answer, however soon it was given up.
    let summary = Summary::from_measurements(&measured);
    let p90 = summary.quantiles.iter().find(|row| row.name == "p90");
    let p90 = p90.unwrap();
    assert!(p90.lower_bound, "{p90:?}");
    let slowest_ms = all_responses(&measured).max() as f64 / 1e6;
    assert!(p90.response_ms.unwrap() >= slowest_ms, "{p90:?}");
}
