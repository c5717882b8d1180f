//! Findings in figures and words, the document against its schema, and the charts.

use serde_json::Value;

use super::knee::{knee, medians};
use super::*;
use crate::fixture::{healthy, undisturbed};
use crate::summary::Summary;

fn step(rate_per_s: f64, p99: f64, verdict: StepVerdict) -> CapacityStep {
    CapacityStep {
        rate_per_s,
        purpose: Purpose::Narrow,
        verdict,
        reasons: vec!["p99 was <late>.".to_owned()],
        started_at: "2026-01-01T00:00:00.000Z".to_owned(),
        offered_per_s: Some(rate_per_s),
        achieved_per_s: Some(rate_per_s),
        error_share: Some(0.0),
        response_ms_p50: Some(p99 / 3.0),
        response_ms_p95: Some(p99 / 2.0),
        response_ms_p99: Some(p99),
        response_ms_max: Some(p99 * 2.0),
        lower_bounds: vec!["max".to_owned()],
        upper_bounds: vec!["p99".to_owned()],
        send_lag_ms_p99: None,
        read_lag_ms_p99: None,
    }
}

/// A target that answers in 5 ms up to 4,000 per second and chokes beyond.
fn steps() -> Vec<CapacityStep> {
    let held = StepVerdict::Held;
    let told = [500.0, 1_000.0, 2_000.0, 3_000.0].map(|rate| step(rate, 5.0, held));
    let bend = [
        step(4_000.0, 9.0, held),
        step(4_000.0, 6.0, held),
        step(4_000.0, 7.0, held),
    ];
    let choked = [
        step(8_000.0, 2_000.0, StepVerdict::Missed),
        step(16_000.0, 1.0, StepVerdict::Spoiled),
    ];
    told.into_iter().chain(bend).chain(choked).collect()
}

fn report(bracket: Bracket, ending: Ending, steps: Vec<CapacityStep>) -> CapacityReport {
    let summary = Summary::from_measurements(&healthy());
    CapacityReport::new(
        bracket,
        ending,
        CapacityIdentity {
            tapdeck_version: "1.2.3".to_owned(),
            service: "rule-engine".to_owned(),
            target: "http://localhost:1/<x>".to_owned(),
            tape: summary.identity.tape,
            slos: vec![
                CapacitySlo {
                    text: "p99<30ms".to_owned(),
                    response_limit_ms: Some(30.0),
                },
                CapacitySlo {
                    text: "errors<1%".to_owned(),
                    response_limit_ms: None,
                },
            ],
            arrivals: "poisson".to_owned(),
            seed: 42,
            settle_s: 3.0,
            measure_s: 10.0,
            connections: 64,
            timeout_ms: 10_000.0,
            machine: summary.identity.machine,
        },
        CapacityRules {
            start_per_s: 100.0,
            climb: 2.0,
            precision: 0.02,
            repeats: 3,
            highest_per_s: 1e7,
        },
        steps,
    )
}

fn found() -> CapacityReport {
    let bracket = Bracket {
        holds: Some((4_000.0, true)),
        fails: Some((8_000.0, LimitedBy::Target)),
    };
    report(bracket, Ending::Completed, steps())
}

#[test]
fn every_kind_of_finding_has_its_words() {
    let target = Some((4_100.0, LimitedBy::Target));
    let generator = Some((9_000.0, LimitedBy::Generator));
    let proven = Some((4_000.0, true));
    for (holds, fails, ending, outcome, title, words) in [
        (
            proven,
            target,
            Ending::Completed,
            Outcome::Found,
            "Capacity 4,000/s",
            "4,100/s the target missed",
        ),
        (
            proven,
            generator,
            Ending::Completed,
            Outcome::AtLeast,
            "At least 4,000/s",
            "the generator could not keep up",
        ),
        (
            proven,
            None,
            Ending::Completed,
            Outcome::AtLeast,
            "At least 4,000/s",
            "No higher rate was to be tried",
        ),
        (
            proven,
            target,
            Ending::OutOfTime,
            Outcome::AtLeast,
            "At least 4,000/s",
            "The time was up",
        ),
        (
            proven,
            target,
            Ending::Interrupted,
            Outcome::AtLeast,
            "At least 4,000/s",
            "it can be resumed",
        ),
        (
            Some((4_000.0, false)),
            target,
            Ending::OutOfTime,
            Outcome::Unknown,
            "Not known",
            "it was not repeated",
        ),
        (
            None,
            target,
            Ending::Completed,
            Outcome::Nowhere,
            "No rate holds",
            "the target missed",
        ),
        (
            None,
            generator,
            Ending::Completed,
            Outcome::Unknown,
            "Not known",
            "the generator could not keep up",
        ),
        (
            None,
            None,
            Ending::Running,
            Outcome::Unknown,
            "Not known",
            "before its end",
        ),
    ] {
        let result = CapacityResult::new(Bracket { holds, fails }, ending, None);
        assert_eq!((result.outcome, result.title().as_str()), (outcome, title));
        let reasons = result.reasons.join(" ");
        assert!(reasons.contains(words), "{reasons}");
        let is_found = outcome == Outcome::Found;
        assert_eq!(result.capacity_per_s, is_found.then_some(4_000.0));
    }
}

