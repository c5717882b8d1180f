//! Documents that commands read back: summaries as baselines, runs side by side, earlier searches.

use serde_json::{Value, json};
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_reports::Baseline;
use tapdeck_reports::capacity::CapacityReport;
use tapdeck_reports::combined::CombinedRun;
use tapdeck_reports::measurements::GateSubject;

const MOST_BYTES: u64 = 4 << 20;

fn summary() -> Value {
    json!({
        "schema": "tapdeck-summary-v2",
        "verdict": {"verdict": "pass"},
        "ledger": {"planned": 100, "completed": 99},
        "rates": {"error_share": 0.01},
        "quantiles": [{"name": "p99", "response_ms": 12.5, "lower_bound": false}],
        "sessions": [{"good": 9, "broken": 1}, {"good": 10, "broken": 0}],
    })
}

#[test]
fn a_damaged_summary_is_no_baseline_or_gives_figures() {
    let sound = summary().to_string();
    Baseline::from_json(sound.as_bytes()).unwrap();
    let subjects = [
        GateSubject::ResponseQuantile(0.99),
        GateSubject::ErrorShare,
        GateSubject::AchievedShare,
        GateSubject::SessionShare,
        GateSubject::FalsePositiveRate,
    ];
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(sound.as_bytes());
            let read = within(MOST_BYTES, || Baseline::from_json(&tried));
            let is_json = serde_json::from_slice::<Value>(&tried).is_ok();
            match read {
                Ok(baseline) => {
                    assert!(is_json);
                    for subject in &subjects {
                        let figure = baseline.measured(subject).ok();
                        assert!(figure.is_none_or(f64::is_finite), "{figure:?}");
                    }
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        });
}

#[test]
fn a_run_in_short_shows_what_it_says() {
    let sound = json!({
        "run_id": "one", "start_time": "2026-01-01", "scenario": "smoke", "total_requests": 5, "total_failures": 0,
        "avg_response_time_ms": 1, "p95_response_time_ms": 1, "p99_response_time_ms": 1, "rps": 5, "pass_fail": "PASS",
    });
    let sound = sound.to_string();
    CombinedRun::from_json(sound.as_bytes()).unwrap();
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(sound.as_bytes());
            if within(MOST_BYTES, || CombinedRun::from_json(&tried)).is_ok() {
                serde_json::from_slice::<Value>(&tried).unwrap();
            }
        });
}

#[test]
fn a_damaged_search_is_not_gone_on_from() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried =
                edits.apply(br#"{"schema":"tapdeck-capacity-v2","steps":[],"identity":{}}"#);
            within(MOST_BYTES, || CapacityReport::from_json(&tried)).unwrap_err();
        });
}
