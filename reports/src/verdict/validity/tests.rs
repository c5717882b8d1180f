//! Every rule alone and at its boundary.

use super::*;
use crate::fixture::{MS, gate, ledger};
use crate::measurements::GateSubject;
use crate::verdict::Verdict;
use crate::verdict::tests::{check, constant, lag_by};

#[test]
fn a_run_that_sent_nothing_is_invalid() {
    check(
        "nothing planned",
        |run| *run = Measurements::default(),
        Verdict::Invalid,
        &["No request was planned"],
    );
    check(
        "nothing sent",
        |run| {
            run.endpoints.clear();
            run.ledger = Ledger {
                planned: 1_000,
                dropped: 1_000,
                ..Ledger::default()
            };
        },
        Verdict::Invalid,
        &["None of 1,000 planned requests was sent"],
    );
}

#[test]
fn each_broken_equation_of_the_ledger_is_named() {
    type Breakage = fn(&mut Ledger);
    let breakages: [(Breakage, &str); 7] = [
        (
            |ledger| ledger.unsent += 1,
            "planned is 1,000, but sent + dropped + unsent is 1,001",
        ),
        (
            |ledger| ledger.dropped += 1,
            "planned is 1,000, but sent + dropped + unsent is 1,001",
        ),
        (
            |ledger| ledger.cut += 1,
            "sent is 1,000, but completed + failed + timed out + cut is 1,001",
        ),
        (
            |ledger| ledger.failed += 1,
            "sent is 1,000, but completed + failed + timed out + cut is 1,001",
        ),
        (
            |ledger| ledger.timed_out -= 1,
            "sent is 1,000, but completed + failed + timed out + cut is 999",
        ),
        (
            |ledger| ledger.good += 1,
            "completed is 990, but good + rejected is 991",
        ),
        (
            |ledger| ledger.rejected -= 1,
            "completed is 990, but good + rejected is 989",
        ),
    ];
    for (breakage, says) in breakages {
        check(
            says,
            |run| breakage(&mut run.ledger),
            Verdict::Invalid,
            &[says],
        );
    }
    check(
        "an endpoint",
        |run| run.endpoints[1].ledger.good += 1,
        Verdict::Invalid,
        &["for POST /v1/evaluate/monitoring, completed is 495, but good + rejected is 496"],
    );
    check(
        "endpoints against the run",
        |run| run.endpoints[0].ledger = ledger(400),
        Verdict::Invalid,
        &["the run planned 1,000, but its endpoints planned 900"],
    );
}

#[test]
fn a_lane_at_the_limit_of_its_core_makes_the_run_invalid_unless_it_spins() {
    check(
        "just below",
        |run| run.lanes[0].cpu_share = CPU_SHARE_LIMIT - 1e-9,
        Verdict::Pass,
        &["sound"],
    );
    check(
        "at the limit",
        |run| run.lanes[0].cpu_share = CPU_SHARE_LIMIT,
        Verdict::Invalid,
        &["lane 0 was busy 97.0 % of the time"],
    );
    check(
        "spinning",
        |run| {
            run.lanes[0].cpu_share = 1.0;
            run.lanes[0].spins = true;
        },
        Verdict::Pass,
        &["sound"],
    );
    check(
        "many lanes",
        |run| {
            run.lanes[0].cpu_share = 1.0;
            run.lanes = vec![run.lanes[0]; 5];
        },
        Verdict::Invalid,
        &[
            "lane 0 was busy 100 % of the time, lane 1 was busy 100 % of the time, lane 2 was busy 100 % of the time and 2 more",
        ],
    );
}

