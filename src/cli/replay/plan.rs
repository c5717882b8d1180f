//! From what was typed to a validated run: tape opened, target reached, numbers checked, defaults chosen.

pub(in crate::cli) mod engine;
mod gates;
pub(super) mod remarks;

use std::sync::Arc;
use std::time::Duration;

use tapdeck_corpora::Tape;
use tapdeck_services::ServiceDefinition;

use super::Args;
use crate::auth::{Tokens, remembered};
use crate::cli::load::bounds::check_arrivals;
use crate::clock::wall_now_ns;
use crate::error::Error;
use crate::harness::calibration::advice;
use crate::harness::descriptors::Demand;
use crate::harness::guard::Production;
use crate::harness::play::RunPlan;
use crate::harness::target::{self, Access};
use crate::replay::lane::Settings;
use crate::schedule::Load;
use crate::units::nanoseconds;

/// Warm-up unless asked otherwise: enough for connections, caches and a just-in-time compiler's first pass.
const WARM_UP: Duration = Duration::from_secs(3);

/// Makes the plan; nothing has been sent when it fails, but for what proves that the target checks tokens, unless there are
/// `tokens` already.
///
/// Errors: the first thing wrong, with its flag or file.
pub fn plan(args: &Args, tokens: Option<Tokens>) -> Result<RunPlan, Error> {
    let tape = Arc::new(Tape::open(&args.tape)?);
    let service = service_of(&tape)?;
    remembered::of_definition(&service);
    check_service(args.service.as_deref(), &service)?;
    check_endpoints(&tape, &service)?;
    let load = load(args, &tape)?;
    if tape.record_count() == 0 {
        return Err(usage("TAPE", "holds no requests".into()));
    }
    let gates = gates::of(&service, &args.slo, args.baseline.as_deref())?;
    gates::check_labels(&gates, &tape.manifest().labels)?;
    let (url, access) = way(args, &service)?;
    let (calibration, unreadable) = engine::calibration(&args.engine);
    let lanes = engine::lanes(&args.engine, load.peak, calibration.as_ref())?;
    engine::check_connections(&args.engine, lanes)?;
    check_timeout(args)?;
    let timeout_ns = nanoseconds(args.engine.timeout);
    let keeping = args.transport.keeping()?;
    let target = target::find(&url, &access)?;
    let tokens = match tokens {
        Some(tokens) => tokens,
        None => args
            .auth
            .begin(&service, &target, args.engine.cache.as_deref())?,
    };
    let connections = engine::connections(
        &args.engine,
        &load.load,
        lanes,
        (target.protocol, keeping.reuse),
    );
    let demand = Demand {
        connections: connections.into(),
        lanes: lanes.get().into(),
        targets: args.targets,
        ..Demand::default()
    };
    demand.check(match (&load.load, args.engine.connections) {
        (Load::Closed(_), None) => "--users",
        _ => "--connections",
    })?;
    let in_flight_cap =
        engine::in_flight_cap(&args.engine, connections, target.protocol, load.peak)?;
    let mut notes: Vec<String> = tokens.notes;
    notes.extend(access.trust.authorities.warning().map(str::to_owned));
    notes.extend(engine::fewer_streams(access.streams, target.protocol));
    notes.extend(unreadable);
    let mut plan = RunPlan {
        settings: Settings {
            target,
            keeping,
            timeout_ns,
            // Split over the lanes when they start.
            in_flight_cap: in_flight_cap as usize,
            nonce: nonce(),
            token: tokens.source.as_ref().map(|source| source.feed()),
        },
        tokens: tokens.source,
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
            .unwrap_or_else(|| engine::default_pacing(lanes.get(), args.targets)),
        gates,
        notes,
        load: load.load,
        tape,
    };
    plan.notes.extend(remarks::haste(&plan));
    plan.notes.extend(remarks::patience(&plan.load));
    let warning = |known| advice::warning(known, lanes.get(), load.peak);
    plan.notes.extend(calibration.as_ref().and_then(warning));
    Ok(plan)
}

/// Checks what can be checked before there is a tape, and without asking the target.
///
/// Errors: the first thing wrong, with its flag or file.
pub(in crate::cli) fn check(args: &Args, service: &ServiceDefinition) -> Result<(), Error> {
    gates::of(service, &args.slo, args.baseline.as_deref())?;
    let is_closed = args.users.plan(&args.load)?.is_some();
    if !is_closed && args.load.arrivals.follows_profile() {
        check_arrivals(&args.load.schedule(None, WARM_UP)?, None)?;
    }
    args.transport.keeping()?;
    check_timeout(args)?;
    let lanes = engine::lanes(&args.engine, 0.0, None)?;
    engine::check_connections(&args.engine, lanes)
}

/// Refuses a timeout that nothing could keep.
fn check_timeout(args: &Args) -> Result<(), Error> {
    if args.engine.timeout.is_zero() {
        let detail = "is zero, so no request could succeed";
        return Err(usage("--timeout", detail.into()));
    }
    Ok(())
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

fn load(args: &Args, tape: &Arc<Tape>) -> Result<LoadPlan, Error> {
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
    check_arrivals(&planned, Some(tape))?;
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

/// Gives the target and how it may be reached, as far as flags and environment say.
///
/// Errors: `Address`, naming flag or variable.
fn way(args: &Args, service: &ServiceDefinition) -> Result<(String, Access), Error> {
    let (url, variable) = target_url(args.target.as_deref(), service);
    let origin = variable.map_or_else(|| "--target".to_owned(), |name| format!("${name}"));
    target::check(&origin, &url)?;
    let mut access = args.transport.access();
    let sign = variable.and_then(Production::of_variable);
    access.production.signs.extend(sign);
    Ok((url, access))
}

/// Takes the target from the flag, else from the service's environment variables, else from its definition; gives the
/// variable as well, if it was one.
fn target_url<'s>(flag: Option<&str>, service: &'s ServiceDefinition) -> (String, Option<&'s str>) {
    if let Some(url) = flag {
        return (url.to_owned(), None);
    }
    let names = service.target.base_url_env.iter();
    let mut set = names.filter_map(|name| Some((std::env::var(name).ok()?, name.as_str())));
    match set.find(|(url, _)| !url.is_empty()) {
        Some((url, name)) => (url, Some(name)),
        None => (service.target.base_url.clone(), None),
    }
}

/// A number no other run has: the clock, spread over all bits.
fn nonce() -> u64 {
    wall_now_ns().wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
