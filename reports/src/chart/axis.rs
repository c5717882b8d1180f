//! Axes: where values lie and which of them are labeled. Ticks fall on round numbers of the unit people think in.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use crate::format;

/// One axis with its ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    scale: Scale,
    /// First and last value.
    pub(crate) range: (f64, f64),
    ticks: Vec<Tick>,
}

/// A labeled value.
#[derive(Debug, Clone, PartialEq)]
struct Tick {
    value: f64,
    label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Linear,
    /// Logarithm of the value.
    Log,
    /// Logarithm of what remains to 1, so that 0, 90, 99 and 99.9 % stand at equal distances.
    Remaining,
}

/// Shortest duration told apart on a chart; what is next to nothing would stretch a logarithmic axis without end.
const SHORTEST_MS: f64 = 0.001;

/// The last quantile with a label.
const MOST_NINES: f64 = 0.999_999;

/// Labels at most on the longest axis.
const TICKS_MAX: usize = 8;

/// Labels at most on an axis with given steps.
const STEPS_MAX: u32 = 48;

/// Steps of a clock, seconds.
const CLOCK_STEPS: [u32; 17] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400,
];

impl Axis {
    /// From 0 to a round number above `top`.
    pub fn from_zero(top: f64, write: impl Fn(f64) -> String) -> Self {
        let top = if top > 0.0 { top } else { 1.0 };
        let step = round_step(top / 4.0);
        let steps = (top * 1.02 / step).ceil();
        let ticks = (0..=TICKS_MAX)
            .map(|idx| idx as f64)
            .take_while(|idx| *idx <= steps)
            .map(|idx| Tick::new(idx * step, write(idx * step)))
            .collect();
        Self {
            scale: Scale::Linear,
            range: (0.0, steps * step),
            ticks,
        }
    }

    /// Rates per second from 0 to a round number above `top`.
    pub fn rates(top: f64) -> Self {
        Self::from_zero(top, format::rate)
    }

    /// Shares from 0 to 100 %.
    pub fn shares() -> Self {
        let ticks = [0.0, 0.25, 0.5, 0.75, 1.0];
        Self {
            scale: Scale::Linear,
            range: (0.0, 1.0),
            ticks: ticks
                .map(|share| Tick::new(share, format::round_share(share)))
                .into(),
        }
    }

    /// Rows of a list, unlabeled, the first on top.
    pub fn rows(count: usize) -> Self {
        Self {
            scale: Scale::Linear,
            range: (count as f64, 0.0),
            ticks: Vec::new(),
        }
    }

    /// Rows of a list with their names, the first on top.
    pub fn named_rows(names: impl Iterator<Item = String>) -> Self {
        let ticks: Vec<Tick> = (0_u32..)
            .zip(names)
            .map(|(row, name)| Tick::new(f64::from(row) + 0.5, name))
            .collect();
        Self {
            scale: Scale::Linear,
            range: (ticks.len().max(1) as f64, 0.0),
            ticks,
        }
    }

    /// From `low` to `high`, labeled at the multiples of `step`, of which there are a few dozen at most.
    pub fn stepped(low: f64, high: f64, step: f64, write: impl Fn(f64) -> String) -> Self {
        let first = (low / step).ceil();
        let ticks = (0..STEPS_MAX)
            .map(|idx| (first + f64::from(idx)) * step)
            .take_while(|at| *at <= high)
            .map(|at| Tick::new(at, write(at)))
            .collect();
        Self {
            scale: Scale::Linear,
            range: (low, high),
            ticks,
        }
    }

    /// On a logarithmic scale around `values` above 0, from a millionth to thousands of millions.
    pub fn log(values: impl Iterator<Item = f64>, write: impl Fn(f64) -> String) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };
        let marks = round_values(low, high);
        let decades = |mark: &&(f64, bool)| mark.1;
        let labeled: Vec<f64> = if marks.len() <= TICKS_MAX {
            marks.iter().map(|mark| mark.0).collect()
        } else {
            marks.iter().filter(decades).map(|mark| mark.0).collect()
        };
        let first = marks.first().map_or(low, |mark| mark.0);
        let last = marks.last().map_or(high, |mark| mark.0);
        Self {
            scale: Scale::Log,
            range: (first, last),
            ticks: labeled
                .into_iter()
                .map(|value| Tick::new(value, write(value)))
                .collect(),
        }
    }

    /// Durations in milliseconds on a logarithmic scale around `values`.
    pub fn durations(values: impl Iterator<Item = f64>) -> Self {
        Self::log(
            values.map(|value| value.max(SHORTEST_MS)),
            format::round_duration,
        )
    }

    /// Time since a start, in seconds.
    pub fn elapsed(seconds: f64) -> Self {
        let seconds = seconds.max(1.0);
        let step = CLOCK_STEPS
            .into_iter()
            .map(f64::from)
            .find(|step| seconds / step <= TICKS_MAX as f64)
            .unwrap_or_else(|| round_step(seconds / TICKS_MAX as f64));
        let ticks = (0..=TICKS_MAX)
            .map(|idx| idx as f64 * step)
            .take_while(|at| *at <= seconds)
            .map(|at| Tick::new(at, clock(at, seconds)))
            .collect();
        Self {
            scale: Scale::Linear,
            range: (0.0, seconds),
            ticks,
        }
    }

    /// Quantiles up to `top`, labeled in percent, with room for a decade at least.
    pub(super) fn percentiles(top: f64) -> Self {
        let end = top.clamp(0.9, MOST_NINES);
        let named = [0.0, 0.9, 0.99, 0.999, 0.9999, 0.99999, MOST_NINES];
        let ticks = named
            .into_iter()
            .filter(|quantile| *quantile <= end)
            .map(|quantile| {
                let percent = format!("{:.4}", quantile * 100.0);
                Tick::new(quantile, format::trimmed(&percent).to_owned())
            })
            .collect();
        Self {
            scale: Scale::Remaining,
            range: (0.0, end),
            ticks,
        }
    }

    /// Gives the number of letters of the longest label.
    pub(super) fn longest_label(&self) -> u32 {
        let lengths = self.ticks.iter().map(|tick| tick.label.chars().count());
        u32::try_from(lengths.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// Tells whether any value is labeled.
    pub(super) fn has_labels(&self) -> bool {
        !self.ticks.is_empty()
    }
}

/// An axis as a coordinate of the drawing library; values beyond its ends are drawn at its ends.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (start, end) = (
            self.scale.place(self.range.0),
            self.scale.place(self.range.1),
        );
        let place = self.scale.place(*value);
        let within = place.clamp(start.min(end), start.max(end));
        RangedCoordf64::from(start..end).map(&within, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.iter().map(|tick| tick.value).collect()
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self
            .ticks
            .iter()
            .find(|tick| tick.value.total_cmp(value).is_eq());
        tick.map(|tick| tick.label.clone()).unwrap_or_default()
    }
}

