//! The order in which verdicts weigh, and what is said of a run that was cut short.

use super::*;
use crate::fixture::{MS, gate, healthy};
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

/// Gives every request the same response time and the same share of it that is our lag.
pub(super) fn lag_by(run: &mut Measurements, response_ns: u64, without_lag_ns: u64) {
    for endpoint in &mut run.endpoints {
        endpoint.response = constant(response_ns, 500);
    }
    run.undisturbed = constant(without_lag_ns, 1_000);
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
fn invalid_outweighs_a_missed_promise() {
    check(
        "both",
        |run| {
            run.gates = vec![gate("errors<1%", GateSubject::ErrorShare, 0.01)];
            run.lanes[0].cpu_share = 1.0;
        },
        Verdict::Invalid,
        &["ran out of CPU"],
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
