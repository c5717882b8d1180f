//! Finds out what this machine can do as a generator: the highest valid rate for each number of lanes, and send lag and
//! CPU time by rate and pacing mode.
//!
//! Every step is a run like any other, of a few seconds, against an embedded target that answers at once; a rate holds
//! when the run's own verdict finds it valid and every request was answered in time. So what is found is what a run
//! would be told, with a target before which no lag of ours can hide.

pub mod advice;
mod cores;
mod quiet;
mod rig;
pub mod search;
pub mod store;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use tapdeck_reports::calibration::{Calibration, Capacity, Limit, SCHEMA, Setup, Step};

use self::cores::Cores;
use self::rig::{Ask, Rig, Stage};
use self::search::Search;
use crate::clock::{NS_PER_S, wall_now_ns};
use crate::error::Error;
use crate::replay::lane::run::LaneError;
use crate::replay::pacer::Pacing;
use crate::schedule::ArrivalProcess;

/// What to find out, and how thoroughly.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Numbers of lanes, ascending, each with the pacing mode in which its highest rate is searched.
    pub lanes: Vec<(u32, Pacing)>,
    /// Pacing modes whose send lag is measured with one lane.
    pub compared: Vec<Pacing>,
    /// Arrival process; one that follows a rate.
    pub arrivals: &'static dyn ArrivalProcess,
    /// Connections over all lanes.
    pub connections: u32,
    /// How much time to spend.
    pub effort: Effort,
}

/// How much time to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A quarter of a minute for each number of lanes.
    Quick,
    /// A minute or more.
    Thorough,
}

impl Effort {
    const fn warm_up_ns(self) -> u64 {
        match self {
            Self::Quick => NS_PER_S / 10,
            Self::Thorough => NS_PER_S / 2,
        }
    }

    const fn measure_ns(self) -> u64 {
        match self {
            Self::Quick => NS_PER_S / 2,
            Self::Thorough => 2 * NS_PER_S,
        }
    }

    const fn precision(self) -> f64 {
        match self {
            Self::Quick => 0.15,
            Self::Thorough => 0.05,
        }
    }

    /// Rates at which pacing modes are compared, as far as they are valid at all.
    const fn compared_at(self) -> &'static [f64] {
        match self {
            Self::Quick => &[1_000.0, 5_000.0, 20_000.0],
            Self::Thorough => &[
                1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0,
            ],
        }
    }
}

/// Gives the numbers of lanes that make sense here: 1, 2, 4, .. as long as the target can have as many cores.
pub fn usual_lanes() -> Vec<u32> {
    let cores = Cores::available().len();
    let mut lanes = vec![1];
    while let Some(next) = lanes
        .last()
        .map(|last| last * 2)
        .filter(|&next| next as usize * 2 <= cores)
    {
        lanes.push(next);
    }
    lanes
}

/// Calibrates this machine; `None` if `stop` was set before the end. `see` is shown every step.
///
/// Errors: whatever keeps a run from being played.
pub fn calibrate(
    plan: &Plan,
    stop: &Arc<AtomicBool>,
    see: &mut dyn FnMut(&Step),
) -> Result<Option<Calibration>, Error> {
    let rig = Rig::new(plan)?;
    let disturbance = quiet::listen().map_err(LaneError::Setup)?;
    let available = Cores::available();
    let (mut capacities, mut steps, mut shared) = (Vec::new(), Vec::new(), String::new());
    for &(lanes, pacing) in &plan.lanes {
        let stage = Stage::start(Cores::divide(&available, lanes))?;
        if shared.is_empty() {
            shared = stage.shared();
        }
        let mut attempt = |pacing: Pacing, rate_per_s: f64| {
            let ask = Ask {
                lanes,
                pacing,
                rate_per_s,
            };
            let step = rig.step(&stage, ask, stop)?;
            if let Some(step) = &step {
                see(step);
                steps.push(step.clone());
            }
            Ok::<_, Error>(step)
        };
        let Some(capacity) = highest(lanes, pacing, plan.effort, &mut attempt)? else {
            return Ok(None);
        };
        if lanes == 1 {
            let top = capacity.highest_per_s.unwrap_or(0.0);
            for &pacing in &plan.compared {
                for &rate in plan
                    .effort
                    .compared_at()
                    .iter()
                    .filter(|&&rate| rate <= top)
                {
                    if attempt(pacing, rate)?.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        capacities.push(capacity);
        stage.stop()?;
    }
    let taken_at = Timestamp::from_nanosecond(i128::from(wall_now_ns()));
    Ok(Some(Calibration {
        schema: SCHEMA.to_owned(),
        machine: store::this_machine(),
        taken_at: taken_at.map(|at| format!("{at:.0}")).unwrap_or_default(),
        setup: Setup {
            arrivals: plan.arrivals.name().to_owned(),
            connections: plan.connections,
            step_s: plan.effort.measure_ns() as f64 / 1e9,
            precision: plan.effort.precision(),
            shared,
        },
        disturbance: Some(disturbance),
        capacities,
        steps,
    }))
}

/// Searches the highest rate of some lanes; `None` if it was called off.
fn highest(
    lanes: u32,
    pacing: Pacing,
    effort: Effort,
    attempt: &mut impl FnMut(Pacing, f64) -> Result<Option<Step>, Error>,
) -> Result<Option<Capacity>, Error> {
    let mut search = Search::new(effort.precision());
    let mut limit = Limit::Generator;
    while let Some(rate) = search.next() {
        let Some(step) = attempt(pacing, rate)? else {
            return Ok(None);
        };
        limit = step.limit.unwrap_or(limit);
        search.learn(step.holds());
    }
    Ok(Some(Capacity {
        lanes,
        pacing: pacing.name().to_owned(),
        highest_per_s: search.highest(),
        limit,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that holds some rates and fails at others, and why.
    fn found(capacity: f64, limit: Limit) -> Capacity {
        let mut attempt = |pacing: Pacing, rate_per_s: f64| {
            Ok(Some(Step {
                lanes: 1,
                pacing: pacing.name().to_owned(),
                rate_per_s,
                achieved_per_s: rate_per_s.min(capacity),
                limit: (rate_per_s > capacity).then_some(limit),
                reason: String::new(),
                send_lag_p50_ms: None,
                send_lag_p90_ms: None,
                send_lag_p99_ms: None,
                send_lag_max_ms: None,
                cpu_us_per_request: None,
                busy_share: 0.5,
                target_busy_share: 0.5,
            }))
        };
        let found = highest(1, Pacing::Hybrid, Effort::Thorough, &mut attempt);
        found.unwrap().unwrap()
    }

    #[test]
    fn the_highest_rate_comes_with_what_ended_it() {
        for limit in [Limit::Generator, Limit::Target] {
            let capacity = found(38_000.0, limit);
            let highest = capacity.highest_per_s.unwrap();
            assert!((36_000.0..=38_000.0).contains(&highest), "{highest}");
            assert_eq!(capacity.limit, limit);
        }
    }

    #[test]
    fn a_search_that_is_called_off_has_no_result() {
        let mut attempt = |_: Pacing, _: f64| Ok(None);
        let called_off = highest(1, Pacing::Timer, Effort::Quick, &mut attempt);
        assert_eq!(called_off.unwrap(), None);
    }

    #[test]
    fn lanes_double_while_the_target_can_have_as_many_cores() {
        let lanes = usual_lanes();
        assert_eq!(lanes[0], 1);
        let cores = Cores::available().len();
        assert!(
            lanes
                .iter()
                .all(|&lanes| lanes == 1 || lanes as usize * 2 <= cores)
        );
    }
}
