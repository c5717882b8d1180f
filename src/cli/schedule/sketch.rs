//! A schedule in a few figures, gathered in one walk over its times and in bounded memory.

use tapdeck_reports::Histogram;

use super::times::Times;
use crate::cli::load::Plan;
use crate::clock::NS_PER_S;
use crate::error::Error;

/// Equal stretches of time that the rate is told for.
pub(super) const STRETCHES: usize = 64;

/// Equal stretches of time that arrivals are counted in, for a picture.
const BINS: usize = 240;

/// What one walk has seen.
#[derive(Debug)]
pub(super) struct Sketch {
    pub(super) arrivals: u64,
    /// Times of the first and the last arrival, nanoseconds after the start.
    pub(super) ends_ns: Option<(u64, u64)>,
    /// Gaps between neighbors.
    pub(super) gaps: Histogram,
    pub(super) longest_gap_ns: u64,
    /// Most arrivals that any whole second has.
    pub(super) busiest_second: u64,
    /// Arrivals in each stretch of the time up to `length_ns`, each spread evenly until the next one: counted whole,
    /// few arrivals a stretch would draw a pattern that is not there.
    stretches: [f64; STRETCHES],
    /// Arrivals in each bin of the time up to `length_ns`.
    bins: [u64; BINS],
    /// Warm-up and measure phase together.
    pub(super) length_ns: u64,
}

impl Sketch {
    /// Walks the times.
    ///
    /// Errors: those of `times`.
    pub(super) fn of(times: Times, plan: &Plan) -> Result<Self, Error> {
        let mut sketch = Self {
            arrivals: 0,
            ends_ns: None,
            gaps: Histogram::new(),
            longest_gap_ns: 0,
            busiest_second: 0,
            stretches: [0.0; STRETCHES],
            bins: [0; BINS],
            length_ns: plan.schedule.parameters.horizon_ns,
        };
        let mut second = (0, 0);
        for at_ns in times {
            let at_ns = at_ns?;
            sketch.see(at_ns);
            second = match second {
                (idx, count) if idx == at_ns / NS_PER_S => (idx, count + 1),
                _ => (at_ns / NS_PER_S, 1),
            };
            sketch.busiest_second = sketch.busiest_second.max(second.1);
        }
        if let Some((_, last_ns)) = sketch.ends_ns {
            sketch.spread(last_ns, sketch.length_ns);
        }
        Ok(sketch)
    }

    fn see(&mut self, at_ns: u64) {
        self.arrivals += 1;
        self.bins[self.place(at_ns, BINS)] += 1;
        if let Some((_, before_ns)) = self.ends_ns {
            self.gaps.record(at_ns - before_ns);
            self.longest_gap_ns = self.longest_gap_ns.max(at_ns - before_ns);
            self.spread(before_ns, at_ns);
        }
        let first_ns = self.ends_ns.map_or(at_ns, |(first_ns, _)| first_ns);
        self.ends_ns = Some((first_ns, at_ns));
    }

    /// Spreads one arrival over the time from its own to the next one's.
    fn spread(&mut self, from_ns: u64, to_ns: u64) {
        let place = |at_ns| self.place(at_ns, STRETCHES);
        let (first, last) = (place(from_ns), place(to_ns));
        if first == last {
            self.stretches[first] += 1.0;
            return;
        }
        let stretch_ns = self.length_ns as f64 / STRETCHES as f64;
        let (from, to) = (from_ns as f64, to_ns as f64);
        for stretch in first..=last {
            let begin = from.max(stretch as f64 * stretch_ns);
            let end = to.min((stretch + 1) as f64 * stretch_ns);
            self.stretches[stretch] += (end - begin).max(0.0) / (to - from);
        }
    }

    /// Gives the place of a time among so many equal parts of the length.
    fn place(&self, at_ns: u64, parts: usize) -> usize {
        let place = u128::from(at_ns) * parts as u128 / u128::from(self.length_ns.max(1));
        let last = parts - 1;
        usize::try_from(place).map_or(last, |place| place.min(last))
    }

    /// Gives arrivals per second over the whole length.
    pub(super) fn mean_rate(&self) -> f64 {
        self.arrivals as f64 / self.seconds()
    }

    /// Gives arrivals per second in each stretch.
    pub(super) fn rates(&self) -> [f64; STRETCHES] {
        let seconds = self.seconds() / STRETCHES as f64;
        self.stretches.map(|arrivals| arrivals / seconds)
    }

    /// Gives the beginning and end of each bin in seconds, and the arrivals per second counted in it.
    pub(super) fn counted(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let bin_s = self.seconds() / BINS as f64;
        self.bins.iter().enumerate().map(move |(bin, &count)| {
            let from_s = bin as f64 * bin_s;
            (from_s, from_s + bin_s, count as f64 / bin_s)
        })
    }

    /// Gives the whole length.
    pub(super) fn seconds(&self) -> f64 {
        self.length_ns as f64 / NS_PER_S as f64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;
    use crate::cli::load::LoadArgs;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        load: LoadArgs,
    }

    fn sketch(flags: &str) -> Sketch {
        let words = std::iter::once("test").chain(flags.split_whitespace());
        let load = Command::try_parse_from(words).unwrap().load;
        let plan = load.schedule(None, Duration::ZERO).unwrap();
        Sketch::of(Times::of(&plan.schedule, None), &plan).unwrap()
    }

    #[test]
    fn a_constant_rate_is_flat_however_slow() {
        for rate in [3_u32, 100, 20_000] {
            let sketch = sketch(&format!("--arrivals constant --rate {rate}/10s"));
            assert_eq!(sketch.arrivals, u64::from(rate) * 10);
            assert_eq!(sketch.busiest_second, u64::from(rate));
            // Times are cut to whole nanoseconds.
            let gap_ns = 1_000_000_000 / u64::from(rate);
            assert!(sketch.longest_gap_ns.abs_diff(gap_ns) <= 1);
            for shown in sketch.rates() {
                assert!(
                    (shown / f64::from(rate) - 1.0).abs() < 0.01,
                    "{shown} at {rate}"
                );
            }
        }
    }

    #[test]
    fn every_arrival_is_drawn_once() {
        let sketch = sketch("--rate 0..50/3s,5/10s,2000/1s");
        let drawn: f64 = sketch.stretches.iter().sum();
        assert!(
            (drawn - sketch.arrivals as f64).abs() < 1e-6,
            "{drawn} of {}",
            sketch.arrivals
        );
        assert_eq!(sketch.gaps.len() + 1, sketch.arrivals);
    }
}
