//! B1 to B12: how much is paid, by category, by person and down to the last digits.

use tapdeck_generators::tables::Currency;

use super::Measured;
use crate::facts::Facts;
use crate::statistics::{
    Moments, Sorted, intra_class, ks_normal, median, ratio, share_of, total_variation,
};

/// Rows of a category from which the shape of its amounts can be told.
const CATEGORY_ROWS: usize = 500;

/// Skew and distance from the normal law up to which amounts count as log-normal.
const SKEW_MAX: f64 = 0.6;
const KS_MAX: f64 = 0.08;

/// How far a median may lie from the table's.
const MEDIAN_FACTORS: std::ops::RangeInclusive<f64> = 0.45..=1.7;

/// Last two digits of a price tag.
const TAGS: [i64; 7] = [0, 50, 95, 99, 49, 79, 29];

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let categories = by_category(facts);
    let mut measured = shapes(facts, &categories);
    measured.extend([
        Measured::new("B5", between(&categories)),
        Measured::new("B6", intra_card(facts, &categories)),
        Measured::new("B7", benford(facts)),
    ]);
    measured.extend(endings(facts));
    measured.extend(sizes(facts));
    measured
}

/// Gives the logarithms of the legit amounts of each category.
fn by_category(facts: &Facts<'_>) -> Vec<Sorted> {
    let mut amounts = vec![Vec::new(); facts.tables.mccs.len()];
    for row in facts.legit() {
        if let Some(idx) = facts.category_idx(row) {
            amounts[idx].push(facts.ln_amount(row));
        }
    }
    amounts.into_iter().map(Sorted::new).collect()
}

fn shapes(facts: &Facts<'_>, categories: &[Sorted]) -> Vec<Measured> {
    let mccs = facts.tables.mccs.iter().zip(categories);
    let large: Vec<_> = mccs
        .filter(|(_, amounts)| amounts.values().len() >= CATEGORY_ROWS)
        .collect();
    // Bank notes come in few sizes, so their amounts have no smooth shape.
    let smooth = || large.iter().filter(|(mcc, _)| mcc.code != 6011);
    let skew = |amounts: &Sorted| Moments::of(amounts.values()).map_or(0.0, |of| of.skew);
    let near = |amounts: &Sorted, median_usd: f64| {
        let median_cents = amounts.median().map(f64::exp);
        let factor = median_cents.and_then(|cents| ratio(cents, median_usd * 100.0));
        factor.is_some_and(|factor| MEDIAN_FACTORS.contains(&factor))
    };
    let deviations = smooth()
        .filter_map(|(_, amounts)| Moments::of(amounts.values()))
        .map(|moments| moments.deviation)
        .collect();
    vec![
        Measured::new(
            "B1",
            share_of(smooth(), |(_, of)| skew(of).abs() <= SKEW_MAX),
        ),
        Measured::new(
            "B2",
            share_of(smooth(), |(_, of)| {
                ks_normal(of).is_some_and(|ks| ks <= KS_MAX)
            }),
        ),
        Measured::new(
            "B3",
            share_of(&large, |(mcc, amounts)| near(amounts, mcc.median_usd)),
        ),
        Measured::new("B4", median(deviations)),
    ]
}

/// Gives the share of the variance that lies between the means of the categories.
fn between(categories: &[Sorted]) -> Option<f64> {
    let all: Vec<f64> = categories
        .iter()
        .flat_map(Sorted::values)
        .copied()
        .collect();
    let whole = Moments::of(&all)?;
    let parts = categories.iter().filter_map(|of| Moments::of(of.values()));
    let between: f64 = parts
        .map(|part| part.count as f64 * (part.mean - whole.mean) * (part.mean - whole.mean))
        .sum();
    ratio(
        between,
        whole.count as f64 * whole.deviation * whole.deviation,
    )
}

/// Gives how alike the amounts of one card are once the mean of the category is taken off.
fn intra_card(facts: &Facts<'_>, categories: &[Sorted]) -> Option<f64> {
    let means: Vec<f64> = categories
        .iter()
        .map(|of| Moments::of(of.values()).map_or(0.0, |moments| moments.mean))
        .collect();
    let residual = |row: usize| {
        let idx = facts.category_idx(row)?;
        Some(facts.ln_amount(row) - means[idx])
    };
    let cards = facts.legit_cards.iter();
    intra_class(cards.map(|rows| {
        rows.iter()
            .filter_map(|row| residual(*row as usize))
            .collect()
    }))
}

/// Gives the mean distance of the shares of the first digits from Benford's.
fn benford(facts: &Facts<'_>) -> Option<f64> {
    let mut counts = [0.0; 9];
    for row in facts.legit().filter(|row| !facts.is_atm(*row)) {
        counts[first_digit(facts.export.amount_minor[row]) - 1] += 1.0;
    }
    let expected: Vec<f64> = (1..=9)
        .map(|digit| (1.0 + 1.0 / f64::from(digit)).log10())
        .collect();
    // Half of the summed distance, brought to the mean of nine.
    total_variation(&counts, &expected).map(|half| half * 2.0 / 9.0)
}

fn first_digit(amount: i64) -> usize {
    let mut rest = amount.unsigned_abs().max(1);
    while rest >= 10 {
        rest /= 10;
    }
    usize::try_from(rest).unwrap_or(1)
}

fn endings(facts: &Facts<'_>) -> [Measured; 2] {
    let amounts = &facts.export.amount_minor;
    let has_cents = |row: &usize| facts.currency(*row).is_some_and(|of| of.minor_digits == 2);
    let is_tens = |row: usize| {
        let major = facts.currency(row).map(Currency::minor_per_major);
        major.is_some_and(|major| amounts[row] % (10 * major) == 0)
    };
    [
        Measured::new(
            "B8",
            share_of(facts.legit().filter(has_cents), |row| {
                TAGS.contains(&(amounts[row] % 100))
            }),
        ),
        Measured::new(
            "B12",
            share_of(facts.legit().filter(|row| facts.is_atm(*row)), is_tens),
        ),
    ]
}

fn sizes(facts: &Facts<'_>) -> [Measured; 3] {
    let usd = facts
        .legit()
        .map(|row| facts.export.usd_cents[row] as f64 / 100.0);
    let amounts = Sorted::new(usd.collect());
    let mean = Moments::of(amounts.values()).map(|moments| moments.mean);
    let median = amounts.median();
    let over_median = |value: Option<f64>| ratio(value?, median?);
    [
        Measured::new("B9", median),
        Measured::new("B10", over_median(mean)),
        Measured::new("B11", over_median(amounts.quantile(0.99))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_digits_are_those_of_the_number() {
        for (amount, digit) in [(1, 1), (99, 9), (4_711, 4), (100_000, 1), (0, 1)] {
            assert_eq!(first_digit(amount), digit, "{amount}");
        }
    }
}
