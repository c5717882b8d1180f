//! Figures against hand computation.

mod bounds;
mod schema;
mod shares;

use super::*;
use crate::fixture::{gate, healthy};
use crate::measurements::GateSubject;
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
    run.ledger.planned += 8_910;
    run.ledger.dropped += 8_910;
    run.endpoints[0].withheld = 8_910;
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
