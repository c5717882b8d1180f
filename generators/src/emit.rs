//! Genuine transactions of all cards: told in parallel, sorted shard by shard, spilled as runs.
//!
//! Invariant: what a shard holds has no influence on any byte of the outcome, since runs are merged by a total order.

use std::ops::Range;

use rayon::prelude::*;

use crate::behavior::life::{self, Desk};
use crate::error::Error;
use crate::fraud::{Candidates, Hit};
use crate::index::CardIdx;
use crate::numeric::{index_u32, low_half, round_half_up};
use crate::population::card::Card;
use crate::progress::Progress;
use crate::spill::{self, Run, Spill};
use crate::transaction::Transaction;
use crate::world::World;

/// Genuine transactions per card and day, which size worlds and shards: 85 in 90 days. The mean over many seeds is 86.
pub(crate) const ROWS_PER_CARD_DAY: f64 = 85.0 / 90.0;

/// Most transactions a shard is meant to hold: few enough to stay in a cache, enough to keep the number of runs low.
const ROWS_PER_SHARD: f64 = 65_536.0;

/// Transactions of a run that does not come from a shard.
const ROWS_PER_RUN: usize = 65_536;

/// Shards a smaller world is cut into, to share it out evenly.
const LEAST_SHARDS: u32 = 64;

/// Genuine transactions of a world, sorted in runs.
#[derive(Debug, Default)]
pub(crate) struct Emitted {
    /// Cards that were told.
    pub(crate) cards: u32,
    /// Transactions.
    pub(crate) rows: u64,
    /// Purchases in shops where cards may be copied.
    pub(crate) hits: Vec<Hit>,
    pub(crate) runs: Vec<Run>,
}

impl Emitted {
    /// Adds what a shard emitted.
    pub(crate) fn add(&mut self, shard: Self) {
        self.cards += shard.cards;
        self.rows += shard.rows;
        self.hits.extend(shard.hits);
        self.runs.extend(shard.runs);
    }
}

/// Tells lives and spills them.
#[derive(Debug)]
pub(crate) struct Emitter<'a> {
    world: &'a World,
    spill: &'a Spill,
    candidates: &'a Candidates,
    /// Shards that the cards are cut into at least, and cards of each at most.
    least_shards: u32,
    most_cards_per_shard: u32,
}

/// What a thread works with, kept from shard to shard for its allocations.
#[derive(Debug, Default)]
struct Workplace {
    desk: Desk,
    rows: Vec<Transaction>,
    sorter: Sorter,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(world: &'a World, spill: &'a Spill, candidates: &'a Candidates) -> Self {
        Self {
            world,
            spill,
            candidates,
            least_shards: LEAST_SHARDS,
            most_cards_per_shard: most_cards_per_shard(world.span.days),
        }
    }

    /// Tells the lives of the cards from the first one not yet told up to `cards`.
    ///
    /// Errors: `Cancelled`, and whatever the spill file says.
    pub(crate) fn emit(
        &self,
        emitted: &mut Emitted,
        cards: u32,
        progress: &(dyn Progress + Sync),
    ) -> Result<(), Error> {
        let first = emitted.cards;
        let more = cards.saturating_sub(first);
        let shard_cards = more
            .div_ceil(self.least_shards)
            .clamp(1, self.most_cards_per_shard);
        let shards = more.div_ceil(shard_cards);
        let tell_shard = |place: &mut Workplace, shard: u32| {
            if progress.cancelled() {
                return Err(Error::Cancelled);
            }
            let start = first + shard * shard_cards;
            let end = cards.min(start.saturating_add(shard_cards));
            let told = self.tell(place, start..end)?;
            progress.advance(u64::from(end - start));
            Ok(told)
        };
        let told: Vec<Emitted> = (0..shards)
            .into_par_iter()
            // Whoever is done takes over single shards, so that all end together.
            .with_max_len(1)
            .map_init(Workplace::default, tell_shard)
            .collect::<Result<_, Error>>()?;
        for shard in told {
            emitted.add(shard);
        }
        Ok(())
    }

    /// Tells the lives of a shard and spills them as one run.
    fn tell(&self, place: &mut Workplace, cards: Range<u32>) -> Result<Emitted, Error> {
        place.rows.clear();
        for idx in cards.clone() {
            let card = Card::draw(self.world, CardIdx(idx));
            life::tell(self.world, &card, &mut place.desk, &mut place.rows);
        }
        let run = self.spill.append(place.sorter.sort(&place.rows))?;
        Ok(Emitted {
            cards: cards.end - cards.start,
            rows: place.rows.len() as u64,
            hits: place
                .rows
                .iter()
                .filter_map(|row| self.candidates.note(row))
                .collect(),
            runs: vec![run],
        })
    }
}

/// Spills further transactions, which come in the order of card and number, as runs.
pub(crate) fn spill_rows(spill: &Spill, rows: &[Transaction]) -> Result<Vec<Run>, Error> {
    let mut sorter = Sorter::default();
    let chunks = rows.chunks(ROWS_PER_RUN);
    chunks
        .map(|chunk| spill.append(sorter.sort(chunk)))
        .collect()
}

/// Sorts and encodes transactions; holds the bytes until the next ones.
#[derive(Debug, Default)]
pub(crate) struct Sorter {
    order: Vec<u64>,
    encoded: Vec<u8>,
}

/// Bits of a sort key that hold a place in the shard; the instant above them has room for 34 years.
const PLACE_BITS: u32 = 24;

impl Sorter {
    /// Gives transactions as one sorted run; they come in the order of card and number.
    pub(crate) fn sort(&mut self, rows: &[Transaction]) -> &[u8] {
        debug_assert!(rows.is_sorted_by_key(|row| (row.card, row.seq)));
        debug_assert!(rows.len() < 1 << PLACE_BITS);
        // Integers sort several times faster than transactions; equal instants fall into the order of places, which
        // is that of card and number.
        self.order.clear();
        let places = rows.iter().zip(0u64..);
        self.order
            .extend(places.map(|(row, place)| (row.at_ms << PLACE_BITS) | place));
        self.order.sort_unstable();
        self.encoded.clear();
        for key in &self.order {
            let place = low_half(*key) & ((1 << PLACE_BITS) - 1);
            spill::encode(&rows[place as usize], &mut self.encoded);
        }
        &self.encoded
    }
}

/// Gives the number of cards whose transactions fill a shard.
fn most_cards_per_shard(days: u32) -> u32 {
    let cards = round_half_up(ROWS_PER_SHARD / (ROWS_PER_CARD_DAY * f64::from(days)));
    index_u32(usize::try_from(cards.clamp(16, 65_536)).unwrap_or(16))
}

#[cfg(test)]
mod tests;
