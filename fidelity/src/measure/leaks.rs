//! H9: whether any field of a row gives fraud away by itself.
//!
//! Only what a row says without its history: no velocities, no reference rules, no labels, and no identity that comes
//! back (card, address, device).

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::Measured;
use crate::export::Words;
use crate::facts::{Facts, MINUTE_MS};
use crate::statistics::auc;

/// Categories are learned on the first part of the span and judged on the last; between them, labels come in.
const LEARN_UNTIL: f64 = 0.65;
const JUDGE_FROM: f64 = 0.68;

/// Rows of average fraud that every category starts with, so that rare ones say little.
const PRIOR_ROWS: f64 = 20.0;

/// What a feature is made of.
enum Feature<'f> {
    /// A number, where the row has one.
    Number(Box<dyn Fn(usize) -> Option<f64> + Sync + 'f>),
    /// A category.
    Category(Box<dyn Fn(usize) -> u32 + Sync + 'f>),
}

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let mut features = numbers(facts);
    features.extend(texts(facts));
    features.extend(derived(facts));
    let scores: Vec<(Option<f64>, &str)> = features
        .par_iter()
        .map(|(name, feature)| {
            let found = match feature {
                Feature::Number(value) => rank_auc(facts, value),
                Feature::Category(code) => target_auc(facts, code),
            };
            (found.map(|auc| auc.max(1.0 - auc)), *name)
        })
        .collect();
    let scores = scores
        .iter()
        .filter_map(|(auc, name)| auc.map(|auc| (auc, name)));
    let largest = scores.max_by(|left, right| left.0.total_cmp(&right.0));
    let measured = Measured::new("H9", largest.map(|(auc, _)| auc));
    vec![match largest {
        Some((_, name)) => measured.with_note((*name).to_owned()),
        None => measured,
    }]
}

type Named<'f> = (&'static str, Feature<'f>);

fn number<'f>(name: &'static str, value: impl Fn(usize) -> Option<f64> + Sync + 'f) -> Named<'f> {
    (name, Feature::Number(Box::new(value)))
}

fn category<'f>(name: &'static str, code: impl Fn(usize) -> u32 + Sync + 'f) -> Named<'f> {
    (name, Feature::Category(Box::new(code)))
}

fn numbers<'f>(facts: &'f Facts<'_>) -> Vec<Named<'f>> {
    let export = facts.export;
    let within = |row: usize, period: i64| Some(export.ts_ms[row].rem_euclid(period) as f64);
    vec![
        number("usd_cents", |row| Some(export.usd_cents[row] as f64)),
        number("amount_minor", |row| Some(export.amount_minor[row] as f64)),
        number("merchant_lat", |row| {
            Some(f64::from(export.merchant_lat[row].0))
        }),
        number("merchant_lon", |row| {
            Some(f64::from(export.merchant_lon[row].0))
        }),
        number("home_lat", |row| {
            export.home_lat[row].map(|at| f64::from(at.0))
        }),
        number("home_lon", |row| {
            export.home_lon[row].map(|at| f64::from(at.0))
        }),
        number("distance from home", |row| facts.km_from_home(row)),
        number("ts_ms within the minute", move |row| within(row, MINUTE_MS)),
        number("ts_ms within the second", move |row| within(row, 1_000)),
        category("tz_offset_min", |row| {
            export.tz_offset_min[row].unsigned_abs()
        }),
        category("card_known", |row| u32::from(export.card_known[row])),
        category("card_present", |row| u32::from(export.card_present[row])),
        category("home missing", |row| {
            u32::from(export.home_lat[row].is_none())
        }),
    ]
}

fn texts<'f>(facts: &'f Facts<'_>) -> Vec<Named<'f>> {
    let export = facts.export;
    let columns: [(&'static str, &'f Words); 11] = [
        ("card_country", &export.card_country),
        ("card_network", &export.card_network),
        ("card_bin", &export.card_bin),
        ("merchant_id", &export.merchant_id),
        ("mcc", &export.mcc),
        ("merchant_country", &export.merchant_country),
        ("entry_mode", &export.entry_mode),
        ("txn_type", &export.txn_type),
        ("currency", &export.currency),
        ("ip_country", &export.ip_country),
        ("auth_resp", &export.auth_resp),
    ];
    let mut features: Vec<Named<'f>> = columns
        .into_iter()
        .map(|(name, words)| category(name, move |row| words.code(row)))
        .collect();
    let heads = |words: &Words, head: fn(&str) -> &str| -> Vec<u32> {
        let mut known: Vec<&str> = Vec::new();
        let mut place = |text| {
            known
                .iter()
                .position(|other| *other == text)
                .unwrap_or_else(|| {
                    known.push(text);
                    known.len() - 1
                })
        };
        let codes = words.iter().map(|text| place(head(text)));
        codes.filter_map(|code| u32::try_from(code).ok()).collect()
    };
    let (blocks, prefixes) = (heads(&export.ip, block), heads(&export.device_id, prefix));
    features.push(category("block of ip", move |row| {
        blocks[export.ip.code(row) as usize]
    }));
    features.push(category("prefix of device_id", move |row| {
        prefixes[export.device_id.code(row) as usize]
    }));
    features
}

