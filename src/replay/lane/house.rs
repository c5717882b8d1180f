//! Keeps a lane's house: waits for the next instant, rings alarms, closes seconds, ends the run.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;

use tokio::task::yield_now;

use super::desk::Desk;
use super::{ALARM_RESOLUTION_NS, Lane};
use crate::clock::{Clock, MonotonicClock, NS_PER_S, thread_cpu_ns};
use crate::replay::arrivals::Arrival;
use crate::replay::pacer::{Pacing, Stretch};
use crate::timer::Timer;

/// Longest time between two rounds of housekeeping.
const HOUSEKEEPING_NS: u64 = ALARM_RESOLUTION_NS;

/// Longest time in-flight requests get to end after an interrupt.
const GRACE_NS: u64 = NS_PER_S;

/// Longest turn of polling in which nothing but the poll itself happened; sending or reading anything takes longer.
const IDLE_POLL_NS: u64 = 3_000;

/// Paces the lane and does what is due now and then.
pub(super) struct House {
    lane: Rc<Lane>,
    timer: Timer,
    pacing: Pacing,
    stretch: Stretch,
    stop: Arc<AtomicBool>,
    next_round_ns: u64,
    /// When the lane last came back from waiting, and the time before that.
    back_ns: [u64; 2],
    /// Second of the measure phase in progress.
    second: Option<u64>,
    /// Once the schedule has ended: when to stop waiting for stragglers.
    drain_until_ns: Option<u64>,
    measured_to_ns: u64,
    /// Time spent polling for the next instant with nothing else to do, and where a watcher can see it.
    polled_ns: u64,
    polled_shown_ns: Arc<AtomicU64>,
    /// The clocks when the measure phase began.
    measuring_since: Option<Spent>,
}

/// Time spent so far, nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Spent {
    cpu: u64,
    wall: u64,
    polled: u64,
}

/// What is known when a lane has played to its end; nanoseconds.
pub(super) struct Kept {
    /// End of the measured time on the monotonic clock.
    pub(super) measured_to: u64,
    /// CPU time from the beginning of the measure phase on.
    pub(super) cpu: u64,
    /// The part of it spent polling with nothing to do.
    pub(super) polled: u64,
    /// Wall time from there on.
    pub(super) wall: u64,
}

impl House {
    pub(super) fn new(
        lane: Rc<Lane>,
        timer: Timer,
        pacing: Pacing,
        stop: Arc<AtomicBool>,
        polled_shown_ns: Arc<AtomicU64>,
    ) -> Self {
        Self {
            measured_to_ns: lane.window.measure_to_ns,
            lane,
            timer,
            pacing,
            stretch: Stretch::default(),
            stop,
            next_round_ns: 0,
            back_ns: [0; 2],
            second: None,
            drain_until_ns: None,
            polled_ns: 0,
            polled_shown_ns,
            measuring_since: None,
        }
    }

    /// Plays the schedule to its end.
    pub(super) async fn keep(mut self) -> std::io::Result<Kept> {
        loop {
            let now_ns = MonotonicClock.now_ns();
            if now_ns >= self.next_round_ns {
                self.round(now_ns);
            }
            let next_ns = self.lane.release(now_ns);
            if next_ns.is_none() && self.is_over(now_ns) {
                break;
            }
            let wake_ns = match next_ns {
                Some(next_ns) if self.lane.has_idle() => next_ns.min(self.next_round_ns),
                _ => self.next_round_ns,
            };
            self.lane.waits_until_ns.set(wake_ns);
            self.wait(wake_ns).await?;
        }
        self.lane.end();
        let in_flight = self.lane.in_flight.count() as u64;
        self.lane
            .recorder
            .borrow_mut()
            .begin_interval(None, in_flight);
        let end = self.spent(MonotonicClock.now_ns());
        let begin = self.measuring_since.unwrap_or(Spent { wall: 0, ..end });
        Ok(Kept {
            measured_to: self.measured_to_ns,
            cpu: end.cpu - begin.cpu,
            polled: end.polled - begin.polled,
            wall: end.wall - begin.wall,
        })
    }

    fn spent(&self, now_ns: u64) -> Spent {
        Spent {
            cpu: thread_cpu_ns(),
            wall: now_ns,
            polled: self.polled_ns,
        }
    }