impl Scale {
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).log10(),
            Self::Remaining => -(1.0 - value).max(f64::MIN_POSITIVE).log10(),
        }
    }
}

impl Tick {
    fn new(value: f64, label: String) -> Self {
        Self { value, label }
    }
}

/// Rounds up to 1, 2, 2.5 or 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// Lists 1, 2, 5 times powers of ten from at most `low` to at least `high` (never fewer than two), decades marked.
fn round_values(low: f64, high: f64) -> Vec<(f64, bool)> {
    // In milliseconds from a nanosecond to eleven days, in dollars to a thousand million: more than anything measured.
    let all = (-6..=9).flat_map(|power| {
        [(1.0, true), (2.0, false), (5.0, false)]
            .map(|(factor, decade)| (factor * 10_f64.powi(power), decade))
    });
    let all: Vec<(f64, bool)> = all.collect();
    let below = all.iter().rposition(|(value, _)| *value <= low);
    let above = all.iter().position(|(value, _)| *value >= high);
    let first = below.unwrap_or(0).min(all.len() - 2);
    let last = above.unwrap_or(all.len() - 1).max(first + 1);
    all[first..=last].to_vec()
}

/// Writes a time of the run: seconds in a short run, minutes and seconds or hours and minutes in a longer one.
fn clock(seconds: f64, total: f64) -> String {
    if total <= 120.0 {
        format!("{seconds:.0} s")
    } else if total <= 7_200.0 {
        format!("{:.0}:{:02.0}", (seconds / 60.0).floor(), seconds % 60.0)
    } else {
        format!(
            "{:.0}:{:02.0} h",
            (seconds / 3600.0).floor(),
            seconds % 3600.0 / 60.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_fall_on_round_numbers() {
        assert_eq!(
            labels(&Axis::from_zero(10_000.0, format::rate)),
            [
                "0/s", "2,500/s", "5,000/s", "7,500/s", "10,000/s", "12,500/s"
            ]
        );
        assert_eq!(
            labels(&Axis::durations([0.3, 4.0].into_iter())),
            ["200 µs", "500 µs", "1 ms", "2 ms", "5 ms"]
        );
        assert_eq!(
            labels(&Axis::durations([0.02, 2_100.0].into_iter())),
            ["100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
        );
        assert_eq!(
            labels(&Axis::elapsed(30.0)),
            ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s"]
        );
        assert_eq!(
            labels(&Axis::elapsed(300.0)),
            ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00"]
        );
        assert_eq!(
            labels(&Axis::elapsed(10_800.0)),
            [
                "0:00 h", "0:30 h", "1:00 h", "1:30 h", "2:00 h", "2:30 h", "3:00 h"
            ]
        );
        assert_eq!(
            labels(&Axis::percentiles(0.9995)),
            ["0", "90", "99", "99.9"]
        );
        assert_eq!(
            labels(&Axis::shares()),
            ["0 %", "25 %", "50 %", "75 %", "100 %"]
        );
    }

    #[test]
    fn an_axis_has_length_whatever_it_is_given() {
        for axis in [
            Axis::from_zero(0.0, format::rate),
            Axis::from_zero(f64::MIN_POSITIVE, format::rate),
            Axis::durations(std::iter::empty()),
            Axis::durations([0.0, -1.0].into_iter()),
            Axis::durations([1e30].into_iter()),
            Axis::durations([1e-30].into_iter()),
            Axis::elapsed(0.0),
            Axis::elapsed(1e9),
            Axis::percentiles(0.0),
            Axis::percentiles(1.0),
            Axis::rows(1),
        ] {
            let (start, end) = axis.range;
            assert!((end - start).abs() > 0.0, "{axis:?}");
            assert!(axis.ticks.len() <= TICKS_MAX + 1, "{axis:?}");
            for value in [-1.0, 0.0, 1.0, 1e40] {
                assert!((10..=90).contains(&axis.map(&value, (10, 90))), "{axis:?}");
            }
        }
    }

    #[test]
    fn percentile_decades_stand_at_equal_distances() {
        let axis = Axis::percentiles(0.9999);
        for (quantile, place) in [
            (0.0, 0),
            (0.9, 100),
            (0.99, 200),
            (0.999, 300),
            (0.9999, 400),
        ] {
            assert_eq!(axis.map(&quantile, (0, 400)), place, "{quantile}");
        }
    }
}
