//! Puts the measurements of all lanes together into what the reports are made from.

mod captures;
mod failures;

use jiff::Timestamp;
use tapdeck_reports::counted;
use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::sample::Sample;
use tapdeck_reports::measurements::{
    ConfusionRow, DecisionTally, Ending, EndpointMeasurements, Identity, LaneFacts, Ledger,
    LimitHit, Measurements, SessionMeasurements, SessionTally, StampTally, TlsSession, Transport,
};
use tapdeck_reports::printable::on_one_line;
use tapdeck_services::{Endpoint, Session};

use super::machine;
use super::play::RunPlan;
use super::seconds::Seconds;
use crate::clock::NS_PER_S;
use crate::replay::lane::Settings;
use crate::replay::lane::run::LaneResult;
use crate::replay::recorder::{EndpointRecord, LabelRecord, Recorder, SessionRecord};
use crate::replay::transport::arrival_clock::Witness;
use crate::replay::transport::openings::Openings;
use crate::replay::transport::{Address, Reuse};
use crate::schedule::Load;

/// What is known about a run besides its lanes' measurements.
pub(super) struct Run<'a> {
    pub(super) plan: &'a RunPlan,
    pub(super) ending: Ending,
    pub(super) measured_ns: u64,
    /// Start of the measure phase on the monotonic clock.
    pub(super) measure_from_ns: u64,
    pub(super) measure_started_wall_ns: u64,
    pub(super) lanes: Vec<LaneFacts>,
    pub(super) samples: Vec<Sample>,
    pub(super) seconds: Seconds,
}

