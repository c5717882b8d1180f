//! Purchase points: shops where cards are copied, unnoticed, for a while.
//!
//! While genuine transactions come about, those at candidate shops are noted. Which shops are candidates is a function
//! of the seed and the size of the world alone, so the notes do not depend on who takes them.

use super::card_set::CardSet;
use super::draws::{Delay, round};
use crate::dist;
use crate::emit::ROWS_PER_CARD_DAY;
use crate::event_time::MS_PER_DAY;
use crate::index::{CardIdx, MerchantIdx};
use crate::numeric::index_u32;
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::Transaction;
use crate::world::World;

/// Categories of the shops: fuel, restaurants, fast food, large and small stores, hotels.
const CATEGORIES: [u16; 9] = [5542, 5812, 5814, 5311, 5651, 5999, 5732, 7011, 5499];

/// Share of these shops that are candidates at the usual fraud rate, and in a small world their share times its cards;
/// more fraud needs more of them.
const CANDIDATE_SHARE: f64 = 0.03;
const CANDIDATE_SHARE_TIMES_CARDS: f64 = 300.0;
const USUAL_FRAUD_RATE: f64 = 0.003;

/// Share of transactions that happen in shops of these categories, about; and the most to be noted, at 16 bytes each.
const ROWS_SHARE: f64 = 0.34;
const MAX_HITS: f64 = 4_194_304.0;

/// Days that cards are copied for in a span of the usual length; a shorter one shortens the story in proportion.
const SKIM_DAYS: f64 = 30.0;
const USUAL_SPAN_DAYS: f64 = 90.0;

/// Time until the copies come into use.
const USED_AFTER: Delay = Delay::days(2.0, 9.0);

/// Distinct cards seen in that time that make a shop worth it, and how many of them must not be victims yet.
const MIN_CARDS: usize = 12;
const MIN_FREE_CARDS: usize = 8;

/// Shops that are looked at before another kind of source is used.
const ATTEMPTS: u32 = 64;

/// A genuine purchase in a candidate shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    merchant: MerchantIdx,
    card: CardIdx,
    at_ms: u64,
}

const _: () = assert!(size_of::<Hit>() == 16);

/// Shops that may turn out to be where cards were copied.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Whether each merchant is one.
    chosen: Vec<bool>,
}

impl Candidates {
    /// Chooses the candidates in a world that was planned for so many cards and so much fraud.
    pub(crate) fn choose(world: &World, cards: u32, fraud_rate: f64) -> Self {
        let share = candidate_share(f64::from(cards), f64::from(world.span.days), fraud_rate);
        let chosen = (0..).zip(world.merchants()).map(|(idx, merchant)| {
            let is_shop = world.shop_of(MerchantIdx(idx)).is_some();
            let mut stream = world
                .seed
                .stream(Entity::Merchant, u64::from(idx), Purpose::Skimming);
            is_shop
                && CATEGORIES.contains(&world.mcc(merchant.mcc).code)
                && dist::chance(&mut stream, share)
        });
        Self {
            chosen: chosen.collect(),
        }
    }

    /// Notes a genuine transaction if it is in one of the shops.
    pub(crate) fn note(&self, row: &Transaction) -> Option<Hit> {
        (row.card_present && self.chosen[row.merchant.get()]).then_some(Hit {
            merchant: row.merchant,
            card: row.card,
            at_ms: row.at_ms,
        })
    }
}

fn candidate_share(cards: f64, days: f64, fraud_rate: f64) -> f64 {
    let rows = cards * days * ROWS_PER_CARD_DAY * ROWS_SHARE;
    let usual = CANDIDATE_SHARE.max(CANDIDATE_SHARE_TIMES_CARDS / cards);
    let wanted = usual * (fraud_rate / USUAL_FRAUD_RATE).max(1.0);
    wanted.min(MAX_HITS / rows).min(1.0)
}

/// Cards that were copied in one shop.
#[derive(Debug)]
pub(super) struct Skim {
    /// In random order.
    pub(super) cards: Vec<CardIdx>,
    /// When the copies come into use; inside the span.
    pub(super) used_from_ms: u64,
}

/// All purchases in candidate shops, shop by shop and in time order within.
#[derive(Debug)]
pub(super) struct PurchasePoints {
    hits: Vec<Hit>,
}

impl PurchasePoints {
    pub(super) fn new(hits: &[Hit]) -> Self {
        let mut hits = hits.to_vec();
        hits.sort_unstable_by_key(|hit| (hit.merchant, hit.at_ms, hit.card));
        Self { hits }
    }

    /// Finds a shop and a time in which enough cards were used there, the busier the shop the more likely.
    pub(super) fn skim(
        &self,
        world: &World,
        claimed: &CardSet,
        most: usize,
        stream: &mut Stream,
    ) -> Option<Skim> {
        if self.hits.is_empty() {
            return None;
        }
        (0..ATTEMPTS).find_map(|_| self.attempt(world, claimed, most, stream))
    }

    fn attempt(
        &self,
        world: &World,
        claimed: &CardSet,
        most: usize,
        stream: &mut Stream,
    ) -> Option<Skim> {
        let scale = (f64::from(world.span.days) / USUAL_SPAN_DAYS).min(1.0);
        let skim_ms = round(SKIM_DAYS * scale * MS_PER_DAY as f64);
        let any = dist::pick(stream, &self.hits);
        let ends_at = any.at_ms + dist::below(stream, skim_ms);
        let starts_at = ends_at.saturating_sub(skim_ms);
        let used_from_ms = ends_at + USED_AFTER.scaled(scale).draw(stream);
        if used_from_ms >= world.span.length_ms().unsigned_abs() {
            return None;
        }
        let place = |at_ms| {
            let key = (any.merchant, at_ms);
            self.hits
                .partition_point(|hit| (hit.merchant, hit.at_ms) < key)
        };
        let seen = &self.hits[place(starts_at)..place(ends_at)];
        let mut cards: Vec<CardIdx> = seen.iter().map(|hit| hit.card).collect();
        cards.sort_unstable();
        cards.dedup();
        if cards.len() < MIN_CARDS {
            return None;
        }
        cards.retain(|&card| !claimed.contains(card));
        if cards.len() < MIN_FREE_CARDS {
            return None;
        }
        let victims = most.min(cards.len());
        for place in 0..victims {
            let rest = u64::from(index_u32(cards.len() - place));
            let other = place + usize::try_from(dist::below(stream, rest)).unwrap_or_default();
            cards.swap(place, other);
        }
        cards.truncate(victims);
        Some(Skim {
            cards,
            used_from_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_fit_into_memory_whatever_the_world() {
        let rows = [
            (10_000.0, 90.0, 0.003, 0.03),
            (1_000.0, 90.0, 0.003, 0.3),
            (12.0, 90.0, 0.003, 1.0),
            (10_000.0, 90.0, 0.01, 0.1),
            (10_000.0, 90.0, 0.0, 0.03),
            (100_000_000.0, 90.0, 0.003, 0.001_44),
        ];
        for (cards, days, fraud_rate, expected) in rows {
            let found = candidate_share(cards, days, fraud_rate);
            assert!((found / expected - 1.0).abs() < 0.01, "{cards}: {found}");
        }
    }
}
