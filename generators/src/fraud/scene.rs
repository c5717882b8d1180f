//! What fraudsters see: the world, the cards in it, which of those were hit already, and where stolen ones are to be
//! had.
//!
//! Invariant: a card belongs to one source or one campaign at most.

use std::collections::BTreeMap;

use super::Laid;
use super::amendments::{Amendments, Block, FIRST_FRAUD_SEQ, Relabel};
use super::campaign::Deeds;
use super::card_set::CardSet;
use super::purchase_point::{Hit, PurchasePoints};
use super::source::{Need, Source, VICTIMS};
use crate::dist;
use crate::index::CardIdx;
use crate::numeric::low_half;
use crate::population::card::Card;
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::{Label, Transaction};
use crate::world::World;

/// Numbers of the campaigns of one typology stay below two to the power of this.
const ROUND_SHIFT: u32 = 24;

/// What came of the use of a stolen card so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    pub(super) last_ms: u64,
    /// Whether anything was approved.
    pub(super) is_good: bool,
}

/// A world with the victims it has so far.
#[derive(Debug)]
pub(crate) struct Scene<'w> {
    world: &'w World,
    cards: u32,
    /// Number of the round, where the same cards are hit in several ways.
    round: u32,
    /// Cards that nobody else may claim.
    claimed: CardSet,
    /// Cards among them that were charged.
    charged: CardSet,
    /// Cards claimed by the typology at work, except those of sources.
    claims: Vec<CardIdx>,
    points: PurchasePoints,
    sources: Vec<Source>,
    uses: BTreeMap<CardIdx, Use>,
    campaigns: u32,
    ghosts: u32,
    rows: Vec<Transaction>,
    blocks: Vec<Block>,
    relabels: Vec<Relabel>,
    dropped: u64,
}

impl<'w> Scene<'w> {
    pub(super) fn new(world: &'w World, cards: u32, hits: &[Hit], round: u32) -> Self {
        Self {
            world,
            cards,
            round,
            claimed: CardSet::with_room_for(cards),
            charged: CardSet::with_room_for(cards),
            claims: Vec::new(),
            points: PurchasePoints::new(hits),
            sources: Vec::new(),
            uses: BTreeMap::new(),
            campaigns: 0,
            ghosts: 0,
            rows: Vec::new(),
            blocks: Vec::new(),
            relabels: Vec::new(),
            dropped: 0,
        }
    }

