//! Small measurements with hand-computed results, for the unit tests of this crate.

use crate::histogram::Histogram;
use crate::measurements::distribution::Distribution;
use crate::measurements::sample::{LaneSample, Sample};
use crate::measurements::{
    Bound, ConfusionRow, DecisionTally, EndpointFailure, EndpointMeasurements, FailureCount, Gate,
    GateSubject, Identity, LaneFacts, Ledger, Measurements, SecondMeasurements,
    SessionMeasurements, SessionTally, StampTally, TlsSession, Transport, Unmeasured,
};

/// Nanoseconds in a millisecond.
pub(crate) const MS: u64 = 1_000_000;

/// 1,000 requests in ten seconds over two endpoints: response times 1, 2, ... 990 times 10 us, service times half of
/// that, send lag 5 us and read lag 1 us each; ten answers fail a check, and the last ten requests time out after five seconds.
pub(crate) fn healthy() -> Measurements {
    let mut measurements = Measurements {
        identity: identity(),
        transport: transport(),
        measured_ns: 10_000 * MS,
        ledger: ledger(1_000),
        endpoints: vec![
            endpoint("/v1/evaluate/auth", 0),
            endpoint("/v1/evaluate/monitoring", 1),
        ],
        seconds: (0..10).map(second).collect(),
        sessions: vec![session()],
        stamps: StampTally {
            kernel: 990,
            ..StampTally::default()
        },
        failures: failures(),
        confusion: confusion(),
        overlapping: 4,
        lanes: vec![lane()],
        samples: (0..10).map(sample).collect(),
        gates: vec![
            gate("p99<30ms", GateSubject::ResponseQuantile(0.99), 30e6),
            gate("errors<3%", GateSubject::ErrorShare, 0.03),
        ],
        ..Measurements::default()
    };
    for _ in 1..=1_000 {
        measurements.connection_wait.record(1_000);
        measurements.send_lag.record(5_000);
    }
    for idx in 1..=990 {
        let endpoint = usize::from(idx % 2 != 0);
        let undisturbed = &mut measurements.endpoints[endpoint].undisturbed;
        undisturbed.record(idx * 10_000 - 5_000);
        measurements.read_lag.record(1_000);
    }
    measurements
}

/// Lets every answer of an undisturbed generator come after the same time.
pub(crate) fn undisturbed(run: &mut Measurements, undisturbed_ns: u64) {
    for endpoint in &mut run.endpoints {
        endpoint.undisturbed.clear();
        let answered = endpoint.response.len();
        endpoint.undisturbed.record_many(undisturbed_ns, answered);
    }
}

/// The ledger of `planned` requests of which one in a hundred was rejected and one in a hundred timed out.
pub(crate) fn ledger(planned: u64) -> Ledger {
    Ledger {
        planned,
        sent: planned,
        completed: planned - planned / 100,
        good: planned - planned / 50,
        rejected: planned / 100,
        timed_out: planned / 100,
        ..Ledger::default()
    }
}

pub(crate) fn gate(text: &str, subject: GateSubject, limit: f64) -> Gate {
    Gate {
        text: text.to_owned(),
        subject,
        limit,
        bound: if text.contains('=') {
            Bound::Inclusive
        } else {
            Bound::Exclusive
        },
        unmeasured: Unmeasured::Missed,
    }
}

/// A hundred sessions of which 95 ended well, each 10 ms longer than the one before.
fn session() -> SessionMeasurements {
    let mut session = SessionMeasurements {
        name: "review".to_owned(),
        tally: SessionTally {
            started: 100,
            good: 95,
            broken: 3,
            unfinished: 2,
        },
        ..SessionMeasurements::default()
    };
    for idx in 1..=98 {
        session.duration.record(idx * 10 * MS);
    }
    session
}

pub(crate) fn lane() -> LaneFacts {
    LaneFacts {
        cpu_share: 0.25,
        cpu_ns: 2_500 * MS,
        sent: 1_000,
        spins: false,
        ..LaneFacts::default()
    }
}

/// A quarter of a core used, 5 ms waited for it, nothing stolen.
fn sample(idx: u64) -> Sample {
    Sample {
        from_ns: idx * 1_000 * MS,
        to_ns: (idx + 1) * 1_000 * MS,
        lanes: vec![LaneSample {
            cpu_ns: Some(250 * MS),
            run_delay_ns: Some(5 * MS),
            involuntary_switches: 1,
            ..LaneSample::default()
        }],
        stolen_ns: Some(0),
        ..Sample::default()
    }
}

