//! The search for the highest offered rate at which a target keeps its promises: makes the runs that [`search`] asks for,
//! lets the target recover between them, and keeps a report that is complete after every run.
//!
//! It owns neither flags nor files: its [`Host`] turns rates into plans and stores reports. Each run is an ordinary one,
//! judged by the ordinary verdict. Invariant: a run that was cut short is in no report.

mod identity;
pub mod search;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tapdeck_reports::Summary;
use tapdeck_reports::capacity::{
    Bracket, CapacityIdentity, CapacityReport, CapacityRules, CapacityStep, Ending, LimitedBy,
    Purpose, StepVerdict,
};
use tapdeck_reports::measurements::{self, Measurements};
use tapdeck_reports::verdict::gates::GateResult;

pub use self::identity::identity;
use self::search::{Limit, Next, Probe, Rules, Search, Seen};
use super::play::{RunPlan, play};
use crate::clock::{Clock, MonotonicClock};
use crate::error::Error;
use crate::events::{Nobody, Watcher};
use crate::units::nanoseconds;

/// A trickle of requests that shows whether a target has recovered: rate per second, and for how long.
const TRICKLE: (f64, Duration) = (40.0, Duration::from_millis(500));

/// How often a pause looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// One run to plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Offered rate, per second.
    pub rate: f64,
    /// Time before the measure phase.
    pub settle: Duration,
    /// Length of the measure phase.
    pub measure: Duration,
    /// Number of the run in the search, for a seed of its own.
    pub number: u64,
}

/// Who a search is made for.
pub trait Host {
    /// Plans a run.
    ///
    /// Errors: whatever keeps it from being sent.
    fn plan(&self, run: &Run) -> Result<RunPlan, Error>;
    /// Is told of a run that begins; watches it.
    fn begins(&mut self, probe: &Probe) -> Box<dyn Watcher>;
    /// Is told that the target has not recovered, and that the search goes on nevertheless.
    fn waited_in_vain(&mut self, waited: Duration);
    /// Is given the report after every run.
    ///
    /// Errors: `Io` if it cannot be stored; the search then ends.
    fn keep(&mut self, report: &CapacityReport) -> Result<(), Error>;
}

/// How runs are made and how long the search may take.
#[derive(Debug, Clone)]
pub struct Course {
    /// How rates are chosen.
    pub rules: Rules,
    /// What is searched.
    pub identity: CapacityIdentity,
    /// Time before the measure phase of each run.
    pub settle: Duration,
    /// Length of the measure phase of each run.
    pub measure: Duration,
    /// Pause before each run but the first.
    pub pause: Duration,
    /// Longest wait for a target to recover from a rate that it missed.
    pub recovery: Duration,
    /// Longest time that the search may take from now.
    pub time: Duration,
}

/// A search that is going on.
struct Hunt<'a> {
    course: &'a Course,
    host: &'a mut dyn Host,
    stop: &'a Arc<AtomicBool>,
    search: Search,
    steps: Vec<CapacityStep>,
    deadline_ns: u64,
}

/// Searches; goes on from runs made earlier.
///
/// Errors: those of planning and playing a run, and of storing a report; what was known before is stored then.
pub fn hunt(
    course: &Course,
    earlier: Vec<CapacityStep>,
    host: &mut dyn Host,
    stop: &Arc<AtomicBool>,
) -> Result<CapacityReport, Error> {
    let mut search = Search::new(course.rules);
    for step in &earlier {
        search.learn(probe_of(step), seen(step.verdict));
    }
    let mut hunt = Hunt {
        course,
        host,
        stop,
        search,
        steps: earlier,
        deadline_ns: MonotonicClock
            .now_ns()
            .saturating_add(nanoseconds(course.time)),
    };
    let ending = hunt.run()?;
    Ok(hunt.report(ending))
}

