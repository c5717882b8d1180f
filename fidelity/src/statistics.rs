//! The statistics that metrics are made of, each a pure function of numbers.
//!
//! `None` means that there is nothing to compute it from: too few values, or values without any spread.

mod classes;
mod moments;
mod order;

pub(crate) use self::classes::{Contingency, auc, intra_class, total_variation};
pub(crate) use self::moments::{Moments, correlation, slope};
pub(crate) use self::order::{Sorted, gini, ks_normal, ks_two, median};

/// Divides, where there is something to divide by.
pub(crate) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Divides counts, where there is something to divide by.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    ratio(part as f64, whole as f64)
}

/// Gives the share of items that pass a test.
pub(crate) fn share_of<T>(
    items: impl IntoIterator<Item = T>,
    test: impl Fn(T) -> bool,
) -> Option<f64> {
    let (mut part, mut whole) = (0, 0);
    for item in items {
        whole += 1;
        part += usize::from(test(item));
    }
    share(part, whole)
}

#[cfg(test)]
mod tests;
