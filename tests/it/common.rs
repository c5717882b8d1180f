//! A small tape, a run, and what every run must satisfy.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tapdeck::events::Nobody;
use tapdeck::harness::play::{Played, RunPlan, play};
use tapdeck::harness::target;
use tapdeck::replay::lane::Settings;
use tapdeck::replay::pacer::Pacing;
use tapdeck::replay::transport::Keeping;
use tapdeck::schedule::{Bursts, Load, Parameters, RateProfile, Schedule, arrivals_named};
use tapdeck_corpora::{
    BlockBuilder, ExpectedDecision, ManifestDraft, NewRecord, NewSlot, Origin, RECORDS_PER_BLOCK,
    SLOT_ID, SLOT_SENT_AT, SlotPart, Tape, TapeWriter,
};
use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::Measurements;
use tapdeck_services::ServiceDefinition;

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const S: u64 = 1_000 * MS;

/// The built-in rule engine.
pub(crate) fn rule_engine() -> ServiceDefinition {
    tapdeck_services::registry::find("rule-engine").unwrap()
}

/// The rule engine as it was when it asked for tokens, tried at a path or not at all.
pub(crate) fn guarded_rule_engine(probe_path: Option<&str>) -> ServiceDefinition {
    let mut service = rule_engine();
    if let Some(auth) = &mut service.auth {
        auth.probe_path = probe_path.map(str::to_owned);
    }
    service
}

/// Writes a tape of rule-engine requests: two authorizations, then a monitoring event, over and over.
pub(crate) fn write_tape(path: &Path, records: u64) {
    let mut writer = TapeWriter::create(path).unwrap();
    for chunk in (0..records).collect::<Vec<_>>().chunks(RECORDS_PER_BLOCK) {
        let mut builder = BlockBuilder::new();
        for &idx in chunk {
            push(&mut builder, idx);
        }
        writer.append(&builder.finish().unwrap()).unwrap();
    }
    writer.finish(manifest(&rule_engine())).unwrap();
}

fn manifest(service: &ServiceDefinition) -> ManifestDraft {
    ManifestDraft {
        service_name: service.name.clone(),
        service_source: service.source.clone(),
        endpoints: service
            .endpoints
            .iter()
            .map(|endpoint| endpoint.name.clone())
            .collect(),
        labels: vec!["legitimate".into(), "card_testing".into()],
        origin: Origin {
            generator: "test".into(),
            generator_version: "0".into(),
            rng: String::new(),
            seed: None,
            parameters: BTreeMap::new(),
        },
        event_epoch: "2025-01-06T00:00:00Z".into(),
    }
}

fn push(builder: &mut BlockBuilder, idx: u64) {
    let is_monitoring = idx % 3 == 2;
    let decision = if is_monitoring {
        r#","decision":"APPROVE""#
    } else {
        ""
    };
    let before = r#"{"transaction_id":""#;
    let between = r#"","card_hash":"tok_1","amount":12.50,"currency":"USD","timestamp":""#;
    let body =
        format!("{before}t{idx:016x}-00000000{between}2025-01-06T00:00:00.000Z\"{decision}}}");
    let offset = |offset: usize| u32::try_from(offset).unwrap();
    let slot = |kind, at, width| NewSlot {
        part: SlotPart::Body,
        kind,
        offset: offset(at),
        width,
    };
    let slots = [
        slot(SLOT_ID, before.len(), 26),
        slot(SLOT_SENT_AT, before.len() + 26 + between.len(), 24),
    ];
    let record = NewRecord {
        event_offset_ns: idx * MS,
        endpoint: u16::from(is_monitoring),
        affinity: idx.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        label: u16::from(idx.is_multiple_of(10)),
        expected_status: 200,
        expected_decision: ExpectedDecision::Approve,
        value: 1_250,
        session: 0,
        step: 0,
        path: if is_monitoring {
            b"/v1/evaluate/monitoring"
        } else {
            b"/v1/evaluate/auth"
        },
        body: body.as_bytes(),
        slots: &slots,
    };
    builder.push(&record).unwrap();
}

/// Opens a fresh tape of that many records.
pub(crate) fn tape(records: u64) -> Arc<Tape> {
    opened(|path| write_tape(path, records))
}

