//! How the send path is built: lanes, connections and caps as typed, else by what the load asks for and this machine is known
//! to do.

use std::num::NonZeroU32;

use tapdeck_reports::calibration::Calibration;

use super::usage;
use crate::cli::replay::EngineArgs;
use crate::error::{Error, chain};
use crate::harness::calibration::{advice, store};
use crate::harness::descriptors::Targets;
use crate::harness::machine;
use crate::replay::pacer::Pacing;
use crate::replay::transport::{Protocol, Reuse};
use crate::schedule::Load;

/// Rate one lane is expected to carry with ease, requests per second; decides the default number of lanes.
const RATE_PER_LANE: f64 = 30_000.0;

/// Most lanes that make sense on any machine; each has some megabytes for what it records.
const MOST_LANES: u32 = 256;

/// Lanes that are always allowed: enough to find out that more of them than cores are of no use.
const LANES_ANYWHERE: u32 = 16;

/// Most requests that may wait or be in flight; each takes some dozen bytes.
const MOST_IN_FLIGHT: u32 = 5_000_000;

/// Most connections that make sense on one machine.
pub(in crate::cli) const MOST_CONNECTIONS: u32 = 50_000;

/// Connections unless asked otherwise: where each carries one exchange at a time, and where it carries many.
const CONNECTIONS: u32 = 64;
const SHARED_CONNECTIONS: u32 = 4;

/// Bounds of the default in-flight cap.
const IN_FLIGHT_CAPS: (f64, f64) = (10_000.0, 500_000.0);

/// Looks for what is known of this machine; one that cannot be read is told of, and no reason not to run.
pub(super) fn calibration(engine: &EngineArgs) -> (Option<Calibration>, Option<String>) {
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

pub(super) fn lanes(
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
    check_lanes(lanes)
}

/// Refuses more lanes than two per core: they would take turns on the cores, and memory for nothing.
///
/// Errors: `Usage`.
pub(in crate::cli) fn check_lanes(lanes: u32) -> Result<NonZeroU32, Error> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let most = u32::try_from(cores.saturating_mul(2)).unwrap_or(MOST_LANES);
    let most = most.clamp(LANES_ANYWHERE, MOST_LANES);
    NonZeroU32::new(lanes)
        .filter(|lanes| lanes.get() <= most)
        .ok_or_else(|| {
            let detail = format!("must lie in 1 to {most} on this machine, not {lanes}");
            usage("--lanes", detail)
        })
}

/// Refuses numbers of connections, and of requests on their way, that make no sense.
pub(super) fn check_connections(engine: &EngineArgs, lanes: NonZeroU32) -> Result<(), Error> {
    if let Some(cap) = engine.max_in_flight {
        check_in_flight("--max-in-flight", cap)?;
    }
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
pub(super) fn connections(
    engine: &EngineArgs,
    load: &Load,
    lanes: NonZeroU32,
    way: (Protocol, Reuse),
) -> u32 {
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
pub(super) fn in_flight_cap(
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
        Some(cap) => check_in_flight("--max-in-flight", cap),
        None => check_in_flight("--streams", by_default().max(at_a_time)),
    }
}

fn check_in_flight(flag: &'static str, cap: u32) -> Result<u32, Error> {
    if cap <= MOST_IN_FLIGHT {
        return Ok(cap);
    }
    let detail = format!(
        "lets {cap} requests wait or be in flight at a time; at most {MOST_IN_FLIGHT} are kept track of, so ask for less"
    );
    Err(usage(flag, detail))
}

/// Says that a target allows fewer streams than asked for.
pub(super) fn fewer_streams(asked: u32, protocol: Protocol) -> Option<String> {
    match protocol {
        Protocol::Http2 { allowed, .. } if allowed < asked as usize => Some(format!(
            "the target allows {allowed} streams on a connection, fewer than the --streams of {asked}: no more are used \
             unless it allows them later, and what waits for a stream is its connection wait"
        )),
        _ => None,
    }
}

/// Polls shortly before the instant where every lane can have a core and one is left for the rest, and where one lane was
/// given a core of its own; see `docs/decisions/0004-pacing-by-timerfd.md` for what was measured.
pub(in crate::cli) fn default_pacing(lanes: u32, targets: Targets) -> Pacing {
    pacing_on(&Cores::of_this_process(), lanes, targets)
}

/// The cores that this process may use.
#[derive(Debug, Clone, Copy)]
struct Cores {
    /// Those it is free to keep busy, by affinity and by quota.
    available: usize,
    /// Those it may run on.
    allowed: usize,
    /// Those of the machine.
    online: usize,
}

impl Cores {
    fn of_this_process() -> Self {
        let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            available,
            allowed: machine::allowed_cores().unwrap_or(available),
            online: machine::online_cores().unwrap_or(available),
        }
    }
}

fn pacing_on(cores: &Cores, lanes: u32, targets: Targets) -> Pacing {
    // Whoever pins a process to one core of several has set it aside; a target in the same process shares it.
    let is_set_aside =
        cores.allowed == 1 && cores.online > 1 && lanes == 1 && targets == Targets::Elsewhere;
    if cores.available > lanes as usize || is_set_aside {
        Pacing::Hybrid
    } else {
        Pacing::Timer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polling_needs_a_core_to_spare_or_one_of_its_own() {
        let (here, elsewhere) = (Targets::Embedded, Targets::Elsewhere);
        for (available, allowed, online, lanes, targets, expected) in [
            (8, 8, 8, 1, elsewhere, Pacing::Hybrid),
            (8, 8, 8, 8, elsewhere, Pacing::Timer),
            // Pinned to one core of eight.
            (1, 1, 8, 1, elsewhere, Pacing::Hybrid),
            (1, 1, 8, 1, here, Pacing::Timer),
            (1, 1, 8, 2, elsewhere, Pacing::Timer),
            // A machine of one core, and a quota of one.
            (1, 1, 1, 1, elsewhere, Pacing::Timer),
            (1, 8, 8, 1, elsewhere, Pacing::Timer),
        ] {
            let cores = Cores {
                available,
                allowed,
                online,
            };
            let pacing = pacing_on(&cores, lanes, targets);
            assert_eq!(pacing, expected, "{cores:?}, {lanes} lanes, {targets:?}");
        }
    }
}
