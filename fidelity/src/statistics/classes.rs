//! What follows from classes: distances between mixes, information, likeness within a class, separation of two classes.

use std::collections::BTreeMap;

/// Gives half the summed difference of two mixes, each scaled to 1; `None` if one of them is empty.
pub(crate) fn total_variation(left: &[f64], right: &[f64]) -> Option<f64> {
    let (left_sum, right_sum) = (left.iter().sum::<f64>(), right.iter().sum::<f64>());
    if left_sum <= 0.0 || right_sum <= 0.0 {
        return None;
    }
    let apart = |(left, right): (&f64, &f64)| (left / left_sum - right / right_sum).abs();
    Some(left.iter().zip(right).map(apart).sum::<f64>() / 2.0)
}

/// How often pairs of codes occur together.
#[derive(Debug, Default)]
pub(crate) struct Contingency {
    pairs: BTreeMap<(u32, u32), f64>,
}

impl Contingency {
    /// Counts a pair.
    pub(crate) fn add(&mut self, left: u32, right: u32) {
        *self.pairs.entry((left, right)).or_default() += 1.0;
    }

    /// Gives how much of the uncertainty about the right code the left one removes: their mutual information over the
    /// entropy of the right; `None` where the right one never varies.
    pub(crate) fn explained(&self) -> Option<f64> {
        let total: f64 = self.pairs.values().sum();
        let (mut lefts, mut rights) = (BTreeMap::new(), BTreeMap::new());
        for ((left, right), count) in &self.pairs {
            *lefts.entry(left).or_insert(0.0) += count;
            *rights.entry(right).or_insert(0.0) += count;
        }
        let bits = |count: f64| -count / total * (count / total).log2();
        let entropy: f64 = rights.values().map(|count| bits(*count)).sum();
        let information: f64 = self
            .pairs
            .iter()
            .map(|((left, right), count)| {
                count / total * (count * total / (lefts[left] * rights[right])).log2()
            })
            .sum();
        (entropy > 0.0).then(|| information / entropy)
    }
}

/// Gives how alike values of one class are: the intra-class correlation of a one-way analysis of variance.
///
/// Source: Shrout and Fleiss, Psychological Bulletin 86 (1979), ICC(1), with the mean class size for unequal classes as
/// in Searle, Casella and `McCulloch`, Variance Components (1992).
pub(crate) fn intra_class(classes: impl IntoIterator<Item = Vec<f64>>) -> Option<f64> {
    let (mut class_count, mut count, mut squared_sizes) = (0.0, 0.0, 0.0);
    let (mut sum, mut between, mut within) = (0.0, 0.0, 0.0);
    for values in classes.into_iter().filter(|values| !values.is_empty()) {
        let size = values.len() as f64;
        let total: f64 = values.iter().sum();
        let mean = total / size;
        class_count += 1.0;
        count += size;
        squared_sizes += size * size;
        sum += total;
        between += size * mean * mean;
        within += values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>();
    }
    if class_count < 2.0 || count <= class_count {
        return None;
    }
    between -= sum * sum / count;
    let size = (count - squared_sizes / count) / (class_count - 1.0);
    let (between, within) = (
        between / (class_count - 1.0),
        within / (count - class_count),
    );
    let whole = between + (size - 1.0) * within;
    (whole > 0.0).then(|| (between - within) / whole)
}

/// Gives the chance that a positive scores above a negative, ties counting half; `None` unless there are both.
///
/// Takes groups of equal or different scores: score, positives, negatives.
pub(crate) fn auc(mut groups: Vec<(f64, f64, f64)>) -> Option<f64> {
    groups.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let (mut below, mut won, mut positives) = (0.0, 0.0, 0.0);
    for tied in groups.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
        let (mut tied_positives, mut tied_negatives) = (0.0, 0.0);
        for (_, positive, negative) in tied {
            tied_positives += positive;
            tied_negatives += negative;
        }
        won += tied_positives * (below + tied_negatives / 2.0);
        below += tied_negatives;
        positives += tied_positives;
    }
    (positives > 0.0 && below > 0.0).then(|| won / (positives * below))
}
