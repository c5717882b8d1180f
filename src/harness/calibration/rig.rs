//! The bench on which a machine is calibrated: a small tape, an embedded target on cores of its own, and a run per step.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched};
use tapdeck_reports::calibration::{Limit, Step};
use tapdeck_reports::counted;
use tapdeck_reports::measurements::{Ledger, Measurements};
use tapdeck_reports::{Summary, Verdict};
use tapdeck_services::ServiceDefinition;

use super::Plan;
use super::cores::{Cores, Pinned};
use crate::clock::NS_PER_S;
use crate::error::Error;
use crate::events::Nobody;
use crate::harness::lane_facts::{ThreadFiles, threads_named};
use crate::harness::play::{RunPlan, play};
use crate::harness::target::{self, Access};
use crate::pool::in_pool;
use crate::replay::lane::Settings;
use crate::replay::pacer::Pacing;
use crate::replay::transport::Keeping;
use crate::schedule::{Bursts, Load, Parameters, RateProfile, Schedule};
use crate::scratch::Scratch;
use crate::stand_in::{Role, StandIn, StandInConfig};

/// What the null stand-in can be asked.
const SERVICE: &str = include_str!("../../stand_in/null.toml");

/// Records on the tape: enough for bodies to differ, few enough to be made in an instant.
const RECORDS: u64 = 20_000;

/// Seed of the tape and of the arrivals.
const SEED: u64 = 42;

/// Longest wait for an answer, and most requests waiting: a rate too high should be over soon.
const TIMEOUT_NS: u64 = 2 * NS_PER_S;
const IN_FLIGHT_CAP: u32 = 10_000;

/// Share of the planned requests that must be answered within the measure phase.
const ACHIEVED_SHARE_MIN: f64 = 0.98;

/// Share of its cores from which the target counts as having reached its limit.
const TARGET_BUSY_SHARE_LIMIT: f64 = 0.95;

/// What every step has in common.
#[derive(Debug)]
pub(super) struct Rig {
    plan: Plan,
    tape: Arc<Tape>,
    service: Arc<ServiceDefinition>,
}

/// One rate to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) lanes: u32,
    pub(super) pacing: Pacing,
    pub(super) rate_per_s: f64,
}

impl Rig {
    /// Makes the tape.
    ///
    /// Errors: `Io`, `Generate` or `Tape` if there is no room for it among the temporary files.
    pub(super) fn new(plan: &Plan) -> Result<Self, Error> {
        let service = ServiceDefinition::parse(SERVICE, "the null stand-in's definition")?;
        let folder = Scratch::make()?;
        let path = folder.path().join("calibration.tape");
        let outputs = Outputs {
            tape: Some(&path),
            truth: None,
        };
        let options = GenerateOptions::new(SEED, RECORDS);
        in_pool(None, || {
            tapdeck_generators::generate(&service, &options, outputs, &Unwatched)
        })??;
        Ok(Self {
            plan: plan.clone(),
            // The map outlives the file's name.
            tape: Arc::new(Tape::open(&path)?),
            service: Arc::new(service),
        })
    }

    /// Plays one rate; `None` if it was called off.
    ///
    /// Errors: as of playing.
    pub(super) fn step(
        &self,
        stage: &Stage,
        ask: Ask,
        stop: &Arc<AtomicBool>,
    ) -> Result<Option<Step>, Error> {
        let plan = self.run_plan(stage, ask)?;
        let before = stage.spent();
        let played = match play(&plan, stop, &mut Nobody) {
            Err(Error::Interrupted) => return Ok(None),
            played => played?,
        };
        if let Some(fault) = played.fault {
            return Err(fault);
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let spent = stage.spent().since(before);
        Ok(Some(step(
            ask,
            &played.measurements,
            stage.busy_share(spent, &played.measurements),
        )))
    }

    fn run_plan(&self, stage: &Stage, ask: Ask) -> Result<RunPlan, Error> {
        let effort = self.plan.effort;
        let horizon_ns = effort.warm_up_ns() + effort.measure_ns();
        let url = stage.target.url();
        Ok(RunPlan {
            tape: Arc::clone(&self.tape),
            service: Arc::clone(&self.service),
            settings: Settings {
                target: target::find(&url, &Access::default())?,
                keeping: Keeping::default(),
                timeout_ns: TIMEOUT_NS,
                in_flight_cap: 0,
                nonce: SEED,
                token: None,
            },
            target_text: url,
            load: Load::Open(Schedule {
                process: self.plan.arrivals,
                parameters: Parameters {
                    profile: RateProfile::hold(ask.rate_per_s, horizon_ns as f64 / 1e9),
                    seed: SEED,
                    speed: 1.0,
                    bursts: Bursts::default(),
                    horizon_ns,
                },
            }),
            profile_text: ask.rate_per_s.to_string(),
            warm_up_ns: effort.warm_up_ns(),
            measure_ns: effort.measure_ns(),
            lanes: NonZeroU32::new(ask.lanes).unwrap_or(NonZeroU32::MIN),
            connections: self.plan.connections.max(ask.lanes),
            in_flight_cap: IN_FLIGHT_CAP,
            pacing: ask.pacing,
            gates: Vec::new(),
            notes: Vec::new(),
            tokens: None,
        })
    }
}

/// A target that listens, with the cores divided between it and the lanes.
pub(super) struct Stage {
    target: StandIn,
    cores: Cores,
    /// Everything that is started from now on stays off the target's cores.
    _pinned: Pinned,
}

/// What the target has spent and done so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    cpu_ns: u64,
    requests: u64,
}