impl Run<'_> {
    /// Merges the lanes.
    pub(super) fn measurements(self, results: Vec<LaneResult>) -> Measurements {
        let mut openings = Openings::default();
        for result in &results {
            openings.merge(&result.openings);
        }
        let clock_steps = results.iter().map(|result| result.clock_steps).max();
        let lost = openings.lost;
        let own_limits = openings.own_limits.met().map(|(limit, count)| LimitHit {
            limit: limit.name().to_owned(),
            count,
        });
        let own_limits = own_limits.collect();
        let transport = transport(&self.plan.settings, openings);
        let recorders: Vec<Recorder> = results.into_iter().map(|result| result.recorder).collect();
        let endpoints = self.endpoints(&recorders);
        let sessions = self.sessions(&recorders);
        let ledger = sum_ledgers(endpoints.iter().map(|endpoint| &endpoint.ledger));
        // Users make the rate they can, so there it is known only now.
        let came = ledger.planned as f64 / (self.measured_ns.max(1) as f64 / NS_PER_S as f64);
        let identity = self.identity(planned_rate(self.plan).unwrap_or(came));
        let measured_s = self.measured_ns.div_ceil(NS_PER_S);
        let left_over = recorders.iter().map(Recorder::interval);
        let count = usize::try_from(measured_s).unwrap_or(0);
        let series = self.seconds.finish(left_over, count);
        let mut seconds = series.seconds;
        for recorder in &recorders {
            for (second, offered) in seconds.iter_mut().zip(&recorder.offered) {
                second.offered += offered;
            }
        }
        if let Load::Closed(users) = &self.plan.load {
            for (idx, second) in seconds.iter_mut().enumerate() {
                let ends_ns = ((idx as u64 + 1) * NS_PER_S).min(self.measured_ns);
                // Just before its end: at the end of the last one everybody goes.
                let at_ns = (self.plan.warm_up_ns + ends_ns).saturating_sub(1);
                second.users = users.present(at_ns).into();
            }
        }
        let mut notes = self.plan.notes.clone();
        let tokens = self.plan.tokens.as_ref();
        if let Some(trouble) = tokens.and_then(|tokens| tokens.trouble()) {
            notes.push(format!("the token could not be renewed: {trouble}"));
        }
        if lost > 0 {
            notes.push(format!(
                "{} closed during the run and opened again",
                counted(lost, "connection"),
            ));
        }
        Measurements {
            identity,
            sessions,
            transport,
            ending: self.ending,
            measured_ns: self.measured_ns,
            ledger,
            connection_wait: merged(recorders.iter().map(|recorder| &recorder.connection_wait)),
            send_lag: series.send_lag,
            read_lag: series.read_lag,
            stamps: stamps(&recorders, clock_steps.unwrap_or(0)),
            seconds,
            failures: failures::over_all(self.plan, &recorders, &endpoints),
            confusion: confusion(self.plan, &recorders),
            overlapping: recorders.iter().map(|recorder| recorder.overlapping).sum(),
            lanes: self.lanes,
            samples: self.samples,
            gates: self.plan.gates.clone(),
            own_limits,
            notes,
            endpoints,
        }
    }

    fn identity(&self, rate: f64) -> Identity {
        let plan = self.plan;
        let manifest = plan.tape.manifest();
        let started_at = Timestamp::from_nanosecond(i128::from(self.measure_started_wall_ns));
        Identity {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            service: on_one_line(&manifest.service_name),
            target: plan.target_text.clone(),
            tape: plan
                .tape
                .path()
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            tape_digest: plan.tape.digest().to_string(),
            tape_records: manifest.records,
            tape_seed: manifest.origin.seed,
            arrivals: plan.load.name().to_owned(),
            profile: plan.profile_text.clone(),
            schedule_seed: plan.load.seed(),
            planned_rate: rate,
            warm_up_ns: plan.warm_up_ns,
            measure_ns: plan.measure_ns,
            timeout_ns: plan.settings.timeout_ns,
            connections: plan.connections,
            in_flight_cap: plan.in_flight_cap,
            pacing: plan.pacing.name().to_owned(),
            time_compression: time_compression(plan, rate),
            started_at: started_at.map(|at| format!("{at:.3}")).unwrap_or_default(),
            machine: machine::facts(),
        }
    }

    fn endpoints(&self, recorders: &[Recorder]) -> Vec<EndpointMeasurements> {
        let definitions = self.plan.service.endpoints.iter().enumerate();
        let stored = &self.plan.tape.manifest().endpoints;
        definitions
            .map(|(idx, definition)| {
                let parts: Vec<&EndpointRecord> = recorders
                    .iter()
                    .map(|recorder| &recorder.endpoints[idx])
                    .collect();
                let names = std::iter::once("status")
                    .chain(definition.checks.iter().map(|check| check.name.as_str()));
                EndpointMeasurements {
                    name: definition.name.clone(),
                    method: definition.method.as_str().to_owned(),
                    path: self.path(definition),
                    ledger: sum_ledgers(parts.iter().map(|part| &part.ledger)),
                    response: merged(parts.iter().map(|part| &part.response)),
                    unanswered: merged(parts.iter().map(|part| &part.unanswered)),
                    undisturbed: merged(parts.iter().map(|part| &part.undisturbed)),
                    withheld: parts.iter().map(|part| part.withheld).sum(),
                    held_up: parts.iter().map(|part| part.held_up).sum(),
                    service: merged(parts.iter().map(|part| &part.service)),
                    first_byte: merged(parts.iter().map(|part| &part.first_byte)),
                    statuses: statuses(&parts),
                    expected_statuses: definition.statuses.clone(),
                    checks: names
                        .enumerate()
                        .map(|(check, name)| {
                            let failed = parts.iter().map(|part| part.failed_checks[check].count);
                            (name.to_owned(), failed.sum())
                        })
                        .collect(),
                    on_tape: stored.get(idx).map_or(0, |endpoint| endpoint.records),
                    skipped: parts.iter().map(|part| part.skipped).sum(),
                    answer_bytes: parts.iter().map(|part| part.answer_bytes).sum(),
                    failures: failures::at_endpoint(definition, &parts, self.measure_from_ns),
                    session: self
                        .session_of(definition)
                        .map(|session| session.name.clone()),
                }
            })
            .collect()
    }

    /// Gives the kind of session that an endpoint is a step of.
    fn session_of(&self, endpoint: &Endpoint) -> Option<&Session> {
        let step = endpoint.step.as_ref()?;
        self.plan.service.sessions.get(step.session)
    }

    /// Gives the path of an endpoint without its query.
    fn path(&self, endpoint: &Endpoint) -> String {
        let session = self.session_of(endpoint);
        let variables = session.map_or(&[][..], |session| &session.variables);
        let mut path = endpoint.path.pattern(variables);
        path.truncate(path.find('?').unwrap_or(path.len()));
        path
    }

    fn sessions(&self, recorders: &[Recorder]) -> Vec<SessionMeasurements> {
        let definitions = self.plan.service.sessions.iter().enumerate();
        definitions
            .map(|(idx, definition)| {
                let parts = recorders.iter().map(|recorder| &recorder.sessions[idx]);
                let parts: Vec<&SessionRecord> = parts.collect();
                let mut tally = SessionTally::default();
                for part in &parts {
                    tally.started += part.tally.started;
                    tally.good += part.tally.good;
                    tally.broken += part.tally.broken;
                    tally.unfinished += part.tally.unfinished;
                }
                SessionMeasurements {
                    name: definition.name.clone(),
                    tally,
                    duration: merged(parts.iter().map(|part| &part.duration)),
                    captures: captures::of(&self.plan.service, definition, &parts),
                }
            })
            .collect()
    }
}

/// Counts who says when answers arrived; each lane notices every step of the clock.
fn stamps(recorders: &[Recorder], clock_steps: u64) -> StampTally {
    let by = |witness: Witness| {
        let counts = recorders.iter();
        counts
            .map(|recorder| recorder.witnesses[witness as usize])
            .sum()
    };
    StampTally {
        kernel: by(Witness::Kernel),
        read: by(Witness::Read),
        clock_steps,
    }
}

