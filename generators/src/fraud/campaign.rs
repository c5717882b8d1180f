//! One campaign being carried out: it collects what happens until its budget is used up.

use super::amendments::{Block, FIRST_FRAUD_SEQ};
use super::draws;
use super::price::Price;
use crate::behavior::arrivals::Channel;
use crate::behavior::life::{self, Desk};
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::{CardIdx, CountryIdx, IinIdx, MerchantIdx};
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::{AnswerCode, Label, Transaction};
use crate::world::World;

/// Hours from the last fraud to the block of the card, and from there until the holder has a new one: least and most.
const BLOCK_AFTER_HOURS: (f64, f64) = (2.0, 30.0);
const REISSUE_AFTER_HOURS: (f64, f64) = (3.0 * 24.0, 5.0 * 24.0);

/// What is typed in or read of a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plastic {
    idx: CardIdx,
    country: CountryIdx,
    iin: IinIdx,
}

impl From<&Card> for Plastic {
    fn from(card: &Card) -> Self {
        Self {
            idx: card.idx,
            country: card.country,
            iin: card.iin,
        }
    }
}

/// What a fraudster does with a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    /// Milliseconds since the start of the span.
    pub(super) at_ms: u64,
    pub(super) merchant: MerchantIdx,
    pub(super) price: Price,
    pub(super) channel: Channel,
    pub(super) entry_mode: EntryMode,
    /// Address and device, if it is done online.
    pub(super) online: Option<(IpAddress, DeviceId)>,
    pub(super) answer: AnswerCode,
    /// Whose e-mail address and telephone are given.
    pub(super) contact: u8,
}

/// What came of a campaign.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    /// Fraudulent transactions, not numbered yet.
    pub(super) rows: Vec<Transaction>,
    /// Genuine transactions that are fraud of this campaign, by card and number.
    pub(super) confessed: Vec<(CardIdx, u32)>,
    pub(super) blocks: Vec<Block>,
    /// Genuine transactions that do not happen for the blocks.
    pub(super) dropped: u64,
    /// Numbers made up, counted from 0 in this campaign.
    pub(super) ghosts: u32,
}

impl Deeds {
    /// Gives the number of fraudulent transactions.
    pub(super) fn count(&self) -> u64 {
        (self.rows.len() + self.confessed.len()) as u64
    }
}

/// A campaign and what it may still do.
#[derive(Debug)]
pub(super) struct Campaign<'a> {
    pub(super) world: &'a World,
    label: Label,
    budget: u64,
    dice: Stream,
    desk: &'a mut Desk,
    deeds: Deeds,
}

impl<'a> Campaign<'a> {
    pub(super) fn new(
        world: &'a World,
        label: Label,
        budget: u64,
        dice: Stream,
        desk: &'a mut Desk,
    ) -> Self {
        Self {
            world,
            label,
            budget,
            dice,
            desk,
            deeds: Deeds::default(),
        }
    }

    pub(super) fn finish(self) -> Deeds {
        self.deeds
    }

    /// Tells whether the budget is used up.
    pub(super) fn is_over(&self) -> bool {
        self.deeds.count() >= self.budget
    }

    /// Makes up a number of an issuer.
    pub(super) fn ghost(&mut self, country: CountryIdx, iin: IinIdx) -> Plastic {
        let idx = CardIdx::ghost(self.deeds.ghosts);
        self.deeds.ghosts += 1;
        Plastic { idx, country, iin }
    }

    /// Gives the genuine transactions of a card in the order of time.
    pub(super) fn life_of(&mut self, card: &Card) -> Vec<Transaction> {
        let mut rows = Vec::new();
        life::tell(self.world, card, self.desk, &mut rows);
        rows.sort_unstable_by_key(Transaction::order_key);
        rows
    }

    /// Makes a charge, unless the campaign is over or the span is.
    pub(super) fn charge(&mut self, plastic: Plastic, charge: Charge) {
        let span_ms = self.world.span.length_ms().unsigned_abs();
        if self.is_over() || charge.at_ms >= span_ms {
            return;
        }
        let merchant = self.world.merchant(charge.merchant);
        self.deeds.rows.push(Transaction {
            at_ms: charge.at_ms,
            card: plastic.idx,
            seq: FIRST_FRAUD_SEQ,
            merchant: charge.merchant,
            amount_minor: charge.price.amount_minor,
            currency: charge.price.currency,
            card_country: plastic.country,
            iin: plastic.iin,
            transaction_type: self.world.mcc(merchant.mcc).transaction_type,
            entry_mode: charge.entry_mode,
            card_present: charge.channel == Channel::Present,
            answer: charge.answer,
            ip: charge.online.map(|(ip, _)| ip),
            device: charge.online.map(|(_, device)| device),
            contact: charge.contact,
            label: self.label,
            campaign: 0,
            dice: self.dice.next_u64(),
        });
    }

    /// Owns up to a genuine transaction, unless the campaign is over.
    pub(super) fn confess(&mut self, genuine: &Transaction) {
        if !self.is_over() {
            self.deeds.confessed.push((genuine.card, genuine.seq));
        }
    }

    /// Blocks a card some hours after its last charge, if it was charged, until the holder gets a new one.
    ///
    /// Nothing of its life happens in between; if the card was lost, nothing from then on.
    pub(super) fn block(
        &mut self,
        life: &[Transaction],
        lost_ms: Option<u64>,
        stream: &mut Stream,
    ) {
        let blocked_after = draws::hours(BLOCK_AFTER_HOURS, stream);
        let reissued_after = draws::hours(REISSUE_AFTER_HOURS, stream);
        let Some(card) = life.first().map(|row| row.card) else {
            return;
        };
        let charges = self.deeds.rows.iter().filter(|row| row.card == card);
        let Some(last_ms) = charges.map(|row| row.at_ms).max() else {
            return;
        };
        let blocked_ms = last_ms + blocked_after;
        let block = Block {
            card,
            from_ms: lost_ms.unwrap_or(blocked_ms),
            until_ms: blocked_ms + reissued_after,
        };
        let dropped = life.iter().filter(|row| block.covers(row.at_ms));
        self.deeds.dropped += dropped.count() as u64;
        self.deeds.blocks.push(block);
    }
}
