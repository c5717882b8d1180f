//! A whole distribution as the few figures that Locust's files show of one.

use crate::histogram::Histogram;

/// The quantiles of Locust's files, 0..=1, ascending.
pub const QUANTILES: [f64; 11] = [
    0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0,
];

/// What is left of a histogram, nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Values at [`QUANTILES`]; one that too few values can tell is the largest value.
    pub quantiles_ns: [u64; QUANTILES.len()],
    /// Arithmetic mean.
    pub mean_ns: f64,
    /// Smallest value.
    pub min_ns: u64,
    /// Largest value.
    pub max_ns: u64,
}

impl Distribution {
    /// Takes the figures out of a histogram; there are none of an empty one.
    pub fn of(histogram: &Histogram) -> Option<Self> {
        (!histogram.is_empty()).then(|| Self {
            quantiles_ns: QUANTILES.map(|quantile| histogram.quantile(quantile)),
            mean_ns: histogram.mean(),
            min_ns: histogram.min(),
            max_ns: histogram.max(),
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
}
