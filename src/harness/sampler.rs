//! Looks at the lanes' threads once per second of the measure phase, from a thread that is no lane.
//!
//! A look reads the kernel's counters and the clocks; a sample is the difference of two looks. A look at a lane that has
//! ended tells nothing and is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tapdeck_reports::measurements::sample::{LaneSample, Sample};

use super::lane_facts::{ThreadCounters, ThreadFiles};
use super::machine;
use crate::clock::{Clock, Moment, MonotonicClock, NS_PER_S};
use crate::replay::arrivals::Window;

/// The last look comes so much before the end of the measure phase, nanoseconds: lanes end when they have no more to do.
const LAST_LOOK_AHEAD_NS: u64 = 10_000_000;

/// A lane's thread, as it is seen from outside.
#[derive(Debug)]
pub(super) struct Watched {
    files: ThreadFiles,
    /// Time the lane has spent polling with nothing to do; it says so itself.
    polled_ns: Arc<AtomicU64>,
}

impl Watched {
    pub(super) fn new(thread_id: i32, polled_ns: Arc<AtomicU64>) -> Self {
        Self {
            files: ThreadFiles::open(thread_id),
            polled_ns,
        }
    }
}

/// Takes samples.
#[derive(Debug)]
pub(super) struct Sampler {
    lanes: Vec<Watched>,
    window: Window,
    last: Option<Look>,
    samples: Vec<Sample>,
    due_ns: u64,
}

/// Gives how many samples are kept room for: all of a run of up to a day, so that none of them moves the others while
/// requests flow.
fn looks(window: Window) -> usize {
    const DAY_S: u64 = 86_400;
    let seconds = (window.measure_to_ns - window.measure_from_ns) / NS_PER_S;
    usize::try_from(seconds.min(DAY_S)).unwrap_or_default() + 1
}

/// Everything read at one moment.
#[derive(Debug, Clone)]
struct Look {
    moment: Moment,
    lanes: Vec<(ThreadCounters, u64)>,
    stolen_ns: Option<u64>,
}

impl Sampler {
    pub(super) fn new(lanes: Vec<Watched>, window: Window) -> Self {
        Self {
            lanes,
            window,
            last: None,
            samples: Vec::with_capacity(looks(window)),
            due_ns: window.measure_from_ns,
        }
    }

    /// Gives the time until the next look, nanoseconds.
    pub(super) fn due_in_ns(&self, now_ns: u64) -> u64 {
        self.due_ns.saturating_sub(now_ns)
    }

    /// Looks if it is time to.
    pub(super) fn look_if_due(&mut self) {
        if MonotonicClock.now_ns() >= self.due_ns {
            self.look();
        }
    }

    /// Looks now, whether or not it is time to; outside of the measure phase there is nothing to see.
    pub(super) fn look(&mut self) {
        let measured = self.window.measure_from_ns..self.window.measure_to_ns;
        let look = self.take();
        let Some(look) = look.filter(|look| measured.contains(&look.moment.monotonic)) else {
            // Too late, or a lane has ended: nothing more is to be seen.
            self.due_ns = u64::MAX;
            return;
        };
        self.due_ns = next_due_ns(look.moment.monotonic, self.window);
        if let Some(last) = &self.last {
            let sample = between(last, &look, self.window.measure_from_ns);
            self.samples.push(sample);
        }
        self.last = Some(look);
    }

    /// Gives the samples.
    pub(super) fn finish(self) -> Vec<Sample> {
        self.samples
    }

    fn take(&self) -> Option<Look> {
        let counters = self.lanes.iter().map(|lane| {
            let polled_ns = lane.polled_ns.load(Ordering::Relaxed);
            Some((lane.files.read()?, polled_ns))
        });
        Some(Look {
            lanes: counters.collect::<Option<_>>()?,
            stolen_ns: machine::stolen_ns(),
            moment: Moment::now(),
        })
    }
}

