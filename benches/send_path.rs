//! What the parts of the send path cost by themselves, per request or per arrival.
//!
//! Requests are a generated rule-engine tape's, answers are the stand-in's own, so sizes and shapes are those of a run.
//! Everything is prepared outside the measured closure; within a run the same parts also miss caches that are warm here.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Buf;
use criterion::{BenchmarkId, Criterion, Throughput};
use http::{HeaderMap, HeaderValue};
use tapdeck::clock::{Clock, MonotonicClock, NS_PER_S};
use tapdeck::replay::arrivals::{Arrival, Arrivals, Window};
use tapdeck::replay::endpoint::LaneEndpoint;
use tapdeck::replay::interval::intervals;
use tapdeck::replay::judge::{Judge, Judgment, Sent};
use tapdeck::replay::outcome::{Ending, Instants, Outcome};
use tapdeck::replay::payload::{LaneTape, Payload, RecordPlace, record_at};
use tapdeck::replay::prefetch::{Progress, check_lead};
use tapdeck::replay::recorder::{Recorder, RecorderPlan};
use tapdeck::replay::stamp::{Salt, Stamps, TimeOfDay};
use tapdeck::replay::transport::arrival_clock::Witness;
use tapdeck::replay::transport::{Address, Protocol, Target};
use tapdeck::replay::visitors::Ticket;
use tapdeck::replay::walk::{Share, Walk};
use tapdeck::schedule::{ARRIVALS, Bursts, Parameters, RateProfile, Schedule};
use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_reports::histogram::Histogram;
use tapdeck_services::ServiceDefinition;

/// Records on the tape: enough for both endpoints, few enough for the cache.
const RECORDS: u64 = 2_000;

/// Arrivals, durations and instants measured at a time, so that the closure's own cost disappears.
const BATCH: u64 = 1_000;

const STAMPS: Stamps = Stamps {
    salt: Salt {
        id_end: *b"0123abcd",
        uuid_end: *b"0123456789",
    },
    sent_at: *b"2026-01-02T03:04:05.678Z",
};

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let service = tapdeck_services::registry::find("rule-engine")?;
    let tape = tape(&service)?;
    payload(&mut criterion, &tape)?;
    request(&mut criterion, &tape, &service)?;
    judge(&mut criterion, &tape, &service)?;
    schedule(&mut criterion, &tape);
    record(&mut criterion, &tape, &service)?;
    time(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Generates a tape and checks it whole.
fn tape(service: &ServiceDefinition) -> Result<LaneTape> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.tape");
    let options = GenerateOptions::new(42, RECORDS);
    generate(service, &options, Outputs::tape(&path), &Unwatched)?;
    // The map outlives the file's name.
    let tape = Tape::open(&path)?;
    check_lead(&tape)?;
    Ok(Arc::new(Arc::new(tape)))
}

/// Finds the first record of an endpoint.
fn first_of(tape: &Tape, endpoint: usize) -> Result<RecordPlace> {
    (0..4_096)
        .map(|record_idx| RecordPlace {
            block_idx: 0,
            record_idx,
        })
        .find(|&place| record_at(tape, place).is_some_and(|record| record.endpoint() == endpoint))
        .context("the tape has a record of every endpoint")
}

/// Reads a body as hyper does when it flattens: piece by piece, each copied behind the last.
fn flatten(payload: &mut Payload, wire: &mut Vec<u8>) {
    while payload.has_remaining() {
        wire.extend_from_slice(payload.chunk());
        payload.advance(payload.chunk().len());
    }
}

fn payload(criterion: &mut Criterion, tape: &LaneTape) -> Result<()> {
    let place = first_of(tape, 0)?;
    let bytes = Payload::new(LaneTape::clone(tape), place, STAMPS).remaining();
    let mut wire = Vec::with_capacity(bytes);
    let mut group = criterion.benchmark_group("payload");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(BenchmarkId::new("flatten", bytes), |bencher| {
        bencher.iter(|| {
            wire.clear();
            let mut payload = Payload::new(LaneTape::clone(tape), black_box(place), STAMPS);
            flatten(&mut payload, &mut wire);
            black_box(&wire);
        });
    });
    group.finish();
    Ok(())
}