impl Stage {
    /// Starts a target with a thread per core.
    ///
    /// Errors: `StandIn`.
    pub(super) fn start(cores: Cores) -> Result<Self, Error> {
        let config = StandInConfig {
            role: Role::Null,
            threads: cores.target.len().max(1),
            ..StandInConfig::default()
        };
        let target = {
            let _pinned = Pinned::to(&cores.target);
            StandIn::start(config)?
        };
        Ok(Self {
            target,
            _pinned: Pinned::to(&cores.ours),
            cores,
        })
    }

    /// Says what generator and target share.
    pub(super) fn shared(&self) -> String {
        self.cores.shared()
    }

    /// Ends the target.
    ///
    /// Errors: `StandIn` if one of its threads panicked.
    pub(super) fn stop(self) -> Result<(), Error> {
        self.target.stop()?;
        Ok(())
    }

    fn spent(&self) -> Spent {
        let threads = threads_named("stand-in").into_iter();
        let cpu = threads.filter_map(|thread| ThreadFiles::open(thread).read()?.cpu_ns);
        Spent {
            cpu_ns: cpu.sum(),
            requests: self.target.seen().other_requests,
        }
    }

    /// Gives the share of its cores that the target needed for the rate it achieved.
    fn busy_share(&self, spent: Spent, measured: &Measurements) -> f64 {
        let achieved: u64 = measured.seconds.iter().map(|second| second.achieved).sum();
        let share = measured_share(achieved, spent.requests);
        let cores_ns = measured.measured_ns.max(1) * self.cores.target.len().max(1) as u64;
        spent.cpu_ns as f64 * share / cores_ns as f64
    }
}

impl Spent {
    fn since(self, before: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            requests: self.requests.saturating_sub(before.requests),
        }
    }
}

fn measured_share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Judges a step by the run's own verdict.
fn step(ask: Ask, measured: &Measurements, target_busy_share: f64) -> Step {
    let summary = Summary::from_measurements(measured);
    let Ledger {
        planned, completed, ..
    } = measured.ledger;
    let achieved: u64 = measured.seconds.iter().map(|second| second.achieved).sum();
    let achieved_per_s = achieved as f64 / (measured.measured_ns.max(1) as f64 / 1e9);
    let is_valid = summary.verdict.verdict != Verdict::Invalid;
    let is_complete =
        completed == planned && measured_share(achieved, planned) >= ACHIEVED_SHARE_MIN;
    let (limit, reason) = match (is_valid, is_complete) {
        (true, true) => (None, String::new()),
        (true, false) if measured.withheld() > 0 => {
            let reason = format!(
                "{} of {} never left, although a generator without lag would have sent them.",
                measured.withheld(),
                counted(planned, "request"),
            );
            (Some(Limit::Generator), reason)
        }
        (true, false) => {
            let reason = "The target did not answer all requests in time.";
            (Some(Limit::Target), reason.to_owned())
        }
        (false, _) => {
            let by_target = target_busy_share >= TARGET_BUSY_SHARE_LIMIT;
            let limit = if by_target {
                Limit::Target
            } else {
                Limit::Generator
            };
            (Some(limit), first_sentence(&summary.verdict.reasons))
        }
    };
    let lanes = &measured.lanes;
    let busy: f64 = lanes.iter().map(|lane| lane.cpu_share).sum();
    let lag = &summary.latency.send_lag_ms;
    Step {
        lanes: ask.lanes,
        pacing: ask.pacing.name().to_owned(),
        rate_per_s: ask.rate_per_s,
        achieved_per_s,
        limit,
        reason,
        send_lag_p50_ms: lag.figures.p50,
        send_lag_p90_ms: lag.figures.p90,
        send_lag_p99_ms: lag.figures.p99,
        send_lag_max_ms: lag.figures.max,
        cpu_us_per_request: summary.generator.cpu_us_per_request,
        busy_share: busy / lanes.len().max(1) as f64,
        target_busy_share,
    }
}

/// Gives what happened, without what to do about it.
fn first_sentence(reasons: &[String]) -> String {
    let reason = reasons.first().map_or("", String::as_str);
    match reason.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tapdeck_reports::measurements::{EndpointMeasurements, SecondMeasurements};

    use super::*;

    /// A second of 1,000 requests of which some got no answer, and some never left by our doing.
    fn limit_of(unanswered: u64, withheld: u64) -> Option<Limit> {
        let completed = 1_000 - unanswered;
        let ledger = Ledger {
            planned: 1_000,
            sent: 1_000 - withheld,
            unsent: withheld,
            completed,
            good: completed,
            timed_out: unanswered - withheld,
            ..Ledger::default()
        };
        let mut endpoint = EndpointMeasurements {
            ledger,
            withheld,
            ..EndpointMeasurements::default()
        };
        endpoint.response.record_many(1_000, completed);
        endpoint.undisturbed.record_many(1_000, completed);
        endpoint.unanswered.record_many(1_000, unanswered);
        let mut measured = Measurements {
            measured_ns: NS_PER_S,
            ledger,
            endpoints: vec![endpoint],
            ..Measurements::default()
        };
        measured.seconds = vec![SecondMeasurements {
            achieved: completed,
            ..SecondMeasurements::default()
        }];
        let ask = Ask {
            lanes: 1,
            pacing: Pacing::Hybrid,
            rate_per_s: 1_000.0,
        };
        step(ask, &measured, 0.5).limit
    }

    #[test]
    fn what_we_withheld_ourselves_is_not_the_targets_limit() {
        assert_eq!(limit_of(0, 0), None);
        assert_eq!(limit_of(3, 0), Some(Limit::Target));
        assert_eq!(limit_of(3, 3), Some(Limit::Generator));
    }
}
