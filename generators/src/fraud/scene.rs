//! What fraudsters see: the world, the cards in it, and which of those were hit already.

use std::collections::BTreeSet;

use crate::behavior::life::{self, Desk};
use crate::dist;
use crate::fields::address::{self, IpAddress};
use crate::index::CardIdx;
use crate::numeric::low_half;
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::{AnswerCode, Transaction};
use crate::world::World;

/// A world with the victims it has so far.
#[derive(Debug)]
pub(crate) struct Scene<'w> {
    world: &'w World,
    cards: u32,
    claimed: BTreeSet<CardIdx>,
    desk: Desk,
}

impl<'w> Scene<'w> {
    pub(super) fn new(world: &'w World, cards: u32) -> Self {
        Self {
            world,
            cards,
            claimed: BTreeSet::new(),
            desk: Desk::default(),
        }
    }

    pub(super) fn world(&self) -> &'w World {
        self.world
    }

    /// Tells whether every card was claimed.
    pub(super) fn is_exhausted(&self) -> bool {
        self.claimed.len() >= self.cards as usize
    }

    /// Claims a card that no campaign has hit yet; nothing if there is none.
    pub(super) fn claim_any(&mut self, stream: &mut Stream) -> Option<Card> {
        if self.is_exhausted() {
            return None;
        }
        let mut idx = CardIdx(low_half(dist::below(stream, u64::from(self.cards))));
        while !self.claimed.insert(idx) {
            idx = CardIdx((idx.0 + 1) % self.cards);
        }
        Some(Card::draw(self.world, idx))
    }

    /// Gives the genuine transactions of a card.
    pub(super) fn life_of(&mut self, card: &Card) -> Vec<Transaction> {
        let mut rows = Vec::new();
        life::tell(self.world, card, &mut self.desk, &mut rows);
        rows
    }

    /// Draws an address to hide behind: a data center, or a home or mobile network anywhere.
    pub(super) fn cover_address(&self, stream: &mut Stream) -> IpAddress {
        let country = self.world.choices.country(stream);
        match dist::below(stream, 3) {
            0 => address::hosting(stream),
            1 => self.world.addresses.residential(country, stream),
            _ => self.world.addresses.mobile(country, stream),
        }
    }
}

/// Answers a fraudulent transaction: a share is refused, with one of the given codes.
pub(super) fn answer(refused: f64, codes: &[AnswerCode], stream: &mut Stream) -> AnswerCode {
    let is_refused = dist::chance(stream, refused);
    let code = *dist::pick(stream, codes);
    if is_refused {
        code
    } else {
        AnswerCode::APPROVED
    }
}