#[test]
fn a_step_is_what_its_run_was() {
    let summary = Summary::from_measurements(&healthy());
    let step = CapacityStep::new(100.0, Purpose::Climb, &summary);
    assert_eq!(step.verdict, StepVerdict::Held);
    assert_eq!(step.offered_per_s, Some(100.0));
    assert_eq!(step.error_share, summary.rates.error_share);
    let p99 = summary
        .quantiles
        .iter()
        .find(|row| row.name == "p99")
        .unwrap();
    assert_eq!(step.response_ms_p99, p99.response_ms);
    assert_eq!(step.reasons, summary.verdict.reasons);
    assert_eq!(step.lower_bounds, ["p99.9", "max"]);
    assert_eq!(step.response_text("p99"), "9.90 ms");
    assert_eq!(step.response_text("max"), "≥ 5.00 s");
}

#[test]
fn a_step_holds_although_our_lag_was_in_it_when_the_promise_held() {
    let mut run = healthy();
    for endpoint in &mut run.endpoints {
        endpoint.response.clear();
        endpoint.response.record_many(12_000_000, 495);
    }
    undisturbed(&mut run, 2_000_000);
    let step = CapacityStep::new(13.0, Purpose::Climb, &Summary::from_measurements(&run));
    assert_eq!(step.verdict, StepVerdict::Held);
    assert_eq!(step.response_text("p99"), "≤ 12.0 ms");
}

#[test]
fn a_search_of_the_first_version_can_be_gone_on_from() {
    let report = CapacityReport::from_json(include_bytes!("../../tests/data/capacity-v1.json"));
    let report = report.unwrap();
    assert_eq!(report.steps.len(), 9);
    assert!(report.steps.iter().all(|step| step.lower_bounds.is_empty()));
}

#[test]
fn curves_are_medians_of_runs_that_tell_something() {
    let points = medians(&steps(), |step| step.response_ms_p99);
    assert_eq!(points.len(), 6);
    assert_eq!(points[4], (4_000.0, 7.0));
    assert_eq!(points[5], (8_000.0, 2_000.0));
}

#[test]
fn the_knee_is_where_the_curve_bends() {
    assert_eq!(knee(&steps()), Some(4_000.0));
    let line = |rate: f64, p99: f64| step(rate, p99, StepVerdict::Held);
    let straight: Vec<_> = (0..6_u8)
        .map(|idx| line(f64::from(idx), f64::from(idx).exp()))
        .collect();
    assert_eq!(knee(&straight), None, "a straight line");
    assert_eq!(knee(&steps()[..3]), None, "too few points");
    let flat: Vec<_> = (0..6_u8).map(|idx| line(f64::from(idx), 5.0)).collect();
    assert_eq!(knee(&flat), None, "a flat line");
}

#[test]
fn documents_fit_their_schema_and_can_be_read_back() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let nothing = report(Bracket::default(), Ending::Running, Vec::new());
    for report in [found(), nothing] {
        let bytes = report.to_json().unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(CapacityReport::from_json(&bytes), Ok(report));
    }
}

#[test]
fn other_documents_are_refused() {
    let other = String::from_utf8(found().to_json().unwrap()).unwrap();
    let other = other.replace(SCHEMA, "tapdeck-capacity-v9");
    let error = CapacityReport::from_json(other.as_bytes()).unwrap_err();
    assert!(
        error.contains("\"tapdeck-capacity-v9\", expected"),
        "{error}"
    );
    let error = CapacityReport::from_json(b"{\"schema\": 1}").unwrap_err();
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn files_show_capacity_knee_promises_and_escape_what_came_from_outside() {
    let files = found().files().unwrap();
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(file, _)| *file == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    let latency = text("latency.svg");
    for words in [
        "capacity 4,000/s",
        "knee 4,000/s",
        "p99&lt;30ms",
        ">promise<",
    ] {
        assert!(latency.contains(words), "{words}");
    }
    let errors = text("errors.svg");
    assert!(errors.contains("capacity 4,000/s") && !errors.contains("knee"));
    let page = text("index.html");
    for words in [
        "p99 was &lt;late&gt;.",
        "localhost:1/&lt;x&gt;",
        "spoiled by us",
        "Capacity 4,000/s",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let nothing = report(Bracket::default(), Ending::Running, Vec::new());
    assert_eq!(nothing.files().unwrap().len(), 4);
}
