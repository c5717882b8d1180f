//! One second of one lane, on its way to whoever watches the run.
//!
//! Lanes keep the current second in a box of their own and once per second swap it for an empty one through a pair of
//! wait-free rings. If the watcher is behind and has returned no empty box, the lane goes on with the one it has: it
//! never waits, and the watcher sees a second that is longer than one.

use rtrb::{Consumer, Producer, RingBuffer};
use tapdeck_reports::histogram::Histogram;

/// Boxes in circulation per lane besides the one in use.
const SPARE_BOXES: usize = 3;

/// What happened in one second of the measure phase, or of the phases around it.
#[derive(Debug)]
pub struct Interval {
    /// Second of the measure phase, `None` during warm-up and drain.
    pub second: Option<u64>,
    /// Requests sent.
    pub sent: u64,
    /// Answers completed.
    pub achieved: u64,
    /// Completed with every check passed.
    pub good: u64,
    /// Rejected, failed, timed out or dropped.
    pub failed: u64,
    /// Bytes of the bodies of the answers completed.
    pub answer_bytes: u64,
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// Response times of what ended in it.
    pub response: Histogram,
    /// Send lags of what was sent in it.
    pub send_lag: Histogram,
    /// Read lags of what was answered in it.
    pub read_lag: Histogram,
    /// Longest stretch between two looks at the kernel while work was due, nanoseconds.
    pub longest_stall_ns: u64,
}

impl Interval {
    fn new() -> Self {
        let mut interval = Self {
            second: None,
            sent: 0,
            achieved: 0,
            good: 0,
            failed: 0,
            answer_bytes: 0,
            in_flight: 0,
            response: Histogram::new(),
            send_lag: Histogram::new(),
            read_lag: Histogram::new(),
            longest_stall_ns: 0,
        };
        // Writing every page now keeps page faults off the send path.
        interval.clear();
        interval
    }

    /// Empties it for the next second.
    pub fn clear(&mut self) {
        (self.sent, self.achieved, self.good, self.failed) = (0, 0, 0, 0);
        self.answer_bytes = 0;
        self.response.clear();
        self.send_lag.clear();
        self.read_lag.clear();
        self.longest_stall_ns = 0;
    }
}

/// The lane's end: the second in progress.
#[derive(Debug)]
pub struct IntervalWriter {
    /// The second in progress.
    pub current: Box<Interval>,
    full: Producer<Box<Interval>>,
    empty: Consumer<Box<Interval>>,
}

/// The watcher's end.
#[derive(Debug)]
pub struct IntervalReader {
    full: Consumer<Box<Interval>>,
    empty: Producer<Box<Interval>>,
}

/// Connects a lane with its watcher.
pub fn intervals() -> (IntervalWriter, IntervalReader) {
    let (full_in, full_out) = RingBuffer::new(SPARE_BOXES + 1);
    let (mut empty_in, empty_out) = RingBuffer::new(SPARE_BOXES + 1);
    for _ in 0..SPARE_BOXES {
        // The ring holds one more than is put in, so this cannot fail; were it to, one box fewer would circulate.
        let _full = empty_in.push(Box::new(Interval::new()));
    }
    let writer = IntervalWriter {
        current: Box::new(Interval::new()),
        full: full_in,
        empty: empty_out,
    };
    let reader = IntervalReader {
        full: full_out,
        empty: empty_in,
    };
    (writer, reader)
}

impl IntervalWriter {
    /// Hands the current second over and begins `second`; if no empty box is there, goes on with the current one.
    pub fn begin(&mut self, second: Option<u64>, in_flight: u64) {
        self.current.in_flight = in_flight;
        match self.empty.pop() {
            Ok(next) if !self.full.is_full() => {
                let done = std::mem::replace(&mut self.current, next);
                // Not full, as just checked, and this is the only producer.
                let _full = self.full.push(done);
                self.current.second = second;
            }
            _ => {}
        }
    }
}

impl IntervalReader {
    /// Lets the watcher look at the next finished second, if there is one, and returns its box.
    pub fn read<R>(&mut self, look: impl FnOnce(&Interval) -> R) -> Option<R> {
        let mut interval = self.full.pop().ok()?;
        let result = look(&interval);
        interval.clear();
        // As many boxes circulate as the ring holds.
        let _full = self.empty.push(interval);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_come_out_in_order_and_boxes_return() {
        let (mut writer, mut reader) = intervals();
        writer.begin(Some(0), 0);
        assert_eq!(reader.read(|interval| interval.second), Some(None));
        for second in 1..50 {
            writer.current.sent += second;
            writer.begin(Some(second), second);
            let seen = reader.read(|interval| (interval.second, interval.sent, interval.in_flight));
            assert_eq!(seen, Some((Some(second - 1), second, second)));
        }
        assert_eq!(reader.read(|_| ()), None);
    }

    #[test]
    fn a_watcher_that_sleeps_loses_no_count() {
        let (mut writer, mut reader) = intervals();
        for second in 0..10 {
            writer.current.sent += 1;
            writer.begin(Some(second), 0);
        }
        let mut seen = 0;
        while let Some(sent) = reader.read(|interval| interval.sent) {
            seen += sent;
        }
        assert_eq!(seen + writer.current.sent, 10);
    }
}
