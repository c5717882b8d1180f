//! Each kind of gate at its limit, and gates that cannot be judged.

use super::GateOutcome;
use crate::Measurements;
use crate::fixture::{MS, gate, healthy, undisturbed};
use crate::measurements::{Gate, GateSubject, Ledger, Unmeasured};
use crate::summary::Summary;
use crate::verdict::Verdict;
use crate::verdict::tests::{check, constant};

#[test]
fn each_kind_of_gate_is_kept_at_its_limit_and_missed_beyond() {
    let summary = Summary::from_measurements(&healthy());
    let quality = summary.decisions.overall;
    let p99_ns = summary.quantiles[4].response_ms.unwrap() * 1e6;
    let cases = [
        (
            GateSubject::ResponseQuantile(0.99),
            p99_ns,
            p99_ns - 1.0,
            "the p99 response time was 9.90 ms",
        ),
        (
            GateSubject::ErrorShare,
            0.02,
            0.0199,
            "the error share was 2.00 %, allowed is at most 1.99 %. Most frequent: status 503 (10, 1.00 %), timeout (10, 1.00 %).",
        ),
        (
            GateSubject::AchievedShare,
            0.99,
            0.9901,
            "the achieved share was 99.00 %",
        ),
        (
            GateSubject::Recall(None),
            quality.recall.unwrap(),
            quality.recall.unwrap() + 0.001,
            "the recall was",
        ),
        (
            GateSubject::FalsePositiveRate,
            quality.false_positive_rate.unwrap(),
            quality.false_positive_rate.unwrap() - 0.000_1,
            "the false-positive rate was",
        ),
    ];
    for (subject, kept, missed, says) in cases {
        // By a hair: without our lag, the quantile would be one step of the histogram lower.
        let no_lag = |run: &mut Measurements| {
            for endpoint in &mut run.endpoints {
                endpoint.undisturbed = endpoint.response.clone();
            }
        };
        check(
            says,
            |run| run.gates = vec![gate("kept (<=)", subject.clone(), kept)],
            Verdict::Pass,
            &["sound"],
        );
        check(
            says,
            |run| {
                no_lag(run);
                run.gates = vec![gate("missed (<=)", subject, missed)];
            },
            Verdict::SloMissed,
            &[says],
        );
    }
}

#[test]
fn the_limit_itself_keeps_a_promise_only_if_it_was_typed_so() {
    for (subject, limit) in [
        (GateSubject::ErrorShare, 0.02),
        (GateSubject::AchievedShare, 0.99),
    ] {
        for (text, verdict, says) in [
            ("typed with =", Verdict::Pass, "sound"),
            ("typed without", Verdict::SloMissed, "allowed is"),
        ] {
            let subject = subject.clone();
            check(
                text,
                |run| run.gates = vec![gate(text, subject, limit)],
                verdict,
                &[says],
            );
        }
    }
}

/// Lets half of the requests of each endpoint end without an answer, after a moment.
fn half_unanswered(run: &mut Measurements, end: fn(&mut Ledger) -> &mut u64) {
    for endpoint in &mut run.endpoints {
        let mut ledger = Ledger {
            planned: 500,
            sent: 500,
            completed: 250,
            good: 250,
            ..Ledger::default()
        };
        *end(&mut ledger) += 250;
        endpoint.ledger = ledger;
        endpoint.response = constant(20 * MS, 250);
        endpoint.unanswered = constant(MS, 250);
    }
    run.ledger = run.endpoints[0].ledger;
    for count in [
        &mut run.ledger.planned,
        &mut run.ledger.sent,
        &mut run.ledger.completed,
        &mut run.ledger.good,
    ] {
        *count *= 2;
    }
    *end(&mut run.ledger) *= 2;
    undisturbed(run, 20 * MS);
}

