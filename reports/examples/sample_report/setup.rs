//! What is known of the simulated run before its first request.

use tapdeck_reports::measurements::sample::{LaneSample, Sample};
use tapdeck_reports::measurements::{
    Bound, ConfusionRow, EndpointMeasurements, Gate, GateSubject, Identity, LaneFacts,
    Measurements, SecondMeasurements, TlsSession, Transport, Unmeasured,
};

pub(crate) const US: u64 = 1_000;
pub(crate) const MS: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000_000_000;

pub(crate) const RATE: u64 = 2_000;
const LENGTH_NS: u64 = 60 * SECOND;
pub(crate) const TIMEOUT_NS: u64 = 2 * SECOND;
pub(crate) const CONNECTIONS: u32 = 64;
const IN_FLIGHT_CAP: u32 = 4_096;

/// What happens during the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nothing.
    Calm,
    /// The target stands still for 2.2 seconds and sheds load afterwards.
    Stall,
    /// The generator itself is short of CPU.
    Starved,
}

/// Label, whether it is fraud, its share per 10,000 requests, and what the rules answer per 100.
pub(crate) const LABELS: [(&str, bool, u64, [u64; 2]); 3] = [
    ("legitimate", false, 9_900, [1, 2]),
    ("card_testing", true, 60, [78, 85]),
    ("counterfeit", true, 40, [35, 70]),
];

/// Everything that is known before the first request.
fn transport() -> Transport {
    let mut transport = Transport {
        protocol: "HTTP/1.1".to_owned(),
        tls: Some(TlsSession {
            version: "TLS 1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            verified: true,
        }),
        addresses: vec!["10.0.0.7:8443".to_owned(), "10.0.0.8:8443".to_owned()],
        streams: 1,
        keep_alive: true,
        opened: CONNECTIONS.into(),
        ..Transport::default()
    };
    for nth in 0..u64::from(CONNECTIONS) {
        transport.connect.record(180 * US + nth * 7 * US);
        transport.handshake.record(900 * US + nth * 31 * US);
    }
    transport
}

pub(crate) fn blank(weather: Weather) -> Measurements {
    let endpoint = |path: &str| EndpointMeasurements {
        name: format!("POST {path}"),
        method: "POST".to_owned(),
        path: path.to_owned(),
        on_tape: 500_000,
        statuses: vec![(200, 0)],
        checks: ["status", "echoes_id", "engine_mode", "not_shed"]
            .map(|name| (name.to_owned(), 0))
            .into(),
        ..EndpointMeasurements::default()
    };
    let gate = |text: &str, subject, limit| Gate {
        text: text.to_owned(),
        subject,
        limit,
        bound: if text.contains('=') {
            Bound::Inclusive
        } else {
            Bound::Exclusive
        },
        unmeasured: Unmeasured::Missed,
    };
    let starved = weather == Weather::Starved;
    let lane = LaneFacts {
        cpu_share: if starved { 0.991 } else { 0.413 },
        cpu_ns: if starved { 59_460 * MS } else { 24_780 * MS },
        longest_stall_ns: if starved { 31 * MS } else { 2 * MS },
        stalled_ns: if starved { 412 * MS } else { 0 },
        ..LaneFacts::default()
    };
    Measurements {
        identity: identity(),
        transport: transport(),
        measured_ns: LENGTH_NS,
        endpoints: vec![
            endpoint("/v1/evaluate/auth"),
            endpoint("/v1/evaluate/monitoring"),
        ],
        seconds: (0..60).map(|second| still(second, starved)).collect(),
        confusion: LABELS
            .map(|(label, is_fraud, ..)| ConfusionRow {
                label: label.to_owned(),
                is_fraud,
                expected: Some(if is_fraud { "decline" } else { "approve" }.to_owned()),
                ..ConfusionRow::default()
            })
            .into(),
        overlapping: 318,
        lanes: vec![lane, lane],
        samples: (0..60).map(|second| sample(second, weather)).collect(),
        gates: vec![
            gate("p99<30ms", GateSubject::ResponseQuantile(0.99), 30e6),
            gate("p99.9<100ms", GateSubject::ResponseQuantile(0.999), 100e6),
            gate("errors<1%", GateSubject::ErrorShare, 0.01),
        ],
        notes: vec![
            "Two lanes share two cores with the target; send lag is best read with that in mind."
                .to_owned(),
        ],
        ..Measurements::default()
    }
}

/// A second of which only the longest stall is known.
fn still(second: u64, starved: bool) -> SecondMeasurements {
    let longest_ns = if starved { 11 * MS } else { 180 * US };
    SecondMeasurements {
        longest_stall_ns: longest_ns + second % 7 * longest_ns / 4,
        ..SecondMeasurements::default()
    }
}

/// What the kernel says about a second.
fn sample(second: u64, weather: Weather) -> Sample {
    let starved = weather == Weather::Starved;
    let lane = LaneSample {
        cpu_ns: Some(if starved { 991 } else { 401 + second % 7 * 9 } * MS),
        run_delay_ns: Some((4 + second % 5) * MS),
        involuntary_switches: 19 + second % 3,
        ..LaneSample::default()
    };
    Sample {
        from_ns: second * SECOND,
        to_ns: (second + 1) * SECOND,
        lanes: vec![lane, lane],
        stolen_ns: Some(second % 4 * 5 * MS),
        ..Sample::default()
    }
}

fn identity() -> Identity {
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Identity {
        version: "0.1.0".to_owned(),
        service: "rule-engine".to_owned(),
        target: "http://127.0.0.1:8081".to_owned(),
        tape: "rule-engine-42.tape".to_owned(),
        tape_digest: "b3c1f7a9d2e4".repeat(5) + "b3c1",
        tape_records: 1_000_000,
        tape_seed: Some(42),
        arrivals: "poisson".to_owned(),
        profile: "2000/60s".to_owned(),
        schedule_seed: 42,
        planned_rate: 2_000.0,
        warm_up_ns: 5 * SECOND,
        measure_ns: LENGTH_NS,
        timeout_ns: TIMEOUT_NS,
        connections: CONNECTIONS,
        in_flight_cap: IN_FLIGHT_CAP,
        pacing: "hybrid".to_owned(),
        time_compression: 432.0,
        started_at: "2026-01-02T03:04:05.678Z".to_owned(),
        machine: vec![
            fact("Kernel", "Linux 6.12.9"),
            fact("CPU", "AMD EPYC 9654, 2 cores"),
            fact("Memory", "7.8 GiB"),
        ],
    }
}