    /// Housekeeping: alarms, seconds, the stop flag.
    fn round(&mut self, now_ns: u64) {
        // Since the lane came back the last time but one, the runtime has looked at every socket: an answer that was there
        // when the alarm was due is read before anybody hears it.
        self.lane.ring_due_alarms(self.back_ns[0]);
        self.lane.arrival_clock.compare();
        self.polled_shown_ns
            .store(self.polled_ns, Ordering::Relaxed);
        let window = self.lane.window;
        let since_ns = now_ns.checked_sub(window.measure_from_ns);
        let second = since_ns
            .filter(|_| now_ns < window.measure_to_ns)
            .map(|ns| ns / NS_PER_S);
        if second != self.second {
            self.second = second;
            if self.measuring_since.is_none() {
                self.measuring_since = Some(self.spent(now_ns));
            }
            let in_flight = self.lane.in_flight.count() as u64;
            self.lane
                .recorder
                .borrow_mut()
                .begin_interval(second, in_flight);
        }
        if self.drain_until_ns.is_none() && self.stop.load(Ordering::Relaxed) {
            self.stop_early(now_ns);
        }
        let boundary_ns = match since_ns {
            Some(ns) => window.measure_from_ns + (ns / NS_PER_S + 1) * NS_PER_S,
            None => window.measure_from_ns,
        };
        self.next_round_ns = boundary_ns.min(now_ns + HOUSEKEEPING_NS);
    }

    /// Ends the schedule here and now.
    fn stop_early(&mut self, now_ns: u64) {
        self.lane.release(now_ns);
        self.lane.end();
        self.measured_to_ns = self
            .measured_to_ns
            .min(now_ns.max(self.lane.window.measure_from_ns));
        self.drain_until_ns = Some(now_ns + GRACE_NS.min(self.lane.settings.timeout_ns));
    }

    /// Tells whether the drain has ended; abandons what is left when its time is up.
    fn is_over(&mut self, now_ns: u64) -> bool {
        // Nothing to send now is not the end: users who all wait for answers come back until the measure phase is over.
        let end_ns = now_ns.max(self.lane.window.measure_to_ns);
        let longest_ns = self.lane.settings.timeout_ns + 2 * HOUSEKEEPING_NS;
        let until_ns = *self.drain_until_ns.get_or_insert(end_ns + longest_ns);
        if now_ns >= until_ns && !self.lane.is_cutting() {
            self.lane.cut(now_ns);
        }
        self.lane.is_drained()
    }

    /// Waits until an instant, or until a connection came free that the pacer did not count on.
    async fn wait(&mut self, wake_ns: u64) -> std::io::Result<()> {
        let (mut polling_since_ns, mut due_ns) = (None, None);
        loop {
            let now_ns = MonotonicClock.now_ns();
            if let Some(due_ns) = due_ns.take() {
                self.back_ns = [self.back_ns[1], now_ns];
                self.lane.looked(due_ns, now_ns);
            }
            if self.lane.nudged.take() {
                return Ok(());
            }
            let turn_ns = polling_since_ns
                .take()
                .map_or(0, |since_ns| now_ns - since_ns);
            if turn_ns <= IDLE_POLL_NS {
                self.polled_ns += turn_ns;
            }
            if now_ns >= wake_ns {
                return Ok(());
            }
            let asleep_until_ns = self.pacing.asleep_until(wake_ns, self.stretch);
            if now_ns >= asleep_until_ns {
                polling_since_ns = Some(now_ns);
                due_ns = Some(now_ns);
                yield_now().await;
                continue;
            }
            due_ns = Some(asleep_until_ns);
            self.timer.arm(asleep_until_ns)?;
            let (lane, timer) = (&self.lane, &mut self.timer);
            poll_fn(|cx| {
                *lane.pacer.borrow_mut() = Some(cx.waker().clone());
                if lane.nudged.get() {
                    return Poll::Ready(Ok(()));
                }
                timer.poll_expired(cx)
            })
            .await?;
            if let Some(late_ns) = MonotonicClock.now_ns().checked_sub(asleep_until_ns) {
                self.stretch.learn(late_ns);
            }
        }
    }
}

impl Lane {
    fn ring_due_alarms(&self, now_ns: u64) {
        for desk in &self.desks {
            desk.ring_if_due(now_ns);
        }
    }

    fn is_drained(&self) -> bool {
        self.in_flight.count() == 0
            && self.waiting.borrow().is_empty()
            && !self.desks.iter().any(Desk::has_job)
    }

    /// Counts what still waits as never sent and abandons what is in flight.
    fn cut(&self, now_ns: u64) {
        let on_desks = self.desks.iter().enumerate().filter_map(|(idx, desk)| {
            let job = desk.take_job()?;
            self.take_back(idx);
            Some(job)
        });
        let on_desks: Vec<Arrival> = on_desks.collect();
        for arrival in self.waiting.borrow_mut().drain(..).chain(on_desks) {
            if let Some(record) = self.record(&arrival) {
                self.never_sent(&arrival, &record, now_ns, None);
            }
        }
        self.cutting.set(true);
        for desk in &self.desks {
            desk.set_alarm(now_ns);
            desk.ring_if_due(now_ns);
        }
    }
}
