//! Each kind of gate at its limit, and gates that cannot be judged.

use crate::fixture::{MS, gate, healthy};
use crate::measurements::GateSubject;
use crate::summary::Summary;
use crate::verdict::Verdict;
use crate::verdict::tests::{check, lag_by};

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
            "the error share was 2.00 %, allowed is at most 1.99 %. Most frequent: status (10), timeout (10).",
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
        check(
            says,
            |run| run.gates = vec![gate("kept (<=)", subject.clone(), kept)],
            Verdict::Pass,
            &["sound"],
        );
        check(
            says,
            |run| run.gates = vec![gate("missed (<=)", subject, missed)],
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

#[test]
fn a_gate_on_unanswered_requests_cannot_be_kept() {
    check(
        "limit above the timeout",
        |run| {
            lag_by(run, 5_000 * MS, 5_000 * MS);
            run.gates = vec![gate("p50<9s", GateSubject::ResponseQuantile(0.5), 9e9)];
        },
        Verdict::SloMissed,
        &[
            "A lower bound: 10 requests got no answer and count as having taken the timeout of 5 s or longer.",
        ],
    );
    check(
        "slow but answered",
        |run| {
            lag_by(run, 5_000 * MS, 5_000 * MS);
            run.ledger.timed_out = 0;
            run.ledger.failed = 10;
            run.gates = vec![gate("p50<9s", GateSubject::ResponseQuantile(0.5), 9e9)];
        },
        Verdict::Pass,
        &["sound"],
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
            "the p99.99 response time was 5.00 s, allowed is below 9 ms. Judged by the slowest answer: p99.99 needs 10,000 samples. A lower bound: 10 requests",
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