/// Gives the end of the second that `now_ns` lies in, as far as it is within the measure phase.
fn next_due_ns(now_ns: u64, window: Window) -> u64 {
    let since_ns = now_ns - window.measure_from_ns;
    let end_ns = window.measure_from_ns + (since_ns / NS_PER_S + 1) * NS_PER_S;
    let last_ns = window.measure_to_ns.saturating_sub(LAST_LOOK_AHEAD_NS);
    match end_ns {
        end_ns if end_ns <= last_ns => end_ns,
        _ if now_ns < last_ns => last_ns,
        _ => u64::MAX,
    }
}

/// Gives what was counted from one look to the next.
fn between(before: &Look, after: &Look, measure_from_ns: u64) -> Sample {
    let optional = |before: Option<u64>, after: Option<u64>| {
        before
            .zip(after)
            .map(|(before, after)| after.saturating_sub(before))
    };
    let lane = |((before, polled_before), (after, polled_after)): (
        &(ThreadCounters, u64),
        &(ThreadCounters, u64),
    )| LaneSample {
        cpu_ns: optional(before.cpu_ns, after.cpu_ns),
        polled_ns: polled_after.saturating_sub(*polled_before),
        run_delay_ns: optional(before.run_delay_ns, after.run_delay_ns),
        involuntary_switches: after
            .involuntary_switches
            .saturating_sub(before.involuntary_switches),
        major_faults: after.major_faults.saturating_sub(before.major_faults),
    };
    let since_ns = |moment: Moment| moment.monotonic.saturating_sub(measure_from_ns);
    let (from, to) = (before.moment, after.moment);
    let gained = |clock: fn(Moment) -> u64| {
        let passed = clock(to).wrapping_sub(clock(from)).cast_signed();
        passed - (to.monotonic - from.monotonic).cast_signed()
    };
    Sample {
        from_ns: since_ns(from),
        to_ns: since_ns(to),
        lanes: before.lanes.iter().zip(&after.lanes).map(lane).collect(),
        stolen_ns: optional(before.stolen_ns, after.stolen_ns),
        clock_step_ns: gained(|moment| moment.wall),
        suspended_ns: u64::try_from(gained(|moment| moment.boot)).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        epoch_ns: 500,
        measure_from_ns: 1_000,
        measure_to_ns: 1_000 + 3 * NS_PER_S,
    };

    fn look(at_ns: u64) -> Look {
        let counters = ThreadCounters {
            cpu_ns: Some(at_ns / 2),
            run_delay_ns: None,
            involuntary_switches: at_ns / NS_PER_S,
            major_faults: 3,
        };
        Look {
            moment: Moment {
                monotonic: at_ns,
                wall: 7 * NS_PER_S + at_ns,
                boot: 9 * NS_PER_S + at_ns,
            },
            lanes: vec![(counters, at_ns / 4)],
            stolen_ns: Some(50),
        }
    }

    #[test]
    fn a_sample_is_the_difference_of_two_looks() {
        let (before, mut after) = (look(1_000), look(1_000 + 2 * NS_PER_S));
        after.moment.wall -= 4 * NS_PER_S;
        after.moment.boot += 30;
        after.stolen_ns = Some(90);
        let expected = Sample {
            from_ns: 0,
            to_ns: 2 * NS_PER_S,
            lanes: vec![LaneSample {
                cpu_ns: Some(NS_PER_S),
                polled_ns: NS_PER_S / 2,
                run_delay_ns: None,
                involuntary_switches: 2,
                major_faults: 0,
            }],
            stolen_ns: Some(40),
            clock_step_ns: -4 * NS_PER_S.cast_signed(),
            suspended_ns: 30,
        };
        assert_eq!(between(&before, &after, 1_000), expected);
    }

    #[test]
    fn looks_come_at_the_end_of_each_second_and_just_before_the_end_of_all() {
        let last_ns = WINDOW.measure_to_ns - LAST_LOOK_AHEAD_NS;
        for (now_ns, due_ns) in [
            (1_000, 1_000 + NS_PER_S),
            (1_000 + NS_PER_S - 1, 1_000 + NS_PER_S),
            (1_000 + NS_PER_S, 1_000 + 2 * NS_PER_S),
            (1_000 + 2 * NS_PER_S, last_ns),
            (last_ns, u64::MAX),
        ] {
            assert_eq!(next_due_ns(now_ns, WINDOW), due_ns, "{now_ns}");
        }
    }
}
