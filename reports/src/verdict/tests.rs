//! The order in which verdicts weigh, and what is said of a run that was cut short.

use super::*;
use crate::fixture::{MS, gate, healthy, undisturbed};
use crate::histogram::Histogram;
use crate::measurements::GateSubject;
use crate::summary::Summary;

/// Changes a healthy run and checks the verdict, and that its only reason (or its first, when more follow) says so.
pub(super) fn check(
    case: &str,
    change: impl FnOnce(&mut Measurements),
    verdict: Verdict,
    says: &[&str],
) {
    let mut measurements = healthy();
    change(&mut measurements);
    let report = Summary::from_measurements(&measurements).verdict;
    assert_eq!(report.verdict, verdict, "{case}: {:?}", report.reasons);
    assert_eq!(
        report.reasons.len(),
        says.len(),
        "{case}: {:?}",
        report.reasons
    );
    for (reason, said) in report.reasons.iter().zip(says) {
        assert!(reason.contains(said), "{case}: {reason}");
    }
}

/// Gives every answered request the same response time and the same share of it that is our lag.
pub(super) fn lag_by(run: &mut Measurements, response_ns: u64, undisturbed_ns: u64) {
    for endpoint in &mut run.endpoints {
        endpoint.response = constant(response_ns, 495);
    }
    undisturbed(run, undisturbed_ns);
}

/// Moves good requests of the first endpoint to the dropped ones.
pub(super) fn drop_requests(run: &mut Measurements, dropped: u64) {
    for ledger in [&mut run.ledger, &mut run.endpoints[0].ledger] {
        ledger.sent -= dropped;
        ledger.completed -= dropped;
        ledger.good -= dropped;
        ledger.dropped += dropped;
    }
    run.endpoints[0].response = constant(MS, 495 - dropped);
    run.endpoints[0].unanswered.record_many(MS, dropped);
    run.endpoints[1].response = constant(MS, 495);
    undisturbed(run, MS);
}

/// Makes sends late in some seconds.
pub(super) fn late_in(run: &mut Measurements, seconds: &[usize]) {
    for &second in seconds {
        run.seconds[second].send_lag_ns = Some([5_000, 2 * MS, 9 * MS]);
    }
}

pub(super) fn constant(value_ns: u64, count: u64) -> Histogram {
    let mut histogram = Histogram::new();
    for _ in 0..count {
        histogram.record(value_ns);
    }
    histogram
}

#[test]
fn a_sound_run_that_keeps_its_promises_passes() {
    check(
        "healthy",
        |_| {},
        Verdict::Pass,
        &["every gate held: p99<30ms (9.90 ms), errors<3% (2.00 %)"],
    );
    check(
        "no gates",
        |run| run.gates.clear(),
        Verdict::Pass,
        &["no gate was set"],
    );
}

#[test]
fn what_decides_comes_first_and_is_decided_in_order() {
    let errors = |run: &mut Measurements| {
        run.gates
            .push(gate("errors<1%", GateSubject::ErrorShare, 0.01));
    };
    let taken = |run: &mut Measurements| {
        for sample in &mut run.samples {
            sample.lanes[0].run_delay_ns = Some(300 * MS);
        }
    };
    check(
        "the load was not the planned one, whatever else",
        |run| {
            errors(run);
            taken(run);
            run.samples[0].suspended_ns = 4_000 * MS;
        },
        Verdict::Invalid,
        &["suspended for 4.00 s", "took the lanes' cores"],
    );
    check(
        "a gate that our lag has no part in, although the lane was starved",
        |run| {
            errors(run);
            taken(run);
        },
        Verdict::SloMissed,
        &["Gate errors<1% missed"],
    );
    check(
        "a gate on times that held, although the lane was starved",
        taken,
        Verdict::Pass,
        &["sound"],
    );
    check(
        "a gate on times that was missed by a starved lane",
        |run| {
            taken(run);
            run.gates = vec![gate("p50<1ms", GateSubject::ResponseQuantile(0.5), 1e6)];
        },
        Verdict::Invalid,
        &["took the lanes' cores"],
    );
}

#[test]
fn a_target_that_refuses_everything_misses_its_promise() {
    check(
        "401 to every request",
        |run| {
            for ledger in std::iter::once(&mut run.ledger).chain(
                run.endpoints
                    .iter_mut()
                    .map(|endpoint| &mut endpoint.ledger),
            ) {
                ledger.rejected += ledger.good;
                ledger.good = 0;
            }
            for endpoint in &mut run.endpoints {
                endpoint.statuses = vec![(401, 495)];
            }
            lag_by(run, 10 * MS, 2 * MS);
            run.lanes[0].cpu_share = 1.0;
            run.gates = vec![gate("errors<=1%", GateSubject::ErrorShare, 0.01)];
        },
        Verdict::SloMissed,
        &[
            "the error share was 100 %, allowed is at most 1 %. Most frequent: status 401 (990, 99.00 %), timeout",
        ],
    );
}

#[test]
fn causes_are_told_where_a_figure_is_an_upper_bound() {
    check(
        "held in spite of other work",
        |run| {
            lag_by(run, 12 * MS, 8 * MS);
            for sample in &mut run.samples {
                sample.lanes[0].run_delay_ns = Some(300 * MS);
            }
        },
        Verdict::Pass,
        &[
            "Every gate held, our own lag included",
            "lane 0 waited for a core for 3.00 s of 10.0 s",
        ],
    );
}

#[test]
fn a_run_cut_short_is_marked_partial_and_still_judged() {
    for (ending, says) in [
        (
            Ending::Interrupted,
            "The run was interrupted after 4 s of 10 s",
        ),
        (
            Ending::Aborted,
            "The run stopped by itself after 4 s of 10 s",
        ),
    ] {
        let mut run = healthy();
        run.ending = ending;
        run.measured_ns = 4_000 * MS;
        let report = Summary::from_measurements(&run).verdict;
        assert_eq!(report.verdict, Verdict::Pass);
        assert!(report.partial);
        assert!(report.reasons[1].starts_with(says), "{:?}", report.reasons);
    }
    assert!(!Summary::from_measurements(&healthy()).verdict.partial);
}
