//! Figures against hand computation, and the serialized form against its schema.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::fixture::{gate, healthy};
use crate::measurements::{CaptureMeasurements, ConfusionRow, Ending, GateSubject, LimitHit};
use crate::summary::transport::Witness;

/// Checks a duration within the three digits a histogram keeps.
fn check(what: &str, found: Option<f64>, expected_ms: Option<f64>) {
    match (found, expected_ms) {
        (Some(found), Some(expected)) => {
            assert!(
                (found - expected).abs() <= expected * 1e-3,
                "{what}: {found}"
            );
        }
        _ => assert_eq!(found, expected_ms, "{what}"),
    }
}

#[test]
fn quantiles_are_those_of_the_recorded_values() {
    let latency = Summary::from_measurements(&healthy()).latency;
    let response = &latency.response_ms;
    assert_eq!((response.count, response.unanswered_count), (990, 10));
    check("response p50", response.figures.p50, Some(5.0));
    check("response p90", response.figures.p90, Some(9.0));
    check("response p99", response.figures.p99, Some(9.9));
    check("response p99.9", response.figures.p99_9, Some(5_000.0));
    check(
        "response p99.99 of 1,000 values",
        response.figures.p99_99,
        None,
    );
    check("response max", response.figures.max, Some(5_000.0));
    assert_eq!(response.lower_bounds, ["p99_9", "max"]);
    // (1 + 2 + ... + 990) times 10 us over 990 answers.
    check("response mean", response.figures.mean, Some(4.955));
    let undisturbed = &latency.undisturbed_ms;
    check("undisturbed p50", undisturbed.figures.p50, Some(4.995));
    check(
        "undisturbed p99.9, among no answers",
        undisturbed.figures.p99_9,
        None,
    );
    check("undisturbed max, likewise", undisturbed.figures.max, None);
    let service = &latency.service_ms;
    assert_eq!(service.count, 990);
    check("service p50", service.figures.p50, Some(2.475));
    check("service p99.9 of 990 values", service.figures.p99_9, None);
    check("send lag p99", latency.send_lag_ms.figures.p99, Some(0.005));
    check("read lag p99", latency.read_lag_ms.figures.p99, Some(0.001));
}

#[test]
fn no_latency_is_invented_for_requests_without_an_answer() {
    // 37 resets after a moment, and nothing answered that took over 32 ms.
    let mut run = healthy();
    run.gates = vec![gate(
        "p99.9<20s",
        GateSubject::ResponseQuantile(0.999),
        20e9,
    )];
    for endpoint in &mut run.endpoints {
        endpoint.response = Histogram::new();
        endpoint.response.record_many(32_000_000, 495);
        endpoint.unanswered = Histogram::new();
        endpoint.unanswered.record_many(200_000, 5);
        endpoint.ledger.failed = endpoint.ledger.timed_out;
        endpoint.ledger.timed_out = 0;
    }
    run.ledger.failed = run.ledger.timed_out;
    run.ledger.timed_out = 0;
    let summary = Summary::from_measurements(&run);
    let row = summary.quantiles.iter().find(|row| row.name == "p99.9");
    let row = row.unwrap();
    check("p99.9", row.response_ms, Some(32.0));
    assert!(row.lower_bound && !summary.gates[0].passed);
    assert_eq!((row.undisturbed_ms, row.distortion_ms), (None, None));
    assert_eq!(row.response_text(), "≥ 32.0 ms");
    let point = summary.percentiles.last().unwrap();
    assert!(point.lower_bound, "{point:?}");
    for (name, invented) in [
        ("html", "5.00 s"),
        ("markdown", "5.00 s"),
        ("csv", "5003."),
        ("locust-stats", "5004"),
        ("junit", "5.00 s"),
    ] {
        let renderer = crate::RENDERERS
            .iter()
            .find(|renderer| renderer.name() == name);
        let bytes = renderer.unwrap().render(&summary, &run).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains(invented), "{name}: {text}");
    }
    let table =
        crate::render::terminal::render(&summary, crate::render::terminal::Width::default());
    assert!(
        !table.contains("5.00 s") && table.contains("≥ 32.0 ms"),
        "{table}"
    );
}

#[test]
fn what_we_withheld_says_nothing_about_the_target() {
    let mut run = healthy();
    // Nine of ten requests never left.
    run.withheld = 8_910;
    run.ledger.planned += 8_910;
    run.ledger.dropped += 8_910;
    run.endpoints[0].ledger.planned += 8_910;
    run.endpoints[0].ledger.dropped += 8_910;
    run.endpoints[0].unanswered.record_many(1_000_000, 8_910);
    let summary = Summary::from_measurements(&run);
    let row = summary.quantiles.iter().find(|row| row.name == "p50");
    let row = row.unwrap();
    assert!(row.lower_bound && row.distortion_ms.is_none(), "{row:?}");
    let healthy = Summary::from_measurements(&healthy());
    let usual = healthy.quantiles.iter().find(|row| row.name == "p50");
    assert_eq!(row.undisturbed_ms, usual.unwrap().undisturbed_ms);
}

