//! One campaign being laid: it collects charges until its budget is used up.

use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::MerchantIdx;
use crate::numeric::low_half;
use crate::population::card::Card;
use crate::seed::Stream;
use crate::transaction::{AnswerCode, Label, Transaction};
use crate::world::World;

/// Numbers of a card's fraudulent transactions start here, far above those of its genuine ones.
const FIRST_SEQ: u32 = 1 << 31;

/// What a campaign is known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) label: Label,
    /// Number among all campaigns, counted from 1.
    pub(super) number: u32,
}

/// What a fraudster does with a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    /// Milliseconds since the start of the span.
    pub(super) at_ms: u64,
    pub(super) merchant: MerchantIdx,
    /// Amount in the currency of the merchant's country.
    pub(super) amount_minor: i64,
    pub(super) entry_mode: EntryMode,
    /// Address and device, if it is done online.
    pub(super) online: Option<(IpAddress, DeviceId)>,
    pub(super) answer: AnswerCode,
}

/// A campaign and the charges it may still make.
#[derive(Debug)]
pub(crate) struct Campaign<'a> {
    world: &'a World,
    identity: Identity,
    budget: u64,
    charged: u64,
    dice: Stream,
    rows: &'a mut Vec<Transaction>,
}

impl<'a> Campaign<'a> {
    pub(super) fn new(
        world: &'a World,
        identity: Identity,
        budget: u64,
        dice: Stream,
        rows: &'a mut Vec<Transaction>,
    ) -> Self {
        Self {
            world,
            identity,
            budget,
            charged: 0,
            dice,
            rows,
        }
    }

    /// Tells whether the budget is used up, so that further victims would be claimed for nothing.
    pub(super) fn is_over(&self) -> bool {
        self.charged == self.budget
    }

    /// Gives the number of charges made.
    pub(super) fn charged(&self) -> u64 {
        self.charged
    }

    /// Makes a charge, unless the campaign is over or the span is.
    pub(super) fn charge(&mut self, card: &Card, charge: Charge) {
        let span_ms = self.world.span.length_ms().unsigned_abs();
        if self.is_over() || charge.at_ms >= span_ms {
            return;
        }
        let merchant = self.world.merchant(charge.merchant);
        let seq = FIRST_SEQ.saturating_add(low_half(self.charged));
        self.rows.push(Transaction {
            at_ms: charge.at_ms,
            card: card.idx,
            seq,
            merchant: charge.merchant,
            amount_minor: charge.amount_minor,
            currency: self.world.tables.country(merchant.country).currency,
            card_country: card.country,
            iin: card.iin,
            transaction_type: self.world.mcc(merchant.mcc).transaction_type,
            entry_mode: charge.entry_mode,
            card_present: charge.online.is_none(),
            answer: charge.answer,
            ip: charge.online.map(|(ip, _)| ip),
            device: charge.online.map(|(_, device)| device),
            contact: 0,
            label: self.identity.label,
            campaign: self.identity.number,
            dice: self.dice.next_u64(),
        });
        self.charged += 1;
    }
}
