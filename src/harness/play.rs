//! Plays a run: starts the lanes, gives them one starting instant, watches, joins.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use tapdeck_corpora::Tape;
use tapdeck_reports::measurements::{Ending, Gate, Measurements};
use tapdeck_services::ServiceDefinition;
use tokio::sync::oneshot;

use super::running::Running;
use super::sampler::Watched;
use super::seconds::Seconds;
use super::target;
use crate::auth::TokenSource;
use crate::clock::{Clock, MonotonicClock, wall_now_ns};
use crate::error::Error;
use crate::events::Watcher;
use crate::patience::Stop;
use crate::replay::arrivals::Window;
use crate::replay::interval::{IntervalReader, intervals};
use crate::replay::lane::Settings;
use crate::replay::lane::run::{self as lane, LaneError, LanePlan, LaneResult};
use crate::replay::pacer::Pacing;
use crate::replay::prefetch::{self, Progress};
use crate::replay::walk::Share;
use crate::schedule::Load;

/// From the moment all lanes are ready to the first intended time: every lane is waiting by then.
pub(super) const COUNTDOWN_NS: u64 = 20_000_000;

/// How often to look, while connections are being opened, whether the run was called off.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Everything a run needs; validated.
#[derive(Debug, Clone)]
pub struct RunPlan {
    /// What to send.
    pub tape: Arc<Tape>,
    /// What the target speaks.
    pub service: Arc<ServiceDefinition>,
    /// Where to send it, and how long to wait for answers.
    pub settings: Settings,
    /// The target as typed.
    pub target_text: String,
    /// Who decides when to send, warm-up included.
    pub load: Load,
    /// The rate profile as typed, or the users in words.
    pub profile_text: String,
    /// Length of the warm-up phase, nanoseconds.
    pub warm_up_ns: u64,
    /// Length of the measure phase, nanoseconds.
    pub measure_ns: u64,
    /// Sending threads.
    pub lanes: NonZeroU32,
    /// Connections over all lanes; at least one per lane.
    pub connections: u32,
    /// In-flight cap over all lanes.
    pub in_flight_cap: u32,
    /// How to wait for an instant.
    pub pacing: Pacing,
    /// Promises to judge the run by.
    pub gates: Vec<Gate>,
    /// Remarks for the report.
    pub notes: Vec<String>,
    /// Renews the token that `settings` hold, if there is one.
    pub tokens: Option<Arc<TokenSource>>,
}

/// What a run brings back.
#[derive(Debug)]
pub struct Played {
    /// What was measured, also when the run ended early.
    pub measurements: Measurements,
    /// Why the run ended by itself, if it did.
    pub fault: Option<Error>,
}

impl Played {
    /// Takes out why the run ended by itself, or says why nothing came back where that can be told before `stop` is set.
    ///
    /// Errors: `Bug` where it cannot be looked into.
    pub fn explain(
        &mut self,
        plan: &RunPlan,
        stop: &Arc<AtomicBool>,
    ) -> Result<Option<Error>, Error> {
        let ledger = &self.measurements.ledger;
        let is_fruitless = ledger.failed > 0 && ledger.completed == 0;
        match self.fault.take() {
            None if is_fruitless => {
                let (url, target) = (&plan.target_text, &plan.settings.target);
                target::speaks_tls(url, target, &Stop::of(stop))
            }
            fault => Ok(fault),
        }
    }
}

/// A lane's thread, seen from outside.
struct LaneThread {
    handle: JoinHandle<Result<LaneResult, LaneError>>,
    start: oneshot::Sender<Window>,
    polled_ns: Arc<AtomicU64>,
}

/// Plays a run to its end, or until `stop` is set.
///
/// Errors: `Tape` if its beginning is damaged, `Lane` if a connection cannot be opened, `Interrupted` if `stop` was set
/// before all of them were; nothing was sent then.
pub fn play(
    plan: &RunPlan,
    stop: &Arc<AtomicBool>,
    watcher: &mut dyn Watcher,
) -> Result<Played, Error> {
    prefetch::check_lead(&plan.tape)?;
    let progress = Arc::new(Progress::new(plan.lanes.get()));
    // Lanes look at a flag of their own: it is also raised when the tape turns out to be damaged.
    let end = Arc::new(AtomicBool::new(false));
    let (ready_in, ready_out) = mpsc::channel();
    let mut threads = Vec::new();
    let mut readers = Vec::new();
    for lane_idx in 0..plan.lanes.get() {
        let (thread, reader) = start_lane(plan, lane_idx, &progress, &end, ready_in.clone())?;
        threads.push(thread);
        readers.push(reader);
    }
    drop(ready_in);
    let mut thread_ids = gather(&ready_out, threads.len(), stop, &end);
    if thread_ids.len() < threads.len() {
        return Err(first_failure(threads));
    }
    thread_ids.sort_unstable();
    let started_wall_ns = wall_now_ns();
    let window = window(plan, MonotonicClock.now_ns() + COUNTDOWN_NS);
    let (mut handles, mut watched) = (Vec::new(), Vec::new());
    for (thread, (_, thread_id)) in threads.into_iter().zip(thread_ids) {
        watched.push(Watched::new(thread_id, thread.polled_ns));
        // A lane that is gone by now says why when it is joined.
        let _gone = thread.start.send(window);
        handles.push(thread.handle);
    }
    let prefetching = start_prefetch(plan, &progress, &end)?;
    let seconds = Seconds::new(readers);
    let mut running = Running::new(handles, watched, window, seconds);
    running.watch(stop, &end, watcher);
    progress.finish();
    let fault = join(prefetching)?.err().map(Error::from);
    let interrupted = stop.load(Ordering::Relaxed) && fault.is_none();
    let ending = match (&fault, interrupted) {
        (Some(_), _) => Ending::Aborted,
        (None, true) => Ending::Interrupted,
        (None, false) => Ending::Completed,
    };
    let measurements = running.measurements(plan, started_wall_ns, ending)?;
    Ok(Played {
        measurements,
        fault,
    })
}