/// Gives the part of an address that says which kind of network it is in: up to the second separator at most.
fn block(address: &str) -> &str {
    let end = if address.contains(':') {
        address.find(':')
    } else {
        address.match_indices('.').nth(1).map(|(at, _)| at)
    };
    &address[..end.unwrap_or(address.len())]
}

/// Gives the first letters of an identifier.
fn prefix(id: &str) -> &str {
    let end = id
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(id.len());
    &id[..end.min(4)]
}

fn derived<'f>(facts: &'f Facts<'_>) -> Vec<Named<'f>> {
    let export = facts.export;
    vec![
        category("local hour", |row| small(facts.local_hour(row))),
        category("local weekday", |row| small(facts.local_weekday(row))),
        category("last two digits of the amount", |row| {
            u32::try_from(export.amount_minor[row].rem_euclid(100)).unwrap_or(0)
        }),
        category("merchant abroad", |row| u32::from(facts.is_abroad(row))),
        category("address abroad", |row| {
            let country = export.ip_country.text(row);
            u32::from(!country.is_empty() && country != export.card_country.text(row))
        }),
        category("foreign currency", |row| {
            u32::from(!facts.is_in_local_currency(row))
        }),
        category("ip missing", |row| {
            u32::from(export.ip.code(row) == Words::ABSENT)
        }),
        category("device_id missing", |row| {
            u32::from(export.device_id.code(row) == Words::ABSENT)
        }),
    ]
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Separates by the value itself, over all rows that have one.
fn rank_auc(facts: &Facts<'_>, value: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let groups = facts.rows().filter_map(|row| {
        let positive = f64::from(u8::from(facts.export.is_fraud[row]));
        value(row).map(|value| (value, positive, 1.0 - positive))
    });
    auc(groups.collect())
}

/// Separates later rows by the share of fraud that their category had earlier.
fn target_auc(facts: &Facts<'_>, code: impl Fn(usize) -> u32) -> Option<f64> {
    let export = facts.export;
    let (first, last) = facts.span_ms;
    let progress = |row: usize| (export.ts_ms[row] - first) as f64 / (last - first).max(1) as f64;
    let mut learned: Vec<(f64, f64)> = Vec::new();
    let mut judged: Vec<(f64, f64)> = Vec::new();
    let (mut fraud, mut rows) = (0.0, 0.0);
    for row in facts.rows() {
        let at = progress(row);
        let part = if at < LEARN_UNTIL {
            &mut learned
        } else if at >= JUDGE_FROM {
            &mut judged
        } else {
            continue;
        };
        let code = code(row) as usize;
        if part.len() <= code {
            part.resize(code + 1, (0.0, 0.0));
        }
        let positive = f64::from(u8::from(export.is_fraud[row]));
        part[code].0 += positive;
        part[code].1 += 1.0 - positive;
        if at < LEARN_UNTIL {
            fraud += positive;
            rows += 1.0;
        }
    }
    let average = if rows > 0.0 {
        fraud / rows
    } else {
        return None;
    };
    learned.resize(learned.len().max(judged.len()), (0.0, 0.0));
    let groups = judged
        .iter()
        .zip(&learned)
        .map(|((positive, negative), before)| {
            let share = (before.0 + PRIOR_ROWS * average) / (before.0 + before.1 + PRIOR_ROWS);
            (share, *positive, *negative)
        });
    auc(groups.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_identifiers_say_what_kind_they_are() {
        for (address, expected) in [
            ("198.18.3.4", "198.18"),
            ("2001:db8:1::1", "2001"),
            ("", ""),
            ("odd", "odd"),
        ] {
            assert_eq!(block(address), expected);
        }
        assert_eq!(prefix("dev_93af"), "dev");
        assert_eq!(prefix("93af"), "");
    }
}