fn identity() -> Identity {
    Identity {
        version: "0.1.0".to_owned(),
        service: "rule-engine".to_owned(),
        target: "http://127.0.0.1:8080".to_owned(),
        tape: "fraud.tape".to_owned(),
        tape_digest: "5f3a".repeat(16),
        tape_records: 100_000,
        tape_seed: Some(42),
        arrivals: "poisson".to_owned(),
        profile: "100".to_owned(),
        schedule_seed: 7,
        planned_rate: 100.0,
        warm_up_ns: 2_000 * MS,
        measure_ns: 10_000 * MS,
        timeout_ns: 5_000 * MS,
        connections: 16,
        in_flight_cap: 64,
        pacing: "hybrid".to_owned(),
        time_compression: 1.0,
        started_at: "2026-01-02T03:04:05.678Z".to_owned(),
        machine: vec![("cores".to_owned(), "2".to_owned())],
    }
}

/// Sixteen connections with TLS, each connected within 100 us and agreed within 1 ms.
fn transport() -> Transport {
    let mut transport = Transport {
        protocol: "HTTP/1.1".to_owned(),
        tls: Some(TlsSession {
            version: "TLS 1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            verified: true,
        }),
        addresses: vec!["127.0.0.1:8080".to_owned()],
        left_out: vec!["[::1]:8080".to_owned()],
        streams: 1,
        keep_alive: true,
        opened: 16,
        lifetime_ns: Some(60_000 * MS),
        ..Transport::default()
    };
    for _ in 0..16 {
        transport.connect.record(MS / 10);
        transport.handshake.record(MS);
    }
    transport
}

/// Takes every second request, so that both endpoints together hold all of them.
fn endpoint(path: &str, parity: u64) -> EndpointMeasurements {
    let failure = |kind: &str, first_ns, last_ns| EndpointFailure {
        kind: kind.to_owned(),
        count: 5,
        first_ns,
        last_ns,
    };
    let mut endpoint = EndpointMeasurements {
        name: format!("POST {path}"),
        method: "POST".to_owned(),
        path: path.to_owned(),
        on_tape: 50_000,
        answer_bytes: 495 * 100,
        failures: vec![
            failure("status", 1_500 * MS, 9_999 * MS),
            failure("timeout", 5_000 * MS, 5_000 * MS),
        ],
        ledger: ledger(500),
        statuses: vec![(200, 490), (503, 5)],
        expected_statuses: vec![200],
        checks: vec![("status".to_owned(), 5), ("engine_mode".to_owned(), 0)],
        ..EndpointMeasurements::default()
    };
    endpoint.unanswered.record_many(5_000 * MS, 5);
    for idx in (1..=990).filter(|idx| idx % 2 == parity) {
        endpoint.response.record(idx * 10_000);
        endpoint.service.record(idx * 5_000);
        endpoint.first_byte.record(idx * 4_000);
    }
    endpoint
}

/// A second like every other: 99 answers after 5 ms, one request without.
fn second(idx: u64) -> SecondMeasurements {
    let mut so_far = Histogram::new();
    so_far.record_many(5 * MS, (idx + 1) * 99);
    let mut unanswered = Histogram::new();
    unanswered.record_many(5_000 * MS, idx + 1);
    SecondMeasurements {
        offered: 100,
        sent: 100,
        achieved: 99,
        good: 98,
        failed: 2,
        in_flight: idx % 3,
        response_ns: Some([5 * MS, 9 * MS, 10 * MS, 10 * MS]),
        send_lag_ns: Some([5_000, 6_000, 7_000]),
        read_lag_ns: Some([1_000, 1_500, 2_000]),
        longest_stall_ns: MS,
        answer_bytes: 99 * 100,
        users: 8,
        so_far: Distribution::over(&so_far, &unanswered),
    }
}

fn failures() -> Vec<FailureCount> {
    let failure = |kind: &str, samples: &[&str]| FailureCount {
        kind: kind.to_owned(),
        count: 10,
        samples: samples.iter().map(|&sample| sample.to_owned()).collect(),
    };
    vec![
        failure("timeout", &[]),
        failure(
            "status",
            &["POST /v1/evaluate/auth: 503 <busy> & \"sorry\""],
        ),
    ]
}

fn confusion() -> Vec<ConfusionRow> {
    let tally = |count: u64, dollars: u64| DecisionTally {
        count,
        value_cents: dollars * 100,
    };
    vec![
        ConfusionRow {
            label: "legitimate".to_owned(),
            is_fraud: false,
            expected: Some("approve".to_owned()),
            approved: tally(940, 94_000),
            declined: tally(8, 1_000),
            reviewed: tally(2, 400),
            unjudged: tally(10, 900),
        },
        ConfusionRow {
            label: "card_testing".to_owned(),
            is_fraud: true,
            expected: Some("decline".to_owned()),
            approved: tally(6, 12),
            declined: tally(22, 44),
            reviewed: tally(2, 4),
            unjudged: tally(10, 5_000),
        },
    ]
}
