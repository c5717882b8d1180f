//! What a run comes to that went wrong from one end to the other.

use tapdeck_reports::Summary;
use tapdeck_reports::measurements::{Bound, Gate, GateSubject, Measurements, Unmeasured};
use tapdeck_reports::verdict::gates::GateOutcome;

use crate::awkward::service;
use crate::common::{Run, S, play_through, tape_of};
use crate::raw::{Answer, RawServer};
use crate::sessions::{back_end, tape_with};

/// Judges a run by one promise.
fn judged(mut measurements: Measurements, subject: GateSubject, limit: f64) -> Summary {
    measurements.gates = vec![Gate {
        text: "promised".to_owned(),
        subject,
        limit,
        bound: Bound::Inclusive,
        unmeasured: Unmeasured::Missed,
    }];
    Summary::from_measurements(&measurements)
}

#[test]
fn a_target_that_refuses_everything_has_missed_its_promise() {
    let server = RawServer::answering(|_| {
        let refused = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
        Answer::Pieces(vec![refused.to_vec()])
    });
    let run = Run {
        connections: 4,
        ..Run::at(&server.url(), 40.0)
    };
    let measured = run.play_tape(tape_of(&service("GET", ""), 40));
    let summary = judged(measured, GateSubject::ErrorShare, 0.01);
    assert_eq!(summary.rates.error_share, Some(1.0));
    assert_eq!(summary.gates[0].outcome, GateOutcome::Missed);
}

#[test]
fn a_misspelt_capture_breaks_its_sessions_and_leaves_errors() {
    let target = back_end();
    let run = Run {
        connections: 64,
        measure_ns: 2 * S,
        ..Run::at(&target.url(), 150.0)
    };
    let misspelt = tape_with(|line| line.replace("/correlation_id\" } }", "/corelation_id\" } }"));
    let measured = play_through(&run.plan_with(misspelt)).measurements;
    assert_eq!(measured.ledger.planned, measured.ledger.good);
    let summary = judged(measured, GateSubject::SessionShare, 0.99);
    let deployments = summary
        .sessions
        .iter()
        .find(|kind| kind.name == "deployment");
    let deployments = deployments.unwrap();
    assert!(
        deployments.broken > 0 && deployments.good == 0,
        "{deployments:?}"
    );
    assert_eq!(summary.gates[0].outcome, GateOutcome::Missed);
    // Every broken session left its last step out.
    let left_out: u64 = summary
        .endpoints
        .iter()
        .map(|endpoint| endpoint.skipped)
        .sum();
    assert!(left_out >= deployments.broken, "{left_out}");
    let errors = left_out as f64 / (summary.ledger.planned + left_out) as f64;
    assert_eq!(summary.rates.error_share, Some(errors));
    let silent = summary
        .generator
        .findings
        .iter()
        .find(|finding| finding.rule == "never_sent");
    assert!(
        silent.unwrap().text.contains("step of deployment"),
        "{silent:?}"
    );
}
