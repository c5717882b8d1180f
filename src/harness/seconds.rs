//! Merges the seconds that come from the lanes, and closes each once every lane is past it.

use std::collections::BTreeMap;

use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::SecondMeasurements;
use tapdeck_reports::measurements::distribution::Distribution;

use crate::events::SecondSeen;
use crate::replay::interval::{Interval, IntervalReader};

/// Quantiles that are told of the lags of a second.
const LAG_QUANTILES: [f64; 3] = [0.5, 0.99, 1.0];

/// What was taken from the lanes so far.
#[derive(Debug, Default)]
struct Merged {
    open: BTreeMap<u64, Open>,
    send_lag: Histogram,
    read_lag: Histogram,
}

/// A second that not every lane has finished.
#[derive(Debug, Default)]
struct Open {
    merged: SecondMeasurements,
    response: Histogram,
    send_lag: Histogram,
    read_lag: Histogram,
}

/// What the lanes hand over second by second, when all of it is there.
#[derive(Debug)]
pub struct Series {
    /// One entry per second, in order, without gaps.
    pub seconds: Vec<SecondMeasurements>,
    /// Send lags of all of them, and of what was sent after the last one.
    pub send_lag: Histogram,
    /// Read lags likewise.
    pub read_lag: Histogram,
}

/// The seconds of a run.
#[derive(Debug)]
pub struct Seconds {
    readers: Vec<IntervalReader>,
    /// The second each lane is in, as far as is known.
    reached: Vec<u64>,
    merged: Merged,
    closed: BTreeMap<u64, SecondMeasurements>,
    /// Response times of the answers in the closed seconds.
    so_far: Histogram,
    /// An entry for each request that ended in them without an answer. Lanes do not tell by the second how long these had waited, so
    /// the slowest answer has to do as the lower bound.
    unanswered: Histogram,
}

impl Seconds {
    /// Starts with one reader per lane.
    pub fn new(readers: Vec<IntervalReader>) -> Self {
        Self {
            reached: vec![0; readers.len()],
            readers,
            merged: Merged::default(),
            closed: BTreeMap::new(),
            so_far: Histogram::new(),
            unanswered: Histogram::new(),
        }
    }

    /// Takes what the lanes have finished and tells `close` about every second that is complete.
    pub fn collect(&mut self, mut close: impl FnMut(SecondSeen)) {
        for (reader, reached) in self.readers.iter_mut().zip(&mut self.reached) {
            let merged = &mut self.merged;
            while let Some(second) = reader.read(|interval| merged.add(interval)) {
                *reached = second.map_or(*reached, |second| second + 1);
            }
        }
        let complete_below = self.reached.iter().copied().min().unwrap_or(0);
        self.close_below(complete_below, &mut close);
    }

    /// Closes everything, with what the lanes could not hand over any more, and gives `count` seconds.
    pub fn finish<'a>(
        mut self,
        left_over: impl IntoIterator<Item = &'a Interval>,
        count: usize,
    ) -> Series {
        self.collect(|_| {});
        for interval in left_over {
            self.merged.add(interval);
        }
        self.close_below(u64::MAX, &mut |_| {});
        Series {
            seconds: (0..count as u64)
                .map(|second| self.closed.remove(&second).unwrap_or_default())
                .collect(),
            send_lag: self.merged.send_lag,
            read_lag: self.merged.read_lag,
        }
    }

    fn close_below(&mut self, limit: u64, close: &mut impl FnMut(SecondSeen)) {
        while let Some(entry) = self.merged.open.first_entry() {
            if *entry.key() >= limit {
                break;
            }
            let (second, open) = entry.remove_entry();
            self.so_far.merge(&open.response);
            self.unanswered.record_many(0, open.unanswered());
            let measured = SecondMeasurements {
                so_far: Distribution::over(&self.so_far, &self.unanswered),
                ..open.close()
            };
            close(SecondSeen {
                second,
                sent: measured.sent,
                achieved: measured.achieved,
                failed: measured.failed,
                in_flight: measured.in_flight,
                p99_ns: measured.response_ns.map_or(0, |quantiles| quantiles[2]),
                send_lag_p99_ns: measured.send_lag_ns.map_or(0, |quantiles| quantiles[1]),
            });
            self.closed.insert(second, measured);
        }
    }
}

