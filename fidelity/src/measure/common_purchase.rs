//! E15 to E17: whether the victims of a campaign share a merchant from before it, as they do where cards were copied.

use std::collections::BTreeMap;

use super::Measured;
use crate::facts::{DAY_MS, Facts};
use crate::statistics::median;

/// Typologies that live on copied cards.
const COPIED: [&str; 3] = ["CARD_TESTING", "CNP_STOLEN", "COUNTERFEIT"];

/// Victims from which a common merchant means something.
const VICTIMS: usize = 6;

/// How far back a common merchant is looked for.
const WINDOW_MS: i64 = 75 * DAY_MS;

/// A campaign on copied cards.
struct Campaign {
    number: u32,
    starts_at: i64,
    /// Codes of the known cards it hit, rising.
    victims: Vec<u32>,
}

pub(super) fn measure(facts: &Facts<'_>) -> Vec<Measured> {
    let by_country = cards_by_country(facts);
    let (mut ours, mut random) = (Vec::new(), Vec::new());
    for campaign in campaigns(facts) {
        ours.push(coverage(facts, &campaign.victims, campaign.starts_at));
        let others = strangers(facts, &campaign, &by_country);
        random.push(coverage(facts, &others, campaign.starts_at));
    }
    let (ours, random) = (median(ours), median(random));
    let apart = ours.zip(random).map(|(ours, random)| ours - random);
    vec![
        Measured::new("E15", ours),
        Measured::new("E16", random),
        Measured::new("E17", apart),
    ]
}

fn campaigns(facts: &Facts<'_>) -> Vec<Campaign> {
    let export = facts.export;
    let mut found: BTreeMap<u32, (i64, Vec<u32>)> = BTreeMap::new();
    for row in COPIED.iter().flat_map(|name| facts.fraud_named(name)) {
        let at = export.ts_ms[row];
        let (starts_at, victims) = found
            .entry(export.campaign_id[row])
            .or_insert((at, Vec::new()));
        *starts_at = at.min(*starts_at);
        if export.card_known[row] {
            victims.push(export.card_id.code(row));
        }
    }
    let campaigns = found.into_iter().map(|(number, (starts_at, mut victims))| {
        victims.sort_unstable();
        victims.dedup();
        Campaign {
            number,
            starts_at,
            victims,
        }
    });
    campaigns
        .filter(|campaign| campaign.victims.len() >= VICTIMS)
        .collect()
}

/// Gives the largest share of cards that have been to one and the same merchant in the time before an instant.
fn coverage(facts: &Facts<'_>, cards: &[u32], before: i64) -> f64 {
    let export = facts.export;
    let mut visited: Vec<(u32, u32)> = Vec::new();
    for card in cards {
        let rows = facts.legit_cards.of(*card).iter().map(|row| *row as usize);
        let rows = rows.filter(|row| (before - WINDOW_MS..before).contains(&export.ts_ms[*row]));
        visited.extend(rows.map(|row| (export.merchant_id.code(row), *card)));
    }
    visited.sort_unstable();
    visited.dedup();
    let per_merchant = visited.chunk_by(|left, right| left.0 == right.0);
    let most = per_merchant.map(<[_]>::len).max().unwrap_or(0);
    most as f64 / cards.len() as f64
}

/// Lists the known cards of each country, by code of the country.
fn cards_by_country(facts: &Facts<'_>) -> Vec<Vec<u32>> {
    let export = facts.export;
    let mut cards = vec![Vec::new(); export.card_country.code_count()];
    for rows in facts.legit_cards.iter() {
        let row = rows[0] as usize;
        cards[export.card_country.code(row) as usize].push(export.card_id.code(row));
    }
    cards
}

/// Takes as many other cards of the victims' countries, by a rule that looks random and is always the same.
fn strangers(facts: &Facts<'_>, campaign: &Campaign, by_country: &[Vec<u32>]) -> Vec<u32> {
    let country_of = |card: u32| {
        let row = facts.cards.of(card)[0] as usize;
        facts.export.card_country.code(row) as usize
    };
    let mut taken: Vec<u32> = Vec::new();
    for (number, victim) in (0..).zip(&campaign.victims) {
        let pool = &by_country[country_of(*victim)];
        let start = mix(u64::from(campaign.number) << 32 | number);
        let at = |step: usize| pool[(start.wrapping_add(step)) % pool.len()];
        let is_free = |card: &u32| !campaign.victims.contains(card) && !taken.contains(card);
        let stranger = (0..pool.len()).map(at).find(is_free);
        taken.extend(stranger);
    }
    taken
}

/// Scatters a number over all others.
///
/// Source: the finalizer of `SplitMix64`, Steele, Lea and Flood, OOPSLA 2014.
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
fn mix(number: u64) -> usize {
    let mut state = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state ^ (state >> 31)) as usize
}
