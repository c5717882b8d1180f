//! The thread of a lane: opens its connections, waits for the start, plays, brings back its measurements.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;

use tapdeck_corpora::Tape;
use tapdeck_services::ServiceDefinition;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

use super::desk::{Desk, InFlight};
use super::house::{House, Kept};
use super::{Lane, Settings};
use crate::clock::{Clock, MonotonicClock, NS_PER_S, wall_now_ns};
use crate::replay::arrivals::{Arrival, Arrivals, Window};
use crate::replay::connection;
use crate::replay::endpoint::LaneEndpoint;
use crate::replay::interval::IntervalWriter;
use crate::replay::pacer::Pacing;
use crate::replay::payload::{LaneTape, RecordPlace};
use crate::replay::prefetch::Progress;
use crate::replay::recorder::{Recorder, RecorderPlan};
use crate::replay::stamp::TimeOfDay;
use crate::replay::transport::Reuse;
use crate::replay::transport::connector::{Connector, OpenError, Pipe};
use crate::replay::transport::openings::Openings;
use crate::replay::visitors::{Ticket, Visitors};
use crate::replay::walk::{Share, Walk};
use crate::schedule::Load;
use crate::timer::Timer;

/// What a lane is to do.
#[derive(Debug)]
pub struct LanePlan {
    /// The tape, shared by all lanes.
    pub tape: Arc<Tape>,
    /// What the target speaks.
    pub service: Arc<ServiceDefinition>,
    /// Who decides when requests leave.
    pub load: Load,
    /// Which cards are this lane's.
    pub share: Share,
    /// Settings of the send path.
    pub settings: Settings,
    /// Connections of this lane.
    pub connections: usize,
    /// How to wait for an instant.
    pub pacing: Pacing,
    /// Tells the thread that checks the tape how far this lane is.
    pub progress: Arc<Progress>,
    /// Set to end the run early.
    pub stop: Arc<AtomicBool>,
    /// Takes finished seconds to the watcher.
    pub intervals: IntervalWriter,
    /// Takes the time spent polling with nothing to do to the watcher, nanoseconds; now and then, not per request.
    pub polled_ns: Arc<AtomicU64>,
}

/// What a lane brings back.
#[derive(Debug)]
pub struct LaneResult {
    /// Its measurements.
    pub recorder: Recorder,
    /// Its connections.
    pub openings: Openings,
    /// End of what was measured on the monotonic clock: that of the measure phase, or the interrupt.
    pub measured_to_ns: u64,
    /// CPU time from the beginning of the measure phase to the last answer, nanoseconds.
    pub cpu_ns: u64,
    /// The part of it spent polling for the next instant with nothing else to do.
    pub polled_ns: u64,
    /// Wall time over the same stretch.
    pub wall_ns: u64,
}

/// Why a lane could not start.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The runtime or its timer could not be made.
    #[error("cannot set up a sending thread")]
    Setup(#[from] std::io::Error),
    /// A connection could not be opened.
    #[error("cannot open connection {connection} of {connections}")]
    Open {
        /// Which one.
        connection: usize,
        /// Of how many.
        connections: usize,
        /// Why not.
        source: OpenError,
    },
    /// The service definition asks for what HTTP cannot do.
    #[error("the tape's service definition cannot be used: {0}")]
    Definition(String),
    /// The run was called off before it began.
    #[error("the run was called off")]
    CalledOff,
}

/// How often a lane that opens connections looks whether the run was called off.
const LOOK_EVERY_NS: u64 = 50_000_000;

/// Runs a lane on the calling thread: opens connections, says so through `ready`, waits for the window, plays.
///
/// Errors: `LaneError`, before the first request.
pub fn run(
    plan: LanePlan,
    ready: impl FnOnce(),
    window: oneshot::Receiver<Window>,
) -> Result<LaneResult, LaneError> {
    // A slack of one nanosecond: the kernel may otherwise delay wake-ups by 50 microseconds to bundle them.
    rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1))
        .map_err(std::io::Error::from)?;
    let runtime = Builder::new_current_thread()
        .enable_io()
        .build_local(LocalOptions::default())?;
    let (lane, kept) = runtime.block_on(play(plan, ready, window))?;
    // The connections' tasks share the lane; they go with the runtime.
    drop(runtime);
    let lane = Rc::into_inner(lane).ok_or(LaneError::CalledOff)?;
    Ok(LaneResult {
        openings: lane.connector.openings.take(),
        recorder: lane.recorder.into_inner(),
        measured_to_ns: kept.measured_to,
        cpu_ns: kept.cpu,
        polled_ns: kept.polled,
        wall_ns: kept.wall,
    })
}

async fn play(
    plan: LanePlan,
    ready: impl FnOnce(),
    window: oneshot::Receiver<Window>,
) -> Result<(Rc<Lane>, Kept), LaneError> {
    let mut timer = Timer::new()?;
    let lane_idx = plan.share.lane_idx as usize;
    let settings = &plan.settings;
    let connect_gap_ns = settings.keeping.connect_gap_ns;
    let connector = Connector::new(&settings.target, lane_idx, connect_gap_ns);
    let connector = Rc::new(connector);
    let pipes = match settings.keeping.reuse {
        Reuse::Always => open_all(&plan, &connector, &mut timer).await?,
        Reuse::Never => Vec::new(),
    };
    ready();
    let window = window.await.map_err(|_| LaneError::CalledOff)?;
    let (pacing, stop, connections) = (plan.pacing, Arc::clone(&plan.stop), plan.connections);
    let polled_ns = Arc::clone(&plan.polled_ns);
    let lane = Rc::new(Lane::new(plan, connector, window)?);
    connection::attend_all(&lane, connections, pipes);
    let house = House::new(Rc::clone(&lane), timer, pacing, stop, polled_ns);
    let kept = house.keep().await?;
    Ok((lane, kept))
}