impl Hunt<'_> {
    fn run(&mut self) -> Result<Ending, Error> {
        let mut last: Option<StepVerdict> = None;
        while let Next::Try(probe) = self.search.next() {
            if let Some(last) = last {
                self.rest(self.course.pause);
                if last != StepVerdict::Held {
                    self.recover()?;
                }
            }
            if self.stop.load(Ordering::Relaxed) {
                return Ok(Ending::Interrupted);
            }
            let takes = self.course.settle + self.course.measure;
            if MonotonicClock.now_ns() + nanoseconds(takes) > self.deadline_ns {
                return Ok(Ending::OutOfTime);
            }
            let Some(step) = self.step(probe)? else {
                return Ok(Ending::Interrupted);
            };
            last = Some(step.verdict);
            self.search.learn(probe, seen(step.verdict));
            self.steps.push(step);
            let report = self.report(Ending::Running);
            self.host.keep(&report)?;
        }
        Ok(Ending::Completed)
    }

    /// Makes a run; `None` if it was interrupted.
    fn step(&mut self, probe: Probe) -> Result<Option<CapacityStep>, Error> {
        let plan = self.host.plan(&Run {
            rate: probe.rate,
            settle: self.course.settle,
            measure: self.course.measure,
            number: self.steps.len() as u64,
        })?;
        let mut watcher = self.host.begins(&probe);
        let measurements = self.play(&plan, watcher.as_mut())?;
        Ok(measurements.map(|measurements| {
            let summary = Summary::from_measurements(&measurements);
            CapacityStep::new(probe.rate, purpose(probe.purpose), &summary)
        }))
    }

    /// Waits until a trickle of requests finds every promise kept again, or for as long as may be waited.
    fn recover(&mut self) -> Result<(), Error> {
        let (rate, measure) = TRICKLE;
        let begun_ns = MonotonicClock.now_ns();
        let end_ns = self
            .deadline_ns
            .min(begun_ns + nanoseconds(self.course.recovery));
        while MonotonicClock.now_ns() < end_ns && !self.stop.load(Ordering::Relaxed) {
            let plan = self.host.plan(&Run {
                rate,
                settle: Duration::ZERO,
                measure,
                number: self.steps.len() as u64,
            })?;
            let Some(measurements) = self.play(&plan, &mut Nobody)? else {
                return Ok(());
            };
            // How late we were is of no interest here, nor what so few requests cannot tell.
            let summary = Summary::from_measurements(&measurements);
            let is_kept = |gate: &GateResult| gate.passed || gate.measured.is_none();
            if summary.gates.iter().all(is_kept) {
                return Ok(());
            }
            self.rest(self.course.pause);
        }
        let waited_ns = MonotonicClock.now_ns() - begun_ns;
        self.host.waited_in_vain(Duration::from_nanos(waited_ns));
        Ok(())
    }

    fn play(
        &self,
        plan: &RunPlan,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Measurements>, Error> {
        let played = match play(plan, self.stop, watcher) {
            Err(Error::Interrupted) => return Ok(None),
            played => played?,
        };
        match played.fault {
            Some(fault) => Err(fault),
            None => Ok(Some(played.measurements)
                .filter(|measurements| measurements.ending == measurements::Ending::Completed)),
        }
    }

    /// Pauses, unless the search is to end.
    fn rest(&self, pause: Duration) {
        let end_ns = MonotonicClock.now_ns() + nanoseconds(pause);
        while !self.stop.load(Ordering::Relaxed) {
            let left_ns = end_ns.saturating_sub(MonotonicClock.now_ns());
            if left_ns == 0 {
                return;
            }
            std::thread::sleep(LOOK_EVERY.min(Duration::from_nanos(left_ns)));
        }
    }

    fn report(&self, ending: Ending) -> CapacityReport {
        let finding = self.search.finding();
        let proven = |(rate, runs)| (rate, self.search.is_proven(runs));
        let bracket = Bracket {
            holds: finding.holds.map(proven),
            fails: finding.fails.map(|(rate, limit)| {
                let limit = match limit {
                    Limit::Target => LimitedBy::Target,
                    Limit::Generator => LimitedBy::Generator,
                };
                (rate, limit)
            }),
        };
        let rules = &self.course.rules;
        CapacityReport::new(
            bracket,
            ending,
            self.course.identity.clone(),
            CapacityRules {
                start_per_s: rules.start,
                climb: rules.climb,
                precision: rules.precision,
                repeats: rules.repeats,
                highest_per_s: rules.highest,
            },
            self.steps.clone(),
        )
    }
}

fn seen(verdict: StepVerdict) -> Seen {
    match verdict {
        StepVerdict::Held => Seen::Held,
        StepVerdict::Missed => Seen::Missed,
        StepVerdict::Spoiled => Seen::Spoiled,
    }
}

fn purpose(purpose: search::Purpose) -> Purpose {
    match purpose {
        search::Purpose::Climb => Purpose::Climb,
        search::Purpose::Narrow => Purpose::Narrow,
        search::Purpose::Confirm => Purpose::Confirm,
    }
}

fn probe_of(step: &CapacityStep) -> Probe {
    Probe {
        rate: step.rate_per_s,
        purpose: match step.purpose {
            Purpose::Climb => search::Purpose::Climb,
            Purpose::Narrow => search::Purpose::Narrow,
            Purpose::Confirm => search::Purpose::Confirm,
        },
    }
}
