//! Sources: where stolen cards come from, and who they were stolen from.
//!
//! A source feeds three typologies: some of its cards are used as copies in shops, the numbers of the others online,
//! often after a test. Whatever is done with them counts as one campaign.

use super::card_set::CardSet;
use super::draws::{Count, round};
use super::purchase_point::Skim;
use crate::dist;
use crate::index::CardIdx;
use crate::seed::Stream;

/// Cards stolen.
pub(super) const VICTIMS: Count = Count {
    least: 8,
    mean_more: 18.0,
};

/// Share of them that are used as copies.
const COPIED_SHARE: f64 = 0.25;

/// Share of sources whose numbers are tested.
const TESTED_SHARE: f64 = 0.75;

/// What a typology looks for in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Numbers that are to be tested.
    Tests,
    /// Numbers, tested or not.
    Numbers,
    /// Copies.
    Copies,
}

/// Stolen cards.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// When they come into use, milliseconds since the start of the span.
    pub(super) used_from_ms: u64,
    pub(super) copies: Vec<CardIdx>,
    pub(super) numbers: Vec<CardIdx>,
    /// Whether the numbers are tested before they are used.
    is_tested: bool,
    /// Whether all cards were used at one shop before; else nobody knows where they come from.
    pub(super) has_purchase_point: bool,
    /// Number of the campaign, 0 as long as none of the cards was used.
    pub(super) campaign: u32,
}

impl Source {
    pub(super) fn skimmed(skim: Skim, stream: &mut Stream) -> Self {
        let mut copies = skim.cards;
        let copied = round(COPIED_SHARE * copies.len() as f64);
        let numbers = copies.split_off(usize::try_from(copied).unwrap_or_default());
        Self {
            used_from_ms: skim.used_from_ms,
            copies,
            numbers,
            is_tested: dist::chance(stream, TESTED_SHARE),
            has_purchase_point: true,
            campaign: 0,
        }
    }

    /// Takes cards that were stolen one by one, for the typology that needs them.
    pub(super) fn scraped(cards: Vec<CardIdx>, used_from_ms: u64, need: Need) -> Self {
        let (copies, numbers) = match need {
            Need::Copies => (cards, Vec::new()),
            Need::Tests | Need::Numbers => (Vec::new(), cards),
        };
        Self {
            used_from_ms,
            copies,
            numbers,
            is_tested: need == Need::Tests,
            has_purchase_point: false,
            campaign: 0,
        }
    }

    /// Tells whether there is anything to be had.
    pub(super) fn offers(&self, need: Need) -> bool {
        match need {
            Need::Tests => self.is_tested && !self.numbers.is_empty(),
            Need::Numbers => !self.numbers.is_empty(),
            Need::Copies => !self.copies.is_empty(),
        }
    }

    pub(super) fn cards(&self) -> impl Iterator<Item = CardIdx> {
        self.copies.iter().chain(&self.numbers).copied()
    }

    /// Forgets the cards that were not charged.
    pub(super) fn keep_charged(&mut self, charged: &CardSet) {
        for cards in [&mut self.copies, &mut self.numbers] {
            cards.retain(|&card| charged.contains(card));
        }
    }
}