/// Opens a tape of that many requests to the one endpoint of a service, without bodies.
pub(crate) fn tape_of(service: &ServiceDefinition, records: u64) -> Arc<Tape> {
    opened(|path| {
        let mut builder = BlockBuilder::new();
        for idx in 0..records {
            let record = NewRecord {
                event_offset_ns: idx * MS,
                endpoint: 0,
                affinity: idx,
                label: 0,
                expected_status: 200,
                expected_decision: ExpectedDecision::Unknown,
                value: 0,
                session: 0,
                step: 0,
                path: b"/thing",
                body: b"",
                slots: &[],
            };
            builder.push(&record).unwrap();
        }
        let mut writer = TapeWriter::create(path).unwrap();
        writer.append(&builder.finish().unwrap()).unwrap();
        writer.finish(manifest(service)).unwrap();
    })
}

/// Opens a tape just written; the map outlives the file's name.
fn opened(write: impl FnOnce(&Path)) -> Arc<Tape> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.tape");
    write(&path);
    Arc::new(Tape::open(&path).unwrap())
}

/// What a test run is made of.
pub(crate) struct Run {
    pub(crate) url: String,
    pub(crate) access: target::Access,
    pub(crate) keeping: Keeping,
    pub(crate) records: u64,
    pub(crate) arrivals: &'static str,
    pub(crate) rate: f64,
    pub(crate) warm_up_ns: u64,
    pub(crate) measure_ns: u64,
    pub(crate) timeout_ns: u64,
    pub(crate) lanes: u32,
    pub(crate) connections: u32,
    pub(crate) in_flight_cap: u32,
}

impl Run {
    /// A second of evenly spaced requests on one lane.
    pub(crate) fn at(url: &str, rate: f64) -> Self {
        Self {
            url: url.to_owned(),
            access: target::Access::default(),
            keeping: Keeping::default(),
            records: 5_000,
            arrivals: "constant",
            rate,
            warm_up_ns: 0,
            measure_ns: S,
            timeout_ns: 5 * S,
            lanes: 1,
            connections: 16,
            in_flight_cap: 100_000,
        }
    }

    pub(crate) fn plan(&self) -> RunPlan {
        self.plan_with(tape(self.records))
    }

    pub(crate) fn plan_with(&self, tape: Arc<Tape>) -> RunPlan {
        let seconds = |ns: u64| ns as f64 / 1e9;
        let service =
            ServiceDefinition::parse(&tape.manifest().service_source, "the tape").unwrap();
        RunPlan {
            settings: Settings {
                target: target::find(&self.url, &self.access).unwrap(),
                keeping: self.keeping,
                timeout_ns: self.timeout_ns,
                in_flight_cap: 0,
                nonce: 7,
                token: None,
            },
            tape,
            service: Arc::new(service),
            target_text: self.url.clone(),
            load: Load::Open(Schedule {
                process: arrivals_named(self.arrivals).unwrap(),
                parameters: Parameters {
                    profile: RateProfile::hold(self.rate, seconds(self.measure_ns))
                        .after_warm_up(seconds(self.warm_up_ns)),
                    seed: 1,
                    bursts: Bursts::default(),
                    speed: 1.0,
                    horizon_ns: self.warm_up_ns + self.measure_ns,
                },
            }),
            profile_text: self.rate.to_string(),
            warm_up_ns: self.warm_up_ns,
            measure_ns: self.measure_ns,
            lanes: NonZeroU32::new(self.lanes).unwrap(),
            connections: self.connections,
            in_flight_cap: self.in_flight_cap,
            pacing: Pacing::Timer,
            gates: Vec::new(),
            notes: Vec::new(),
            tokens: None,
        }
    }

    /// Plays the run to its end; its ledger must balance.
    pub(crate) fn play(&self) -> Measurements {
        let played = self.try_play();
        assert!(played.fault.is_none(), "{:?}", played.fault);
        played.measurements
    }

    /// Plays a tape of another service.
    pub(crate) fn play_tape(&self, tape: Arc<Tape>) -> Measurements {
        play_through(&self.plan_with(tape)).measurements
    }

    pub(crate) fn try_play(&self) -> Played {
        play_through(&self.plan())
    }
}

/// Plays a plan to its end; its ledger must balance.
pub(crate) fn play_through(plan: &RunPlan) -> Played {
    let stop = Arc::new(AtomicBool::new(false));
    let played = play(plan, &stop, &mut Nobody).unwrap();
    check_balance(&played.measurements);
    played
}