#[test]
fn the_ladder_marks_what_is_judged_and_what_is_a_lower_bound() {
    let mut measurements = healthy();
    measurements.gates = vec![
        gate("p97.5<20ms", GateSubject::ResponseQuantile(0.975), 20e6),
        gate("p99.9<9s", GateSubject::ResponseQuantile(0.999), 9e9),
    ];
    let rows = Summary::from_measurements(&measurements).quantiles;
    let marks: Vec<(&str, bool, bool)> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.judged, row.lower_bound))
        .collect();
    assert_eq!(
        marks,
        [
            ("p50", false, false),
            ("p75", false, false),
            ("p90", false, false),
            ("p95", false, false),
            ("p97.5", true, false),
            ("p99", false, false),
            ("p99.9", true, true),
            ("p99.99", false, false),
            ("max", false, true),
        ]
    );
    measurements.gates = vec![gate("errors<3%", GateSubject::ErrorShare, 0.03)];
    let rows = Summary::from_measurements(&measurements).quantiles;
    let judged = rows.iter().filter(|row| row.judged);
    let names: Vec<&str> = judged.map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["p50", "p95", "p99"], "without a gate on times");
}

#[test]
fn distortion_is_the_difference_of_two_quantiles() {
    let rows = Summary::from_measurements(&healthy()).quantiles;
    let median = &rows[0];
    // The two medians differ by 5 us in 5 ms, of which three digits leave about a fifth uncertain.
    let distortion_ms = median.distortion_ms.unwrap();
    assert!((0.001..0.009).contains(&distortion_ms), "{distortion_ms}");
    let share = distortion_ms / median.response_ms.unwrap();
    assert_eq!(median.distortion_share, Some(share));
    assert!(!median.excessive);
    // What three digits cannot tell reads as less than that, not as zero.
    let texts = median.distortion_texts().unwrap();
    assert_eq!(texts, ("<5.00 µs".to_owned(), "<0.1 %".to_owned()));
}

#[test]
fn rates_are_counts_over_the_measured_time() {
    let mut measurements = healthy();
    let rates = Summary::from_measurements(&measurements).rates;
    assert_eq!(rates.offered_per_s, Some(100.0));
    assert_eq!(rates.achieved_per_s, Some(99.0));
    assert_eq!(rates.good_per_s, Some(98.0));
    assert_eq!(rates.achieved_share, Some(0.99));
    assert_eq!(rates.error_share, Some(0.02));
    measurements.endpoints[1].skipped = 600;
    let summary = Summary::from_measurements(&measurements);
    assert_eq!(summary.rates.error_share, Some(620.0 / 1_600.0));
    assert_eq!(
        summary.endpoints[1].rates.error_share,
        Some(610.0 / 1_100.0)
    );
    assert_eq!(summary.failures[0].kind, "left-out");
    measurements.endpoints[1].skipped = 0;
    measurements.measured_ns = 0;
    let rates = Summary::from_measurements(&measurements).rates;
    assert_eq!(rates.offered_per_s, None);
    assert_eq!(rates.error_share, Some(0.02));
}

#[test]
fn recall_and_false_positives_follow_from_the_confusion_matrix() {
    let decisions = Summary::from_measurements(&healthy()).decisions;
    assert_eq!(decisions.overall.recall, Some(24.0 / 40.0));
    assert_eq!(decisions.overall.recall_judged, Some(24.0 / 30.0));
    assert_eq!(decisions.overall.false_positive_rate, Some(10.0 / 960.0));
    assert_eq!(
        decisions.overall.false_positive_rate_judged,
        Some(10.0 / 950.0)
    );
    assert_eq!(decisions.precision, Some(24.0 / 34.0));
    assert_eq!(decisions.fraud_approved.value_usd_cents, 1_200);
    assert_eq!(decisions.fraud_unjudged.count, 10);
    assert_eq!(decisions.fraud_unjudged.value_usd_cents, 500_000);
    let [legitimate, fraud] = decisions.labels.as_slice() else {
        panic!("two labels expected");
    };
    assert_eq!(legitimate.quality.recall, None);
    assert_eq!(fraud.quality.false_positive_rate, None);
    assert_eq!(fraud.quality.recall, decisions.overall.recall);
    assert_eq!(fraud.total.value_usd_cents, 506_000);
}

#[test]
fn the_generator_is_summed_over_its_lanes() {
    let generator = Summary::from_measurements(&healthy()).generator;
    assert_eq!(generator.cpu_us_per_request, Some(2_500.0));
    assert_eq!(generator.overlapping_share, Some(0.004));
    assert_eq!(generator.lanes[0].run_delay_share, Some(0.005));
}

#[test]
fn the_witness_of_arrival_times_is_told_in_a_word() {
    for (kernel, read, word) in [
        (0, 0, None),
        (9, 0, Some(Witness::Kernel)),
        (0, 9, Some(Witness::Read)),
        (9, 1, Some(Witness::Both)),
    ] {
        let mut measurements = healthy();
        measurements.stamps.kernel = kernel;
        measurements.stamps.read = read;
        let arrivals = Summary::from_measurements(&measurements).transport.arrivals;
        assert_eq!(arrivals.witness, word);
        assert_eq!((arrivals.by_kernel, arrivals.by_read), (kernel, read));
    }
}

