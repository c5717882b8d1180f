//! Where a value lies in its interval, as places on a line from 0 to 1.

use crate::catalog::Metric;

/// An interval, a reference and a value on a line of length 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strip {
    /// Ends of the interval.
    pub(super) band: (f64, f64),
    pub(super) reference: f64,
    /// `None` if there is no value.
    pub(super) value: Option<f64>,
}

/// Ends of the line that are kept free, so that what lies far outside can still be seen.
const MARGIN: f64 = 0.03;

impl Strip {
    /// Places a value. An interval with two ends takes the middle half; an open end reaches the end of the line.
    pub(super) fn of(metric: &Metric, value: Option<f64>) -> Self {
        let (band, zero, length) = match (metric.low, metric.high) {
            (Some(low), Some(high)) if high > low => ((0.25, 0.75), low, 2.0 * (high - low)),
            (Some(low), Some(_)) => ((0.23, 0.27), low, 4.0 * low.abs().max(1.0)),
            (Some(low), None) => {
                let beyond = (metric.reference - low).abs().max(low.abs() * 0.1);
                ((0.25, 1.0), low, 2.5 * beyond)
            }
            (None, high) => {
                let high = high.unwrap_or(1.0);
                let place = |value: f64| (value / high * 0.75).clamp(MARGIN, 1.0 - MARGIN);
                return Self {
                    band: (0.0, 0.75),
                    reference: place(metric.reference),
                    value: value.map(place),
                };
            }
        };
        let place = |value: f64| (0.25 + (value - zero) / length).clamp(MARGIN, 1.0 - MARGIN);
        Self {
            band,
            reference: place(metric.reference),
            value: value.map(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::metrics;

    #[test]
    fn a_value_is_drawn_inside_exactly_if_it_is_inside() {
        for metric in metrics().unwrap() {
            let (low, high) = (
                metric.low.unwrap_or(0.0),
                metric.high.unwrap_or(metric.reference),
            );
            let step = (high - low).abs().max(1.0);
            for value in [low - step, low, metric.reference, high, high + 2.0 * step] {
                let strip = Strip::of(&metric, Some(value));
                let place = strip.value.unwrap();
                assert!((0.0..=1.0).contains(&place), "{metric:?}");
                let inside = (strip.band.0 - 1e-9..=strip.band.1 + 1e-9).contains(&place);
                assert_eq!(inside, metric.holds(value), "{metric:?} {value}");
            }
        }
        let metric = metrics().unwrap()[0];
        assert_eq!(Strip::of(&metric, None).value, None);
    }
}
