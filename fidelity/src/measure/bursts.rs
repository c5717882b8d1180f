//! D7 to D10, D12: how rows come in bursts, on cards and at merchants.

use std::collections::BTreeMap;

use super::Measured;
use crate::facts::{Facts, MINUTE_MS};
use crate::statistics::{Moments, Sorted, correlation, median, ratio, share_of};

/// Rows of a card from which its rhythm can be told.
const CARD_ROWS: usize = 50;

/// A short gap on a card, milliseconds.
const SHORT_GAP_MS: f64 = 30.0 * MINUTE_MS as f64;

/// Length of a merchant's bin, rows in it, and how far above the merchant's mean they are in a burst.
const BIN_MS: i64 = 10 * MINUTE_MS;
const BURST_ROWS: usize = 15;
const BURST_FACTOR: f64 = 20.0;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let (mut all, mut burstinesses, mut memories) = (Vec::new(), Vec::new(), Vec::new());
    for rows in facts.legit_cards.iter() {
        let gaps = gaps(facts, rows);
        if rows.len() >= CARD_ROWS {
            burstinesses.extend(burstiness(&gaps));
            memories.extend(memory(&gaps));
        }
        all.extend(gaps);
    }
    let gaps = Sorted::new(all);
    let decades = ratio_of_quantiles(&gaps).map(f64::log10);
    vec![
        Measured::new("D7", median(burstinesses)),
        Measured::new("D8", median(memories)),
        Measured::new("D9", share_of(gaps.values(), |gap| *gap < SHORT_GAP_MS)),
        Measured::new("D10", decades),
        Measured::new("D12", merchant_bursts(facts)),
    ]
}

fn ratio_of_quantiles(gaps: &Sorted) -> Option<f64> {
    ratio(gaps.quantile(0.95)?, gaps.quantile(0.05)?)
}

/// Gives the times between the rows of a card, milliseconds.
pub(crate) fn gaps(facts: &Facts<'_>, rows: &[u32]) -> Vec<f64> {
    let at = |row: u32| facts.export.ts_ms[row as usize];
    let pairs = rows.windows(2);
    pairs
        .map(|pair| (at(pair[1]) - at(pair[0])) as f64)
        .collect()
}

/// Gives how bursty events are: -1 like a clock, 0 at random, towards 1 in bursts.
///
/// Source: Goh and Barabasi, EPL 81:48002 (2008), in the form for few events of Kim and Jo, PRE 94:032311 (2016).
fn burstiness(gaps: &[f64]) -> Option<f64> {
    let moments = Moments::of(gaps)?;
    let events = (gaps.len() + 1) as f64;
    let spread = ratio(moments.deviation, moments.mean)?;
    let (above, below) = ((events + 1.0).sqrt(), (events - 1.0).sqrt());
    Some((above * spread - below) / ((above - 2.0) * spread + below))
}

/// Gives the correlation of a gap with the next.
fn memory(gaps: &[f64]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = gaps.windows(2).map(|pair| (pair[0], pair[1])).collect();
    correlation(&pairs)
}

/// Counts the bins in which a merchant has many rows at once and many more than usual, per million rows.
fn merchant_bursts(facts: &Facts<'_>) -> Option<f64> {
    let export = facts.export;
    let mut bins = BTreeMap::new();
    let mut totals = vec![0_usize; export.merchant_id.code_count()];
    let mut bin_start = None;
    let mut bursts: Vec<(u32, usize)> = Vec::new();
    let mut order: Vec<usize> = facts.rows().collect();
    order.sort_by_key(|row| export.ts_ms[*row]);
    for row in order {
        let bin = export.ts_ms[row].div_euclid(BIN_MS);
        if bin_start.replace(bin) != Some(bin) {
            bursts.extend(
                std::mem::take(&mut bins)
                    .into_iter()
                    .filter(|(_, rows)| *rows >= BURST_ROWS),
            );
        }
        let merchant = export.merchant_id.code(row);
        totals[merchant as usize] += 1;
        *bins.entry(merchant).or_insert(0) += 1;
    }
    bursts.extend(bins.into_iter().filter(|(_, rows)| *rows >= BURST_ROWS));
    let (first, last) = facts.span_ms;
    let bin_count = (last.div_euclid(BIN_MS) - first.div_euclid(BIN_MS) + 1) as f64;
    let is_burst = |(merchant, rows): &&(u32, usize)| {
        *rows as f64 > BURST_FACTOR * totals[*merchant as usize] as f64 / bin_count
    };
    let count = bursts.iter().filter(is_burst).count();
    ratio(count as f64 * 1e6, export.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_no_bursts_and_one_long_pause_has() {
        let clock = burstiness(&[7.0; 60]).unwrap();
        assert!((clock + 1.0).abs() < 1e-12, "{clock}");
        let mut pause = vec![1.0; 99];
        pause.push(1e9);
        // In the limit of one gap the finite form reaches 1.
        assert!(burstiness(&pause).unwrap() > 0.99);
        // Quantiles of an exponential law: at random.
        let random = (0..2_000).map(|idx| -((f64::from(idx) + 0.5) / 2_000.0).ln());
        let random = burstiness(&random.collect::<Vec<_>>()).unwrap();
        assert!(random.abs() < 0.01, "{random}");
        assert_eq!(burstiness(&[]), None);
    }

    #[test]
    fn memory_is_the_likeness_of_neighbors() {
        let turns: Vec<f64> = (0..50).map(|idx| f64::from(idx % 2)).collect();
        assert!((memory(&turns).unwrap() + 1.0).abs() < 1e-9);
        let rising: Vec<f64> = (0..50).map(f64::from).collect();
        assert!((memory(&rising).unwrap() - 1.0).abs() < 1e-9);
    }
}
