//! Quantiles over answered and unanswered requests together.
//!
//! A request without an answer is worse than every answered one, however soon it was given up. So the answered requests take the
//! lower ranks, by their response times, and the others the upper ones, by how long they had waited. A quantile among the
//! latter is a lower bound: nobody knows what the request would have taken, but it is no less than the slowest answer, and no less
//! than the wait at its rank.

use crate::histogram::{Histogram, samples_needed};

/// The answered requests of some kind and those without an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranked<'a> {
    answered: &'a Histogram,
    unanswered: &'a Histogram,
}

/// A quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// It falls among the answered requests and is this long, nanoseconds.
    Answered(u64),
    /// It falls among the others and is at least this long, nanoseconds.
    Unanswered(u64),
}

impl Rank {
    /// Gives the duration, measured or as a lower bound; nanoseconds.
    pub(crate) fn ns(self) -> u64 {
        match self {
            Self::Answered(ns) | Self::Unanswered(ns) => ns,
        }
    }

    /// Gives the duration if it was measured, nanoseconds.
    pub(crate) fn answered_ns(self) -> Option<u64> {
        match self {
            Self::Answered(ns) => Some(ns),
            Self::Unanswered(_) => None,
        }
    }

    /// Tells whether the duration is a lower bound.
    pub(crate) fn is_lower_bound(self) -> bool {
        matches!(self, Self::Unanswered(_))
    }
}

impl<'a> Ranked<'a> {
    pub(crate) fn new(answered: &'a Histogram, unanswered: &'a Histogram) -> Self {
        Self {
            answered,
            unanswered,
        }
    }

    /// Counts the requests of both kinds.
    pub(crate) fn len(&self) -> u64 {
        self.answered.len() + self.unanswered.len()
    }

    /// Gives a quantile (0..=1, where 1 asks for the largest); `None` without requests.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<Rank> {
        let all = self.len();
        if all == 0 {
            return None;
        }
        let answered = self.answered.len();
        let rank = rank(quantile, all);
        Some(if rank <= answered {
            Rank::Answered(at_rank(self.answered, rank))
        } else {
            let waited_ns = at_rank(self.unanswered, rank - answered);
            Rank::Unanswered(waited_ns.max(self.answered.max()))
        })
    }

    /// Gives the quantile if there are enough requests to tell it, see [`Histogram::resolved_quantile`].
    pub(crate) fn resolved(&self, quantile: f64) -> Option<Rank> {
        let is_resolved = self.len() as f64 >= samples_needed(quantile);
        self.quantile(quantile).filter(|_| is_resolved)
    }
}

/// Gives the rank of a quantile among so many values, from 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count lies between 0 and that count"
)]
fn rank(quantile: f64, count: u64) -> u64 {
    let rank = (quantile.clamp(0.0, 1.0) * count as f64).ceil() as u64;
    rank.clamp(1, count)
}

/// Gives the value at a rank, from 1 to the number of values; 0 of no values.
fn at_rank(histogram: &Histogram, rank: u64) -> u64 {
    // The middle between two ranks: no rounding of the division reaches the next one.
    let quantile = (rank as f64 - 0.5) / histogram.len().max(1) as f64;
    histogram.quantile(quantile)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    fn recorded(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(*value);
        }
        histogram
    }

    #[test]
    fn requests_without_an_answer_take_the_upper_ranks_and_are_at_least_as_slow_as_the_slowest_answer()
     {
        let answered = recorded(&vec![32 * MS; 90]);
        let reset = recorded(&[vec![MS; 5], vec![40 * MS; 5]].concat());
        let ranked = Ranked::new(&answered, &reset);
        let at = |quantile| ranked.resolved(quantile).unwrap();
        let near = |found: u64, expected: u64| found.abs_diff(expected) <= expected / 1_000;
        for (quantile, is_lower_bound, expected_ns) in [
            (0.5, false, 32 * MS),
            (0.9, false, 32 * MS),
            (0.95, true, 32 * MS),
            (0.99, true, 40 * MS),
            (1.0, true, 40 * MS),
        ] {
            let found = at(quantile);
            assert_eq!(found.is_lower_bound(), is_lower_bound, "{quantile}");
            assert!(near(found.ns(), expected_ns), "{quantile}: {found:?}");
            assert_eq!(found.answered_ns().is_none(), is_lower_bound);
        }
        assert_eq!(ranked.resolved(0.999), None, "100 requests do not tell it");
    }

    #[test]
    fn without_requests_there_is_no_quantile_and_without_answers_every_one_is_a_lower_bound() {
        let (none, waits) = (Histogram::new(), recorded(&[5 * MS, 7 * MS]));
        assert_eq!(Ranked::new(&none, &none).quantile(0.5), None);
        let ranked = Ranked::new(&none, &waits);
        assert!(ranked.quantile(0.0).unwrap().is_lower_bound());
    }

    proptest! {
        /// Where every request was answered, a rank is the histogram's own quantile.
        #[test]
        fn with_answers_only_quantiles_are_those_of_the_histogram(
            values in prop::collection::vec(1..=1_000_000_000_u64, 1..200),
            quantile in 0.0..=1.0,
        ) {
            let (answered, none) = (recorded(&values), Histogram::new());
            let found = Ranked::new(&answered, &none).quantile(quantile);
            prop_assert_eq!(found, Some(Rank::Answered(answered.quantile(quantile))));
        }

        /// A quantile never falls while the asked share rises, and is a lower bound from some rank on.
        #[test]
        fn quantiles_never_fall(
            answers in prop::collection::vec(1..=1_000_000_u64, 0..60),
            waits in prop::collection::vec(1..=1_000_000_u64, 0..60),
        ) {
            let (answered, unanswered) = (recorded(&answers), recorded(&waits));
            let ranked = Ranked::new(&answered, &unanswered);
            let found: Vec<Rank> = (0..=100_u8)
                .filter_map(|percent| ranked.quantile(f64::from(percent) / 100.0))
                .collect();
            prop_assert!(found.is_sorted_by_key(|rank| rank.ns()));
            prop_assert!(found.is_sorted_by_key(|rank| rank.is_lower_bound()));
            let lower_bounds = found.iter().filter(|rank| rank.is_lower_bound()).count();
            prop_assert_eq!(lower_bounds > 0, !waits.is_empty());
        }
    }
}
