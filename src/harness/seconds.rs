//! Merges the seconds that come from the lanes, and closes each once every lane is past it.

use std::collections::BTreeMap;

use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::SecondMeasurements;
use tapdeck_reports::measurements::distribution::Distribution;

use crate::events::SecondSeen;
use crate::replay::interval::{Interval, IntervalReader};

/// A second that not every lane has finished.
#[derive(Debug, Default)]
struct Open {
    merged: SecondMeasurements,
    response: Histogram,
    send_lag: Histogram,
}

/// The seconds of a run.
#[derive(Debug)]
pub struct Seconds {
    readers: Vec<IntervalReader>,
    /// The second each lane is in, as far as is known.
    reached: Vec<u64>,
    open: BTreeMap<u64, Open>,
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
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
            so_far: Histogram::new(),
            unanswered: Histogram::new(),
        }
    }

    /// Takes what the lanes have finished and tells `close` about every second that is complete.
    pub fn collect(&mut self, mut close: impl FnMut(SecondSeen)) {
        for (reader, reached) in self.readers.iter_mut().zip(&mut self.reached) {
            let open = &mut self.open;
            while let Some(second) = reader.read(|interval| merge(open, interval)) {
                *reached = second.map_or(*reached, |second| second + 1);
            }
        }
        let complete_below = self.reached.iter().copied().min().unwrap_or(0);
        self.close_below(complete_below, &mut close);
    }

    /// Closes everything and gives `count` seconds without gaps.
    pub fn finish(mut self, count: usize) -> Vec<SecondMeasurements> {
        self.collect(|_| {});
        self.close_below(u64::MAX, &mut |_| {});
        (0..count as u64)
            .map(|second| self.closed.remove(&second).unwrap_or_default())
            .collect()
    }

    fn close_below(&mut self, limit: u64, close: &mut impl FnMut(SecondSeen)) {
        while let Some(entry) = self.open.first_entry().filter(|entry| *entry.key() < limit) {
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

/// Adds a lane's interval to its second and gives that second; warm-up and drain are not kept.
fn merge(open: &mut BTreeMap<u64, Open>, interval: &Interval) -> Option<u64> {
    let second = interval.second?;
    let entry = open.entry(second).or_default();
    entry.merged.sent += interval.sent;
    entry.merged.achieved += interval.achieved;
    entry.merged.good += interval.good;
    entry.merged.failed += interval.failed;
    entry.merged.answer_bytes += interval.answer_bytes;
    entry.merged.in_flight += interval.in_flight;
    entry.response.merge(&interval.response);
    entry.send_lag.merge(&interval.send_lag);
    Some(second)
}

impl Open {
    /// Counts the requests that ended in it without an answer.
    fn unanswered(&self) -> u64 {
        let ended = self.merged.good + self.merged.failed;
        ended.saturating_sub(self.merged.achieved)
    }

    fn close(self) -> SecondMeasurements {
        let (response, send_lag) = (self.response, self.send_lag);
        SecondMeasurements {
            response_ns: (!response.is_empty())
                .then(|| [0.5, 0.95, 0.99, 1.0].map(|quantile| response.quantile(quantile))),
            send_lag_ns: (!send_lag.is_empty())
                .then(|| [0.5, 0.99, 1.0].map(|quantile| send_lag.quantile(quantile))),
            ..self.merged
        }
    }
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
        let series = seconds.finish(3);
        assert_eq!(series.len(), 3);
        assert_eq!(series[0].in_flight, 5);
        assert_eq!(series[0].response_ns.unwrap()[0], 1_000);
        assert_eq!(series[0].answer_bytes, 140);
        assert_eq!(series[2].response_ns, None);
        // Two answers in the first second, two requests without one in the second: these took no less than the slowest answer.
        let so_far = |second: usize| series[second].so_far.as_ref().unwrap().quantiles_ns;
        assert_eq!(so_far(0), [1_000; 11]);
        assert_eq!(so_far(1), [1_000; 11]);
    }
}
