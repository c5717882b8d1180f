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
