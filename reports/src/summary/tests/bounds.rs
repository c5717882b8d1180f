//! Figures that our own lag is much of, wherever they stand.

use crate::Verdict;
use crate::fixture::{gate, healthy, undisturbed};
use crate::measurements::GateSubject;
use crate::summary::Summary;
use crate::verdict::gates::GateOutcome;

#[test]
fn a_figure_that_is_much_our_own_lag_is_an_upper_bound_wherever_it_stands() {
    let mut run = healthy();
    // Only the first endpoint was disturbed: over both, half of the requests were not.
    run.endpoints[0].undisturbed.clear();
    run.endpoints[0].undisturbed.record_many(1_000_000, 495);
    run.gates = vec![gate("p99<9ms", GateSubject::ResponseQuantile(0.99), 9e6)];
    let summary = Summary::from_measurements(&run);
    let bounds = |idx: usize| summary.endpoints[idx].response_ms.upper_bounds.clone();
    assert_eq!(bounds(0), ["p50", "p75", "p90", "p95", "p99"]);
    assert_eq!(bounds(1), [] as [&str; 0]);
    assert_eq!(
        summary.endpoints[0].response_ms.texts(["p99", "max"]),
        ["≤ 9.90 ms", "≥ 5.00 s"]
    );
    let excessive = summary.quantiles.iter().filter(|row| row.excessive).count();
    let over_all = &summary.latency.response_ms.upper_bounds;
    assert_eq!(over_all.len(), excessive, "{over_all:?}");
    for name in ["html", "markdown"] {
        let renderer = crate::RENDERERS
            .iter()
            .find(|renderer| renderer.name() == name);
        let bytes = renderer.unwrap().render(&summary, &run).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let endpoints = &text[text.find("Endpoints").unwrap()..text.find("Failures").unwrap()];
        assert!(endpoints.contains("≤ 9.90 ms"), "{name}: {endpoints}");
        assert!(text.contains("≤: an upper bound."), "{name}: {text}");
    }
}

#[test]
fn every_gate_on_times_marks_what_is_much_our_own_lag() {
    for (limit_ms, verdict, outcome) in [
        (30, Verdict::Pass, GateOutcome::Kept),
        (9, Verdict::Invalid, GateOutcome::Inconclusive),
        (3, Verdict::SloMissed, GateOutcome::Missed),
    ] {
        let mut run = healthy();
        undisturbed(&mut run, 5_000_000);
        let limit_ns = f64::from(limit_ms) * 1e6;
        run.gates = vec![gate("p99", GateSubject::ResponseQuantile(0.99), limit_ns)];
        let summary = Summary::from_measurements(&run);
        assert_eq!(
            (summary.verdict.verdict, summary.gates[0].outcome),
            (verdict, outcome)
        );
        assert_eq!(summary.gates[0].measured_text(), "≤ 9.90 ms");
        assert!(
            summary.verdict.reasons[0].contains("≤ 9.90 ms"),
            "{:?}",
            summary.verdict
        );
    }
}
