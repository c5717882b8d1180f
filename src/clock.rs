//! Time: the one place that reads it.
//!
//! All instants of a run are nanoseconds on the kernel's monotonic clock, the scale timerfd waits on, so they compare
//! and subtract as plain integers. The wall clock is read once per run and carried forward by the monotonic one.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds in a second.
pub const NS_PER_S: u64 = 1_000_000_000;

/// Something that tells the time.
pub trait Clock {
    /// Gives the time in nanoseconds since an arbitrary fixed point; never goes back.
    fn now_ns(&self) -> u64;
}

/// The kernel's `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, Copy, Default)]
pub struct MonotonicClock;

impl MonotonicClock {
    /// Makes a reader of the kernel's clock; all of them agree.
    pub const fn new() -> Self {
        Self
    }
}

impl Clock for MonotonicClock {
    #[inline]
    fn now_ns(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::Monotonic))
    }
}

/// A clock that stands still until it is told to move; for tests.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicU64);

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by_ns: u64) {
        self.0
            .fetch_add(by_ns, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now_ns(&self) -> u64 {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// Gives the wall-clock time in nanoseconds since the Unix epoch.
pub fn wall_now_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Realtime))
}

/// Gives the wall-clock time in seconds since the Unix epoch.
pub fn wall_now_s() -> i64 {
    clock_gettime(ClockId::Realtime).tv_sec
}

/// Several clocks at one moment, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The monotonic clock.
    pub monotonic: u64,
    /// Wall-clock time since the Unix epoch.
    pub wall: u64,
    /// Time since the machine was started, also while it was suspended.
    pub boot: u64,
}

impl Moment {
    /// Attempts to read the clocks without being interrupted in between.
    const ATTEMPTS: usize = 3;

    /// Reads the clocks, again if something came in between.
    pub fn now() -> Self {
        let attempt = || {
            let before_ns = MonotonicClock.now_ns();
            let (wall, boot) = (wall_now_ns(), nanoseconds(clock_gettime(ClockId::Boottime)));
            let apart_ns = MonotonicClock.now_ns() - before_ns;
            let moment = Self {
                monotonic: before_ns + apart_ns / 2,
                wall,
                boot,
            };
            (apart_ns, moment)
        };
        let mut best = attempt();
        for _ in 1..Self::ATTEMPTS {
            let next = attempt();
            if next.0 < best.0 {
                best = next;
            }
        }
        best.1
    }
}

/// Gives the CPU time the calling thread has used, nanoseconds.
pub fn thread_cpu_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::ThreadCPUTime))
}

/// Converts the kernel's pair; clocks before 1970 read as zero.
#[inline]
fn nanoseconds(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * NS_PER_S + u64::try_from(time.tv_nsec).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_time_never_goes_back() {
        let before = MonotonicClock.now_ns();
        assert!(before <= MonotonicClock.now_ns());
    }

    #[test]
    fn manual_time_moves_when_told() {
        let clock = ManualClock::default();
        clock.advance(5);
        assert_eq!(clock.now_ns(), 5);
    }
}