#[test]
fn failures_are_listed_from_the_most_frequent() {
    let mut measurements = healthy();
    measurements.failures[1].count = 11;
    let failures = Summary::from_measurements(&measurements).failures;
    let kinds: Vec<&str> = failures
        .iter()
        .map(|failure| failure.kind.as_str())
        .collect();
    assert_eq!(kinds, ["status", "timeout"]);
    assert_eq!(failures[0].share, Some(0.011));
}

#[test]
fn the_curve_ends_where_the_samples_do() {
    let percentiles = Summary::from_measurements(&healthy()).percentiles;
    let last = percentiles.last().unwrap();
    assert!((last.quantile - 0.999).abs() < 1e-9, "{last:?}");
    assert!(last.response_ms.is_some());
    assert_eq!(last.service_ms, None);
    let falls = |pair: &[PercentilePoint]| pair[0].response_ms > pair[1].response_ms;
    assert!(!percentiles.windows(2).any(falls));
}

/// Runs that together reach every branch of the schema.
fn specimens() -> Vec<Measurements> {
    let mut broken = healthy();
    broken.ending = Ending::Aborted;
    broken.ledger.cut = 3;
    broken.samples[0].lanes[0].run_delay_ns = None;
    broken.lanes[0].cpu_share = 1.01;
    broken.identity.tape_seed = None;
    broken.seconds[3] = crate::measurements::SecondMeasurements::default();
    broken.confusion.push(ConfusionRow::default());
    broken.notes = vec!["A remark.".to_owned()];
    broken.withheld = 3;
    broken.own_limits = vec![LimitHit {
        limit: "open files (EMFILE)".to_owned(),
        count: 3,
    }];
    broken.stamps.read = 1;
    broken.endpoints[0].session = Some("review".to_owned());
    broken.sessions[0].captures = vec![CaptureMeasurements {
        name: "id".to_owned(),
        looked: 3,
        sample: Some("{}".to_owned()),
        ..CaptureMeasurements::default()
    }];
    broken.gates = vec![
        gate("p99.99<1s", GateSubject::ResponseQuantile(0.9999), 1e9),
        gate("achieved>90%", GateSubject::AchievedShare, 0.9),
        gate("sessions>=90%", GateSubject::SessionShare, 0.9),
        gate("p50<9s", GateSubject::ResponseQuantile(0.5), 9e9),
        gate("errors<1%", GateSubject::ErrorShare, 0.01),
    ];
    vec![healthy(), broken, Measurements::default()]
}

#[test]
fn every_summary_fits_its_schema() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for measurements in specimens() {
        let summary = serde_json::to_value(Summary::from_measurements(&measurements)).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&summary)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert_eq!(faults, Vec::<String>::new());
    }
}

/// Keys that earlier summaries of this version lack, so that a reader cannot require them: where they stand, and each.
const ADDED_LATER: [(&str, &str); 1] = [("/seconds[]", "read_lag_ms")];

/// Walks every schema in a schema and checks that it is closed, complete and described.
fn check_described(path: &str, schema: &Value) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path}");
        let required = schema["required"].as_array().unwrap();
        let required = required.iter().map(|key| key.as_str().unwrap());
        let later = ADDED_LATER.iter().filter(|(place, _)| *place == path);
        let known: BTreeSet<&str> = required.chain(later.map(|(_, key)| *key)).collect();
        let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(known, keys, "{path}: required, unless it was added later");
        for (key, property) in properties {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(
                description.ends_with('.'),
                "{path}/{key} lacks a description"
            );
            check_described(&format!("{path}/{key}"), property);
        }
    }
    for (name, definition) in schema
        .get("$defs")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        check_described(&format!("{path}/$defs/{name}"), definition);
    }
    check_described(
        &format!("{path}[]"),
        schema.get("items").unwrap_or(&Value::Null),
    );
    for choice in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        check_described(path, choice);
    }
}

#[test]
fn the_schema_is_closed_and_describes_every_key() {
    check_described("", &serde_json::from_str(JSON_SCHEMA).unwrap());
}

#[test]
fn the_documentation_names_every_key() {
    /// Collects the keys of a schema and of all schemas in it.
    fn keys(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(members) => {
                for (name, member) in members {
                    if let ("properties", Value::Object(properties)) = (name.as_str(), member) {
                        found.extend(properties.keys().cloned());
                    }
                    keys(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
            _ => {}
        }
    }
    let documentation = include_str!("../../../docs/metrics.md");
    let mut found = BTreeSet::new();
    keys(&serde_json::from_str(JSON_SCHEMA).unwrap(), &mut found);
    let missing: Vec<&String> = found
        .iter()
        .filter(|key| !documentation.contains(&format!("`{key}`")))
        .collect();
    assert_eq!(missing, Vec::<&String>::new(), "not in docs/metrics.md");
}
