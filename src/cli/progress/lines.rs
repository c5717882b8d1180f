//! Progress as plain lines, for logs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::cli::layout::{show_rate, show_share, show_span};
use crate::clock::{Clock, NS_PER_S};
use crate::units::show_count;

/// How often a line is due.
const EVERY_NS: u64 = 10 * NS_PER_S;

/// Words progress now and then; used from any number of threads.
#[derive(Debug)]
pub(super) struct Lines<C> {
    clock: C,
    task: Mutex<Task>,
    done: AtomicU64,
    due_ns: AtomicU64,
}

#[derive(Debug, Default)]
struct Task {
    name: String,
    unit: String,
    total: u64,
    started_ns: u64,
}

impl<C: Clock> Lines<C> {
    /// Starts the clock; the first line is due when its time has passed.
    pub(super) fn new(clock: C) -> Self {
        Self {
            due_ns: AtomicU64::new(clock.now_ns() + EVERY_NS),
            clock,
            task: Mutex::default(),
            done: AtomicU64::new(0),
        }
    }

    /// Starts over with a new task of `total` units.
    pub(super) fn start(&self, name: &str, total: u64, unit: &str) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        self.done.store(0, Ordering::Relaxed);
        *task = Task {
            name: name.to_owned(),
            unit: unit.to_owned(),
            total,
            started_ns: self.clock.now_ns(),
        };
    }

    /// Moves forward; gives a line if one is due, to one of the threads.
    pub(super) fn advance(&self, by: u64) -> Option<String> {
        let done = self.done.fetch_add(by, Ordering::Relaxed) + by;
        let now_ns = self.clock.now_ns();
        let due_ns = self.due_ns.load(Ordering::Relaxed);
        if now_ns < due_ns {
            return None;
        }
        let next_ns = now_ns + EVERY_NS;
        // Whoever moves the date forward first has the word.
        self.due_ns
            .compare_exchange(due_ns, next_ns, Ordering::Relaxed, Ordering::Relaxed)
            .ok()?;
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        Some(task.line(done, now_ns))
    }
}

impl Task {
    fn line(&self, done: u64, now_ns: u64) -> String {
        let elapsed_ns = now_ns.saturating_sub(self.started_ns).max(1);
        let rest = self.total.saturating_sub(done);
        let left_ns = u128::from(elapsed_ns) * u128::from(rest) / u128::from(done.max(1));
        format!(
            "{name}: {done} of {total} {unit}, {share}, {rate}, {left} left",
            name = self.name,
            done = show_count(done),
            total = show_count(self.total),
            unit = self.unit,
            share = show_share(done, self.total),
            rate = show_rate(done as f64 * NS_PER_S as f64 / elapsed_ns as f64),
            left = show_span(u64::try_from(left_ns).unwrap_or(u64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_line_comes_when_it_is_due() {
        let lines = Lines::new(ManualClock::default());
        lines.start("spending", 4_000, "cards");
        assert_eq!(lines.advance(1_000), None);
        lines.clock.advance(EVERY_NS - 1);
        assert_eq!(lines.advance(0), None);
        lines.clock.advance(1);
        let expected = "spending: 1,000 of 4,000 cards, 25.00 %, 100/s, 30.0 s left";
        assert_eq!(lines.advance(0).as_deref(), Some(expected));
        assert_eq!(lines.advance(1_000), None);

        lines.start("rendering", 10_000_000, "requests");
        lines.clock.advance(EVERY_NS);
        let expected =
            "rendering: 50,000 of 10,000,000 requests, 0.50 %, 5,000/s, 33 min 10 s left";
        assert_eq!(lines.advance(50_000).as_deref(), Some(expected));
    }
}