#[test]
fn waiting_for_a_core_counts_only_when_it_delayed_requests() {
    let cases = [
        (
            "long wait, late requests",
            2_001,
            SEND_LAG_P99_FORGIVEN_NS + 10_000,
            Verdict::Invalid,
            "lane 0 waited for a core 20.0 % of the time",
        ),
        (
            "wait at the limit",
            2_000,
            SEND_LAG_P99_FORGIVEN_NS + 10_000,
            Verdict::Pass,
            "sound",
        ),
        (
            "long wait, punctual requests",
            9_000,
            900_000,
            Verdict::Pass,
            "sound",
        ),
    ];
    for (case, waited_ms, lag_ns, verdict, says) in cases {
        check(
            case,
            |run| {
                run.lanes[0].run_delay_ns = Some(waited_ms * MS);
                run.send_lag = constant(lag_ns, 1_000);
            },
            verdict,
            &[says],
        );
    }
}

/// Moves requests from sent to dropped, in the run and in its first endpoint.
fn drop_requests(run: &mut Measurements, dropped: u64) {
    for ledger in [&mut run.ledger, &mut run.endpoints[0].ledger] {
        ledger.sent -= dropped;
        ledger.completed -= dropped;
        ledger.good -= dropped;
        ledger.dropped += dropped;
    }
}

#[test]
fn drops_are_ours_only_while_lanes_are_out_of_cpu() {
    check(
        "headroom",
        |run| drop_requests(run, 2),
        Verdict::Pass,
        &["sound"],
    );
    check(
        "out of CPU, drops at the limit",
        |run| {
            drop_requests(run, 1);
            run.lanes[0].cpu_share = 1.0;
        },
        Verdict::Invalid,
        &["ran out of CPU"],
    );
    check(
        "out of CPU, drops above the limit",
        |run| {
            drop_requests(run, 2);
            run.lanes[0].cpu_share = 1.0;
        },
        Verdict::Invalid,
        &[
            "ran out of CPU",
            "2 of 1,000 planned requests (0.20 %) never left",
        ],
    );
    check(
        "a silent target with headroom misses its promise instead",
        |run| drop_requests(run, 400),
        Verdict::SloMissed,
        &["the error share was 42.0 %"],
    );
}

#[test]
fn distortion_must_be_large_both_in_time_and_in_share() {
    for (response_ns, without_lag_ns, excessive) in [
        (10 * MS, 9 * MS, false),
        (10 * MS, 9 * MS - 1, true),
        (200_000, 200_000 - DISTORTION_FORGIVEN_NS, false),
        (200_000, 200_000 - DISTORTION_FORGIVEN_NS - 1, true),
        (10 * MS, 10 * MS, false),
        (10 * MS, 11 * MS, false),
        (0, 0, false),
    ] {
        assert_eq!(
            is_excessive(response_ns, without_lag_ns),
            excessive,
            "{response_ns} {without_lag_ns}"
        );
    }
}

/// Gives two of 1,002 requests a long response time that is all our lag.
fn lag_in_tail(run: &mut Measurements) {
    lag_by(run, 10 * MS, 10 * MS);
    for _ in 0..2 {
        run.endpoints[0].response.record(50 * MS);
        run.response_without_lag.record(10 * MS);
    }
}

#[test]
fn our_own_lag_in_a_judged_quantile_makes_the_run_invalid() {
    check(
        "all quantiles",
        |run| lag_by(run, 10 * MS, 8 * MS),
        Verdict::Invalid,
        &[
            "20.0 % of p50 (2.00 ms of 10.0 ms), 20.0 % of p95 (2.00 ms of 10.0 ms), 20.0 % of p99 (2.00 ms of 10.0 ms); at most 10 %",
        ],
    );
    check(
        "a tail nobody judges",
        |run| {
            lag_in_tail(run);
        },
        Verdict::Pass,
        &["sound"],
    );
    check(
        "the same tail under a gate",
        |run| {
            lag_in_tail(run);
            run.gates = vec![gate("p99.9<1s", GateSubject::ResponseQuantile(0.999), 1e9)];
        },
        Verdict::Invalid,
        &["response time: 80.0 % of p99.9 (40.0 ms of 50.0 ms); at most"],
    );
}
