//! What fraud changes about genuine transactions: those of a blocked card do not happen, and some were not honest.
//!
//! Applied as transactions pass by in the merge, so that nothing has to be written twice.

use super::card_set::CardSet;
use crate::index::CardIdx;
use crate::transaction::{Label, Transaction};

/// Numbers of a card's fraudulent transactions start here, far above those of its genuine ones.
pub(super) const FIRST_FRAUD_SEQ: u32 = 1 << 31;

/// A stretch of time in which a card cannot be used by its holder.
///
/// Units: milliseconds since the start of the span, the end not included; it may lie beyond that of the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) card: CardIdx,
    pub(super) from_ms: u64,
    pub(super) until_ms: u64,
}

impl Block {
    pub(super) fn covers(&self, at_ms: u64) -> bool {
        (self.from_ms..self.until_ms).contains(&at_ms)
    }
}

/// A genuine transaction that turns out to be fraud.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relabel {
    pub(super) card: CardIdx,
    pub(super) seq: u32,
    pub(super) label: Label,
    pub(super) campaign: u32,
}

/// All changes to genuine transactions.
#[derive(Debug, Default)]
pub(crate) struct Amendments {
    /// Cards with any, so that all others pass with a look at one bit.
    cards: CardSet,
    /// By card; a card has one at most.
    blocks: Vec<Block>,
    /// By card; a card has one at most.
    relabels: Vec<Relabel>,
}

impl Amendments {
    /// Takes all changes to the transactions of so many cards.
    pub(super) fn new(cards: u32, mut blocks: Vec<Block>, mut relabels: Vec<Relabel>) -> Self {
        let mut amended = CardSet::with_room_for(cards);
        blocks.sort_unstable_by_key(|block| block.card);
        relabels.sort_unstable_by_key(|relabel| relabel.card);
        let blocked = blocks.iter().map(|block| block.card);
        for card in blocked.chain(relabels.iter().map(|relabel| relabel.card)) {
            amended.insert(card);
        }
        Self {
            cards: amended,
            blocks,
            relabels,
        }
    }

    /// Changes a transaction if need be; tells whether it happens at all.
    pub(crate) fn apply(&self, transaction: &mut Transaction) -> bool {
        if !self.cards.contains(transaction.card) || transaction.seq >= FIRST_FRAUD_SEQ {
            return true;
        }
        if let Some(relabel) = find(&self.relabels, transaction.card, |relabel| relabel.card)
            && relabel.seq == transaction.seq
        {
            transaction.label = relabel.label;
            transaction.campaign = relabel.campaign;
        }
        find(&self.blocks, transaction.card, |block| block.card)
            .is_none_or(|block| !block.covers(transaction.at_ms))
    }

    #[cfg(test)]
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(super) fn relabels(&self) -> &[Relabel] {
        &self.relabels
    }
}

fn find<T>(list: &[T], card: CardIdx, card_of: impl Fn(&T) -> CardIdx) -> Option<&T> {
    let place = list.binary_search_by_key(&card, card_of).ok()?;
    Some(&list[place])
}
