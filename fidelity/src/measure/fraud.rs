//! E1 to E14: how much fraud there is, of which kinds, whom it hits and when it becomes known.

use super::Measured;
use super::time::NIGHT;
use crate::facts::{DAY_MS, Facts};
use crate::groups::Groups;
use crate::statistics::{Moments, Sorted, ks_two, ratio, share, share_of};

/// Rows of a typology to be expected before its share is judged.
const TYPOLOGY_ROWS: f64 = 60.0;

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let export = facts.export;
    let value = |rows: &mut dyn Iterator<Item = usize>| -> f64 {
        rows.map(|row| export.usd_cents[row] as f64).sum()
    };
    let fraud_count = facts.fraud().count();
    let mut measured = vec![
        Measured::new("E1", share(fraud_count, export.len())),
        Measured::new(
            "E2",
            ratio(value(&mut facts.fraud()), value(&mut facts.rows())),
        ),
        typology_shares(facts, fraud_count),
        unknown(facts, fraud_count),
        Measured::new(
            "E5",
            share_of(facts.fraud(), |row| !export.card_present[row]),
        ),
    ];
    measured.extend(amounts(facts));
    measured.extend(victims(facts));
    measured.extend(moments(facts));
    measured
}

/// Counts the fraud rows of each typology of the plan.
pub(crate) fn typology_counts(facts: &Facts<'_>) -> Vec<usize> {
    let mut counts = vec![0; facts.typologies.len()];
    for idx in facts.fraud().filter_map(|row| facts.typology(row)) {
        counts[idx] += 1;
    }
    counts
}

fn typology_shares(facts: &Facts<'_>, fraud_count: usize) -> Measured {
    let counts = typology_counts(facts);
    let errors = facts
        .typologies
        .iter()
        .zip(counts)
        .filter_map(|(typology, count)| {
            let expected = typology.share * fraud_count as f64;
            let error = (count as f64 - expected).abs() / expected;
            (expected >= TYPOLOGY_ROWS).then_some((error, typology.export_name))
        });
    let worst = errors.max_by(|left, right| left.0.total_cmp(&right.0));
    let measured = Measured::new("E3", worst.map(|(error, _)| error));
    match worst {
        Some((_, name)) => measured.with_note(name.to_owned()),
        None => measured,
    }
}

fn unknown(facts: &Facts<'_>, fraud_count: usize) -> Measured {
    let mut strangers = facts.fraud().filter(|row| facts.typology(*row).is_none());
    let first = strangers.next();
    let count = usize::from(first.is_some()) + strangers.count();
    let measured = Measured::new("E4", (fraud_count > 0).then_some(count as f64));
    match first {
        Some(row) => measured.with_note(facts.export.fraud_type.text(row).to_owned()),
        None => measured,
    }
}

fn amounts(facts: &Facts<'_>) -> [Measured; 3] {
    let logs = |rows: &mut dyn Iterator<Item = usize>| {
        Sorted::new(rows.map(|row| facts.ln_amount(row)).collect())
    };
    let legit = logs(&mut facts.legit());
    let monetized = logs(&mut facts.monetized());
    let medians = monetized.median().zip(legit.median());
    let is_night = |row: usize| NIGHT.contains(&facts.local_hour(row));
    let nights = share_of(facts.monetized(), is_night).zip(share_of(facts.legit(), is_night));
    [
        Measured::new("E6", ks_two(&monetized, &legit)),
        Measured::new("E7", medians.map(|(fraud, legit)| (fraud - legit).exp())),
        Measured::new("E11", nights.and_then(|(fraud, legit)| ratio(fraud, legit))),
    ]
}

fn victims(facts: &Facts<'_>) -> [Measured; 3] {
    let export = facts.export;
    let by_card = |rows: &mut dyn Iterator<Item = usize>| {
        let known = rows.filter(|row| export.card_known[*row]);
        let rows: Vec<u32> = known.filter_map(|row| u32::try_from(row).ok()).collect();
        Groups::new(
            export.card_id.codes(),
            export.card_id.code_count(),
            rows.iter().copied(),
            &export.ts_ms,
        )
        .sizes()
    };
    let victims: Vec<f64> = by_card(&mut facts.fraud())
        .iter()
        .map(|rows| *rows as f64)
        .collect();
    let victims = Sorted::new(victims);
    let cards = by_card(&mut facts.rows()).len();
    [
        Measured::new("E8", share(victims.values().len(), cards)),
        Measured::new("E9", victims.median()),
        Measured::new("E10", victims.quantile(0.95)),
    ]
}

fn moments(facts: &Facts<'_>) -> [Measured; 3] {
    let export = facts.export;
    let delays = facts.fraud().filter_map(|row| {
        let known_at = export.label_ts_ms[row]?;
        Some((known_at - export.ts_ms[row]) as f64 / DAY_MS as f64)
    });
    let delays = Sorted::new(delays.collect());
    let (first, last) = facts.span_ms;
    let day_of = |ms: i64| ms.div_euclid(DAY_MS) - first.div_euclid(DAY_MS);
    let mut days = vec![0.0; usize::try_from(day_of(last) + 1).unwrap_or(0)];
    for row in facts.fraud() {
        if let Some(day) = usize::try_from(day_of(export.ts_ms[row]))
            .ok()
            .and_then(|at| days.get_mut(at))
        {
            *day += 1.0;
        }
    }
    let daily = Moments::of(&days);
    [
        Measured::new("E12", delays.median()),
        Measured::new("E13", delays.quantile(0.95)),
        Measured::new(
            "E14",
            daily.and_then(|daily| ratio(daily.deviation, daily.mean)),
        ),
    ]
}
