//! A run in progress, seen from outside: watched until its lanes have ended, then put together.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tapdeck_reports::measurements::{Ending, LaneFacts, Measurements};

use super::lane_facts::{self, ThreadCounters};
use super::measure;
use super::play::{COUNTDOWN_NS, RunPlan, join};
use super::seconds::Seconds;
use crate::clock::{Clock, MonotonicClock, NS_PER_S};
use crate::error::Error;
use crate::events::{Event, Phase, Watcher};
use crate::replay::arrivals::Window;
use crate::replay::interval::IntervalReader;
use crate::replay::lane::run::{LaneError, LaneResult};
use crate::replay::pacer::Pacing;

/// How often the run is looked at from outside: seldom, because each look may take a lane's core from it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often the kernel is asked about the lanes' threads.
const COUNT_EVERY_NS: u64 = NS_PER_S;

/// A running run.
pub(super) struct Running {
    handles: Vec<JoinHandle<Result<LaneResult, LaneError>>>,
    thread_ids: Vec<i32>,
    window: Window,
    seconds: Seconds,
    /// The threads' counters as last read before and during the measure phase.
    before: Vec<ThreadCounters>,
    after: Vec<ThreadCounters>,
    next_count_ns: u64,
}

impl Running {
    pub(super) fn new(
        handles: Vec<JoinHandle<Result<LaneResult, LaneError>>>,
        thread_ids: Vec<i32>,
        window: Window,
        readers: Vec<IntervalReader>,
    ) -> Self {
        let counters: Vec<_> = thread_ids.iter().map(|&id| lane_facts::read(id)).collect();
        Self {
            handles,
            thread_ids,
            window,
            seconds: Seconds::new(readers),
            after: counters.clone(),
            before: counters,
            next_count_ns: 0,
        }
    }

    /// Looks at the run until every lane has ended.
    pub(super) fn watch(&mut self, stop: &AtomicBool, end: &AtomicBool, watcher: &mut dyn Watcher) {
        while !self.handles.iter().all(JoinHandle::is_finished) {
            std::thread::sleep(LOOK_EVERY);
            if stop.load(Ordering::Relaxed) {
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
            if now_ns >= self.next_count_ns {
                self.next_count_ns = now_ns + COUNT_EVERY_NS;
                match phase {
                    Phase::WarmUp => self.before = self.counters(),
                    Phase::Measure => self.after = self.counters(),
                    Phase::Drain => {}
                }
            }
            self.seconds
                .collect(|second| watcher.see(&Event::Second(second)));
            watcher.see(&Event::Tick {
                phase,
                elapsed_ns: now_ns.saturating_sub(epoch_ns),
                left_ns: measure_to_ns.saturating_sub(now_ns),
            });
        }
    }

    /// Joins what a lane says about itself with what the kernel says about its thread.
    fn lane_facts(&self, lane_idx: usize, result: &LaneResult, pacing: Pacing) -> LaneFacts {
        let counted = self.after[lane_idx].since(&self.before[lane_idx]);
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
            run_delay_ns: counted.run_delay_ns,
            involuntary_switches: counted.involuntary_switches,
            major_faults: counted.major_faults,
            spins: pacing == Pacing::Spin,
        }
    }

    fn counters(&self) -> Vec<ThreadCounters> {
        self.thread_ids
            .iter()
            .map(|&id| lane_facts::read(id))
            .collect()
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
        let lanes = (0..results.len()).map(|idx| self.lane_facts(idx, &results[idx], plan.pacing));
        let lanes = lanes.collect();
        let measure_from_ns = self.window.measure_from_ns;
        let measured_to_ns = results.iter().map(|result| result.measured_to_ns).max();
        let run = measure::Run {
            plan,
            ending,
            measured_ns: measured_to_ns.unwrap_or(measure_from_ns) - measure_from_ns,
            measure_started_wall_ns: started_wall_ns + COUNTDOWN_NS + plan.warm_up_ns,
            lanes,
            seconds: self.seconds,
        };
        Ok(run.measurements(results))
    }
}