fn request(criterion: &mut Criterion, tape: &LaneTape, service: &ServiceDefinition) -> Result<()> {
    let target = Target {
        addresses: vec![Address::Tcp(([127, 0, 0, 1], 80).into())],
        left_out: Vec::new(),
        tls: None,
        session: None,
        protocol: Protocol::Http1,
        authority: HeaderValue::from_static("127.0.0.1"),
        base_path: String::new(),
    };
    let mut endpoint = LaneEndpoint::prepare(&service.endpoints[0], &target, tape, None)
        .map_err(anyhow::Error::msg)?;
    let place = first_of(tape, 0)?;
    let record = record_at(tape, place).context("the block was checked")?;
    let mut headers = HeaderMap::with_capacity(16);
    let mut group = criterion.benchmark_group("endpoint");
    group.throughput(Throughput::Elements(1));
    let id = BenchmarkId::new("request", format!("{}-headers", endpoint.header_count()));
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            // Recycled as hyper hands it back, or lost with a request that could not be made.
            let empty = std::mem::take(&mut headers);
            if let Ok(request) = endpoint.request(tape, place, &record, STAMPS, empty) {
                headers = black_box(request).into_parts().0.headers;
                headers.clear();
            }
        });
    });
    group.finish();
    Ok(())
}

fn judge(criterion: &mut Criterion, tape: &LaneTape, service: &ServiceDefinition) -> Result<()> {
    let target = StandIn::start(StandInConfig::demo()?)?;
    let mut group = criterion.benchmark_group("judge");
    for (endpoint_idx, endpoint) in service.endpoints.iter().enumerate() {
        let judge = Judge::compile(endpoint).map_err(anyhow::Error::msg)?;
        let place = first_of(tape, endpoint_idx)?;
        let record = record_at(tape, place).context("the block was checked")?;
        let mut sent = Vec::new();
        let mut payload = Payload::new(LaneTape::clone(tape), place, STAMPS);
        flatten(&mut payload, &mut sent);
        let answer = post(&target, record.path(), &sent)?;
        let headers = HeaderMap::new();
        let sent = Sent {
            record: &record,
            stamps: &STAMPS,
        };
        let judged = |answer: &[u8]| judge.body(judge.head(200, &headers), answer, &sent, |_| None);
        ensure!(judged(&answer).is_good(), "the stand-in's answer is good");
        group.throughput(Throughput::Bytes(answer.len() as u64));
        group.bench_function(BenchmarkId::new(&endpoint.name, answer.len()), |bencher| {
            bencher.iter(|| judged(black_box(&answer)));
        });
    }
    group.finish();
    Ok(())
}

/// Asks the stand-in once and gives the answer's body.
fn post(target: &StandIn, path: &[u8], body: &[u8]) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(target.address())?;
    let path = std::str::from_utf8(path)?;
    write!(
        socket,
        "POST {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )?;
    socket.write_all(body)?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    Ok(answer.split_off(head.context("the answer has a head")? + 4))
}

fn schedule(criterion: &mut Criterion, tape: &LaneTape) {
    let mut group = criterion.benchmark_group("schedule");
    group.throughput(Throughput::Elements(BATCH));
    let schedules = ARRIVALS
        .iter()
        .filter(|process| process.follows_profile())
        .map(|&process| Schedule {
            process,
            parameters: Parameters {
                // Longer than anybody measures.
                profile: RateProfile::hold(10_000.0, 1e8),
                seed: 42,
                bursts: Bursts::default(),
                speed: 1.0,
                horizon_ns: u64::MAX,
            },
        });
    for schedule in schedules {
        let name = schedule.process.name();
        let mut cursor = schedule.cursor();
        group.bench_function(BenchmarkId::new(name, BATCH), |bencher| {
            bencher.iter(|| {
                for _ in 0..BATCH {
                    black_box(cursor.next_ns(0));
                }
            });
        });
        let mut arrivals = walk(tape, &schedule);
        group.bench_function(BenchmarkId::new(format!("{name}-walk"), BATCH), |bencher| {
            bencher.iter(|| {
                for _ in 0..BATCH {
                    black_box(arrivals.peek());
                    arrivals.take();
                }
            });
        });
    }
    group.finish();
}

