//! One transaction, and the order of all of them.
//!
//! Owns what the synthetic truth records about an authorization. Knows neither how it came about nor how a service
//! wants it written. Invariant: (instant, card, number) is unique in a world, so sorting by it has one outcome.

use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::{CardIdx, CountryIdx, CurrencyIdx, IinIdx, MerchantIdx};

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TransactionType {
    /// Goods or services.
    Purchase = 0,
    /// Cash from a machine.
    CashAdvance = 1,
    /// Something as good as cash.
    QuasiCash = 2,
    /// Money back.
    Refund = 3,
    /// A purchase undone right after it was made.
    Reversal = 4,
}

impl TransactionType {
    const ALL: [Self; 5] = [
        Self::Purchase,
        Self::CashAdvance,
        Self::QuasiCash,
        Self::Refund,
        Self::Reversal,
    ];

    /// Gives the word used in requests.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Purchase => "PURCHASE",
            Self::CashAdvance => "CASH_ADVANCE",
            Self::QuasiCash => "QUASI_CASH",
            Self::Refund => "REFUND",
            Self::Reversal => "REVERSAL",
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// The issuer's answer, ISO 8583 data element 39.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerCode(pub [u8; 2]);

impl AnswerCode {
    /// Approved.
    pub const APPROVED: Self = Self(*b"00");

    /// Tells whether the issuer let it pass.
    pub fn is_approved(self) -> bool {
        self == Self::APPROVED
    }
}

/// Ground truth: 0 for legitimate, else one more than the place in [`crate::typologies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(pub u8);

impl Label {
    /// A genuine transaction.
    pub const LEGITIMATE: Self = Self(0);

    /// Tells whether it is fraud.
    pub fn is_fraud(self) -> bool {
        self != Self::LEGITIMATE
    }
}

/// One transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction {
    /// Event time, milliseconds since the start of the span.
    pub at_ms: u64,
    /// Card it is made with.
    pub card: CardIdx,
    /// Number among the transactions of the card; fraud counts from 2^31.
    pub seq: u32,
    /// Merchant it is made at.
    pub merchant: MerchantIdx,
    /// Amount in minor units of the currency, at least 1.
    pub amount_minor: i64,
    /// Currency of the amount.
    pub currency: CurrencyIdx,
    /// Country of the card.
    pub card_country: CountryIdx,
    /// Issuer identification number of the card.
    pub iin: IinIdx,
    /// What it is.
    pub transaction_type: TransactionType,
    /// How the card was read.
    pub entry_mode: EntryMode,
    /// Whether the card was there.
    pub card_present: bool,
    /// What the issuer answered.
    pub answer: AnswerCode,
    /// Address an online purchase came from.
    pub ip: Option<IpAddress>,
    /// Device an online purchase was made on.
    pub device: Option<DeviceId>,
    /// Whose e-mail address and telephone are given: 0 the holder's, else those of who took over the account.
    pub contact: u8,
    /// Ground truth.
    pub label: Label,
    /// Fraud campaign it belongs to, counted from 1; 0 for none.
    pub campaign: u32,
    /// Uniform word that decides which requests it becomes, and when.
    pub dice: u64,
}

impl Transaction {
    /// Gives the key that transactions are sorted by, in one integer.
    pub(crate) fn order_key(&self) -> u128 {
        (u128::from(self.at_ms) << 64) | (u128::from(self.card.0) << 32) | u128::from(self.seq)
    }
}