#[test]
fn a_gate_among_requests_without_an_answer_cannot_be_kept_whatever_became_of_them() {
    type Count = fn(&mut Ledger) -> &mut u64;
    let kinds: [(&str, Count); 3] = [
        ("reset", |ledger| &mut ledger.failed),
        ("timed out", |ledger| &mut ledger.timed_out),
        ("cut", |ledger| &mut ledger.cut),
    ];
    for (kind, end) in kinds {
        check(
            kind,
            |run| {
                half_unanswered(run, end);
                run.gates = vec![gate("p90<9s", GateSubject::ResponseQuantile(0.9), 9e9)];
            },
            Verdict::SloMissed,
            &[
                "the p90 response time was ≥ 20.0 ms, allowed is below 9 s. A lower bound: 500 requests got no answer",
            ],
        );
        check(
            "a quantile of the answered ones",
            |run| {
                half_unanswered(run, end);
                run.gates = vec![gate("p50<9s", GateSubject::ResponseQuantile(0.5), 9e9)];
            },
            Verdict::Pass,
            &["sound"],
        );
    }
}

#[test]
fn sessions_are_judged_by_those_that_came_to_their_end() {
    let sessions = |text: &str, limit: f64| gate(text, GateSubject::SessionShare, limit);
    check(
        "kept",
        |run| run.gates = vec![sessions("sessions>=96%", 0.96)],
        Verdict::Pass,
        &["sessions>=96% (96.9 %)"],
    );
    check(
        "missed",
        |run| run.gates = vec![sessions("sessions>=99%", 0.99)],
        Verdict::SloMissed,
        &[
            "Gate sessions>=99% missed: the share of good sessions was 96.9 %, allowed is at least 99 %.",
        ],
    );
    let none_ended = |run: &mut Measurements| {
        run.sessions[0].tally.good = 0;
        run.sessions[0].tally.broken = 0;
    };
    check(
        "asked for, but none ended",
        |run| {
            none_ended(run);
            run.gates = vec![sessions("sessions>=99%", 0.99)];
        },
        Verdict::SloMissed,
        &["was n/a, allowed is at least 99 %. No session came to its end"],
    );
    let mut run = healthy();
    none_ended(&mut run);
    run.gates.push(Gate {
        unmeasured: Unmeasured::NotJudged,
        ..sessions("sessions>=99%", 0.99)
    });
    let summary = Summary::from_measurements(&run);
    assert_eq!(summary.verdict.verdict, Verdict::Pass);
    assert_eq!(summary.gates[2].outcome, GateOutcome::NotJudged);
    assert!(!summary.verdict.reasons[0].contains("sessions"));
}

#[test]
fn steps_that_were_left_out_are_errors() {
    check(
        "a tenth of a thousand planned ones",
        |run| {
            run.endpoints[0].skipped = 100;
            run.gates = vec![gate("errors<=1%", GateSubject::ErrorShare, 0.01)];
        },
        Verdict::SloMissed,
        &[
            "the error share was 10.9 %, allowed is at most 1 %. Most frequent: left-out (100, 9.09 %), status 503 (10, 0.91 %)",
        ],
    );
}

#[test]
fn a_gate_on_too_few_samples_is_judged_by_the_slowest_answer() {
    check(
        "p99.99 of 1,000",
        |run| {
            run.gates = vec![gate(
                "p99.99<9ms",
                GateSubject::ResponseQuantile(0.9999),
                9e6,
            )];
        },
        Verdict::SloMissed,
        &[
            "the p99.99 response time was ≥ 5.00 s, allowed is below 9 ms. Judged by the slowest request: p99.99 needs 10,000 samples. A lower bound: 10 requests",
        ],
    );
}

#[test]
fn a_gate_on_the_recall_of_one_label_looks_at_that_label() {
    let recall = |label: &str| GateSubject::Recall(Some(label.to_owned()));
    check(
        "one label",
        |run| run.gates = vec![gate("recall", recall("card_testing"), 1.0)],
        Verdict::SloMissed,
        &["the recall of card_testing was"],
    );
    check(
        "no such fraud",
        |run| run.gates = vec![gate("recall", recall("bust_out"), 0.1)],
        Verdict::SloMissed,
        &["The requests that were judged hold no such fraud."],
    );
}