fn start_lane(
    plan: &RunPlan,
    lane_idx: u32,
    progress: &Arc<Progress>,
    end: &Arc<AtomicBool>,
    ready: mpsc::Sender<(u32, i32)>,
) -> Result<(LaneThread, IntervalReader), Error> {
    let (writer, reader) = intervals();
    let (start, window) = oneshot::channel();
    let lanes = plan.lanes.get();
    let share = Share { lane_idx, lanes };
    let polled_ns = Arc::new(AtomicU64::new(0));
    let mut settings = plan.settings.clone();
    settings.in_flight_cap = share_of(plan.in_flight_cap, share);
    settings.keeping.connect_gap_ns *= u64::from(lanes);
    let lane_plan = LanePlan {
        tape: Arc::clone(&plan.tape),
        service: Arc::clone(&plan.service),
        load: plan.load.clone(),
        share,
        settings,
        connections: share_of(plan.connections, share),
        pacing: plan.pacing,
        progress: Arc::clone(progress),
        stop: Arc::clone(end),
        intervals: writer,
        polled_ns: Arc::clone(&polled_ns),
    };
    let say_ready = move || {
        let thread_id = rustix::thread::gettid().as_raw_nonzero().get();
        // Nobody listens any more only if the run was called off.
        let _called_off = ready.send((lane_idx, thread_id));
    };
    let handle = std::thread::Builder::new()
        .name(format!("lane-{lane_idx}"))
        .spawn(move || lane::run(lane_plan, say_ready, window))
        .map_err(LaneError::Setup)?;
    let thread = LaneThread {
        handle,
        start,
        polled_ns,
    };
    Ok((thread, reader))
}

/// Waits until all lanes are ready, and gives their numbers and threads; fewer if one could not start, or if `stop` was
/// set while connections were being opened.
fn gather(
    ready: &mpsc::Receiver<(u32, i32)>,
    lanes: usize,
    stop: &AtomicBool,
    end: &AtomicBool,
) -> Vec<(u32, i32)> {
    let mut thread_ids = Vec::with_capacity(lanes);
    while thread_ids.len() < lanes {
        match ready.recv_timeout(LOOK_EVERY) {
            Ok(thread_id) => thread_ids.push(thread_id),
            Err(RecvTimeoutError::Timeout) => {
                end.fetch_or(stop.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    thread_ids
}

fn start_prefetch(
    plan: &RunPlan,
    progress: &Arc<Progress>,
    end: &Arc<AtomicBool>,
) -> Result<JoinHandle<Result<(), tapdeck_corpora::Error>>, Error> {
    let (tape, progress, end) = (
        Arc::clone(&plan.tape),
        Arc::clone(progress),
        Arc::clone(end),
    );
    let handle = std::thread::Builder::new()
        .name("prefetch".into())
        .spawn(move || {
            let result = prefetch::run_ahead(&tape, &progress);
            if result.is_err() {
                end.store(true, Ordering::Relaxed);
            }
            result
        })
        .map_err(LaneError::Setup)?;
    Ok(handle)
}

fn window(plan: &RunPlan, epoch_ns: u64) -> Window {
    let measure_from_ns = epoch_ns + plan.warm_up_ns;
    Window {
        epoch_ns,
        measure_from_ns,
        measure_to_ns: measure_from_ns + plan.measure_ns,
    }
}

/// Gives one lane's part of a total, the first ones taking the remainder; never zero.
fn share_of(total: u32, share: Share) -> usize {
    let part = total / share.lanes + u32::from(share.lane_idx < total % share.lanes);
    part.max(1) as usize
}

/// Calls off lanes of which one could not start, and gives its reason.
fn first_failure(threads: Vec<LaneThread>) -> Error {
    let (mut failure, mut was_called_off) = (None, false);
    for LaneThread { handle, start, .. } in threads {
        drop(start);
        match join(handle) {
            Ok(Err(LaneError::CalledOff)) => was_called_off = true,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => failure = failure.or(Some(Error::Lane(error))),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.unwrap_or_else(|| {
        if was_called_off {
            Error::Interrupted
        } else {
            Error::Bug("a lane ended without a reason".into())
        }
    })
}

/// Joins a thread; a panic in it is a bug.
pub(super) fn join<T>(handle: JoinHandle<T>) -> Result<T, Error> {
    handle
        .join()
        .map_err(|_| Error::Bug("a thread panicked; its message is above".into()))
}
