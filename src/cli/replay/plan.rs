//! From what was typed to a validated run: tape opened, target reached, numbers checked, defaults chosen.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tapdeck_corpora::Tape;
use tapdeck_reports::calibration::Calibration;
use tapdeck_reports::measurements::{Gate, GateSubject};
use tapdeck_services::ServiceDefinition;
use tapdeck_services::slo::{self, Slo, SloSubject};

use super::{Args, EngineArgs};
use crate::clock::wall_now_ns;
use crate::error::{Error, chain};
use crate::harness::calibration::{advice, store};
use crate::harness::measure::{planned_rate, time_compression};
use crate::harness::play::RunPlan;
use crate::harness::target;
use crate::replay::lane::Settings;
use crate::replay::pacer::Pacing;
use crate::replay::transport::{Protocol, Reuse};
use crate::schedule::Load;
use crate::units::{nanoseconds, show_factor};

/// Warm-up unless asked otherwise: enough for connections, caches and a just-in-time compiler's first pass.
const WARM_UP: Duration = Duration::from_secs(3);

/// Rate one lane is expected to carry with ease, requests per second; decides the default number of lanes.
const RATE_PER_LANE: f64 = 30_000.0;

/// Most lanes and connections that make sense on one machine.
pub(in crate::cli) const MOST_LANES: u32 = 256;
pub(in crate::cli) const MOST_CONNECTIONS: u32 = 50_000;

/// Connections unless asked otherwise: where each carries one exchange at a time, and where it carries many.
const CONNECTIONS: u32 = 64;
const SHARED_CONNECTIONS: u32 = 4;

/// Event time may run so many times as fast as life before a service that counts over time is misled.
const UNSUSPICIOUS_COMPRESSION: f64 = 2.0;

/// Bounds of the default in-flight cap.
const IN_FLIGHT_CAPS: (f64, f64) = (10_000.0, 500_000.0);

/// Makes the plan; nothing has been sent when it fails.
///
/// Errors: the first thing wrong, with its flag or file.
pub fn plan(args: &Args) -> Result<RunPlan, Error> {
    let tape = Arc::new(Tape::open(&args.tape)?);
    let service = service_of(&tape)?;
    check_service(args.service.as_deref(), &service)?;
    check_endpoints(&tape, &service)?;
    let load = load(args, &tape)?;
    if tape.record_count() == 0 {
        return Err(usage("TAPE", "holds no requests".into()));
    }
    let gates = gates(&service.slos, &args.slo)?;
    let url = target_url(args.target.as_deref(), &service);
    let (calibration, unreadable) = calibration(&args.engine);
    let lanes = lanes(&args.engine, load.peak, calibration.as_ref())?;
    check_connections(&args.engine, lanes)?;
    let timeout_ns = nanoseconds(args.engine.timeout);
    if timeout_ns == 0 {
        return Err(usage(
            "--timeout",
            "is zero, so no request could succeed".into(),
        ));
    }
    let keeping = args.transport.keeping()?;
    let access = args.transport.access();
    let target = target::find(&url, &access)?;
    let connections = connections(
        &args.engine,
        &load.load,
        lanes,
        (target.protocol, keeping.reuse),
    );
    let in_flight_cap = in_flight_cap(&args.engine, connections, target.protocol, load.peak)?;
    let fewer_streams = fewer_streams(access.streams, target.protocol);
    let mut plan = RunPlan {
        settings: Settings {
            target,
            keeping,
            timeout_ns,
            // Split over the lanes when they start.
            in_flight_cap: in_flight_cap as usize,
            nonce: nonce(),
        },
        service: Arc::new(service),
        target_text: url,
        profile_text: load.text,
        warm_up_ns: nanoseconds(load.warm_up),
        measure_ns: nanoseconds(load.measure),
        lanes,
        connections,
        in_flight_cap,
        pacing: args
            .engine
            .pacing
            .unwrap_or_else(|| default_pacing(lanes.get())),
        gates,
        notes: Vec::new(),
        load: load.load,
        tape,
    };
    plan.notes
        .extend(access.trust.authorities.warning().map(str::to_owned));
    plan.notes.extend(fewer_streams);
    plan.notes.extend(haste(&plan));
    plan.notes.extend(patience(&plan.load));
    plan.notes.extend(unreadable);
    let warning = |known| advice::warning(known, lanes.get(), load.peak);
    plan.notes.extend(calibration.as_ref().and_then(warning));
    Ok(plan)
}