/// The whole walk of a lane that has every card: schedule and tape together.
fn walk(tape: &LaneTape, schedule: &Schedule) -> Arrivals {
    let share = Share {
        lane_idx: 0,
        lanes: 1,
    };
    let window = Window {
        epoch_ns: 0,
        measure_from_ns: 0,
        measure_to_ns: u64::MAX,
    };
    let walk = Walk::new(Arc::clone(tape), share, Arc::new(Progress::new(1)));
    Arrivals::new(walk, schedule, window)
}

fn record(criterion: &mut Criterion, tape: &LaneTape, service: &ServiceDefinition) -> Result<()> {
    let mut group = criterion.benchmark_group("recorder");
    let mut histogram = Histogram::new();
    group.throughput(Throughput::Elements(BATCH));
    group.bench_function(BenchmarkId::new("histogram", BATCH), |bencher| {
        bencher.iter(|| {
            // From 20 us to 10 ms, the span of a run's durations.
            for idx in 0..BATCH {
                histogram.record(black_box(20_000 + idx * 9_973));
            }
        });
    });
    let place = first_of(tape, 0)?;
    let record = record_at(tape, place).context("the block was checked")?;
    let arrival = Arrival {
        intended_ns: NS_PER_S,
        place,
        pass: 0,
        measured: true,
        ticket: Ticket::NONE,
    };
    let outcome = Outcome {
        arrival,
        instants: Instants {
            intended_ns: NS_PER_S,
            ready_ns: NS_PER_S,
            sent_ns: NS_PER_S + 11_000,
            first_byte_ns: NS_PER_S + 400_000,
            ended_ns: NS_PER_S + 410_000,
            read_ns: NS_PER_S + 420_000,
            permitted_ns: 0,
        },
        ending: Ending::Completed {
            status: 200,
            body_bytes: 100,
            judgment: Judgment::default(),
        },
        overlapped: false,
        witness: Witness::Kernel,
    };
    let (writer, _reader) = intervals();
    let plan = RecorderPlan {
        decides: vec![true; service.endpoints.len()],
        labels: tape.manifest().labels.len(),
        sessions: Vec::new(),
        seconds: 60,
        measure_from_ns: 0,
    };
    let mut recorder = Recorder::new(plan, writer);
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new("exchanged", 1), |bencher| {
        bencher.iter(|| {
            recorder.planned(black_box(&arrival), 0);
            recorder.exchanged(black_box(&outcome), &record);
        });
    });
    group.bench_function(BenchmarkId::new("dropped", 1), |bencher| {
        bencher.iter(|| {
            recorder.planned(black_box(&arrival), 0);
            let why = tapdeck::replay::failure::FailureKind::InFlightCap;
            recorder.never_sent(black_box(&arrival), &record, 2 * NS_PER_S, Some(why));
        });
    });
    group.finish();
    Ok(())
}

fn time(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("time");
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new("monotonic", 1), |bencher| {
        bencher.iter(|| MonotonicClock.now_ns());
    });
    let mut time_of_day = TimeOfDay::new(1_767_323_045 * NS_PER_S, 0);
    let mut now_ns = 0;
    group.bench_function(BenchmarkId::new("time-of-day", 1), |bencher| {
        bencher.iter(|| {
            // The gap between two requests at 30,000 per second.
            now_ns += 33_333;
            time_of_day.at(black_box(now_ns))
        });
    });
    group.finish();
}
