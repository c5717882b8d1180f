//! What card networks call entry modes and kinds of transactions, for services that speak their codes.
//!
//! Both are derived, so no transaction carries them. Source: ISO 8583, data elements 3 and 22, first two digits each.

use crate::fields::entry_mode::EntryMode;
use crate::transaction::{Transaction, TransactionType};

/// Gives how the card number got to the merchant (data element 22).
///
/// An online purchase without an address is charged to a number that the merchant has on file.
pub(crate) const fn pos_entry_mode(transaction: &Transaction) -> &'static str {
    match transaction.entry_mode {
        EntryMode::Chip => "05",
        EntryMode::Contactless => "07",
        EntryMode::Magstripe => "90",
        EntryMode::Manual | EntryMode::Moto => "01",
        EntryMode::Ecom if transaction.ip.is_none() => "10",
        EntryMode::Ecom => "81",
    }
}

/// Gives what is done to the account (data element 3); a reversal undoes what its merchant's category sells.
pub(crate) const fn processing_code(
    transaction: &Transaction,
    sold: TransactionType,
) -> &'static str {
    let undone = match transaction.transaction_type {
        TransactionType::Reversal => sold,
        other => other,
    };
    match undone {
        TransactionType::CashAdvance => "01",
        TransactionType::Refund => "20",
        TransactionType::Purchase | TransactionType::QuasiCash | TransactionType::Reversal => "00",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::address::IpAddress;
    use crate::index::{CardIdx, CountryIdx, CurrencyIdx, IinIdx, MerchantIdx};
    use crate::transaction::{AnswerCode, Label};

    fn transaction(entry_mode: EntryMode, transaction_type: TransactionType) -> Transaction {
        Transaction {
            at_ms: 0,
            card: CardIdx(0),
            seq: 0,
            merchant: MerchantIdx(0),
            amount_minor: 1,
            currency: CurrencyIdx(0),
            card_country: CountryIdx(0),
            iin: IinIdx(0),
            transaction_type,
            entry_mode,
            card_present: false,
            answer: AnswerCode::APPROVED,
            ip: None,
            device: None,
            contact: 0,
            label: Label::LEGITIMATE,
            campaign: 0,
            dice: 0,
        }
    }

    #[test]
    fn entry_modes_have_their_codes() {
        let rows = [
            (EntryMode::Chip, "05"),
            (EntryMode::Contactless, "07"),
            (EntryMode::Magstripe, "90"),
            (EntryMode::Manual, "01"),
            (EntryMode::Moto, "01"),
            (EntryMode::Ecom, "10"),
        ];
        for (mode, expected) in rows {
            let mut row = transaction(mode, TransactionType::Purchase);
            assert_eq!(pos_entry_mode(&row), expected);
            row.ip = Some(IpAddress::V4(7));
            let online = mode == EntryMode::Ecom;
            assert_eq!(pos_entry_mode(&row), if online { "81" } else { expected });
        }
    }

    #[test]
    fn kinds_of_transactions_have_their_codes() {
        use TransactionType::{CashAdvance, Purchase, QuasiCash, Refund, Reversal};
        let rows = [
            (Purchase, Purchase, "00"),
            (CashAdvance, CashAdvance, "01"),
            (QuasiCash, QuasiCash, "00"),
            (Refund, Purchase, "20"),
            (Reversal, Purchase, "00"),
            (Reversal, CashAdvance, "01"),
        ];
        for (found, sold, expected) in rows {
            let row = transaction(EntryMode::Chip, found);
            assert_eq!(processing_code(&row, sold), expected);
        }
    }
}
