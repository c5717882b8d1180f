//! A run in progress, seen from outside: watched until its lanes have ended, then put together.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tapdeck_reports::measurements::{Ending, LaneFacts, Measurements};

use super::measure;
use super::play::{COUNTDOWN_NS, RunPlan, join};
use super::sampler::{Sampler, Watched};
use super::seconds::Seconds;
use crate::clock::{Clock, MonotonicClock};
use crate::error::Error;
use crate::events::{Event, Phase, Watcher};
use crate::replay::arrivals::Window;
use crate::replay::lane::run::{LaneError, LaneResult};
use crate::replay::pacer::Pacing;

/// How often the run is looked at from outside: seldom, because each look may take a lane's core from it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A running run.
pub(super) struct Running {
    handles: Vec<JoinHandle<Result<LaneResult, LaneError>>>,
    window: Window,
    seconds: Seconds,
    sampler: Sampler,
}

impl Running {
    pub(super) fn new(
        handles: Vec<JoinHandle<Result<LaneResult, LaneError>>>,
        watched: Vec<Watched>,
        window: Window,
        seconds: Seconds,
    ) -> Self {
        Self {
            handles,
            window,
            seconds,
            sampler: Sampler::new(watched, window),
        }
    }

    /// Looks at the run until every lane has ended.
    pub(super) fn watch(&mut self, stop: &AtomicBool, end: &AtomicBool, watcher: &mut dyn Watcher) {
        while !self.handles.iter().all(JoinHandle::is_finished) {
            let until_sample_ns = self.sampler.due_in_ns(MonotonicClock.now_ns());
            std::thread::sleep(LOOK_EVERY.min(Duration::from_nanos(until_sample_ns)));
            self.sampler.look_if_due();
            if stop.load(Ordering::Relaxed) && !end.load(Ordering::Relaxed) {
                // The last one: the lanes are about to end.
                self.sampler.look();
                end.store(true, Ordering::Relaxed);
            }
            let now_ns = MonotonicClock.now_ns();
            let Window {
                epoch_ns,
                measure_from_ns,
                measure_to_ns,
            } = self.window;
            let phase = match now_ns {
                now_ns if now_ns < measure_from_ns => Phase::WarmUp,
                now_ns if now_ns < measure_to_ns => Phase::Measure,
                _ => Phase::Drain,
            };
            self.seconds
                .collect(|second| watcher.see(&Event::Second(second)));
            watcher.see(&Event::Tick {
                phase,
                elapsed_ns: now_ns.saturating_sub(epoch_ns),
                left_ns: measure_to_ns.saturating_sub(now_ns),
            });
        }
    }

    /// Joins the lanes and puts their measurements together.
    pub(super) fn measurements(
        mut self,
        plan: &RunPlan,
        started_wall_ns: u64,
        ending: Ending,
    ) -> Result<Measurements, Error> {
        let mut results = Vec::new();
        for handle in std::mem::take(&mut self.handles) {
            results.push(join(handle)??);
        }
        let measure_from_ns = self.window.measure_from_ns;
        let measured_to_ns = results.iter().map(|result| result.measured_to_ns).max();
        let run = measure::Run {
            plan,
            ending,
            measured_ns: measured_to_ns.unwrap_or(measure_from_ns) - measure_from_ns,
            measure_from_ns,
            measure_started_wall_ns: started_wall_ns + COUNTDOWN_NS + plan.warm_up_ns,
            lanes: results
                .iter()
                .map(|result| lane_facts(result, plan.pacing))
                .collect(),
            samples: self.sampler.finish(),
            seconds: self.seconds,
        };
        Ok(run.measurements(results))
    }
}

/// Gives what a lane says about itself.
fn lane_facts(result: &LaneResult, pacing: Pacing) -> LaneFacts {
    LaneFacts {
        cpu_share: result.cpu_ns.saturating_sub(result.polled_ns) as f64
            / result.wall_ns.max(1) as f64,
        cpu_ns: result.cpu_ns,
        sent: result
            .recorder
            .endpoints
            .iter()
            .map(|endpoint| endpoint.ledger.sent)
            .sum(),
        spins: pacing == Pacing::Spin,
        ..LaneFacts::default()
    }
}