impl Merged {
    /// Adds a lane's interval to its second and gives that second; of warm-up and drain only the lags of measured
    /// requests are kept.
    fn add(&mut self, interval: &Interval) -> Option<u64> {
        self.send_lag.merge(&interval.send_lag);
        self.read_lag.merge(&interval.read_lag);
        let second = interval.second?;
        let entry = self.open.entry(second).or_default();
        entry.merged.sent += interval.sent;
        entry.merged.achieved += interval.achieved;
        entry.merged.good += interval.good;
        entry.merged.failed += interval.failed;
        entry.merged.answer_bytes += interval.answer_bytes;
        entry.merged.in_flight += interval.in_flight;
        let longest_ns = &mut entry.merged.longest_stall_ns;
        *longest_ns = interval.longest_stall_ns.max(*longest_ns);
        entry.response.merge(&interval.response);
        entry.send_lag.merge(&interval.send_lag);
        entry.read_lag.merge(&interval.read_lag);
        Some(second)
    }
}

impl Open {
    /// Counts the requests that ended in it without an answer.
    fn unanswered(&self) -> u64 {
        let ended = self.merged.good + self.merged.failed;
        ended.saturating_sub(self.merged.achieved)
    }

    fn close(self) -> SecondMeasurements {
        SecondMeasurements {
            response_ns: quantiles(&self.response, [0.5, 0.95, 0.99, 1.0]),
            send_lag_ns: quantiles(&self.send_lag, LAG_QUANTILES),
            read_lag_ns: quantiles(&self.read_lag, LAG_QUANTILES),
            ..self.merged
        }
    }
}

fn quantiles<const N: usize>(histogram: &Histogram, wanted: [f64; N]) -> Option<[u64; N]> {
    (!histogram.is_empty()).then(|| wanted.map(|quantile| histogram.quantile(quantile)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::interval::intervals;

    #[test]
    fn a_second_closes_when_the_last_lane_is_past_it() {
        let (mut one, reader_one) = intervals();
        let (mut two, reader_two) = intervals();
        let mut seconds = Seconds::new(vec![reader_one, reader_two]);
        let mut seen = Vec::new();
        for writer in [&mut one, &mut two] {
            writer.begin(Some(0), 0);
            writer.current.sent = 5;
            (writer.current.achieved, writer.current.good) = (1, 1);
            writer.current.answer_bytes = 70;
            writer.current.response.record(1_000);
            writer.current.read_lag.record(300);
        }
        one.begin(Some(1), 2);
        one.current.failed = 2;
        seconds.collect(|second| seen.push(second.sent));
        assert_eq!(seen, [] as [u64; 0]);
        two.begin(Some(1), 3);
        seconds.collect(|second| seen.push(second.sent));
        assert_eq!(seen, [10]);
        one.begin(None, 0);
        two.begin(None, 0);
        one.current.sent = 4;
        one.current.second = Some(1);
        one.current.send_lag.record(7_000);
        let finished = seconds.finish([&*one.current, &*two.current], 3);
        assert_eq!(finished.send_lag.len(), 1);
        let series = finished.seconds;
        assert_eq!(series[1].sent, 4, "not handed over, and not lost");
        assert_eq!(series.len(), 3);
        assert_eq!(series[0].in_flight, 5);
        assert_eq!(series[0].response_ns.unwrap()[0], 1_000);
        assert_eq!(series[0].answer_bytes, 140);
        assert_eq!(series[0].read_lag_ns, Some([300; 3]));
        assert_eq!((series[0].send_lag_ns, series[1].read_lag_ns), (None, None));
        assert_eq!(series[2].response_ns, None);
        // Two answers in the first second, two requests without one in the second: these took no less than the slowest answer.
        let so_far = |second: usize| series[second].so_far.as_ref().unwrap().quantiles_ns;
        assert_eq!(so_far(0), [1_000; 11]);
        assert_eq!(so_far(1), [1_000; 11]);
    }
}