    pub(super) fn world(&self) -> &'w World {
        self.world
    }

    /// Draws a card, whoever may have claimed it.
    pub(super) fn any_card(&self, stream: &mut Stream) -> Card {
        Card::draw(self.world, self.any_idx(stream))
    }

    /// Claims a card that nobody claimed yet; nothing if there is none.
    pub(super) fn claim(&mut self, stream: &mut Stream) -> Option<Card> {
        let idx = self.take(stream)?;
        self.claims.push(idx);
        Some(Card::draw(self.world, idx))
    }

    /// Claims a card that fits; nothing if none of so many does.
    pub(super) fn claim_fitting(
        &mut self,
        attempts: u32,
        stream: &mut Stream,
        mut fits: impl FnMut(&Card, &mut Stream) -> bool,
    ) -> Option<Card> {
        for _ in 0..attempts {
            let idx = self.any_idx(stream);
            if self.claimed.contains(idx) {
                continue;
            }
            let card = Card::draw(self.world, idx);
            if fits(&card, stream) {
                self.claimed.insert(idx);
                self.claims.push(idx);
                return Some(card);
            }
        }
        None
    }

    /// Gives the next source from a number on that has what is needed, with its own number; opens one if need be.
    ///
    /// Where no shop was busy enough, cards are stolen one by one, for up to so many transactions. Gives nothing if no
    /// card is left.
    pub(super) fn next_source(
        &mut self,
        next: &mut usize,
        need: Need,
        rows: u64,
    ) -> Option<(usize, Source)> {
        loop {
            let number = *next;
            if number == self.sources.len() {
                let source = self.open_source(need, rows)?;
                self.sources.push(source);
            }
            *next += 1;
            if self.sources[number].offers(need) {
                return Some((number, self.sources[number].clone()));
            }
        }
    }

    /// Gives what came of the use of a stolen card, if it was used.
    pub(super) fn use_of(&self, card: CardIdx) -> Option<Use> {
        self.uses.get(&card).copied()
    }

    /// Gives back the cards of sources that were not used; tells whether there were any.
    ///
    /// No campaign may be under way that is still to use them.
    pub(super) fn release_unused_sources(&mut self) -> bool {
        let mut released = false;
        for source in &mut self.sources {
            for card in source.cards() {
                if !self.charged.contains(card) {
                    self.claimed.remove(card);
                    released = true;
                }
            }
            source.keep_charged(&self.charged);
        }
        released
    }

    /// Gives back the cards that the typology at work claimed for nothing.
    pub(super) fn release_unused_claims(&mut self) {
        for card in self.claims.drain(..) {
            if !self.charged.contains(card) {
                self.claimed.remove(card);
            }
        }
    }

    /// Takes note of what came of a campaign.
    pub(super) fn accept(&mut self, label: Label, source: Option<usize>, deeds: Deeds) {
        if deeds.count() == 0 {
            return;
        }
        let campaign = self.number_campaign(source);
        for mut row in deeds.rows {
            if row.card.is_ghost() {
                row.card = row.card.later_ghost(self.ghosts);
            } else {
                self.charged.insert(row.card);
            }
            if source.is_some() {
                let known = self.uses.entry(row.card).or_default();
                known.last_ms = known.last_ms.max(row.at_ms);
                known.is_good |= row.answer.is_approved();
            }
            self.rows.push(Transaction { campaign, ..row });
        }
        for (card, seq) in deeds.confessed {
            self.charged.insert(card);
            self.relabels.push(Relabel {
                card,
                seq,
                label,
                campaign,
            });
        }
        self.ghosts += deeds.ghosts;
        self.blocks.extend(deeds.blocks);
        self.dropped += deeds.dropped;
    }

    /// Numbers the fraudulent transactions of each card in time order, and gives everything that was laid.
    pub(super) fn finish(self) -> Laid {
        let mut rows = self.rows;
        number(&mut rows);
        Laid {
            rows,
            amendments: Amendments::new(self.cards, self.blocks, self.relabels),
            dropped: self.dropped,
        }
    }

    /// Gives the id of the stream that plots a campaign, or opens a source if the label is that of no typology.
    pub(super) fn stream_id(&self, label: Label, number: u64) -> u64 {
        (u64::from(label.0) << 32) | (u64::from(self.round) << ROUND_SHIFT) | number
    }

    fn any_idx(&self, stream: &mut Stream) -> CardIdx {
        CardIdx(low_half(dist::below(stream, u64::from(self.cards))))
    }

    /// Takes the first card from a random one on that nobody claimed yet.
    fn take(&mut self, stream: &mut Stream) -> Option<CardIdx> {
        let from = self.any_idx(stream);
        let later = self.claimed.first_missing(from.0..self.cards);
        let idx = later.or_else(|| self.claimed.first_missing(0..from.0))?;
        self.claimed.insert(idx);
        Some(idx)
    }

    fn open_source(&mut self, need: Need, rows: u64) -> Option<Source> {
        // Labels count from 1, so the numbers of sources are no campaign's.
        let id = self.stream_id(Label::LEGITIMATE, self.sources.len() as u64);
        let mut stream = self.world.seed.stream(Entity::Campaign, id, Purpose::Plot);
        let victims = VICTIMS.draw(&mut stream);
        let most = usize::try_from(victims).unwrap_or(usize::MAX);
        if let Some(skim) = self
            .points
            .skim(self.world, &self.claimed, most, &mut stream)
        {
            for &card in &skim.cards {
                self.claimed.insert(card);
            }
            return Some(Source::skimmed(skim, &mut stream));
        }
        let cards: Vec<CardIdx> = (0..victims.min(rows))
            .map_while(|_| self.take(&mut stream))
            .collect();
        let used_from_ms = self.world.span.at_fraction(dist::unit(&mut stream));
        let is_open = !cards.is_empty();
        is_open.then(|| Source::scraped(cards, used_from_ms.unsigned_abs(), need))
    }

    fn number_campaign(&mut self, source: Option<usize>) -> u32 {
        let next = self.campaigns + 1;
        let number = match source.map(|number| &mut self.sources[number].campaign) {
            Some(number) if *number > 0 => return *number,
            Some(number) => {
                *number = next;
                next
            }
            None => next,
        };
        self.campaigns = number;
        number
    }
}

/// Sorts fraudulent transactions by card and time, and numbers those of each card.
pub(super) fn number(rows: &mut [Transaction]) {
    rows.sort_by_key(|row| (row.card, row.at_ms));
    let mut previous = None;
    let mut seq = FIRST_FRAUD_SEQ;
    for row in rows {
        seq = if previous == Some(row.card) {
            seq + 1
        } else {
            FIRST_FRAUD_SEQ
        };
        previous = Some(row.card);
        row.seq = seq;
    }
}
