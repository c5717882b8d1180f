//! A1 to A6, A10: how unevenly rows fall on merchants and cards, and how people come back.

use super::Measured;
use crate::facts::Facts;
use crate::groups::Groups;
use crate::statistics::{gini, median, share, slope};

/// Ranks whose slope is taken: the first is a count, the last a share of all merchants.
const FIRST_RANK: usize = 10;
const LAST_RANK_SHARE: f64 = 0.2;

/// Share of merchants that counts as the top.
const TOP_SHARE: f64 = 0.01;

/// Rows of a card whose favorite means something.
const FAVORITE_ROWS: usize = 50;

/// Rows of a card between which the growth of its merchants is taken.
const GROWTH_FROM: usize = 10;
const GROWTH_TO: usize = 100;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let merchants = Groups::new(
        export.merchant_id.codes(),
        export.merchant_id.code_count(),
        facts.legit.iter().copied(),
        &export.ts_ms,
    );
    let mut sizes = merchants.sizes();
    sizes.sort_unstable_by(|left, right| right.cmp(left));
    vec![
        Measured::new("A1", rank_slope(&sizes)),
        Measured::new("A2", gini(sizes.clone())),
        Measured::new("A3", top_share(&sizes)),
        Measured::new("A4", median(favorites(facts))),
        Measured::new("A5", repeats(facts)),
        Measured::new("A6", growth(facts)),
        Measured::new("A10", gini(facts.legit_cards.sizes())),
    ]
}

/// Gives the slope of the logarithm of rows on the logarithm of the rank, over merchants in falling order of rows.
fn rank_slope(falling: &[usize]) -> Option<f64> {
    let last = part(falling.len(), LAST_RANK_SHARE);
    let points: Vec<(f64, f64)> = (FIRST_RANK..=last)
        .map(|rank| ((rank as f64).log10(), (falling[rank - 1] as f64).log10()))
        .collect();
    slope(&points)
}

fn top_share(falling: &[usize]) -> Option<f64> {
    let top = part(falling.len(), TOP_SHARE).max(1);
    share(falling.iter().take(top).sum(), falling.iter().sum())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a length"
)]
fn part(length: usize, share: f64) -> usize {
    (length as f64 * share) as usize
}

/// Gives the share of its rows that each card with enough of them leaves at one merchant.
fn favorites(facts: &Facts<'_>) -> Vec<f64> {
    let cards = facts.legit_cards.iter();
    cards
        .filter(|rows| rows.len() >= FAVORITE_ROWS)
        .filter_map(|rows| {
            let mut merchants = merchants_of(facts, rows);
            merchants.sort_unstable();
            let visits = merchants.chunk_by(u32::eq).map(<[u32]>::len);
            share(visits.max().unwrap_or(0), rows.len())
        })
        .collect()
}

/// Gives the share of rows in the second half of the span at a merchant that the card has been to before.
fn repeats(facts: &Facts<'_>) -> Option<f64> {
    let middle = i64::midpoint(facts.span_ms.0, facts.span_ms.1);
    let (mut again, mut all) = (0, 0);
    for rows in facts.legit_cards.iter() {
        for (row, is_new) in rows.iter().zip(firsts(&merchants_of(facts, rows))) {
            if facts.export.ts_ms[*row as usize] >= middle {
                all += 1;
                again += usize::from(!is_new);
            }
        }
    }
    share(again, all)
}

/// Gives the exponent with which the mean number of different merchants of a card grows with its rows.
fn growth(facts: &Facts<'_>) -> Option<f64> {
    let mut sums = vec![0; GROWTH_TO];
    for rows in facts
        .legit_cards
        .iter()
        .filter(|rows| rows.len() >= GROWTH_TO)
    {
        let mut different = 0;
        let firsts = firsts(&merchants_of(facts, &rows[..GROWTH_TO]));
        for (sum, is_new) in sums.iter_mut().zip(firsts) {
            different += usize::from(is_new);
            *sum += different;
        }
    }
    let points: Vec<(f64, f64)> = (GROWTH_FROM..=GROWTH_TO)
        .filter(|count| sums[count - 1] > 0)
        .map(|count| ((count as f64).log10(), (sums[count - 1] as f64).log10()))
        .collect();
    slope(&points)
}

fn merchants_of(facts: &Facts<'_>, rows: &[u32]) -> Vec<u32> {
    let merchants = &facts.export.merchant_id;
    rows.iter()
        .map(|row| merchants.code(*row as usize))
        .collect()
}

/// Tells for each item of a list whether it is the first of its kind.
fn firsts(items: &[u32]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_unstable_by_key(|at| (items[*at], *at));
    let mut firsts = vec![false; items.len()];
    for same in order.chunk_by(|left, right| items[*left] == items[*right]) {
        firsts[same[0]] = true;
    }
    firsts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_of_ranks_has_its_exponent() {
        let falling: Vec<usize> = (1..=2_000).map(|rank| 40_000_000 / (rank * rank)).collect();
        let slope = rank_slope(&falling).unwrap();
        assert!((slope + 2.0).abs() < 0.01, "{slope}");
        assert_eq!(rank_slope(&[5; 40]), None);
        assert_eq!(top_share(&[60, 20, 20]), Some(0.6));
    }

    #[test]
    fn firsts_are_marked_once_per_kind() {
        assert_eq!(
            firsts(&[7, 7, 3, 7, 3, 9]),
            [true, false, true, false, false, true]
        );
    }
}