/// Every planned request is accounted for, in total and at each endpoint, and has its response time or its wait.
pub(crate) fn check_balance(measurements: &Measurements) {
    let ledgers = measurements
        .endpoints
        .iter()
        .map(|endpoint| endpoint.ledger);
    for ledger in ledgers.chain([measurements.ledger]) {
        assert_eq!(
            ledger.planned,
            ledger.sent + ledger.dropped + ledger.unsent,
            "{ledger:?}"
        );
        let ended = ledger.completed + ledger.failed + ledger.timed_out + ledger.cut;
        assert_eq!(ledger.sent, ended, "{ledger:?}");
        assert_eq!(
            ledger.completed,
            ledger.good + ledger.rejected,
            "{ledger:?}"
        );
    }
    check_times(measurements);
    assert_eq!(measurements.send_lag.len(), measurements.ledger.sent);
    check_failures(measurements);
    let judged: u64 = measurements
        .confusion
        .iter()
        .flat_map(|row| [row.approved, row.declined, row.reviewed, row.unjudged])
        .map(|tally| tally.count)
        .sum();
    // The built-in monitoring endpoint repeats the issuer's decision, which is no judgment; nothing else has any.
    let deciding = measurements.endpoints.iter().filter(|it| it.name == "auth");
    let expected: u64 = deciding.map(|endpoint| endpoint.ledger.planned).sum();
    assert_eq!(judged, expected);
}

/// Checks that every answer was timed, every request without one was noted, and that lag never made an answer faster.
fn check_times(measurements: &Measurements) {
    let ledger = &measurements.ledger;
    let mut response = Histogram::new();
    let mut undisturbed = Histogram::new();
    let mut unanswered = 0;
    for endpoint in &measurements.endpoints {
        response.merge(&endpoint.response);
        undisturbed.merge(&endpoint.undisturbed);
        unanswered += endpoint.unanswered.len();
        assert_eq!(endpoint.undisturbed.len(), endpoint.ledger.completed);
        assert!(endpoint.held_up <= endpoint.ledger.deferred);
    }
    assert_eq!(response.len(), ledger.completed);
    assert_eq!(unanswered, ledger.planned - ledger.completed);
    let stamps = &measurements.stamps;
    // Where nobody says when an answer arrived, nobody knows how late it was read.
    assert_eq!(measurements.read_lag.len(), stamps.kernel);
    assert_eq!(stamps.kernel + stamps.read, ledger.completed);
    for quantile in [0.01, 0.5, 0.9, 0.99, 1.0] {
        let undisturbed_ns = undisturbed.quantile(quantile);
        assert!(undisturbed_ns <= response.quantile(quantile), "{quantile}");
    }
}

/// Checks that the failures at the endpoints are those of the run, and happened within it.
fn check_failures(measurements: &Measurements) {
    for endpoint in &measurements.endpoints {
        let ledger = &endpoint.ledger;
        let is_check = |kind: &str| kind == "status" || kind.starts_with("check:");
        let transport = endpoint
            .failures
            .iter()
            .filter(|failure| !is_check(&failure.kind));
        let transport: u64 = transport.map(|failure| failure.count).sum();
        assert_eq!(
            transport,
            ledger.failed + ledger.timed_out + ledger.dropped,
            "{:?}",
            endpoint.failures
        );
        assert!(endpoint.answer_bytes == 0 || ledger.completed > 0);
        for failure in &endpoint.failures {
            assert!(failure.first_ns <= failure.last_ns, "{failure:?}");
            assert!(failure.last_ns < 3_600_000_000_000, "{failure:?}");
        }
    }
    for failure in &measurements.failures {
        let at_endpoints = measurements.endpoints.iter();
        let count: u64 = at_endpoints
            .flat_map(|endpoint| &endpoint.failures)
            .filter(|at_endpoint| at_endpoint.kind == failure.kind)
            .map(|at_endpoint| at_endpoint.count)
            .sum();
        assert_eq!(failure.count, count, "{}", failure.kind);
    }
}

/// The number of requests that ended in one kind of failure.
pub(crate) fn failures(measurements: &Measurements, kind: &str) -> u64 {
    let failure = measurements
        .failures
        .iter()
        .find(|failure| failure.kind == kind);
    failure.map_or(0, |failure| failure.count)
}