/// Who decides when requests leave, and what follows from it.
struct LoadPlan {
    load: Load,
    text: String,
    warm_up: Duration,
    measure: Duration,
    /// Highest rate, as far as the flags say; 0 in the closed model.
    peak: f64,
}

fn load(args: &Args, tape: &Tape) -> Result<LoadPlan, Error> {
    if let Some(users) = args.users.plan(&args.load)? {
        return Ok(LoadPlan {
            load: users.load,
            text: users.text,
            warm_up: users.warm_up,
            measure: users.measure,
            peak: 0.0,
        });
    }
    let planned = args.load.schedule(Some(tape), WARM_UP)?;
    Ok(LoadPlan {
        peak: planned.schedule.peak(),
        load: Load::Open(planned.schedule),
        text: planned.profile_text,
        warm_up: planned.warm_up,
        measure: planned.measure,
    })
}

/// Reads the service definition that the tape carries.
fn service_of(tape: &Tape) -> Result<ServiceDefinition, Error> {
    let origin = format!("{} (service definition)", tape.path().display());
    Ok(ServiceDefinition::parse(
        &tape.manifest().service_source,
        &origin,
    )?)
}

fn check_service(asked: Option<&str>, service: &ServiceDefinition) -> Result<(), Error> {
    match asked {
        Some(name) if name != service.name => Err(usage(
            "--service",
            format!(
                "asks for {name}, but the tape is for {}; generate a tape for {name}",
                service.name
            ),
        )),
        _ => Ok(()),
    }
}

/// Records name endpoints by their place in the manifest, which must be their place in the definition.
fn check_endpoints(tape: &Tape, service: &ServiceDefinition) -> Result<(), Error> {
    let stored = tape
        .manifest()
        .endpoints
        .iter()
        .map(|endpoint| &endpoint.name);
    let defined = service.endpoints.iter().map(|endpoint| &endpoint.name);
    if stored.eq(defined) {
        return Ok(());
    }
    let detail = "lists other endpoints than the service definition in it; generate it again";
    Err(usage("TAPE", detail.into()))
}

/// Takes the target from the flag, else from the service's environment variables, else from its definition.
fn target_url(flag: Option<&str>, service: &ServiceDefinition) -> String {
    let from_environment = || {
        let values = service.target.base_url_env.iter().map(std::env::var);
        values.flatten().find(|value| !value.is_empty())
    };
    flag.map(str::to_owned)
        .or_else(from_environment)
        .unwrap_or_else(|| service.target.base_url.clone())
}

/// Looks for what is known of this machine; one that cannot be read is told of, and no reason not to run.
fn calibration(engine: &EngineArgs) -> (Option<Calibration>, Option<String>) {
    let folder = store::folder(engine.cache.as_deref());
    let found = folder.map_or(Ok(None), |folder| {
        store::load(&folder, &store::this_machine())
    });
    match found {
        Ok(known) => (known, None),
        Err(error) => {
            let detail = format!("{}; run tapdeck calibrate again", chain(&error));
            (None, Some(detail))
        }
    }
}

fn lanes(
    engine: &EngineArgs,
    peak: f64,
    calibration: Option<&Calibration>,
) -> Result<NonZeroU32, Error> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let known = || advice::lanes_for(calibration?, peak);
    let lanes = engine.lanes.or_else(known).unwrap_or_else(|| {
        // Half of the cores at most: what else runs here may be the target.
        let most = u32::try_from(cores / 2).unwrap_or(1).max(1);
        (1..most)
            .find(|&lanes| f64::from(lanes) * RATE_PER_LANE >= peak)
            .unwrap_or(most)
    });
    NonZeroU32::new(lanes)
        .filter(|lanes| lanes.get() <= MOST_LANES)
        .ok_or_else(|| {
            usage(
                "--lanes",
                format!("must lie in 1 to {MOST_LANES}, not {lanes}"),
            )
        })
}

fn check_connections(engine: &EngineArgs, lanes: NonZeroU32) -> Result<(), Error> {
    let Some(connections) = engine.connections else {
        return Ok(());
    };
    if connections == 0 || connections > MOST_CONNECTIONS {
        let detail = format!("must lie in 1 to {MOST_CONNECTIONS}, not {connections}");
        return Err(usage("--connections", detail));
    }
    if connections < lanes.get() {
        let detail =
            format!("is {connections}, but each of the {lanes} lanes needs one; use fewer --lanes");
        return Err(usage("--connections", detail));
    }
    Ok(())
}