/// Opens all connections, each in its turn and the last one within the request timeout.
async fn open_all(
    plan: &LanePlan,
    connector: &Rc<Connector>,
    timer: &mut Timer,
) -> Result<Vec<Pipe>, LaneError> {
    let mut opening = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        let turn_ns = connector.turn(MonotonicClock.now_ns());
        while let Some(now_ns) = before(turn_ns, plan)? {
            timer.arm(turn_ns.min(now_ns + LOOK_EVERY_NS))?;
            poll_fn(|cx| timer.poll_expired(cx)).await?;
        }
        let connector = Rc::clone(connector);
        opening.push(spawn_local(async move { connector.open().await }));
    }
    let until_ns = MonotonicClock.now_ns() + plan.settings.timeout_ns;
    let mut pipes = Vec::with_capacity(plan.connections);
    for (connection, opening) in opening.into_iter().enumerate() {
        let mut opening = pin!(opening);
        let opened = loop {
            let Some(now_ns) = before(until_ns, plan)? else {
                break Err(OpenError::Timeout);
            };
            timer.arm(until_ns.min(now_ns + LOOK_EVERY_NS))?;
            let looked = poll_fn(|cx| match opening.as_mut().poll(cx) {
                Poll::Ready(Ok(opened)) => Poll::Ready(Some(opened)),
                Poll::Ready(Err(_)) => Poll::Ready(Some(Err(OpenError::Timeout))),
                Poll::Pending => timer.poll_expired(cx).map(|_| None),
            });
            if let Some(opened) = looked.await {
                break opened;
            }
        };
        pipes.push(opened.map_err(|source| LaneError::Open {
            connection: connection + 1,
            connections: plan.connections,
            source,
        })?);
    }
    Ok(pipes)
}

/// Gives the time if an instant has not come yet.
///
/// Errors: `CalledOff` if the run was meanwhile.
fn before(at_ns: u64, plan: &LanePlan) -> Result<Option<u64>, LaneError> {
    if plan.stop.load(Ordering::Relaxed) {
        return Err(LaneError::CalledOff);
    }
    Ok(Some(MonotonicClock.now_ns()).filter(|&now_ns| now_ns < at_ns))
}

impl Lane {
    fn new(plan: LanePlan, connector: Rc<Connector>, window: Window) -> Result<Self, LaneError> {
        let tape: LaneTape = Arc::new(Arc::clone(&plan.tape));
        let endpoints = plan
            .service
            .endpoints
            .iter()
            .map(|endpoint| {
                let Settings { target, token, .. } = &plan.settings;
                LaneEndpoint::prepare(endpoint, target, &tape, token.as_ref())
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(LaneError::Definition)?;
        let desks = plan.connections * connection::desks(&plan.settings);
        let measure_ns = window.measure_to_ns - window.measure_from_ns;
        let recorder = RecorderPlan {
            decides: endpoints
                .iter()
                .map(|endpoint| endpoint.judge.reads_decision())
                .collect(),
            labels: plan.tape.manifest().labels.len(),
            sessions: plan.service.sessions.len(),
            seconds: usize::try_from(measure_ns.div_ceil(NS_PER_S)).unwrap_or(0),
            measure_from_ns: window.measure_from_ns,
        };
        let walk = Walk::new(Arc::clone(&plan.tape), plan.share, plan.progress);
        let seed = plan.load.seed();
        let (arrivals, crowd) = match plan.load {
            Load::Open(schedule) => (Some(Arrivals::new(walk, &schedule, window)), None),
            Load::Closed(users) => {
                let Share { lane_idx, lanes } = plan.share;
                let numbers = users.of_lane(lane_idx, lanes).collect();
                (None, Some((users, walk, numbers)))
            }
        };
        let visitors = Visitors::new(plan.tape, plan.service, window, seed, crowd);
        Ok(Self {
            waiting: RefCell::new(touched_queue(plan.settings.in_flight_cap)),
            settings: plan.settings,
            connector,
            tape,
            endpoints: RefCell::new(endpoints),
            recorder: RefCell::new(Recorder::new(recorder, plan.intervals)),
            time_of_day: RefCell::new(TimeOfDay::new(wall_now_ns(), MonotonicClock.now_ns())),
            desks: (0..desks).map(|_| Desk::default()).collect(),
            in_flight: InFlight::default(),
            window,
            arrivals: RefCell::new(arrivals),
            visitors: RefCell::new(visitors),
            idle: RefCell::new(VecDeque::with_capacity(desks)),
            open: Cell::new(0),
            down: Cell::new(false),
            cutting: Cell::new(false),
            nudged: Cell::new(false),
            pacer: RefCell::new(None),
            waits_until_ns: Cell::new(0),
        })
    }
}

/// A queue whose every page has been written once, so that no page fault waits for a burst.
fn touched_queue(capacity: usize) -> VecDeque<Arrival> {
    let nothing = Arrival {
        intended_ns: 0,
        place: RecordPlace {
            block_idx: 0,
            record_idx: 0,
        },
        pass: 0,
        measured: false,
        ticket: Ticket::NONE,
    };
    let mut queue = VecDeque::from(vec![nothing; capacity]);
    queue.clear();
    queue
}
