//! A whole distribution as the few figures that Locust's files show of one.

use crate::histogram::Histogram;
use crate::ranked::{Rank, Ranked};

/// The quantiles of Locust's files, 0..=1, ascending.
pub const QUANTILES: [f64; 11] = [
    0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0,
];

/// What is left of a histogram, nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Values at [`QUANTILES`]; one that too few values can tell is the largest value. One that falls among requests without
    /// an answer is a lower bound.
    pub quantiles_ns: [u64; QUANTILES.len()],
    /// Arithmetic mean of what was measured; 0 of nothing.
    pub mean_ns: f64,
    /// Smallest value that was measured; 0 of nothing.
    pub min_ns: u64,
    /// Largest value, or the lower bound of the worst request.
    pub max_ns: u64,
}

impl Distribution {
    /// Takes the figures out of a histogram; there are none of an empty one.
    pub fn of(histogram: &Histogram) -> Option<Self> {
        Self::over(histogram, &Histogram::new())
    }

    /// Takes the figures out of the response times of answered requests, and of how long those without an answer had waited;
    /// there are none without requests.
    ///
    /// Quantiles rank over both, the unanswered ones above; mean and smallest value are over the answered ones.
    pub fn over(answered: &Histogram, unanswered: &Histogram) -> Option<Self> {
        let ranked = Ranked::new(answered, unanswered);
        let at = |quantile| ranked.quantile(quantile).map_or(0, Rank::ns);
        (ranked.len() > 0).then(|| Self {
            quantiles_ns: QUANTILES.map(at),
            mean_ns: answered.mean(),
            min_ns: answered.min(),
            max_ns: at(1.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_of_too_few_values_is_the_largest_of_them() {
        let mut histogram = Histogram::new();
        assert_eq!(Distribution::of(&histogram), None);
        for value in 1..=10 {
            histogram.record(value * 100);
        }
        let figures = Distribution::of(&histogram).unwrap();
        assert_eq!(figures.quantiles_ns[0], 500);
        assert_eq!(figures.quantiles_ns[7..], [1_000; 4]);
        assert_eq!((figures.min_ns, figures.max_ns), (100, 1_000));
    }

    #[test]
    fn requests_without_an_answer_are_above_the_slowest_answer_and_in_no_mean() {
        let (mut answered, mut unanswered) = (Histogram::new(), Histogram::new());
        answered.record_many(100, 8);
        unanswered.record_many(10, 1);
        unanswered.record_many(500, 1);
        let figures = Distribution::over(&answered, &unanswered).unwrap();
        let [median, .., p90, p95, _, _, _, _, worst] = figures.quantiles_ns;
        assert_eq!((median, p90, p95, worst), (100, 100, 500, 500));
        assert_eq!((figures.min_ns, figures.max_ns), (100, 500));
        assert!((figures.mean_ns - 100.0).abs() < 1e-9);
        let none = Distribution::over(&Histogram::new(), &unanswered).unwrap();
        assert_eq!((none.min_ns, none.max_ns), (0, 500));
    }
}