/// Says how the target was reached.
fn transport(settings: &Settings, openings: Openings) -> Transport {
    let (target, keeping) = (&settings.target, &settings.keeping);
    let shown = |addresses: &[Address]| addresses.iter().map(Address::to_string).collect();
    let session = target.session.as_ref().zip(target.tls.as_ref());
    Transport {
        protocol: target.protocol.name().to_owned(),
        tls: session.map(|(session, tls)| TlsSession {
            version: session.version.to_owned(),
            cipher: session.cipher.clone(),
            verified: tls.verified,
        }),
        addresses: shown(&target.addresses),
        left_out: shown(&target.left_out),
        streams: target.protocol.streams() as u64,
        keep_alive: keeping.reuse == Reuse::Always,
        lifetime_ns: keeping.lifetime_ns,
        connect_rate: (keeping.connect_gap_ns > 0).then(|| 1e9 / keeping.connect_gap_ns as f64),
        opened: openings.opened,
        failed: openings.failed,
        lost: openings.lost,
        aged: openings.aged,
        connect: openings.connect,
        handshake: openings.handshake,
    }
}

/// Gives the mean planned rate of the measure phase; `None` in the closed model, where the target decides it.
pub fn planned_rate(plan: &RunPlan) -> Option<f64> {
    let schedule = plan.load.schedule()?;
    let parameters = &schedule.parameters;
    Some(if schedule.process.follows_profile() {
        let warm_up_s = plan.warm_up_ns as f64 / 1e9;
        let warm_up_rate = parameters
            .profile
            .pieces()
            .first()
            .map_or(0.0, |piece| piece.from);
        (parameters.profile.arrivals() - warm_up_rate * warm_up_s) / (plan.measure_ns as f64 / 1e9)
    } else {
        let manifest = plan.tape.manifest();
        manifest.records as f64 / (manifest.event_span_ns().max(1) as f64 / 1e9) * parameters.speed
    })
}

/// Gives the event time that a run at a rate plays per unit of wall time; 1 is life's own tempo.
pub fn time_compression(plan: &RunPlan, rate: f64) -> f64 {
    let manifest = plan.tape.manifest();
    let event_gap_s = manifest.event_span_ns() as f64 / 1e9 / manifest.records.max(1) as f64;
    rate * event_gap_s
}

fn statuses(parts: &[&EndpointRecord]) -> Vec<(u16, u64)> {
    (0..1000)
        .map(|status| {
            let count = parts
                .iter()
                .map(|part| part.statuses[usize::from(status)])
                .sum();
            (status, count)
        })
        .filter(|&(_, count)| count > 0)
        .collect()
}

fn confusion(plan: &RunPlan, recorders: &[Recorder]) -> Vec<ConfusionRow> {
    let labels = plan.tape.manifest().labels.iter().enumerate();
    labels
        .map(|(idx, label)| {
            let parts = recorders.iter().map(|recorder| &recorder.labels[idx]);
            let column = |of: fn(&LabelRecord) -> &DecisionTally| {
                let mut sum = DecisionTally::default();
                for part in parts.clone() {
                    sum.count += of(part).count;
                    sum.value_cents += of(part).value_cents;
                }
                sum
            };
            let expected = parts.clone().find_map(|part| part.expected.word());
            ConfusionRow {
                label: on_one_line(&label.name),
                is_fraud: idx > 0,
                expected: expected.map(str::to_owned),
                approved: column(|part| &part.approved),
                declined: column(|part| &part.declined),
                reviewed: column(|part| &part.reviewed),
                unjudged: column(|part| &part.unjudged),
            }
        })
        .filter(|row| {
            [row.approved, row.declined, row.reviewed, row.unjudged]
                .iter()
                .any(|column| column.count > 0)
        })
        .collect()
}

fn merged<'a>(parts: impl Iterator<Item = &'a Histogram>) -> Histogram {
    let mut merged = Histogram::new();
    for part in parts {
        merged.merge(part);
    }
    merged
}

fn sum_ledgers<'a>(ledgers: impl Iterator<Item = &'a Ledger>) -> Ledger {
    let mut sum = Ledger::default();
    for ledger in ledgers {
        sum.planned += ledger.planned;
        sum.sent += ledger.sent;
        sum.dropped += ledger.dropped;
        sum.unsent += ledger.unsent;
        sum.completed += ledger.completed;
        sum.good += ledger.good;
        sum.rejected += ledger.rejected;
        sum.failed += ledger.failed;
        sum.timed_out += ledger.timed_out;
        sum.cut += ledger.cut;
        sum.deferred += ledger.deferred;
    }
    sum
}