/// Unless asked otherwise, users have a connection each where one carries one exchange at a time, as browsers have.
fn connections(engine: &EngineArgs, load: &Load, lanes: NonZeroU32, way: (Protocol, Reuse)) -> u32 {
    let is_shared = matches!(way, (Protocol::Http2 { .. }, Reuse::Always));
    let by_default = match load {
        _ if is_shared => SHARED_CONNECTIONS,
        Load::Open(_) => CONNECTIONS,
        Load::Closed(users) => users.count,
    };
    let by_default = by_default.max(lanes.get());
    engine.connections.unwrap_or(by_default)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to bounds within u32"
)]
fn in_flight_cap(
    engine: &EngineArgs,
    connections: u32,
    protocol: Protocol,
    peak: f64,
) -> Result<u32, Error> {
    let (least, most) = IN_FLIGHT_CAPS;
    let at_a_time = u32::try_from(protocol.streams())
        .unwrap_or(u32::MAX)
        .saturating_mul(connections);
    let by_default = || (peak * engine.timeout.as_secs_f64()).clamp(least, most) as u32;
    match engine.max_in_flight {
        Some(cap) if cap < at_a_time => {
            let detail = format!(
                "is {cap}, less than the {at_a_time} exchanges that its connections carry at a time"
            );
            Err(usage("--max-in-flight", detail))
        }
        Some(cap) => Ok(cap),
        None => Ok(by_default().max(at_a_time)),
    }
}

/// Says that a target allows fewer streams than asked for.
fn fewer_streams(asked: u32, protocol: Protocol) -> Option<String> {
    match protocol {
        Protocol::Http2 { streams } if streams < asked as usize => Some(format!(
            "the target allows {streams} streams on a connection, so no more than that are used"
        )),
        _ => None,
    }
}

/// Polls shortly before the instant where every lane can have a core and one is left for the rest; see
/// `docs/decisions/0004-pacing-by-timerfd.md` for what was measured.
pub(in crate::cli) fn default_pacing(lanes: u32) -> Pacing {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores > lanes as usize {
        Pacing::Hybrid
    } else {
        Pacing::Timer
    }
}

/// Merges the service's own promises with those asked for.
fn gates(defaults: &[Slo], asked: &[String]) -> Result<Vec<Gate>, Error> {
    let overrides = if asked.is_empty() {
        Vec::new()
    } else {
        slo::parse_list(&asked.join(","))?
    };
    Ok(slo::merge(defaults, &overrides).iter().map(gate).collect())
}

fn gate(slo: &Slo) -> Gate {
    Gate {
        text: slo.text.clone(),
        subject: match slo.subject {
            SloSubject::ResponseQuantile(quantile) => GateSubject::ResponseQuantile(quantile),
            SloSubject::ErrorShare => GateSubject::ErrorShare,
            SloSubject::AchievedShare => GateSubject::AchievedShare,
        },
        limit: slo.limit,
    }
}

/// Warns of a schedule so much faster than life that a service which counts requests over time takes everybody for a
/// fraudster.
fn haste(plan: &RunPlan) -> Option<String> {
    let keys: Vec<&str> = plan
        .service
        .velocity_keys
        .iter()
        .map(|key| key.as_str())
        .collect();
    // Users go as fast as the target lets them, so nothing is known in advance.
    let rate = planned_rate(plan)?;
    let compression = time_compression(plan, rate);
    if keys.is_empty() || compression <= UNSUSPICIOUS_COMPRESSION {
        return None;
    }
    let name = &plan.service.name;
    let rate = rate.ceil();
    Some(format!(
        "{name} counts requests by {} in windows of its own clock, and event time runs {} times as fast: each looks that \
         much busier than in life, so many refusals will be the schedule's doing. For decisions as in life, generate a \
         slice (tapdeck generate --service {name} --natural-rate {rate} --span 10m -o slice.tape) and replay it with \
         --arrivals recorded",
        keys.join(" and "),
        show_factor(compression),
    ))
}

/// Says what the closed model hides.
fn patience(load: &Load) -> Option<String> {
    matches!(load, Load::Closed(_)).then(|| {
        "users wait for answers, so a slower target is asked less often: these figures say what so many users feel, not what \
         happens at a given rate; use --rate for that"
            .to_owned()
    })
}

/// A number no other run has: the clock, spread over all bits.
fn nonce() -> u64 {
    wall_now_ns().wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
